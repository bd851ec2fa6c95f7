"""Turns the `where` of a list, as the graph's inputs give it, into a condition in SQL."""

import dataclasses
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, true

from backoffice.errors import BadInput
from backoffice.fields.declare import Entity, Filter, Holds, Is, OneOf, Range
from backoffice.services.amounts import NotCents

_DEEPEST = 5
_MOST_CONDITIONS = 100
_MOST_VALUES = 200
_MOST_STATED = 2_000

Frozen = tuple[tuple[str, Any], ...]


class FilterTooLarge(BadInput):
    """A filter says more than one statement of SQL can hold."""

    def __init__(self, what: str, most: int) -> None:
        super().__init__(f"A 'where' can have {most:,} {what}; split the question.", field="where")


def freeze(where: Any) -> Frozen | None:
    """A `where` as nested tuples: hashable, so that equal lists share one loader.

    Raises BadInput when it is nested too deep, FilterTooLarge when it says too much.
    """
    frozen = _nested(where, 0)
    if frozen and _stated(frozen) > _MOST_STATED:
        raise FilterTooLarge("names and values in all", _MOST_STATED)
    return frozen


def _nested(where: Any, depth: int) -> Frozen | None:
    if where is None:
        return None
    if depth > _DEEPEST:
        raise BadInput(f"A 'where' can nest 'and', 'or' and 'not' {_DEEPEST} deep; split the question.")
    given = ((field.name, getattr(where, field.name)) for field in dataclasses.fields(where))
    return tuple((name, _frozen(value, depth)) for name, value in given if value is not None)


def _frozen(value: Any, depth: int) -> Any:
    if isinstance(value, list):
        return _distinct([_frozen(each, depth) for each in value])
    if isinstance(value, NotCents):
        raise BadInput(f"{value.text} is no whole number of cents; write 1250 for 12.50.", field="where")
    if dataclasses.is_dataclass(value):
        return _nested(value, depth + 1)
    return value


def _distinct(values: list[Any]) -> tuple[Any, ...]:
    """The members of a list, each once: conditions of 'and' and 'or', or values."""
    members = tuple(dict.fromkeys(values))
    if members and isinstance(members[0], tuple) and len(members) > _MOST_CONDITIONS:
        raise FilterTooLarge("members in an 'and' or an 'or'", _MOST_CONDITIONS)
    if len(members) > _MOST_VALUES:
        raise FilterTooLarge("different values in a list", _MOST_VALUES)
    return members


def _stated(frozen: Any) -> int:
    """How many names and values are stated."""
    if isinstance(frozen, tuple):
        return sum(_stated(each) for each in frozen)
    return 1


def condition(entity: Entity, where: Frozen | None) -> ColumnElement[bool]:
    """The condition that `where` states about the rows of `entity`; what is not stated allows all."""
    stated = [_part(entity, name, value) for name, value in where or ()]
    return and_(true(), *stated)


def _part(entity: Entity, name: str, value: Any) -> ColumnElement[bool]:
    if name == "and_":
        return and_(true(), *(condition(entity, each) for each in value))
    if name == "or_":
        # An empty list of alternatives states nothing, as an empty 'and' does.
        return or_(*(condition(entity, each) for each in value)) if value else true()
    if name == "not_":
        return _otherwise(condition(entity, value))
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
            return sql(entity.model) if value else _otherwise(sql(entity.model))


def _otherwise(holds: ColumnElement[bool]) -> ColumnElement[bool]:
    """All other rows: in SQL a comparison with NULL is neither true nor false, and so would be its negation."""
    return not_(func.coalesce(holds, false()))


def _between(column: Any, bounds: dict[str, Any]) -> ColumnElement[bool]:
    stated = []
    if bounds.get("from_") is not None:
        stated.append(column >= bounds["from_"])
    if bounds.get("to") is not None:
        stated.append(column < bounds["to"])
    return and_(true(), *stated)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
