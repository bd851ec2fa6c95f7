"""Credits that wait for an invoice which will never come: the account has no contract any more.

Such a credit becomes a credit note on the issued line that it takes back, and its money goes where that of any note goes.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy as policies
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.steps import Operator
from backoffice.database import Database
from backoffice.models import Contract, ContractState, CreditReason, ExtraCharge, InvoiceLine
from backoffice.permissions import SYSTEM
from backoffice.services import credit_notes, crediting, postings, standing
from backoffice.services.crediting import Credit
from backoffice.services.plans import Order, Situation
from backoffice.services.standing import Standing

_RULE = "credit-that-no-invoice-takes"
_OVER = (ContractState.TERMINATED, ContractState.CANCELLED)


async def issue(database: Database, *, on: date, at: datetime) -> int:
    """Issue a credit note for every such credit that an issued line can take; returns how many."""
    async with database.reading() as session:
        stranded = await _stranded(session, on)
    issued = 0
    for subscriber_id, charge_id in stranded:
        async with database.unit_of_work() as session:
            issued += await _issue(session, subscriber_id, charge_id, on=on, at=at)
    return issued


async def _stranded(session: AsyncSession, on: date) -> Sequence[tuple[int, int]]:
    charge, contract = ExtraCharge, Contract
    goes_on = exists(
        select(contract.id)
        .where(contract.subscriber_id == charge.subscriber_id, contract.state.not_in(_OVER))
        .where(contract.billing_account_id == charge.billing_account_id)
    )
    found = await session.execute(
        select(charge.subscriber_id, charge.id)
        .where(charge.ttc_cents < 0, charge.invoice_line_id.is_(None), charge.cancelled_at.is_(None))
        .where(charge.billable_from <= on, ~goes_on)
        .order_by(charge.subscriber_id, charge.id)
    )
    return [(subscriber_id, charge_id) for subscriber_id, charge_id in found]


async def _issue(session: AsyncSession, subscriber_id: int, charge_id: int, *, on: date, at: datetime) -> int:
    """Issue one; 0 when the credit was taken meanwhile, or no line of the item has so much standing."""
    await postings.lock_file(session, subscriber_id=subscriber_id)
    key = {"subscriber_id": subscriber_id, "id": charge_id}
    charge = await session.get_one(ExtraCharge, key, populate_existing=True)
    found = await _standing(session, charge)
    if charge.invoice_line_id is not None or charge.cancelled_at is not None or found is None:
        return 0
    stands, line = found
    situation = Situation(SYSTEM, at, on, policies.in_force(on))
    taken = Credit(line, _given_back(charge), charge.starts_on, charge.ends_on)
    plan = await crediting.plan(session, situation, stands, [taken], reason=CreditReason.TERMINATION)
    await credit_notes.carry_out(session, situation, Order(subscriber_id=subscriber_id), plan)
    charge.cancelled_at = at
    return 1


async def _standing(session: AsyncSession, charge: ExtraCharge) -> tuple[Standing, InvoiceLine] | None:
    """The newest line of the same item and rate, over some of the same days, that has so much left to credit."""
    line = InvoiceLine
    found = await session.execute(
        select(line.id, line.invoice_id)
        .where(line.subscriber_id == charge.subscriber_id, line.contract_item_id == charge.contract_item_id)
        .where(line.ttc_cents >= -charge.ttc_cents, line.vat_rate.is_not_distinct_from(charge.vat_rate))
        .where(_same_days(charge))
        .order_by(line.id.desc())
    )
    for line_id, invoice_id in found.all():
        stands = await standing.read(
            session, subscriber_id=charge.subscriber_id, invoice_id=invoice_id, without=[charge.id]
        )
        assert stands is not None, "a line has its invoice"
        issued = next(each for each in stands.lines if each.id == line_id)
        if stands.of_line(issued) >= -charge.ttc_cents:
            return stands, issued
    return None


def _same_days(charge: ExtraCharge) -> ColumnElement[bool]:
    line = InvoiceLine
    if charge.starts_on is None or charge.ends_on is None:
        return line.starts_on.is_(None)
    return and_(line.starts_on < charge.ends_on, line.ends_on > charge.starts_on)


def _given_back(charge: ExtraCharge) -> Derived:
    """The amount of a waiting credit, above zero, as a note states it."""
    draft = Draft()
    draft.combine(Operator.NEGATION, draft.include(Derived.from_json(charge.derivation)), rule=_RULE)
    return draft.finish()
