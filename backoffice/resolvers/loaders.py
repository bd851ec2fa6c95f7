"""Loaders over the declarations: whatever the number of parents, one statement for each field of an operation.

A loader gathers the keys that the fields of one level ask for, and reads them in one short session of its own: a session
must never be shared between fields that run at the same time.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased
from strawberry.dataloader import DataLoader

from backoffice import scope
from backoffice.database import Database
from backoffice.fields.declare import Entity, Expression, Moment, Relation, entity
from backoffice.permissions import Viewer
from backoffice.resolvers.filters import condition
from backoffice.resolvers.pages import Counted, Page, PageQuery, beyond, ordering

_COUNTED_AT_MOST = 10_000
# PostgreSQL's driver takes at most 32,767 values a statement, and a key may be two of them.
_KEYS_A_STATEMENT = 5_000

Key = tuple[int, int]
"""A row's subscriber (0 for none) and id."""


class Loaders:
    """The loaders of one request. Made anew for each, so that nothing read for one viewer is shown to another."""

    def __init__(self, database: Database, viewer: Viewer, moment: Moment) -> None:
        self._database = database
        self._viewer = viewer
        self._moment = moment
        self._made: dict[Hashable, DataLoader[Any, Any]] = {}

    def row(self, target: Entity) -> DataLoader[Key, Any]:
        """Loads a row of `target` by its key; None when there is none that the viewer may see."""
        return self._once(("row", target.name), lambda keys: self._rows(target, keys))

    def value(self, owner: Entity, name: str, expression: Expression) -> DataLoader[Key, Any]:
        """Loads the value of an expression for a row of `owner`."""
        return self._once(("value", owner.name, name), lambda keys: self._values(owner, expression, keys))

    def page(self, relation: Relation, query: PageQuery) -> DataLoader[Key, Page]:
        """Loads a page of a relation for its parent's key."""
        return self._once(("page", relation, query), lambda keys: self._pages(relation, query, keys))

    def count(self, relation: Relation, query: PageQuery) -> DataLoader[Key, Counted]:
        """Counts a relation, up to a limit, for its parent's key."""
        counted = PageQuery(first=0, order=(), where=query.where)
        return self._once(("count", relation, counted), lambda keys: self._counts(relation, counted, keys))

    def clear(self) -> None:
        """Forget everything: after a write, fields must read what was written."""
        self._made.clear()

    def _once(self, key: Hashable, load: Any) -> DataLoader[Any, Any]:
        if key not in self._made:
            self._made[key] = DataLoader(load_fn=load, max_batch_size=_KEYS_A_STATEMENT)
        return self._made[key]

    async def _rows(self, target: Entity, keys: Sequence[Key]) -> list[Any]:
        model: Any = target.model
        statement = select(model).where(_among(target, keys), scope.rows(self._viewer, target.model))
        async with self._database.reading() as session:
            found = (await session.execute(statement)).scalars()
            rows = {(target.subscriber_of(row), row.id): row for row in found}
        return [rows.get(key) for key in keys]

    async def _values(self, owner: Entity, expression: Expression, keys: Sequence[Key]) -> list[Any]:
        model: Any = owner.model
        statement = select(model.id, expression.sql(model, self._moment)).where(
            _among(owner, keys), scope.rows(self._viewer, owner.model)
        )
        async with self._database.reading() as session:
            values: dict[int, Any] = dict((await session.execute(statement)).all())
        return [values.get(row_id) for _, row_id in keys]

    async def _pages(self, relation: Relation, query: PageQuery, keys: Sequence[Key]) -> list[Page]:
        target = entity(relation.target)
        statement = _first_rows(target, relation, query, keys, scope.rows(self._viewer, target.model))
        async with self._database.reading() as session:
            found = (await session.execute(statement)).scalars().all()
        children: dict[Key, list[Any]] = defaultdict(list)
        for row in found:
            children[_parent(relation, target, row)].append(row)
        return [self._page(relation, query, key, children[key]) for key in keys]

    def _page(self, relation: Relation, query: PageQuery, key: Key, rows: list[Any]) -> Page:
        return Page(
            rows=rows[: query.first],
            has_next=len(rows) > query.first,
            has_previous=query.after is not None,
            order=query.order,
            count=lambda: self._counted(relation, query, key),
        )

    async def _counted(self, relation: Relation, query: PageQuery, key: Key) -> Counted:
        return await self.count(relation, query).load(key)

    async def _counts(self, relation: Relation, query: PageQuery, keys: Sequence[Key]) -> list[Counted]:
        target = entity(relation.target)
        kept = and_(_kept(target, relation, query), scope.rows(self._viewer, target.model))
        async with self._database.reading() as session:
            if not relation.by:
                some = select(target.attribute("id")).where(kept).limit(_COUNTED_AT_MOST + 1).subquery()
                total = (await session.execute(select(func.count()).select_from(some))).scalar_one()
                return [_counted(total)] * len(keys)
            by = _parent_columns(target, relation)
            grouped = select(*by, func.count()).where(kept, _children(target, relation, keys)).group_by(*by)
            found = {_key(relation, row[:-1]): row[-1] for row in await session.execute(grouped)}
        return [_counted(found.get(key, 0)) for key in keys]


