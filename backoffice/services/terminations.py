"""Terminations: with notice, the fee of a commitment, and what was paid for days that are no longer served.

A termination is told at once, so that nothing is billed beyond its day; the fee that was shown is kept for that day.
"""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing import deadlines, rules
from backoffice.errors import BadInput
from backoffice.models import (
    ChangeKind,
    ContractEventKind,
    ContractState,
    CreditReason,
    Device,
    DeviceState,
    OfferKind,
    TerminationReason,
)
from backoffice.permissions import Capability
from backoffice.services import (
    agreements,
    change_days,
    changing,
    contract_changes,
    exit_fees,
    item_credits,
    next_invoices,
    unbilled_days,
)
from backoffice.services.agreements import Agreement
from backoffice.services.contract_changes import Change, ChangePlan, Happening
from backoffice.services.exit_fees import ExitFee
from backoffice.services.plans import Order, Situation
from backoffice.services.quoted_acts import Act


class TerminationOrder(Order):
    """End a contract. `on` is the first day without service: by default the last day that the law allows."""

    contract_id: int
    reason: TerminationReason
    received_on: date | None = None
    """The day on which the subscriber's wish came in; None: today."""
    on: date | None = None


async def plan(session: AsyncSession, situation: Situation, order: TerminationOrder) -> ChangePlan:
    """When the contract ends, the fee, and what is credited.

    Raises NotFound, ContractNotOpen, AlreadyScheduled, BadInput, DateRefused and PriceMissing.
    """
    if order.reason is TerminationReason.WITHDRAWAL:
        raise BadInput("A withdrawal has its own rules: use withdrawalPreview.", field="reason")
    agreement = await agreements.read(session, subscriber_id=order.subscriber_id, contract_id=order.contract_id)
    agreements.require_state(
        agreement,
        ContractState.ACTIVE,
        ContractState.SUSPENDED,
        advice="cancel the order that ends it already, or leave it as it is",
    )
    await contract_changes.require_none_scheduled(session, agreement.contract, ChangeKind.TERMINATION)
    received_on, on = _days(situation, agreement, order)
    fee = exit_fees.of(agreement, order.reason, ends_on=on, policy=situation.policy)
    requested = Happening(
        ContractEventKind.TERMINATION_REQUESTED,
        {"ends_on": on.isoformat(), "reason": order.reason.value, "received_on": received_on.isoformat()},
    )
    return await _planned(session, situation, agreement, order, fee, on=on, requested=requested)


async def plan_due(session: AsyncSession, situation: Situation, order: TerminationOrder) -> ChangePlan:
    """The plan of a termination whose day has come: its fee waits already, as it was promised."""
    agreement = await agreements.read(session, subscriber_id=order.subscriber_id, contract_id=order.contract_id)
    on = agreement.contract.ends_on
    agreements.require_state(
        agreement, ContractState.TERMINATING, ContractState.SUSPENDED, advice="it ended in another way"
    )
    assert on is not None, "what is terminating has its last day"
    return await _planned(session, situation, agreement, order, None, on=on, requested=None)


