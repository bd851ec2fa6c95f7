"""An issued line with all that is known of what it billed: its invoice, and the contract as it stands now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import Period, billing_period
from backoffice.errors import BackofficeError
from backoffice.models import ContractEvent, ContractEventKind, ContractItem, Invoice, InvoiceLine
from backoffice.services import agreements
from backoffice.services.agreements import Agreement


class LineNotCorrectable(BackofficeError):
    """What the line should have been cannot be worked out in the way that was asked for."""

    code = "LINE_NOT_CORRECTABLE"

    def __init__(self, why: str, field: str = "invoiceLineId") -> None:
        super().__init__(f"{why}; credit an amount of it instead (creditNotePreview).", field=field)


@dataclass(frozen=True, slots=True)
class BilledLine:
    """An issued line with its invoice and, where it is about one, the contract as it stands now."""

    invoice: Invoice
    line: InvoiceLine
    agreement: Agreement | None
    suspended: tuple[Period, ...] = ()
    """When the services of the contract were cut."""

    @property
    def days(self) -> Period | None:
        """The days that the line is about."""
        if self.line.starts_on is None or self.line.ends_on is None:
            return None
        return Period(self.line.starts_on, self.line.ends_on)

    @property
    def contract(self) -> Agreement:
        """The contract that the line is about. Raises LineNotCorrectable without one."""
        if self.agreement is None:
            raise LineNotCorrectable("The line is about no contract")
        return self.agreement

    def item(self) -> ContractItem | None:
        """The item that the line is about."""
        is_about = self.agreement is not None and self.line.contract_item_id is not None
        return self.agreement.item(self.line.contract_item_id) if is_about else None  # type: ignore[union-attr,arg-type]

    def period(self, on: date) -> Period:
        """The whole billing period with the day `on`: the contract's, or the item's own."""
        item, contract = self.item(), self.contract.contract
        months = self._months(item, on) or contract.period_months
        anchor_on = item.anchor_on if item and item.anchor_on else contract.anchor_on
        return billing_period(anchor_on=anchor_on, months=months, on=on)

    def _months(self, item: ContractItem | None, on: date) -> int | None:
        version = self.contract.prices[item.offer_id].on(on) if item else None
        return version.months if version else None


async def read(session: AsyncSession, line: InvoiceLine, invoice: Invoice, *, offers: Iterable[int]) -> BilledLine:
    """The issued line with its contract, and the prices of the offers that are named."""
    if line.contract_id is None:
        return BilledLine(invoice, line, None)
    agreement = await agreements.read(
        session, subscriber_id=line.subscriber_id, contract_id=line.contract_id, wanted=offers
    )
    return BilledLine(invoice, line, agreement, await _suspensions(session, line))


async def _suspensions(session: AsyncSession, line: InvoiceLine) -> tuple[Period, ...]:
    """The days on which the services were cut, by the history of the contract; a cut that lasts has no last day yet."""
    event = ContractEvent
    found = await session.execute(
        select(event.kind, event.effective_on)
        .where(event.subscriber_id == line.subscriber_id, event.contract_id == line.contract_id)
        .where(event.kind.in_((ContractEventKind.SUSPENDED, ContractEventKind.REACTIVATED)))
        .order_by(event.effective_on, event.recorded_at, event.id)
    )
    cuts: list[Period] = []
    since: date | None = None
    for kind, on in found:
        if kind is ContractEventKind.SUSPENDED:
            since = since or on
        elif since is not None:
            cuts.append(Period(since, on))
            since = None
    return (*cuts, Period(since, date.max)) if since else tuple(cuts)
