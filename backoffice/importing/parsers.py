"""Parses the text of a value by the type of its field: strictly, and never by way of a float."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache

from email_validator import EmailNotValidError, validate_email

from backoffice.billing.periods import add_months
from backoffice.importing.rules import Frame, PhoneNumber, Rule, Value
from backoffice.importing.targets import Type
from backoffice.services import keys

_LARGEST_CENTS = 2**53
"""What the graph can carry."""
_YEARS = range(1900, 2200)
_BLANKS = " \u00a0\u202f"


class Unreadable(Exception):
    """A cell cannot become a value; `reason` never repeats what the cell says, which may be personal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse(rule: Rule, text: str, frame: Frame) -> Value:
    """The value of a text that is not blank. Raises Unreadable."""
    return _PARSERS[rule.target.kind](rule, text, frame)


def _text(rule: Rule, text: str, frame: Frame) -> str:
    whole = rule.prefix + text
    if rule.target.longest and len(whole) > rule.target.longest:
        raise Unreadable(f"is longer than {rule.target.longest} characters")
    return whole


def _integer(rule: Rule, text: str, frame: Frame) -> int:
    if not re.fullmatch(r"-?[0-9]{1,15}", text):
        raise Unreadable("is not a whole number")
    return _within(rule, int(text))


def _amount(rule: Rule, text: str, frame: Frame) -> int:
    if rule.is_in_cents:
        return _integer(rule, text, frame)
    matched = _amount_pattern(rule.decimal, rule.thousands).fullmatch(text)
    if not matched:
        raise Unreadable(f"is not an amount such as 1234{rule.decimal}50")
    sign, whole, decimals = matched[1], re.sub(r"[^0-9]", "", matched[2]), matched[3] or ""
    if len(decimals) > 2:
        raise Unreadable("has more than two decimals")
    cents = int(whole) * 100 + int(decimals.ljust(2, "0"))
    if cents > _LARGEST_CENTS:
        raise Unreadable("is larger than an amount can be")
    return _within(rule, -cents if sign else cents)


@cache
def _amount_pattern(decimal: str, thousands: str) -> re.Pattern[str]:
    # A blank in the mapping stands for the no-break blanks as well, which spreadsheets write.
    separators = re.escape(thousands + (_BLANKS if " " in thousands else ""))
    grouped = f"[0-9]{{1,3}}(?:[{separators}][0-9]{{3}})+|[0-9]{{1,15}}" if separators else "[0-9]{1,15}"
    return re.compile(f"(-?)({grouped})(?:{re.escape(decimal)}([0-9]+))?")


def _within(rule: Rule, number: int) -> int:
    lowest, highest = rule.target.lowest, rule.target.highest
    if lowest is not None and number < lowest:
        raise Unreadable("is negative" if lowest == 0 else f"is less than {lowest}")
    if highest is not None and number > highest:
        raise Unreadable(f"is more than {highest}")
    return number


def _date(rule: Rule, text: str, frame: Frame) -> date:
    if rule.is_months_before:
        months = _integer(rule, text, frame)
        if not 0 <= months <= 1200:
            raise Unreadable("is not a number of months from 0 to 1200")
        return add_months(frame.as_of, -months)
    return _moment(rule, text).date()


def _instant(rule: Rule, text: str, frame: Frame) -> datetime:
    moment = _moment(rule, text)
    if moment.tzinfo:
        return moment.astimezone(UTC)
    instant = moment.replace(tzinfo=frame.zone).astimezone(UTC)
    if instant.astimezone(frame.zone).replace(tzinfo=None) != moment:
        raise Unreadable(f"is a time that the change to summer time skips in {frame.zone}")
    return instant


def _moment(rule: Rule, text: str) -> datetime:
    for pattern in rule.patterns:
        try:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone is the mapping's, added by the caller
        except ValueError:
            continue
        if moment.year not in _YEARS:
            raise Unreadable(f"is not in the years {_YEARS.start} to {_YEARS.stop - 1}")
        return moment
    raise Unreadable(f"is not written as {' or '.join(rule.patterns)}")


def _code(rule: Rule, text: str, frame: Frame) -> str:
    codes = rule.target.codes
    if codes is None or text not in set(codes):
        raise Unreadable(f"is none of {', '.join(codes or ())}")
    return codes(text)


def _phone(rule: Rule, text: str, frame: Frame) -> PhoneNumber:
    number = keys.phone(text, region=rule.region)
    if number is None:
        raise Unreadable(f"is no telephone number of the region {rule.region}")
    return PhoneNumber(_text(rule, text, frame), number)


def _email(rule: Rule, text: str, frame: Frame) -> str:
    try:
        return _text(rule, validate_email(text, check_deliverability=False).normalized, frame)
    except EmailNotValidError as invalid:
        raise Unreadable("is no e-mail address") from invalid


def _boolean(rule: Rule, text: str, frame: Frame) -> bool:
    raise Unreadable("has no value table")


_PARSERS: Mapping[Type, Callable[[Rule, str, Frame], Value]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.AMOUNT: _amount,
    Type.DATE: _date,
    Type.INSTANT: _instant,
    Type.BOOLEAN: _boolean,
    Type.CODE: _code,
    Type.PHONE: _phone,
    Type.EMAIL: _email,
}