def _counted(total: int) -> Counted:
    return Counted(min(total, _COUNTED_AT_MOST), is_floor=total > _COUNTED_AT_MOST)


def _first_rows(
    target: Entity, relation: Relation, query: PageQuery, keys: Sequence[Key], scoped: ColumnElement[bool]
) -> Select[Any]:
    """One row more than the page of each parent: the one more tells that there is a next page."""
    kept = and_(_kept(target, relation, query), scoped)
    if query.after is not None:
        kept = and_(kept, beyond(target, query))
    order = ordering(target, query.order)
    if not relation.by:
        return select(target.model).where(kept).order_by(*order).limit(query.first + 1)
    kept = and_(kept, _children(target, relation, keys))
    if len(keys) == 1:
        return select(target.model).where(kept).order_by(*order).limit(query.first + 1)
    place = func.row_number().over(partition_by=_parent_columns(target, relation), order_by=order)
    numbered = select(target.model, place.label("place")).where(kept).subquery()
    row = aliased(target.model, numbered)
    return select(row).where(numbered.c.place <= query.first + 1).order_by(numbered.c.place)


def _kept(target: Entity, relation: Relation, query: PageQuery) -> ColumnElement[bool]:
    only = [target.attribute(name) == value for name, value in relation.only.items()]
    return and_(condition(target, query.where), *only)


def _among(target: Entity, keys: Sequence[Key]) -> ColumnElement[bool]:
    """The rows with these keys. Ids are unique over all subscribers; naming those finds the partitions and the index."""
    by_id = target.attribute("id").in_({row_id for _, row_id in keys})
    if not target.is_of_subscriber or target.name == "Subscriber":
        return by_id
    return and_(target.attribute("subscriber_id").in_({subscriber for subscriber, _ in keys}), by_id)


def _children(target: Entity, relation: Relation, keys: Sequence[Key]) -> ColumnElement[bool]:
    by = target.attribute(relation.by)
    if relation.by == "subscriber_id":
        return by.in_({row_id for _, row_id in keys})
    among = by.in_({row_id for _, row_id in keys})
    if not target.is_of_subscriber or relation.of_all:
        return among
    return and_(target.attribute("subscriber_id").in_({subscriber for subscriber, _ in keys}), among)


def _parent_columns(target: Entity, relation: Relation) -> list[Any]:
    names = ["subscriber_id"] if target.is_of_subscriber and not relation.of_all else []
    return [target.attribute(name) for name in dict.fromkeys([*names, relation.by])]


def _parent(relation: Relation, target: Entity, row: Any) -> Key:
    if not relation.by:
        return (0, 0)
    return (0 if relation.of_all else target.subscriber_of(row), getattr(row, relation.by))


def _key(relation: Relation, columns: Sequence[int]) -> Key:
    """The parent's key as selected: its subscriber when the child has one, and its id."""
    return (columns[0] if len(columns) == 2 or relation.by == "subscriber_id" else 0, columns[-1])
