"""The shape of an answer: what is read for each field of an operation, and under which key it is shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from backoffice.fields.declare import Column, Entity, Expression, Order, Relation, ToOne
from backoffice.resolvers.context import Context


class Unsupported(Exception):
    """The operation asks for something that only the normal executor can do; it is not an error."""


Convert = Callable[[Any, Context], Any]
"""Makes the value that the graph shows of the value that the database gives."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of one column or expression. `is_json`: the column holds JSON."""

    key: str
    source: Column | Expression
    convert: Convert
    is_nullable: bool
    is_json: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A value known when the operation is compiled, such as `__typename`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Id:
    """The global id: made of the row's key."""

    key: str


@dataclass(frozen=True, slots=True)
class One:
    """A row that is pointed to, or the first of a relation."""

    key: str
    source: ToOne | Relation
    object: "Object"
    is_nullable: bool


@dataclass(frozen=True, slots=True)
class Many:
    """A page of a relation. `parts` are the fields of the connection, by key."""

    key: str
    source: Relation
    first: int
    order: Order
    object: "Object"
    parts: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
    """Key, field of the connection ("nodes", "pageInfo"), and for pageInfo its own (key, field) pairs."""


Part = Leaf | Constant | Id | One | Many


@dataclass(slots=True)
class Object:
    """The fields that are read of one row."""

    entity: Entity
    parts: list[Part] = field(default_factory=list)
