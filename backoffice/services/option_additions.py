"""Adding an option to a contract: charged from its day on, and never a longer commitment without consent."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import Period, billing_period
from backoffice.errors import BackofficeError
from backoffice.models import (
    ChangeKind,
    ContractEventKind,
    ContractState,
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
    next_invoices,
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


class OptionAddOrder(Order):
    """Add an option to a contract, from today or from a day."""

    contract_id: int
    offer_id: int
    when: When = When.NOW
    on: date | None = None
    accepts_commitment: bool = False
    """The subscriber's express consent to a longer commitment (Code de la consommation, L224-42-2 III)."""


async def plan(session: AsyncSession, situation: Situation, order: OptionAddOrder) -> ChangePlan:
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
        charges=_charges(agreement, offer, on),
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


def _charges(agreement: Agreement, offer: Offer, on: date) -> list[PlannedCharge]:
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


ACT = Act(
    operation="optionAdd",
    needs=Capability.CONTRACT_WRITE,
    order=OptionAddOrder,
    plan=next_invoices.foretold(plan),
    carry_out=changing.carry_out,
)
