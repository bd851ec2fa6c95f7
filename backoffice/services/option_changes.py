"""Options of a contract: adding one, and ending one."""

from datetime import date
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import Period, billing_period
from backoffice.errors import BackofficeError, NotFound
from backoffice.models import (
    ChangeKind,
    ContractEventKind,
    ContractItem,
    ContractState,
    CreditReason,
    Offer,
    OfferKind,
)
from backoffice.permissions import Capability
from backoffice.services import (
    agreements,
    catalogue,
    change_days,
    changing,
    commitments,
    contract_changes,
    item_credits,
    planned_charges,
)
from backoffice.services.agreements import Agreement
from backoffice.services.change_days import When
from backoffice.services.contract_changes import Begun, Change, ChangePlan, Happening
from backoffice.services.planned_charges import PlannedCharge
from backoffice.services.plans import Caution, Order, Situation
from backoffice.services.quoted_acts import Act


class OptionAlreadyOn(BackofficeError):
    """The contract has this option already."""

    code = "OPTION_ALREADY_ON"

    def __init__(self, starts_on: date) -> None:
        super().__init__(
            f"The contract has this option since {starts_on}: end it first to begin another month.", field="offerId"
        )
        self.starts_on = starts_on


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


class OptionAddOrder(Order):
    """Add an option to a contract, from today or from a day."""

    contract_id: int
    offer_id: int
    when: When = When.NOW
    on: date | None = None
    accepts_commitment: bool = False
    """The subscriber's express consent to a longer commitment (Code de la consommation, L224-42-2 III)."""


class OptionEndOrder(Order):
    """End an option of a contract."""

    contract_id: int
    contract_item_id: int
    when: OptionEnd = OptionEnd.END_OF_CYCLE
    on: date | None = None


async def plan_add(session: AsyncSession, situation: Situation, order: OptionAddOrder) -> ChangePlan:
    """What adding the option charges, and when. Raises NotFound, ContractNotOpen, OfferNotSold, OptionAlreadyOn."""
    agreement = await agreements.read(
        session, subscriber_id=order.subscriber_id, contract_id=order.contract_id, wanted=[order.offer_id]
    )
    agreements.require_state(agreement, ContractState.ACTIVE, advice="options are added to an active contract")
    on = change_days.resolve(situation, agreement, order.when, order.on)
    offer = catalogue.require_sold(agreement, order.offer_id, OfferKind.OPTION, on)
    if not offer.is_rolling_month:
        catalogue.require_period(agreement, offer, on)
    for item in agreement.items:
        if item.offer_id == offer.id and (item.ends_on is None or on < item.ends_on):
            raise OptionAlreadyOn(item.starts_on)
    then = commitments.after(agreement.contract, offer, on=on, is_accepted=order.accepts_commitment, asked_months=None)
    before = commitments.of(agreement.contract)
    change = Change(
        kind=ChangeKind.OPTION_ADD,
        effective_on=on,
        begun=Begun(offer.id, OfferKind.OPTION, on, anchor_on=on if offer.is_rolling_month else None),
        contract=commitments.columns(before, then),
        charges=_add_charges(agreement, offer, on),
        happenings=[
            Happening(
                ContractEventKind.OPTION_ADDED,
                {"offer": offer.code, "accepts_commitment": order.accepts_commitment},
            )
        ],
    )
    return contract_changes.planned(
        situation,
        agreement,
        change,
        announces=[contract_changes.scheduled(change, offer=offer.code)],
        cautions=[Caution.COMMITMENT_PROLONGED] if then != before else [],
        facts={
            "option": offer.code,
            "commitment": commitments.effect(before, then, on=on),
            "cycle": _cycle_fact(agreement, offer, on),
        },
    )


async def plan_end(session: AsyncSession, situation: Situation, order: OptionEndOrder) -> ChangePlan:
    """When the option ends and what is credited. Raises NotFound, ContractNotOpen, OptionNotOn and DateRefused."""
    agreement, item = await _option(session, order)
    on = _end_on(situation, agreement, item, order)
    if on < item.starts_on or (item.ends_on is not None and item.ends_on <= on):
        raise OptionNotOn(item.ends_on)
    return await _end_plan(session, situation, order, agreement, item, on=on)


async def plan_due_end(session: AsyncSession, situation: Situation, order: OptionEndOrder) -> ChangePlan:
    """The plan of an end whose day has come: the item had its last day already."""
    agreement, item = await _option(session, order)
    assert order.on is not None, "what waits for its day names it"
    return await _end_plan(session, situation, order, agreement, item, on=order.on)


async def _option(session: AsyncSession, order: OptionEndOrder) -> tuple[Agreement, ContractItem]:
    agreement = await agreements.read(session, subscriber_id=order.subscriber_id, contract_id=order.contract_id)
    agreements.require_state(agreement, ContractState.ACTIVE, ContractState.SUSPENDED, advice="its options end with it")
    item = agreement.item(order.contract_item_id)
    if item is None:
        raise NotFound("There is no such item of this contract; check the id.", field="contractItemId")
    if item.kind is not OfferKind.OPTION:
        raise OptionNotOn(None)
    return agreement, item


async def _end_plan(
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


def paid_until(agreement: Agreement, item: ContractItem, today: date) -> date:
    """The end of the last cycle of an item that was billed, or else of the one that is running."""
    if item.anchor_on is not None:
        cycle = billing_period(anchor_on=item.anchor_on, months=1, on=max(today, item.anchor_on))
        return max(item.billed_until or cycle.ends_on, cycle.ends_on)
    unbilled_on = planned_charges.unbilled_from(agreement.contract)
    return max(unbilled_on, agreement.period_on(max(today, item.starts_on)).ends_on)


def _end_on(situation: Situation, agreement: Agreement, item: ContractItem, order: OptionEndOrder) -> date:
    if order.when is OptionEnd.END_OF_CYCLE:
        return paid_until(agreement, item, situation.today)
    when = When.NOW if order.when is OptionEnd.AT_ONCE else When.ON_DATE
    return change_days.resolve(situation, agreement, when, order.on)


def _add_charges(agreement: Agreement, offer: Offer, on: date) -> list[PlannedCharge]:
    """The days that a run has billed already without the option; a rolling option is billed by its own cycles."""
    until = planned_charges.unbilled_from(agreement.contract)
    if offer.is_rolling_month or until <= on or not agreement.is_ours_to_bill:
        return []
    return catalogue.charge_days(agreement, offer, Period(on, until))


def _cycle_fact(agreement: Agreement, offer: Offer, on: date) -> dict[str, str]:
    """The first period that is paid in whole, and from which anchor it is counted."""
    anchor_on = on if offer.is_rolling_month else agreement.contract.anchor_on
    months = 1 if offer.is_rolling_month else agreement.contract.period_months
    period = billing_period(anchor_on=anchor_on, months=months, on=on)
    return {
        "anchor_on": anchor_on.isoformat(),
        "starts_on": period.starts_on.isoformat(),
        "ends_on": period.ends_on.isoformat(),
    }


ADD = Act(
    operation="optionAdd",
    needs=Capability.CONTRACT_WRITE,
    order=OptionAddOrder,
    plan=plan_add,
    carry_out=changing.carry_out,
)

END = Act(
    operation="optionEnd",
    needs=Capability.CONTRACT_WRITE,
    order=OptionEndOrder,
    plan=plan_end,
    carry_out=changing.carry_out,
)
