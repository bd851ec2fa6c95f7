"""Turns the `where` of a list, as the graph's inputs give it, into a condition in SQL."""

import dataclasses
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, true

from backoffice.errors import BadInput
from backoffice.fields.declare import Entity, Filter, Holds, Is, OneOf, Range

_DEEPEST = 5

Frozen = tuple[tuple[str, Any], ...]


def freeze(where: Any, depth: int = 0) -> Frozen | None:
    """A `where` as nested tuples: hashable, so that equal lists share one loader. Raises BadInput when nested too deep."""
    if where is None:
        return None
    if depth > _DEEPEST:
        raise BadInput(f"A 'where' can nest 'and', 'or' and 'not' {_DEEPEST} deep; split the question.")
    return tuple((field.name, _frozen(getattr(where, field.name), depth)) for field in dataclasses.fields(where))


def _frozen(value: Any, depth: int) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(each, depth) for each in value)
    if dataclasses.is_dataclass(value):
        return freeze(value, depth + 1)
    return value


def condition(entity: Entity, where: Frozen | None) -> ColumnElement[bool]:
    """The condition that `where` states about the rows of `entity`; what is not stated allows all."""
    stated = [_part(entity, name, value) for name, value in where or () if value is not None]
    return and_(true(), *stated)


def _part(entity: Entity, name: str, value: Any) -> ColumnElement[bool]:
    if name == "and_":
        return and_(true(), *(condition(entity, each) for each in value))
    if name == "or_":
        # An empty list of alternatives states nothing, as an empty 'and' does.
        return or_(*(condition(entity, each) for each in value)) if value else true()
    if name == "not_":
        return not_(condition(entity, value))
    return _compare(entity, entity.filters[name], value)


def _compare(entity: Entity, declared: Filter, value: Any) -> ColumnElement[bool]:
    match declared:
        case OneOf(attribute):
            return entity.attribute(attribute).in_([_plain(each) for each in value])
        case Is(attribute):
            equal: ColumnElement[bool] = entity.attribute(attribute) == _plain(value)
            return equal
        case Range(attribute):
            return _between(entity.attribute(attribute), dict(value))
        case Holds(sql):
            return sql(entity.model) if value else not_(sql(entity.model))


def _between(column: Any, bounds: dict[str, Any]) -> ColumnElement[bool]:
    stated = []
    if bounds.get("from_") is not None:
        stated.append(column >= bounds["from_"])
    if bounds.get("to") is not None:
        stated.append(column < bounds["to"])
    return and_(true(), *stated)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
