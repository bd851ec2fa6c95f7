"""Unused days of items that were charged: issued lines by credit notes, waiting charges by what waits beside them.

A subscriber who leaves may never get another invoice, so what was issued is credited by a document of its own.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.models import ContractItem, CreditReason, InvoiceLine
from backoffice.services import crediting, planned_charges, standing
from backoffice.services.agreements import Agreement
from backoffice.services.crediting import Credit
from backoffice.services.planned_charges import Charged, PlannedCharge
from backoffice.services.plans import Plan, Situation


@dataclass(frozen=True, slots=True)
class ItemCredits:
    """The plans of the credit notes, an invoice each, and what waits for the next invoice."""

    notes: Sequence[Plan]
    charges: Sequence[PlannedCharge]


NOTHING = ItemCredits((), ())


async def of_items(
    session: AsyncSession,
    situation: Situation,
    agreement: Agreement,
    items: Iterable[ContractItem],
    *,
    from_on: date,
    until: date | None = None,
    reason: CreditReason,
) -> ItemCredits:
    """Credit the days of these items from `from_on` on (until the day `until`), as far as they were charged.

    The days after the end of an item are none of these: the change that ended it gave them back.
    """
    if not agreement.is_ours_to_bill:
        return ItemCredits((), ())
    charges: list[PlannedCharge] = []
    by_invoice: dict[int, list[Credit]] = {}
    for item in items:
        ends_on = min((day for day in (until, item.ends_on) if day), default=None)
        for each in await planned_charges.issued(session, item, from_on=from_on):
            credit = await _credit(session, each, from_on, ends_on)
            if credit is not None:
                by_invoice.setdefault(credit.line.invoice_id, []).append(credit)
        for each in await planned_charges.waiting(session, item, from_on=from_on):
            charge = await planned_charges.credit(session, each, from_on=from_on, until=ends_on)
            charges += [charge] if charge else []
    notes = [await note(session, situation, wanted, reason=reason) for wanted in by_invoice.values()]
    return ItemCredits([each for each in notes if each is not None], charges)


async def note(
    session: AsyncSession,
    situation: Situation,
    wanted: Sequence[Credit],
    *,
    reason: CreditReason,
    without: Collection[int] = (),
) -> Plan | None:
    """The plan of one credit note, each line at most what stands of it; none when nothing does.

    `without` are the waiting charges that the act makes void.
    """
    first = wanted[0].line
    stands = await standing.read(
        session, subscriber_id=first.subscriber_id, invoice_id=first.invoice_id, without=without
    )
    assert stands is not None, "a line has its invoice"
    taken = [credit for credit in crediting.within(stands, wanted) if credit.derived.cents]
    if not taken:
        return None
    return await crediting.plan(session, situation, stands, taken, reason=reason)


async def _credit(session: AsyncSession, each: Charged, from_on: date, until: date | None) -> Credit | None:
    days = each.days(from_on, until)
    if days is None:
        return None
    assert isinstance(each.row, InvoiceLine), "only issued lines are credited by a note"
    return Credit(each.row, await planned_charges.unused_days(session, each, days), days.starts_on, days.ends_on)
