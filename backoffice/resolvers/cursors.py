"""Cursors: where a row stands in an order, as opaque text. Only what a list could have written is read back."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, Date, String
from sqlalchemy.types import TypeEngine

from backoffice.fields.declare import Entity, Order
from backoffice.models.base import Code, Instant
from backoffice.resolvers.refusals import BadCursor

_LARGEST = (1 << 63) - 1


def write(values: Sequence[Any]) -> str:
    """The cursor of a row with these values in the columns of the order."""
    written = json.dumps([_written(value) for value in values])
    return base64.urlsafe_b64encode(written.encode()).rstrip(b"=").decode()


def read(target: Entity, order: Order, cursor: str) -> tuple[Any, ...]:
    """The values that a cursor holds; raises BadCursor unless a row of `target` could have them in that order."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return tuple(
            _parsed(target.attribute(step.attribute).type, value) for step, value in zip(order, values, strict=True)
        )
    except (binascii.Error, UnicodeError, ValueError, TypeError, OverflowError, RecursionError) as unreadable:
        raise BadCursor from unreadable


def _written(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def _parsed(kind: TypeEngine[Any], value: Any) -> Any:
    match kind:
        case Instant():
            instant = datetime.fromisoformat(value)
            return _same(instant.astimezone(UTC), value)
        case Date():
            return _same(date.fromisoformat(value), value)
        case Code(values=values):
            return values(value)
        case String() if isinstance(value, str) and "\0" not in value:
            value.encode()  # raises UnicodeError for half a character, which no database can hold
            return value
        case BigInteger() if type(value) is int and -_LARGEST <= value <= _LARGEST:
            return value
    raise BadCursor


def _same(parsed: date, written: str) -> date:
    """A moment is read only as it is written: with its offset, and not a day where an instant stands."""
    if parsed.isoformat() != written:
        raise BadCursor
    return parsed
