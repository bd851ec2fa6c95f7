"""Ending an option of a contract: with the cycle that is paid, at once with its unused days credited, or on a day."""

from datetime import date
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import billing_period
from backoffice.errors import BackofficeError, NotFound
from backoffice.models import (
    ChangeKind,
    ContractEventKind,
    ContractItem,
    ContractState,
    CreditReason,
    OfferKind,
)
from backoffice.permissions import Capability
from backoffice.services import (
    agreements,
    change_days,
    changing,
    commitments,
    contract_changes,
    item_credits,
    next_invoices,
    planned_charges,
)
from backoffice.services.agreements import Agreement
from backoffice.services.change_days import When
from backoffice.services.contract_changes import Change, ChangePlan, Happening
from backoffice.services.plans import Order, Situation
from backoffice.services.quoted_acts import Act


class OptionNotOn(BackofficeError):
    """The item is no option in force on that day."""

    code = "OPTION_NOT_ON"

    def __init__(self, ends_on: date | None) -> None:
        ended = f"it ended on {ends_on}" if ends_on else "it is no option, or has not begun"
        super().__init__(f"This option cannot be ended on that day: {ended}.", field="contractItemId")
        self.ends_on = ends_on


class OptionEnd(StrEnum):
    """When an option ends: with the cycle that is paid, at once with its unused days credited, or on a day."""

    END_OF_CYCLE = "END_OF_CYCLE"
    AT_ONCE = "AT_ONCE"
    ON_DATE = "ON_DATE"


class OptionEndOrder(Order):
    """End an option of a contract."""

    contract_id: int
    contract_item_id: int
    when: OptionEnd = OptionEnd.END_OF_CYCLE
    on: date | None = None


async def plan(session: AsyncSession, situation: Situation, order: OptionEndOrder) -> ChangePlan:
    """When the option ends and what is credited. Raises NotFound, ContractNotOpen, OptionNotOn and DateRefused."""
    agreement, item = await _option(session, order)
    on = _end_on(situation, agreement, item, order)
    if on < item.starts_on or (item.ends_on is not None and item.ends_on <= on):
        raise OptionNotOn(item.ends_on)
    return await _planned(session, situation, order, agreement, item, on=on)


async def plan_due(session: AsyncSession, situation: Situation, order: OptionEndOrder) -> ChangePlan:
    """The plan of an end whose day has come: the item had its last day already."""
    agreement, item = await _option(session, order)
    assert order.on is not None, "what waits for its day names it"
    return await _planned(session, situation, order, agreement, item, on=order.on)


async def _option(session: AsyncSession, order: OptionEndOrder) -> tuple[Agreement, ContractItem]:
    agreement = await agreements.read(session, subscriber_id=order.subscriber_id, contract_id=order.contract_id)
    agreements.require_state(agreement, ContractState.ACTIVE, ContractState.SUSPENDED, advice="its options end with it")
    item = agreement.item(order.contract_item_id)
    if item is None:
        raise NotFound("There is no such item of this contract; check the id.", field="contractItemId")
    if item.kind is not OfferKind.OPTION:
        raise OptionNotOn(None)
    return agreement, item


async def _planned(
    session: AsyncSession,
    situation: Situation,
    order: OptionEndOrder,
    agreement: Agreement,
    item: ContractItem,
    *,
    on: date,
) -> ChangePlan:
    offer, before = agreement.offers[item.offer_id], commitments.of(agreement.contract)
    given_back = item_credits.NOTHING
    if order.when is OptionEnd.AT_ONCE:
        given_back = await item_credits.of_items(
            session, situation, agreement, [item], from_on=on, reason=CreditReason.UNUSED_OPTION
        )
    change = Change(
        kind=ChangeKind.OPTION_END,
        effective_on=on,
        ended={item.id: on},
        promotions=contract_changes.promotions_ended(agreement, [item], on=on),
        charges=given_back.charges,
        happenings=[Happening(ContractEventKind.OPTION_ENDED, {"offer": offer.code}, item.id)],
    )
    return contract_changes.planned(
        situation,
        agreement,
        change,
        notes=given_back.notes,
        ends_at_once=change.ended,
        announces=[contract_changes.scheduled(change, offer=offer.code)],
        facts={
            "option": offer.code,
            "paid_until": paid_until(agreement, item, situation.today).isoformat(),
            "commitment": commitments.effect(before, before, on=on),
        },
    )


def _end_on(situation: Situation, agreement: Agreement, item: ContractItem, order: OptionEndOrder) -> date:
    if order.when is OptionEnd.END_OF_CYCLE:
        return paid_until(agreement, item, situation.today)
    when = When.NOW if order.when is OptionEnd.AT_ONCE else When.ON_DATE
    return change_days.resolve(situation, agreement, when, order.on)


def paid_until(agreement: Agreement, item: ContractItem, today: date) -> date:
    """The end of the last cycle of an item that was billed, or else of the one that is running."""
    if item.anchor_on is not None:
        cycle = billing_period(anchor_on=item.anchor_on, months=1, on=max(today, item.anchor_on))
        return max(item.billed_until or cycle.ends_on, cycle.ends_on)
    unbilled_on = planned_charges.unbilled_from(agreement.contract)
    return max(unbilled_on, agreement.period_on(max(today, item.starts_on)).ends_on)


ACT = Act(
    operation="optionEnd",
    needs=Capability.CONTRACT_WRITE,
    order=OptionEndOrder,
    plan=next_invoices.foretold(plan),
    carry_out=changing.carry_out,
)
