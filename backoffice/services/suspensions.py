"""Cutting the services of a contract and giving them back, as acts of an agent.

While they are cut no new day is billed. Given back, the running period is charged from that day on, by the next run, unless
it was billed already; a cut that was our mistake is credited day by day on what was billed.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError, BadInput
from backoffice.models import (
    BillingAccount,
    ChangeKind,
    ContractEventKind,
    ContractState,
    CreditReason,
    Invoice,
    InvoiceState,
    SuspensionCause,
)
from backoffice.permissions import Capability
from backoffice.services import (
    agreements,
    amounts,
    changing,
    contract_changes,
    item_credits,
    next_invoices,
    planned_charges,
    unbilled_days,
)
from backoffice.services.agreements import Agreement
from backoffice.services.contract_changes import Change, ChangePlan, Happening
from backoffice.services.item_credits import ItemCredits
from backoffice.services.planned_charges import PlannedCharge
from backoffice.services.plans import Order, Requirement, Situation
from backoffice.services.quoted_acts import Act


class StillUnpaid(BackofficeError):
    """The services were cut for an invoice that is still overdue."""

    code = "STILL_UNPAID"

    def __init__(self, overdue_cents: int) -> None:
        super().__init__(
            f"{amounts.written(overdue_cents)} is still overdue: the services come back when it is paid; if they were cut "
            "by our mistake, say so with 'isUndue'.",
            field="contractId",
        )
        self.overdue_cents = overdue_cents


class SuspensionOrder(Order):
    """Cut the services of a contract from today on."""

    contract_id: int
    cause: SuspensionCause


class ReactivationOrder(Order):
    """Give the services of a contract back from today on; `is_undue`: they should not have been cut."""

    contract_id: int
    is_undue: bool = False


async def plan_suspension(session: AsyncSession, situation: Situation, order: SuspensionOrder) -> ChangePlan:
    """What the cut does: nothing is billed beyond today. Raises NotFound, ContractNotOpen and BadInput."""
    if order.cause is SuspensionCause.UNPAID:
        raise BadInput("What is unpaid is cut by the dunning run, after its reminders.", field="cause")
    agreement = await agreements.read(session, subscriber_id=order.subscriber_id, contract_id=order.contract_id)
    agreements.require_state(agreement, ContractState.ACTIVE, advice="only an active contract is suspended")
    change = Change(
        kind=ChangeKind.SUSPENSION,
        effective_on=situation.today,
        contract={
            "state": ContractState.SUSPENDED,
            "suspension_cause": order.cause,
            "suspended_on": situation.today,
        },
        happenings=[Happening(ContractEventKind.SUSPENDED, {"cause": order.cause.value})],
    )
    needs_note = order.cause is SuspensionCause.FRAUD
    return contract_changes.planned(
        situation,
        agreement,
        change,
        asked_for=frozenset({Requirement.NOTE}) if needs_note else frozenset(),
        facts={"reason": order.cause.value, "billed_until": _written(agreement.contract.billed_until)},
    )


async def plan_reactivation(session: AsyncSession, situation: Situation, order: ReactivationOrder) -> ChangePlan:
    """What is charged from today on, and what an undue cut credits. Raises NotFound, ContractNotOpen, StillUnpaid."""
    agreement = await agreements.read(session, subscriber_id=order.subscriber_id, contract_id=order.contract_id)
    agreements.require_state(agreement, ContractState.SUSPENDED, advice="only a suspended contract is reactivated")
    cause, since_on = agreement.contract.suspension_cause, agreement.contract.suspended_on or situation.today
    if cause is SuspensionCause.UNPAID and not order.is_undue:
        await _require_paid(session, situation, agreement.account)
    given_back = await _undue(session, situation, agreement, since_on) if order.is_undue else item_credits.NOTHING
    change = Change(
        kind=ChangeKind.REACTIVATION,
        effective_on=situation.today,
        contract={"state": _open_state(agreement), "suspension_cause": None, "suspended_on": None},
        bills_from=situation.today,
        charges=given_back.charges,
        happenings=[Happening(ContractEventKind.REACTIVATED, {"suspended_on": since_on.isoformat()})],
    )
    is_fraud = cause is SuspensionCause.FRAUD
    return contract_changes.planned(
        situation,
        agreement,
        change,
        notes=given_back.notes,
        asked_for=frozenset({Requirement.NOTE}) if is_fraud or order.is_undue else frozenset(),
        facts={
            "reason": CreditReason.UNDUE_SUSPENSION.value if order.is_undue else None,
            "cause": cause.value if cause else None,
            "suspended_on": since_on.isoformat(),
            "running_period": [charge.fact() for charge in _running(agreement, situation.today)],
        },
        dated={"days": (situation.today - since_on).days},
    )


def _running(agreement: Agreement, today: date) -> Sequence[PlannedCharge]:
    """What the next run will charge of the period that runs: its days from today on, as far as they were not billed."""
    from_on = max(today, planned_charges.unbilled_from(agreement.contract))
    return unbilled_days.between(agreement, from_on, agreement.period_on(today).ends_on)


async def _undue(session: AsyncSession, situation: Situation, agreement: Agreement, since_on: date) -> ItemCredits:
    """What gives back the days of a cut that was our mistake, on what was charged for them."""
    items = [item for item in agreement.items if item.kind in agreements.RECURRING]
    if since_on >= situation.today:
        return item_credits.NOTHING
    return await item_credits.of_items(
        session,
        situation,
        agreement,
        items,
        from_on=since_on,
        until=situation.today,
        reason=CreditReason.UNDUE_SUSPENSION,
    )


async def _require_paid(session: AsyncSession, situation: Situation, account: BillingAccount) -> None:
    found = await session.execute(
        select(Invoice)
        .where(Invoice.subscriber_id == account.subscriber_id, Invoice.billing_account_id == account.id)
        .where(Invoice.state != InvoiceState.DRAFT, Invoice.due_on < situation.today)
        .execution_options(populate_existing=True)
    )
    overdue_cents = sum(max(0, invoice.due_cents) for invoice in found.scalars())
    if overdue_cents >= situation.policy.dunning.least_cents:
        raise StillUnpaid(overdue_cents)


def _open_state(agreement: Agreement) -> ContractState:
    """The state of the contract with its services: one that was terminated meanwhile still ends on its day."""
    return ContractState.ACTIVE if agreement.contract.ends_on is None else ContractState.TERMINATING


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


SUSPEND = Act(
    operation="suspension",
    needs=Capability.CONTRACT_WRITE,
    order=SuspensionOrder,
    plan=next_invoices.foretold(plan_suspension),
    carry_out=changing.carry_out,
)

REACTIVATE = Act(
    operation="reactivation",
    needs=Capability.CONTRACT_WRITE,
    order=ReactivationOrder,
    plan=next_invoices.foretold(plan_reactivation),
    carry_out=changing.carry_out,
)
