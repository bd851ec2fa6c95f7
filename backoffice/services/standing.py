"""What still stands of an issued invoice: by line, by VAT rate, and in whole. A credit never exceeds any of the three."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.credits import next_credit
from backoffice.billing.money import allocate
from backoffice.billing.vat import VatSplit
from backoffice.errors import BackofficeError
from backoffice.models import ExtraCharge, Invoice, InvoiceLine, LineKind
from backoffice.services import given_back


class NoShareLeft(BackofficeError):
    """Nothing of the amount before tax, or of its VAT, stands of the rate for this line: a credit would exceed it."""

    code = "NOTHING_TO_CREDIT"

    def __init__(self, rate: Decimal | None) -> None:
        super().__init__(
            f"What stands at the VAT rate {rate} leaves no share for this line: credit another line of that rate.",
            field="invoiceLineId",
        )
        self.rate = rate


@dataclass(frozen=True, slots=True)
class Standing:
    """An issued invoice with its lines in order, and what changes gave back of their days, by the id of the line."""

    invoice: Invoice
    lines: Sequence[InvoiceLine]
    changed: Mapping[int, Sequence[ExtraCharge]] = field(default_factory=dict)

    @property
    def cents(self) -> int:
        """What stands of the whole invoice, TTC."""
        return max(0, self.invoice.ttc_cents - self.invoice.credited_cents - self._beside(self.lines))

    def of_rate(self, rate: Decimal | None) -> int:
        """What stands of the lines of a rate together, credit lines among them, TTC."""
        same = [line for line in self.lines if line.vat_rate == rate]
        return max(0, sum(line.ttc_cents - line.credited_ttc_cents for line in same) - self._beside(same))

    def of_line(self, line: InvoiceLine) -> int:
        """What may still be credited on a line, TTC; nothing on a line that is itself a credit."""
        return min(self.alone(line), self.of_rate(line.vat_rate), self.cents)

    def alone(self, line: InvoiceLine) -> int:
        """What neither credit notes nor changes took back of a line, whatever stands of the rest of the invoice, TTC."""
        return max(0, line.ttc_cents - line.credited_ttc_cents - given_back.cents(self.changed.get(line.id, ())))

    def spread(self, cents: int) -> list[tuple[InvoiceLine, int]]:
        """`cents` over the lines in proportion to what stands on them, at most `creditable_cents`.

        Deposits come last: they are given back when the equipment is, not when a price was wrong.
        """
        weights = self._weights()
        parts: list[tuple[InvoiceLine, int]] = []
        for are_deposits in (False, True):
            same = [(line, most) for line, most in weights if (line.kind is LineKind.DEPOSIT) is are_deposits]
            taken_cents = min(cents - sum(part for _, part in parts), sum(most for _, most in same))
            shares = allocate(taken_cents, [most for _, most in same])
            parts += [(line, share) for (line, _), share in zip(same, shares, strict=True) if share]
        return parts

    @property
    def creditable_cents(self) -> int:
        """What may be credited in whole: each rate at most what stands of it."""
        return min(self.cents, sum(weight for _, weight in self._weights()))

    def splits(self, parts: Sequence[tuple[InvoiceLine, int]]) -> list[VatSplit]:
        """The HT and VAT of the next credits, in this order: within what stands of each line and of each rate.

        Raises NoShareLeft where no split is within both.
        """
        left = {rate: self._left(rate) for rate in {line.vat_rate for line, _ in parts}}
        splits = []
        for line, cents in parts:
            split = _within(_split(line, cents), line, left[line.vat_rate])
            left[line.vat_rate] = _less(left[line.vat_rate], split)
            splits.append(split)
        return splits

    def _beside(self, lines: Sequence[InvoiceLine]) -> int:
        """What changes gave back of these lines elsewhere than on this invoice, which counts its own credit lines."""
        own = {line.id for line in self.lines}
        given = {each.id: each for line in lines for each in self.changed.get(line.id, ())}
        return given_back.cents([each for each in given.values() if each.invoice_line_id not in own])

    def _left(self, rate: Decimal | None) -> VatSplit:
        """What stands of a rate, HT and VAT, the credit lines of the invoice among it."""
        same = [line for line in self.lines if line.vat_rate == rate]
        ttc_cents = sum(line.ttc_cents - line.credited_ttc_cents for line in same)
        ht_cents = sum(line.ht_cents - line.credited_ht_cents for line in same)
        return VatSplit(ht_cents, ttc_cents - ht_cents)

    def _weights(self) -> list[tuple[InvoiceLine, int]]:
        """What each line may take, so that no rate takes more than stands of it."""
        weights: list[tuple[InvoiceLine, int]] = []
        for rate in dict.fromkeys(line.vat_rate for line in self.lines):
            positive = [line for line in self.lines if line.vat_rate == rate and line.ttc_cents > 0]
            left = [self.alone(line) for line in positive]
            parts = allocate(min(sum(left), self.of_rate(rate)), left) if any(left) else left
            weights += [(line, part) for line, part in zip(positive, parts, strict=True) if part]
        return weights


async def read(
    session: AsyncSession, *, subscriber_id: int, invoice_id: int, without: Collection[int] = ()
) -> Standing | None:
    """The invoice as it stands now, or None; `without` are the waiting charges that the act itself makes void."""
    found = await session.execute(
        select(Invoice)
        .where(Invoice.subscriber_id == subscriber_id, Invoice.id == invoice_id)
        .execution_options(populate_existing=True)
    )
    invoice = found.scalar_one_or_none()
    if invoice is None:
        return None
    found_lines = await session.execute(
        select(InvoiceLine)
        .where(InvoiceLine.subscriber_id == subscriber_id, InvoiceLine.invoice_id == invoice_id)
        .order_by(InvoiceLine.position)
        .execution_options(populate_existing=True)
    )
    lines = list(found_lines.scalars())
    return Standing(invoice, lines, await given_back.read(session, lines, without=without))


def reference(invoice: Invoice, line: InvoiceLine) -> str:
    """The name of a line in derivations."""
    return f"{invoice.number}, ligne {line.position + 1}"


def _split(line: InvoiceLine, cents: int) -> VatSplit:
    """The next credit of `cents` on an issued line by itself."""
    if line.vat_rate is None:
        return VatSplit(cents, 0)
    return next_credit(
        line_ttc_cents=line.ttc_cents,
        rate=line.vat_rate,
        credited_ttc_cents=line.credited_ttc_cents,
        asked_ttc_cents=cents,
        line_ht_cents=line.ht_cents,
        credited_ht_cents=line.credited_ht_cents,
    )


def _within(split: VatSplit, line: InvoiceLine, left: VatSplit) -> VatSplit:
    """The split moved by the cents by which it exceeds what is left of its rate, if the line allows it."""
    line_ht_cents = line.ht_cents - line.credited_ht_cents
    line_vat_cents = line.vat_cents - (line.credited_ttc_cents - line.credited_ht_cents)
    least_cents = max(0, split.ttc_cents - min(left.vat_cents, line_vat_cents))
    most_cents = min(split.ttc_cents, left.ht_cents, line_ht_cents)
    if least_cents > most_cents:
        raise NoShareLeft(line.vat_rate)
    ht_cents = min(max(split.ht_cents, least_cents), most_cents)
    return VatSplit(ht_cents, split.ttc_cents - ht_cents)


def _less(left: VatSplit, taken: VatSplit) -> VatSplit:
    return VatSplit(left.ht_cents - taken.ht_cents, left.vat_cents - taken.vat_cents)
