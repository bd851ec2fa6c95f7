"""How the value that JSON in the database gives becomes the value that the graph shows."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from graphql import GraphQLEnumType

from backoffice.compiled.shapes import Convert, Unsupported
from backoffice.resolvers import money as resolve_money
from backoffice.resolvers.context import Context
from backoffice.schema.scalars import rate_text


def _same(value: Any, _: Context) -> Any:
    return value


def instant_text(value: str) -> str:
    """An instant as the graph writes it: UTC with its offset. SQLite keeps UTC without saying so."""
    read = datetime.fromisoformat(value)
    return (read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)).isoformat()


def _within(largest: int, smallest: int) -> Convert:
    """A whole number that the graph can show; the normal executor refuses another in its own words."""

    def convert(value: int, _: Context) -> int:
        if not smallest <= value <= largest:
            raise Unsupported("a number that the graph cannot show")
        return value

    return convert


def _rate(value: int, _: Context) -> str:
    return rate_text(Decimal(value).scaleb(-4).normalize())


_cents = _within(2**53, -(2**53))

SCALARS: dict[str, Convert] = {
    "Boolean": lambda value, _: bool(value),
    "Cents": _cents,
    "Date": _same,
    "DateTime": lambda value, _: instant_text(value),
    "Int": _within(2**31 - 1, -(2**31)),
    "JSON": _same,
    "Rate": _rate,
    "String": _same,
}
"""By the name of the scalar in the graph."""

MONEY = ("cents", "currency", "decimal")


def enum(kind: GraphQLEnumType) -> Convert:
    """The name of an enum's value."""
    names = {str(getattr(value.value, "value", value.value)): name for name, value in kind.values.items()}
    return lambda value, _: names[value]


def money(pairs: tuple[tuple[str, str], ...]) -> Convert:
    """An amount of which these (key, field) pairs are shown."""
    parts: dict[str, Callable[[int, Context], Any]] = {
        "cents": lambda value, _: value,
        "currency": lambda _, context: context.currency,
        "decimal": lambda value, _: resolve_money.decimal(value),
    }
    shown = [(key, parts[name]) for key, name in pairs]
    return lambda value, context: {key: part(_cents(value, context), context) for key, part in shown}
