"""Values written in a mapping itself, as constants or in value tables: checked when the mapping is read."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from backoffice.importing.errors import nearest
from backoffice.importing.rules import Frame, Rule, Value
from backoffice.importing.targets import Target, Type
from backoffice.importing.values import Unreadable, read

Kind = TypeVar("Kind")

AS_OF = "as_of"
OUTSIDE = "outside"


class NotLiteral(Exception):
    """What is wrong with a value of the mapping, for a message that names the place."""


def literal(written: object, target: Target, frame: Frame) -> Value:
    """The typed value of a TOML value; "" means none where a field may be empty. Raises NotLiteral."""
    if written == "" and not target.is_required:
        return None
    readers: Mapping[Type, Callable[[], Value]] = {
        Type.BOOLEAN: lambda: _of_type(written, bool, "true or false"),
        Type.INTEGER: lambda: _read(str(_of_type(written, int, "a whole number")), target, frame),
        Type.DATE: lambda: _date(written, frame),
        Type.INSTANT: lambda: _instant(written),
        Type.CODE: lambda: _code(_of_type(written, str, "a text"), target),
    }
    otherwise = 'a text, also for amounts ("12.50")'
    return readers.get(target.kind, lambda: _read(_of_type(written, str, otherwise), target, frame))()


def rate(written: object) -> Decimal | None:
    """A VAT rate: "0.20" for 20 %, or "outside" for what bears none (None). Raises NotLiteral."""
    if written == OUTSIDE:
        return None
    try:
        share = Decimal(_of_type(written, str, 'a text such as "0.20", or "outside"'))
    except InvalidOperation as unreadable:
        raise NotLiteral('write a rate such as "0.20" for 20 %, or "outside"') from unreadable
    if not 0 <= share < 1 or share != round(share, 4):
        raise NotLiteral('write a rate below 1 with at most four decimals, such as "0.055" for 5.5 %')
    return share


def _of_type(written: object, kind: type[Kind], wanted: str) -> Kind:
    # A boolean is an integer to Python: compare the exact type.
    if type(written) is not kind:
        raise NotLiteral(f"{written!r} is not {wanted}")
    return written


def _date(written: object, frame: Frame) -> date:
    if written == AS_OF:
        return frame.as_of
    return _of_type(written, date, 'a date such as 2026-01-31, or "as_of"')


def _instant(written: object) -> datetime:
    moment = _of_type(written, datetime, "a date and time with an offset")
    if moment.tzinfo is None:
        raise NotLiteral(f"{moment.isoformat()} has no offset; write it such as 2026-01-31T10:00:00+01:00")
    return moment


def _code(written: str, target: Target) -> Value:
    codes = target.codes or ()
    if written not in set(codes):
        raise NotLiteral(f"{written!r} is not a value of this field; {nearest(written, codes)}")
    return target.codes(written) if target.codes else None


def _read(written: str, target: Target, frame: Frame) -> Value:
    try:
        return read(Rule(path="", target=target, columns=("",)), {"": written}, frame).value
    except Unreadable as unreadable:
        raise NotLiteral(f"{written!r} {unreadable.reason}") from unreadable
