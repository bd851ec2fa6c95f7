"""How the fields of the graph are declared as data, so that more than one executor can read them.

A field is a column, an expression in SQL, a row that it points to, or a relation to many rows. What is none of these is
behaviour and lives in `resolvers`. Nothing here knows GraphQL, nor who may see a field; an entity says what reading its
rows needs at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, inspect
from sqlalchemy.orm import InstrumentedAttribute

from backoffice.models.base import Base
from backoffice.permissions import Capability


class UndeclaredField(LookupError):
    """The graph names a field that no declaration and no column explains."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The opaque global id of a row."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the row, under the name of its attribute."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request is answered: the instant, and the civil day where the operator is."""

    at: datetime
    today: date
    zone: str = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Expression:
    """A value that the database computes from a row: given the table's class and the moment, a scalar in SQL."""

    sql: Callable[[Any, Moment], ColumnElement[Any]]


@dataclass(frozen=True, slots=True)
class ToOne:
    """The row whose id stands in `key`; for a row of the same subscriber, `subscriber_id` is the other half of its key."""

    target: str
    key: str


class Direction(Enum):
    """The direction of an order."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class By:
    """One step of an order. The column must not be null: a page is cut by comparing with it."""

    attribute: str
    direction: Direction = Direction.UP


Order = tuple[By, ...]


@dataclass(frozen=True, slots=True)
class PageSize:
    """How many rows a page has when nothing is said, and at most."""

    default: int = 20
    largest: int = 100


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Many rows of `target`, found by the column `by` that names their parent.

    `by` is "subscriber_id" for all rows of a subscriber, and empty for a root of the graph, which has no parent.

    `of_all` says that the parent belongs to no subscriber and its rows to any.

    `only` keeps the rows in which these attributes have these values. `order` is completed by the id. With `is_one`, the
    first row in that order is the value, or none.
    """

    target: str
    by: str
    order: Order = ()
    only: Mapping[str, Any] = field(default_factory=dict)
    page: PageSize = PageSize()
    is_one: bool = False
    of_all: bool = False


def all_of(target: str, *, order: Order = (), page: PageSize = PageSize()) -> Relation:
    """The root that pages through all rows of `target`."""
    return Relation(target=target, by="", order=order, page=page)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A filter by a list of values of a column."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Range:
    """A filter by `from` (included) and `to` (excluded) of a column."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Is:
    """A filter by one value of a column."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Holds:
    """A filter by yes or no: given the table's class, a condition in SQL."""

    sql: Callable[[Any], ColumnElement[bool]]


Filter = OneOf | Range | Is | Holds
Declared = Identity | Column | Expression | ToOne | Relation


class Entity:
    """A type of the graph and the table behind it. Its columns are fields under their own names without being listed.

    `needs` is the capability without which none of its rows may be found, by a key or by an id.
    """

    def __init__(
        self,
        name: str,
        model: type[Base],
        *,
        needs: Capability,
        fields: Mapping[str, Declared] | None = None,
        filters: Mapping[str, Filter] | None = None,
        orders: Mapping[str, Order] | None = None,
    ) -> None:
        self.name = name
        self.model = model
        self.needs = needs
        self.is_of_subscriber = hasattr(model, "subscriber_id")
        self.filters = dict(filters or {})
        self.orders = dict(orders or {})
        self._fields: dict[str, Declared] = {"id": Identity(), **(fields or {})}
        ENTITIES[name] = self

    def declared(self, name: str) -> Declared:
        """The declaration of the field `name`; raises UndeclaredField when there is none."""
        if name in self._fields:
            return self._fields[name]
        if name in inspect(self.model).column_attrs:
            return Column(name)
        raise UndeclaredField(f"{self.name}.{name} is neither declared in fields nor a column of {self.model.__name__}")

    def attribute(self, name: str) -> InstrumentedAttribute[Any]:
        """The mapped attribute of the table's class."""
        found: InstrumentedAttribute[Any] = getattr(self.model, name)
        return found

    def subscriber_of(self, row: Any) -> int:
        """The subscriber's half of a row's key; 0 for what belongs to no subscriber."""
        return row.subscriber_id if self.is_of_subscriber else 0


ENTITIES: dict[str, Entity] = {}


def entity(name: str) -> Entity:
    """The entity called `name` in the graph."""
    return ENTITIES[name]


def up(*attributes: str) -> Order:
    """Ascending in these columns."""
    return tuple(By(attribute) for attribute in attributes)


def down(*attributes: str) -> Order:
    """Descending in these columns."""
    return tuple(By(attribute, Direction.DOWN) for attribute in attributes)


def complete(target: Entity, order: Sequence[By]) -> Order:
    """An order that no two rows share: the id is its last step, in the direction of the step before it."""
    if not order:
        return (By("id"),)
    return (*order, By("id", order[-1].direction)) if order[-1].attribute != "id" else tuple(order)