async def _planned(
    session: AsyncSession,
    situation: Situation,
    agreement: Agreement,
    order: TerminationOrder,
    fee: ExitFee | None,
    *,
    on: date,
    requested: Happening | None,
) -> ChangePlan:
    given_back = await item_credits.of_items(
        session,
        situation,
        agreement,
        [item for item in agreement.items if item.kind in agreements.RECURRING],
        from_on=on,
        reason=CreditReason.TERMINATION,
    )
    fee_charges = fee.charges(agreement) if fee else []
    unbilled = [] if on > situation.today else unbilled_days.before(agreement, on)
    ended = {"ends_on": on, "termination_reason": order.reason}
    change = Change(
        kind=ChangeKind.TERMINATION,
        effective_on=on,
        ended={
            item.id: max(on, item.starts_on) for item in agreement.items if item.ends_on is None or item.ends_on > on
        },
        promotions=contract_changes.promotions_ended(agreement, agreement.items, on=on),
        contract={"state": ContractState.TERMINATED, **ended, **({"billed_until": on} if unbilled else {})},
        charges=[*fee_charges, *unbilled, *given_back.charges],
        happenings=[*([requested] if requested else []), Happening(ContractEventKind.TERMINATED)],
    )
    return contract_changes.planned(
        situation,
        agreement,
        change,
        notes=given_back.notes,
        promised=fee_charges,
        # Services that are cut stay cut until the end: nothing is billed for them.
        at_once=ended if _is_cut(agreement) else {"state": ContractState.TERMINATING, **ended},
        announces=[requested] if requested else [],
        facts={
            "reason": order.reason.value,
            "fees": [fee.fact()] if fee else [],
            "notice": _notice_fact(order.received_on or situation.today),
            "commitment": contract_changes.commitment_ended(agreement, on=on),
            **await _to_return(session, agreement),
        },
    )


def _days(situation: Situation, agreement: Agreement, order: TerminationOrder) -> tuple[date, date]:
    """The day of receipt, and the first day without service (L224-39)."""
    today, contract = situation.today, agreement.contract
    earliest_on = max(contract.starts_on, change_days.earliest_on(agreement, today))
    received_on = order.received_on or today
    change_days.require_between(
        received_on,
        earliest=min(earliest_on, today),
        latest=today,
        why="the notice is received today, or was in this billing period or the one before",
        field="receivedOn",
    )
    by_law_on = deadlines.termination_effect(received_on).due_on
    on = max(by_law_on, contract.starts_on) if order.on is None else order.on
    change_days.require_between(
        on,
        earliest=max(received_on, contract.starts_on),
        latest=change_days.latest_on(today),
        why="a contract ends from the day of the notice on",
    )
    return received_on, on


def _is_cut(agreement: Agreement) -> bool:
    return agreement.contract.state is ContractState.SUSPENDED


def _notice_fact(received_on: date) -> dict[str, str]:
    deadline = deadlines.termination_effect(received_on)
    return {
        "received_on": received_on.isoformat(),
        "at_the_latest_on": deadline.due_on.isoformat(),
        "rule": deadline.rule,
        "article": deadline.reference,
    }


async def _to_return(session: AsyncSession, agreement: Agreement) -> dict[str, object]:
    """What was lent, and the deposits that go back once it is returned (L224-35)."""
    contract, row = agreement.contract, Device
    lent = await session.execute(
        select(row.kind, row.serial)
        .where(row.subscriber_id == contract.subscriber_id, row.contract_id == contract.id)
        .where(row.state.in_((DeviceState.ACTIVE, DeviceState.BLOCKED)))
        .order_by(row.id)
    )
    deposits = [item for item in agreement.items if item.kind is OfferKind.DEPOSIT]
    return {
        "equipment": [{"kind": kind.value, "serial": serial} for kind, serial in lent],
        "deposits": [
            {
                "label": agreement.offers[item.offer_id].name_fr,
                "cents": _deposit_cents(agreement, item.offer_id, item.starts_on),
                "days_after_return": int(rules.in_force(rules.DEPOSIT_BACK_DAYS, contract.concluded_on).value),
                "rule": rules.DEPOSIT_BACK_DAYS,
                "article": rules.reference(rules.DEPOSIT_BACK_DAYS),
            }
            for item in deposits
        ],
    }


def _deposit_cents(agreement: Agreement, offer_id: int, on: date) -> int | None:
    price = agreement.prices[offer_id].on(on)
    return price.amount_cents if price else None


ACT = Act(
    operation="termination",
    needs=Capability.CONTRACT_WRITE,
    order=TerminationOrder,
    plan=next_invoices.foretold(plan),
    carry_out=changing.carry_out,
)
