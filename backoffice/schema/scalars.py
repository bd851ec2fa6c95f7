"""Scalars and plain values: money, rates, JSON, ranges."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from backoffice.resolvers import money as resolve
from backoffice.schema.access import plain, value
from backoffice.services.amounts import NotCents
from backoffice.services.amounts import rate_text as rate_text

_LARGEST = 2**53
_LONGEST = 30


def _cents(given: Any) -> int:
    if type(given) is not int or not -_LARGEST <= given <= _LARGEST:
        raise ValueError("Cents are a whole number between -2^53 and 2^53, such as 1250 for 12.50.")
    return given


def _given_cents(given: Any) -> int | NotCents:
    """Cents as they come in. A number that is none is for the act to refuse, with the amounts that it would accept."""
    if type(given) is int and -_LARGEST <= given <= _LARGEST:
        return given
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return NotCents(str(given)[:_LONGEST])
    raise ValueError("Cents are a whole number between -2^53 and 2^53, such as 1250 for 12.50.")


def _instant(given: Any) -> datetime:
    """An instant in UTC; raises ValueError unless it says its offset and lies between the years 1 and 9999 in UTC."""
    try:
        instant = datetime.fromisoformat(given)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        pass  # refused below, in one form for all
    raise ValueError(
        'An instant is written with its offset, such as "2026-03-31T14:05:00+02:00" or "2026-03-31T12:05Z".'
    )


Cents = NewType("Cents", int)
Rate = NewType("Rate", Decimal)
JSON = NewType("JSON", object)

SCALARS: dict[object, ScalarDefinition] = {
    Cents: strawberry.scalar(
        name="Cents",
        description="A whole number of cents, as a JSON number up to ±2^53.",
        serialize=_cents,
        parse_value=_given_cents,
    ),
    Rate: strawberry.scalar(
        name="Rate",
        description='A rate as an exact decimal text, such as "0.20" for 20 %.',
        serialize=rate_text,
        parse_value=Decimal,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description='An instant with its offset, such as "2026-03-31T14:05:00+02:00".',
        serialize=datetime.isoformat,
        parse_value=_instant,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="A JSON value.",
        serialize=lambda given: given,
        parse_value=lambda given: given,
    ),
}


@value
class Money:
    """An amount in the one currency of the installation."""

    cents: Cents = plain("The amount in cents.", by=resolve.cents)
    currency: str = plain("The ISO 4217 code of the currency.", by=resolve.currency)
    decimal: str = plain('The amount as an exact decimal text, such as "-12.50".', by=resolve.decimal)


@strawberry.input(description="Days from `from` (included) to `to` (excluded).")
class DateRange:
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None


@strawberry.input(description="Instants from `from` (included) to `to` (excluded).")
class InstantRange:
    from_: datetime | None = strawberry.field(name="from", default=None)
    to: datetime | None = None


@strawberry.input(description="Amounts from `from` (included) to `to` (excluded), in cents.")
class CentsRange:
    from_: Cents | None = strawberry.field(name="from", default=None)
    to: Cents | None = None
