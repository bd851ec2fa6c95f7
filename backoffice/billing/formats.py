"""Amounts, percentages, dates and periods as a customer reads them, in French and English."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from backoffice.billing.money import round_cents
from backoffice.billing.periods import Period

MINUS = "\N{MINUS SIGN}"
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
FRENCH_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


class UnknownLocale(ValueError):
    """A language that explanations are not written in."""

    def __init__(self, locale: str) -> None:
        super().__init__(f'No explanation is written in {locale!r}: ask for "fr" or "en".')
        self.locale = locale


@dataclass(frozen=True, slots=True)
class Format:
    """How one language writes numbers and dates."""

    language: str
    point: str
    thousands: str
    write_amount: Callable[[str, str], str]
    write_percent: str
    write_day: Callable[[date], str]
    write_period: str


def format_for(locale: str) -> Format:
    """The format of "fr" or "en" (or a variant such as "fr-FR"). Raises `UnknownLocale`."""
    language = locale.replace("_", "-").split("-")[0].lower()
    if language not in FORMATS:
        raise UnknownLocale(locale)
    return FORMATS[language]


def amount(cents: Fraction, written: Format, currency: str) -> str:
    """An exact number of cents as money, with up to four decimals: 17,495 € or €17.495."""
    digits = _decimal(abs(cents) / 100, written, at_least=2, at_most=4)
    text = written.write_amount(digits, SYMBOLS.get(currency, currency))
    return f"{MINUS}{text}" if cents < 0 else text


def is_exact(cents: Fraction) -> bool:
    """True when `amount` writes this value without rounding it."""
    return (cents * 100).denominator == 1


def percent(share: Fraction, written: Format) -> str:
    """A share as a percentage: 20 % in French, 20% in English."""
    return written.write_percent.format(_decimal(share * 100, written, at_least=0, at_most=4))


def period(days: Period, written: Format) -> str:
    """The first and the last day served, both included; a half-open end date would mislead a reader."""
    last_on = max(days.starts_on, days.ends_on - timedelta(days=1))
    return written.write_period.format(written.write_day(days.starts_on), written.write_day(last_on))


def _decimal(value: Fraction, written: Format, *, at_least: int, at_most: int) -> str:
    scaled = round_cents(value * 10**at_most)
    whole, decimals = divmod(scaled, 10**at_most)
    kept = f"{decimals:0{at_most}d}".rstrip("0").ljust(at_least, "0")
    grouped = f"{whole:,}".replace(",", written.thousands)
    return f"{grouped}{written.point}{kept}" if kept else grouped


def _english_amount(digits: str, symbol: str) -> str:
    return f"{symbol}{digits}" if len(symbol) == 1 else f"{symbol} {digits}"


def _english_day(day: date) -> str:
    return f"{day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}"


def _french_day(day: date) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {FRENCH_MONTHS[day.month - 1]} {day.year}"


FORMATS = {
    "en": Format("en", ".", ",", _english_amount, "{}%", _english_day, "{} to {}"),
    "fr": Format("fr", ",", " ", "{} {}".format, "{} %", _french_day, "{} au {}"),
}
