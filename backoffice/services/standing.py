"""What still stands of an issued invoice: by line, by VAT rate, and in whole. A credit never exceeds any of the three."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.credits import next_credit
from backoffice.billing.money import allocate
from backoffice.billing.vat import VatSplit
from backoffice.models import Invoice, InvoiceLine


@dataclass(frozen=True, slots=True)
class Standing:
    """An issued invoice with its lines in order."""

    invoice: Invoice
    lines: Sequence[InvoiceLine]

    @property
    def cents(self) -> int:
        """What stands of the whole invoice, TTC."""
        return self.invoice.ttc_cents - self.invoice.credited_cents

    def of_rate(self, rate: Decimal | None) -> int:
        """What stands of the lines of a rate together, credit lines among them, TTC."""
        same = [line for line in self.lines if line.vat_rate == rate]
        return max(0, sum(line.ttc_cents - line.credited_ttc_cents for line in same))

    def of_line(self, line: InvoiceLine) -> int:
        """What may still be credited on a line, TTC; nothing on a line that is itself a credit."""
        left_cents = max(0, line.ttc_cents - line.credited_ttc_cents)
        return min(left_cents, self.of_rate(line.vat_rate), self.cents)

    def spread(self, cents: int) -> list[tuple[InvoiceLine, int]]:
        """`cents` over all lines in proportion to what stands on them, at most `creditable_cents`."""
        shares = [(line, weight) for line, weight in self._weights() if weight]
        parts = allocate(cents, [weight for _, weight in shares])
        return [(line, part) for (line, _), part in zip(shares, parts, strict=True) if part]

    @property
    def creditable_cents(self) -> int:
        """What may be credited in whole: each rate at most what stands of it."""
        return min(self.cents, sum(weight for _, weight in self._weights()))

    def _weights(self) -> list[tuple[InvoiceLine, int]]:
        """What each line may take, so that no rate takes more than stands of it."""
        weights: list[tuple[InvoiceLine, int]] = []
        for rate in dict.fromkeys(line.vat_rate for line in self.lines):
            positive = [line for line in self.lines if line.vat_rate == rate and line.ttc_cents > 0]
            left = [max(0, line.ttc_cents - line.credited_ttc_cents) for line in positive]
            parts = allocate(min(sum(left), self.of_rate(rate)), left) if any(left) else left
            weights += zip(positive, parts, strict=True)
        return weights


async def read(session: AsyncSession, *, subscriber_id: int, invoice_id: int) -> Standing | None:
    """The invoice as it stands now, or None."""
    found = await session.execute(
        select(Invoice)
        .where(Invoice.subscriber_id == subscriber_id, Invoice.id == invoice_id)
        .execution_options(populate_existing=True)
    )
    invoice = found.scalar_one_or_none()
    if invoice is None:
        return None
    lines = await session.execute(
        select(InvoiceLine)
        .where(InvoiceLine.subscriber_id == subscriber_id, InvoiceLine.invoice_id == invoice_id)
        .order_by(InvoiceLine.position)
        .execution_options(populate_existing=True)
    )
    return Standing(invoice, list(lines.scalars()))


def split(line: InvoiceLine, cents: int) -> VatSplit:
    """The next credit of `cents` on an issued line: its HT and VAT never exceed those of the line."""
    if line.vat_rate is None:
        return VatSplit(cents, 0)
    return next_credit(
        line_ttc_cents=line.ttc_cents,
        rate=line.vat_rate,
        credited_ttc_cents=line.credited_ttc_cents,
        asked_ttc_cents=cents,
        line_ht_cents=line.ht_cents,
    )


def reference(invoice: Invoice, line: InvoiceLine) -> str:
    """The name of a line in derivations."""
    return f"{invoice.number}, ligne {line.position + 1}"
