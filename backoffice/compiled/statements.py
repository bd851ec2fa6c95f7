"""Turns a shape into one SQL statement: nested JSON arrays, one value for each field, in the order of the fields."""

from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, func, literal_column, select
from sqlalchemy.orm import aliased

from backoffice import scope
from backoffice.compiled.shapes import Constant, Id, Leaf, Many, Object, One, Part
from backoffice.fields.declare import Column, Direction, Entity, Expression, Moment, Order, Relation, ToOne, complete
from backoffice.fields.declare import entity as entity_of
from backoffice.models.base import Instant
from backoffice.permissions import Viewer

ROOT = "root_id"
_AT: Any = bindparam("at", type_=Instant())
_TODAY: Any = bindparam("today", type_=Date())
_MOMENT = Moment(at=_AT, today=_TODAY)  # stands for the moment until the statement runs


class Builder:
    """Writes for one of the two databases."""

    def __init__(self, *, is_sqlite: bool, viewer: Viewer) -> None:
        self._is_sqlite = is_sqlite
        self._viewer = viewer

    def root(self, shape: Object) -> Select[Any]:
        """One row of the root's table, by its id."""
        row: Any = aliased(shape.entity.model)
        return select(self._array(shape, row)).where(row.id == bindparam(ROOT), scope.rows(self._viewer, row))

    def _array(self, shape: Object, row: Any, hidden: Order = ()) -> ColumnElement[Any]:
        key = [row.subscriber_id if shape.entity.is_of_subscriber else literal_column("0"), row.id]
        parts = [self._value(part, shape.entity, row) for part in shape.parts if not isinstance(part, Constant | Id)]
        order = [getattr(row, step.attribute) for step in hidden]
        return self._json_array(*key, *parts, *order)

    def _value(self, part: Part, owner: Entity, row: Any) -> ColumnElement[Any]:
        match part:
            case Leaf(source=Column(attribute), is_json=is_json):
                column = getattr(row, attribute)
                return func.json(column) if is_json and self._is_sqlite else column
            case Leaf(source=Expression(sql)):
                return sql(row, _MOMENT)
            case One(source=ToOne() as source):
                return self._nested(self._pointed_to(part.object, source, row))
            case One(source=Relation() as source):
                order = complete(entity_of(source.target), source.order)
                child, statement = self._children(part.object, source, owner, row, order)
                return self._nested(statement.with_only_columns(self._array(part.object, child)).limit(1))
            case Many():
                return self._page(part, owner, row)
        raise AssertionError(part)

    def _pointed_to(self, shape: Object, source: ToOne, row: Any) -> Select[Any]:
        target: Any = aliased(shape.entity.model)
        found = target.id == getattr(row, source.key)
        if shape.entity.is_of_subscriber and shape.entity.name != "Subscriber":
            found = and_(target.subscriber_id == row.subscriber_id, found)
        return select(self._array(shape, target)).where(found, scope.rows(self._viewer, target)).correlate(row)

    def _children(
        self, shape: Object, source: Relation, owner: Entity, row: Any, order: Order
    ) -> tuple[Any, Select[Any]]:
        child: Any = aliased(shape.entity.model)
        parent = row.subscriber_id if source.by == "subscriber_id" else row.id
        found = [getattr(child, source.by) == parent, scope.rows(self._viewer, child)]
        if shape.entity.is_of_subscriber and owner.is_of_subscriber:
            found.append(child.subscriber_id == row.subscriber_id)
        found += [getattr(child, name) == value for name, value in source.only.items()]
        columns = [(getattr(child, step.attribute), step.direction) for step in order]
        ordered = [column.asc() if direction is Direction.UP else column.desc() for column, direction in columns]
        return child, select(child.id).where(*found).order_by(*ordered).correlate(row)

    def _page(self, part: Many, owner: Entity, row: Any) -> ColumnElement[Any]:
        child, statement = self._children(part.object, part.source, owner, row, part.order)
        array = self._array(part.object, child, hidden=part.order)
        rows = statement.with_only_columns(array.label("j")).limit(part.first + 1).subquery()
        if self._is_sqlite:
            return func.json(select(func.json_group_array(func.json(rows.c.j))).select_from(rows).scalar_subquery())
        gathered = select(func.json_agg(rows.c.j)).select_from(rows).scalar_subquery()
        return func.coalesce(gathered, literal_column("'[]'::json"))

    def _nested(self, statement: Select[Any]) -> ColumnElement[Any]:
        value = statement.scalar_subquery()
        # SQLite forgets on the way out of a subquery that a text is JSON.
        return func.json(value) if self._is_sqlite else value

    def _json_array(self, *values: Any) -> ColumnElement[Any]:
        return func.json_array(*values) if self._is_sqlite else func.json_build_array(*values)
