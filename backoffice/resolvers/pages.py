"""Pages of lists, cut by key and not by offset: a row that comes or goes never shifts the next page."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from backoffice.fields.declare import Direction, Entity, Order, PageSize, Relation, complete
from backoffice.resolvers import cursors
from backoffice.resolvers.filters import Frozen, freeze
from backoffice.resolvers.refusals import PageTooLarge


@dataclass(frozen=True, slots=True)
class PageQuery:
    """What is asked of a list; equal queries of one relation share a loader."""

    first: int
    order: Order
    after: tuple[Any, ...] | None = None
    where: Frozen | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows there are; `is_floor`: at least so many, the counting stopped there."""

    value: int
    is_floor: bool


@dataclass(slots=True)
class Page:
    """Some rows of a list, in order, and how to go on."""

    rows: Sequence[Any]
    has_next: bool
    has_previous: bool
    order: Order
    count: Callable[[], Coroutine[Any, Any, Counted]]

    def cursor(self, row: Any) -> str:
        """Where `row` stands in the order: opaque text for `after`."""
        return cursors.write([getattr(row, step.attribute) for step in self.order])


def asked(relation: Relation, target: Entity, arguments: dict[str, Any]) -> PageQuery:
    """What the arguments of a list ask for; raises PageTooLarge, BadCursor or BadInput."""
    sort, after = arguments.get("sort"), arguments.get("after")
    order = complete(target, target.orders[sort.name] if sort else relation.order)
    return PageQuery(
        first=_size(relation.page, arguments.get("first")),
        order=order,
        after=None if after is None else cursors.read(target, order, after),
        where=freeze(arguments.get("where")),
    )


def beyond(target: Entity, query: PageQuery) -> ColumnElement[bool]:
    """The condition that keeps the rows after the cursor."""
    reached: list[ColumnElement[bool]] = []
    alternatives: list[ColumnElement[bool]] = []
    for step, value in zip(query.order, query.after or (), strict=True):
        column = target.attribute(step.attribute)
        past = column > value if step.direction is Direction.UP else column < value
        alternatives.append(and_(*reached, past))
        reached.append(column == value)
    return or_(*alternatives)


def ordering(target: Entity, order: Order) -> list[ColumnElement[Any]]:
    """The ORDER BY of a list."""
    columns = [(target.attribute(step.attribute), step.direction) for step in order]
    return [column.asc() if direction is Direction.UP else column.desc() for column, direction in columns]


def _size(page: PageSize, first: int | None) -> int:
    if first is None:
        return page.default
    if not 1 <= first <= page.largest:
        raise PageTooLarge(first, page.largest)
    return first
