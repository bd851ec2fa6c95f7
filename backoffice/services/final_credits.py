"""Credits that wait for an invoice which will never come: the account has no contract any more.

Such a credit becomes a credit note on the issued line that it takes back, and its money goes where that of any note goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy as policies
from backoffice.billing.corrections import STANDING
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.steps import Operator, Source
from backoffice.database import Database, DatabaseBusy, DatabaseUnreachable
from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId, new_id
from backoffice.models import AuditOutcome, Contract, ContractState, CreditReason, ExtraCharge, Invoice, InvoiceLine
from backoffice.permissions import SYSTEM
from backoffice.services import audit, credit_notes, crediting, postings, standing
from backoffice.services.crediting import Credit
from backoffice.services.plans import Order, Situation
from backoffice.services.standing import Standing

_OPERATION = "finalCredit"
_RULE = "credit-that-no-invoice-takes"
_OVER = (ContractState.TERMINATED, ContractState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many notes were issued, and how many credits wait on because no line takes them, or not all of them."""

    notes: int = 0
    left: int = 0


async def issue(database: Database, *, on: date, at: datetime) -> Outcome:
    """Issue credit notes for every such credit, as far as issued lines can take it; one that is refused waits on."""
    async with database.reading() as session:
        stranded = await _stranded(session, on)
    made = [await _issue_or_leave(database, *each, on=on, at=at) for each in stranded]
    return Outcome(sum(each.notes for each in made), sum(each.left for each in made))


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


async def _issue_or_leave(database: Database, subscriber_id: int, charge_id: int, *, on: date, at: datetime) -> Outcome:
    situation = Situation(SYSTEM, at, on, policies.in_force(on))
    try:
        async with database.unit_of_work() as session:
            return await _issue(session, situation, subscriber_id, charge_id)
    except (DatabaseBusy, DatabaseUnreachable):
        raise  # nothing was found out about the credit
    except (BackofficeError, ValueError):
        return Outcome(left=1)


async def _issue(session: AsyncSession, situation: Situation, subscriber_id: int, charge_id: int) -> Outcome:
    """Issue a note for each line that takes some of it; none when the credit was taken meanwhile."""
    await postings.lock_file(session, subscriber_id=subscriber_id)
    key = {"subscriber_id": subscriber_id, "id": charge_id}
    charge = await session.get_one(ExtraCharge, key, populate_existing=True)
    if charge.invoice_line_id is not None or charge.cancelled_at is not None:
        return Outcome()
    notes, left_cents = 0, -charge.ttc_cents
    for line_id, invoice_id in await _lines(session, charge):
        stands = await standing.read(session, subscriber_id=subscriber_id, invoice_id=invoice_id, without=[charge.id])
        assert stands is not None, "a line has its invoice"
        line = credit_notes.require_line(stands, line_id)
        cents = min(left_cents, stands.of_line(line))
        if cents:
            derived = _given_back(charge, stands, line, taken_cents=-charge.ttc_cents - left_cents, cents=cents)
            await _note(session, situation, stands, Credit(line, derived, charge.starts_on, charge.ends_on))
            notes, left_cents = notes + 1, left_cents - cents
    if notes:
        charge.cancelled_at = situation.at
    if notes and left_cents:
        session.add(_rest(charge, left_cents, situation.at))
    return Outcome(notes, 1 if left_cents else 0)


async def _lines(session: AsyncSession, charge: ExtraCharge) -> Sequence[tuple[int, int]]:
    """The lines of the same item and rate, over some of the same days, the newest first: their ids and their invoices'."""
    line = InvoiceLine
    found = await session.execute(
        select(line.id, line.invoice_id)
        .join(Invoice, and_(Invoice.subscriber_id == line.subscriber_id, Invoice.id == line.invoice_id))
        .where(line.subscriber_id == charge.subscriber_id, line.contract_item_id == charge.contract_item_id)
        .where(line.ttc_cents > 0, line.vat_rate.is_not_distinct_from(charge.vat_rate))
        .where(Invoice.number.is_not(None), _same_days(charge))
        .order_by(line.id.desc())
    )
    return [(line_id, invoice_id) for line_id, invoice_id in found]


async def _note(session: AsyncSession, situation: Situation, stands: Standing, credit: Credit) -> None:
    """Issue one note, and say so in the trail."""
    plan = await crediting.plan(session, situation, stands, [credit], reason=CreditReason.TERMINATION)
    order = Order(subscriber_id=credit.line.subscriber_id)
    note = await credit_notes.carry_out(session, situation, order, plan)
    await session.flush()  # the entry, and the next credit, tell of rows that exist
    await audit.append(
        session,
        viewer=situation.viewer,
        subscriber_id=order.subscriber_id,
        operation=_OPERATION,
        outcome=AuditOutcome.DONE,
        at=situation.at,
        reason=CreditReason.TERMINATION.value,
        target=plan.target.encode(),
        before={"balance_cents": plan.balance_before_cents},
        after={
            "balance_cents": plan.balance_after_cents,
            "amount_cents": plan.amount_cents,
            "credit_note": GlobalId("CreditNote", note.subscriber_id, note.id).encode(),
        },
    )


def _same_days(charge: ExtraCharge) -> ColumnElement[bool]:
    line = InvoiceLine
    if charge.starts_on is None or charge.ends_on is None:
        return line.starts_on.is_(None)
    return and_(line.starts_on < charge.ends_on, line.ends_on > charge.starts_on)


def _given_back(charge: ExtraCharge, stands: Standing, line: InvoiceLine, *, taken_cents: int, cents: int) -> Derived:
    """`cents` of a waiting credit, above zero, as a note states it; other lines took `taken_cents` of it."""
    draft = Draft()
    index = draft.combine(Operator.NEGATION, draft.include(Derived.from_json(charge.derivation)), rule=_RULE)
    if taken_cents:
        taken = draft.amount(Source.CREDITED, taken_cents, rule=STANDING)
        index = draft.combine(Operator.DIFFERENCE, index, taken, rule=STANDING)
    if draft.value(index) > cents:
        most = draft.amount(Source.LINE, cents, rule=STANDING, reference=standing.reference(stands.invoice, line))
        draft.combine(Operator.MINIMUM, index, most, rule=STANDING)
    return draft.finish()


def _rest(charge: ExtraCharge, cents: int, at: datetime) -> ExtraCharge:
    """What no line took of a credit: it waits on."""
    draft = Draft()
    whole = draft.include(Derived.from_json(charge.derivation))
    taken = draft.amount(Source.CREDITED, -charge.ttc_cents - cents, rule=_RULE)
    draft.combine(Operator.SUM, whole, taken, rule=_RULE)
    derived = draft.finish()
    kept = {column.key: getattr(charge, column.key) for column in ExtraCharge.__table__.columns}
    new = {"id": new_id(at), "ttc_cents": derived.cents, "derivation": derived.to_json(), "cancelled_at": None}
    return ExtraCharge(**{**kept, **new, "created_at": at})
