"""Facts of a document as its reader's language writes them, with the spaces that may not break."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from backoffice.billing import formats
from backoffice.billing.formats import Format, format_for
from backoffice.billing.periods import Period
from backoffice.documents.lines import Days
from backoffice.documents.payments import Means, MeansKind, Offset, Paid, Reopened, Repayment
from backoffice.documents.wording import WORDING

FIXED = "\N{NO-BREAK SPACE}"
BEFORE = (":", ";", "?", "!", "%")
NAMED_CHANNELS = 6


class Writer:
    """Writes for one language ("fr" or "en") and currency. Raises `UnknownLocale`."""

    def __init__(self, locale: str, currency: str) -> None:
        self.written: Format = format_for(locale)
        self.currency = currency

    def text(self, key: str, **facts: object) -> str:
        """The words of a key, filled with its facts."""
        words = WORDING[self.written.language][key]
        for sign in BEFORE:
            words = words.replace(f" {sign}", f"{FIXED}{sign}")
        return words.format(**facts)

    def amount(self, cents: int) -> str:
        """1 234,56 € or €1,234.56, in one piece."""
        return _fixed(formats.amount(Fraction(cents), self.written, self.currency))

    def rate(self, rate: Decimal | None) -> str:
        """A VAT rate; in words where the row is outside the scope of VAT."""
        return self.text("no_vat") if rate is None else _fixed(formats.percent(Fraction(rate), self.written))

    def day(self, day: date) -> str:
        """A date with its month in words, in one piece."""
        return _fixed(self.written.write_day(day))

    def last_day(self, ends_on: date) -> str:
        """The day before a date that is not included."""
        return self.day(ends_on - timedelta(days=1))

    def period(self, period: Period) -> str:
        """The first and the last day, both included; the month and the year once where they are the same."""
        last_on = period.ends_on - timedelta(days=1)
        if period.days <= 1:
            return self.text("days.one", day=self.day(period.starts_on))
        return self.text("days", first=self._first(period.starts_on, last_on), last=self.day(last_on))

    def days(self, days: Days) -> str:
        """The days of a row and, where it is prorated, their number out of those of the billing period."""
        if days.are_all:
            return self.period(days.served)
        key = "days.one_out_of" if days.served.days == 1 else "days.out_of"
        number = self.text(key, days=days.served.days, of_days=days.of.days)
        return f"{self.period(days.served)}, {_fixed(number)}"

    def means(self, means: Means) -> str:
        """A means of payment, recognisable by its owner and by nobody else."""
        if means.kind is MeansKind.CARD and means.last_four:
            return self.text("means.CARD.last", last_four=means.last_four)
        account = means.last_four and self.text("means.iban", last_four=means.last_four)
        mandate = means.mandate_reference and self.text("means.mandate", reference=means.mandate_reference)
        facts = ", ".join(filter(None, (account, mandate)))
        name = self.text(f"means.{means.kind}")
        return self.text("means.of", name=name, facts=facts) if facts else name

    def settlement(self, settlement: Paid | Offset | Reopened) -> str:
        """What has changed the amount due, when, by which means or document."""
        day = self.day(settlement.on)
        if isinstance(settlement, Offset | Reopened):
            key = "settled.offset" if isinstance(settlement, Offset) else "settled.reopened"
            return self.text(key, number=settlement.number, day=day)
        if settlement.means is None:
            return self.text("settled.unknown", day=day)
        if settlement.means.kind is MeansKind.ACCOUNT_BALANCE:
            return self.text("settled.ACCOUNT_BALANCE", day=day)
        return self.text("settled.payment", day=day, means=self.means(settlement.means))

    def repayment(self, repayment: Repayment) -> str:
        """Where a part of a credit goes back to, and until when at the latest."""
        means = self.means(repayment.means)
        if repayment.by is None:
            return self.text("goes.repaid", means=means)
        return self.text("goes.repaid_by", means=means, day=self.day(repayment.by))

    def channels(self, names: Sequence[str]) -> str:
        """What an option holds: its channels by their names, or their number where they are many."""
        if len(names) > NAMED_CHANNELS:
            return self.text("channels.many", count=len(names))
        return self.text("channels", names=", ".join(names))

    def discount(self, label: str, cents: int, ends_on: date) -> str:
        """What a promotion takes off a price, and until when."""
        return self.text("discount", label=label, amount=self.amount(cents), day=self.last_day(ends_on))

    def _first(self, first_on: date, last_on: date) -> str:
        written = self.written.write_day(first_on)
        if first_on.year != last_on.year:
            return _fixed(written)
        parts = written.split(" ")
        return _fixed(" ".join(parts[:1] if first_on.month == last_on.month else parts[:2]))


def _fixed(text: str) -> str:
    return text.replace(" ", FIXED)
