"""Withdrawal within fourteen days: what was paid goes back, less the service that was expressly asked for and given.

An issued invoice is corrected by a credit note for what it billed above what may be kept; the money goes back to the means
that paid it (Code de la consommation, L221-18 to L221-25).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing import deadlines, withdrawal
from backoffice.billing.deadlines import Deadline
from backoffice.billing.derivation import Derived
from backoffice.errors import BackofficeError
from backoffice.models import (
    ChangeKind,
    ChangeOrder,
    ContractEventKind,
    ContractState,
    CreditReason,
    ExtraCharge,
    LineKind,
    TerminationReason,
)
from backoffice.permissions import Capability
from backoffice.policy import Policy
from backoffice.services import (
    agreements,
    change_days,
    changing,
    contract_changes,
    next_invoices,
    planned_charges,
    unbilled_days,
    withdrawal_credits,
)
from backoffice.services.agreements import Agreement
from backoffice.services.contract_changes import Change, ChangePlan, Happening
from backoffice.services.planned_charges import PlannedCharge
from backoffice.services.plans import Order, Situation
from backoffice.services.quoted_acts import Act


class WithdrawalTooLate(BackofficeError):
    """The fourteen days are over."""

    code = "WITHDRAWAL_TOO_LATE"

    def __init__(self, deadline: Deadline) -> None:
        super().__init__(
            f"The last day to withdraw was {deadline.due_on} ({deadline.reference}): "
            "terminate the contract instead (terminationPreview).",
            field="receivedOn",
        )
        self.deadline_on = deadline.due_on


class WithdrawalOrder(Order):
    """Withdraw from a contract; `received_on` is the day of the notice, None: today."""

    contract_id: int
    received_on: date | None = None


async def plan(session: AsyncSession, situation: Situation, order: WithdrawalOrder) -> ChangePlan:
    """What is kept and what goes back. Raises NotFound, ContractNotOpen, DateRefused and WithdrawalTooLate."""
    agreement = await agreements.read(session, subscriber_id=order.subscriber_id, contract_id=order.contract_id)
    agreements.require_state(
        agreement,
        ContractState.PENDING,
        ContractState.ACTIVE,
        ContractState.SUSPENDED,
        advice="there is nothing left to withdraw from",
    )
    contract, notice_on = agreement.contract, order.received_on or situation.today
    deadline = deadlines.withdraw(contract.concluded_on)
    change_days.require_between(
        notice_on,
        earliest=contract.concluded_on,
        latest=situation.today,
        why="the notice came in between the conclusion of the contract and today",
        field="receivedOn",
    )
    if deadline.is_past(notice_on):
        raise WithdrawalTooLate(deadline)
    lines = await withdrawal_credits.issued(session, agreement)
    change = await _change(session, agreement, notice_on)
    notes = await withdrawal_credits.notes(session, situation, agreement, lines, notice_on, without=change.cancelled)
    refunded_cents = sum(refund.amount_cents for note in notes for refund in note.refunds)
    due = deadlines.withdrawal_refund(notice_on)
    return contract_changes.planned(
        situation,
        agreement,
        change,
        notes=notes,
        keeps={"refunded_cents": refunded_cents, "refund_due_on": due.due_on.isoformat()},
        facts={
            "reason": CreditReason.WITHDRAWAL.value,
            "express_start": contract.is_express_start_requested,
            "deadline": _deadline_fact(deadline),
            "kept": withdrawal_credits.kept_fact(agreement, lines, notice_on),
            "refund": {"cents": refunded_cents, **_deadline_fact(due)},
            "commitment": contract_changes.commitment_ended(agreement, on=notice_on),
        },
    )


def late_surcharge(order: ChangeOrder, *, paid_on: date, policy: Policy) -> Derived | None:
    """What is owed beside the refund of a withdrawal when it is paid on a day (L242-4); None for other orders."""
    kept = order.applied or {}
    if order.kind is not ChangeKind.WITHDRAWAL or "refund_due_on" not in kept:
        return None
    return withdrawal.late_surcharge(
        due_cents=kept["refunded_cents"],
        due_on=date.fromisoformat(kept["refund_due_on"]),
        paid_on=paid_on,
        legal_interest=policy.legal_interest,
    )


async def _change(session: AsyncSession, agreement: Agreement, notice_on: date) -> Change:
    contract = agreement.contract
    ends_on = max(contract.starts_on, notice_on)
    waiting = await _waiting(session, agreement)
    served = (
        [*_served(agreement, waiting, notice_on), *unbilled_days.before(agreement, notice_on)]
        if contract.is_express_start_requested
        else []
    )
    return Change(
        kind=ChangeKind.WITHDRAWAL,
        effective_on=notice_on,
        ended={
            item.id: max(item.starts_on, notice_on)
            for item in agreement.items
            if item.ends_on is None or item.ends_on > notice_on
        },
        promotions=contract_changes.promotions_ended(agreement, agreement.items, on=notice_on),
        contract={
            "state": ContractState.CANCELLED if contract.starts_on > notice_on else ContractState.TERMINATED,
            "ends_on": ends_on,
            "termination_reason": TerminationReason.WITHDRAWAL,
        },
        charges=served,
        cancelled=[charge.id for charge in waiting],
        happenings=[Happening(ContractEventKind.WITHDRAWN)],
    )


async def _waiting(session: AsyncSession, agreement: Agreement) -> Sequence[ExtraCharge]:
    """The charges of the contract that no invoice has billed: none of them is owed as it is any more."""
    row, contract = ExtraCharge, agreement.contract
    found = await session.execute(
        select(row)
        .where(row.subscriber_id == contract.subscriber_id, row.contract_id == contract.id)
        .where(row.invoice_line_id.is_(None), row.cancelled_at.is_(None))
        .order_by(row.id)
        .execution_options(populate_existing=True)
    )
    return list(found.scalars())


def _served(agreement: Agreement, waiting: Sequence[ExtraCharge], notice_on: date) -> list[PlannedCharge]:
    """The days before the notice of what changes left to charge, item by item, in place of those charges."""
    begun: dict[int, date] = {}
    for each in waiting:
        if each.kind is LineKind.PRORATION and each.ttc_cents > 0 and each.contract_item_id and each.starts_on:
            begun[each.contract_item_id] = min(each.starts_on, begun.get(each.contract_item_id, each.starts_on))
    billed_until = planned_charges.unbilled_from(agreement.contract)
    return [
        charge
        for charge in unbilled_days.between(agreement, agreement.contract.starts_on, min(notice_on, billed_until))
        if charge.period and charge.item_id and charge.period.starts_on >= begun.get(charge.item_id, date.max)
    ]


def _deadline_fact(deadline: Deadline) -> dict[str, Any]:
    return {"due_on": deadline.due_on.isoformat(), "rule": deadline.rule, "article": deadline.reference}


ACT = Act(
    operation="withdrawal",
    needs=Capability.CONTRACT_WRITE,
    order=WithdrawalOrder,
    plan=next_invoices.foretold(plan),
    carry_out=changing.carry_out,
)
