"""Why two invoices of an account differ: causes that add up to the difference, read from the issued lines alone."""

from collections import defaultdict
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing import differences
from backoffice.billing.billed import BilledLine, read_line
from backoffice.billing.causes import Cause
from backoffice.billing.derivation import Derived
from backoffice.billing.periods import Period
from backoffice.errors import BackofficeError
from backoffice.models import Invoice, InvoiceLine


class NotOneAccount(BackofficeError):
    """The two invoices are billed to two accounts, and have no lines in common to compare."""

    code = "INVOICES_OF_TWO_ACCOUNTS"

    def __init__(self) -> None:
        super().__init__("These invoices belong to two accounts: give two invoices of the same one.", field="later")


@dataclass(frozen=True, slots=True)
class Difference:
    """What the later invoice has more than the earlier one (below zero: less), cause by cause, in cents TTC."""

    earlier: Invoice
    later: Invoice
    causes: tuple[Cause, ...]

    @property
    def cents(self) -> int:
        """The difference of the two totals."""
        return self.later.ttc_cents - self.earlier.ttc_cents


async def between(session: AsyncSession, *, earlier: Invoice, later: Invoice) -> Difference:
    """The causes of the difference of two invoices, which add up to it. Raises NotOneAccount."""
    if (earlier.subscriber_id, earlier.billing_account_id) != (later.subscriber_id, later.billing_account_id):
        raise NotOneAccount
    found = await session.execute(
        select(InvoiceLine)
        .where(InvoiceLine.subscriber_id == earlier.subscriber_id, InvoiceLine.invoice_id.in_((earlier.id, later.id)))
        .order_by(InvoiceLine.position)
    )
    lines: dict[int, list[BilledLine]] = defaultdict(list)
    for row in found.scalars():
        lines[row.invoice_id].append(_line(row))
    return Difference(earlier, later, differences.between(lines[earlier.id], lines[later.id]))


def _line(row: InvoiceLine) -> BilledLine:
    line = read_line(
        kind=row.kind,
        label=row.label,
        key=str(row.contract_item_id or row.offer_id or row.label),
        unit_cents=row.unit_cents,
        quantity=row.quantity,
        period=Period(row.starts_on, row.ends_on) if row.starts_on and row.ends_on else None,
        derived=Derived.from_json(row.derivation),
        contract=str(row.contract_id or ""),
        offer=str(row.offer_id or ""),
    )
    # What is printed is what is compared, whatever else a derivation from an import may say.
    return replace(line, ttc_cents=row.ttc_cents)
