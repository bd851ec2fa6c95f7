"""Changes of offer: the day belongs to the new offer; the old one's days are given back, the new one's are charged."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import Period
from backoffice.errors import BackofficeError
from backoffice.models import (
    ChangeKind,
    ContractEventKind,
    ContractItem,
    ContractState,
    Offer,
    OfferKind,
    ServiceFamily,
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
from backoffice.services.commitments import Commitment
from backoffice.services.contract_changes import Begun, Change, ChangePlan, Happening
from backoffice.services.planned_charges import PlannedCharge
from backoffice.services.plans import Caution, Order, Situation
from backoffice.services.quoted_acts import Act


class SameOffer(BackofficeError):
    """The contract is about this offer already."""

    code = "SAME_OFFER"

    def __init__(self, offer: str) -> None:
        super().__init__(f"The contract has {offer} already: choose another offer.", field="offerId")


class OfferNotCompatible(BackofficeError):
    """The offer is for another kind of service."""

    code = "OFFER_NOT_COMPATIBLE"

    def __init__(self, old: ServiceFamily, new: ServiceFamily) -> None:
        super().__init__(
            f"A {old.lower()} contract does not become a {new.lower()} one: conclude a new contract and end this one.",
            field="offerId",
        )


class OfferChangeOrder(Order):
    """Change to another offer that is sold: now, with the next period, or on a day."""

    contract_id: int
    offer_id: int
    when: When = When.NOW
    on: date | None = None
    accepts_commitment: bool = False
    """The subscriber's express consent to a new commitment (Code de la consommation, L224-28 I)."""
    commitment_months: int | None = None
    """What was agreed; None: what the offer asks for."""


async def plan(session: AsyncSession, situation: Situation, order: OfferChangeOrder) -> ChangePlan:
    """The credit of the old offer's days, the charge of the new one's, and what becomes of the commitment.

    Raises NotFound, ContractNotOpen, AlreadyScheduled, DateRefused, OfferNotSold, SameOffer, OfferNotCompatible and
    LongerThanAllowed.
    """
    agreement = await agreements.read(
        session, subscriber_id=order.subscriber_id, contract_id=order.contract_id, wanted=[order.offer_id]
    )
    agreements.require_state(agreement, ContractState.ACTIVE, advice="only an active contract changes its offer")
    await contract_changes.require_none_scheduled(session, agreement.contract, ChangeKind.OFFER_CHANGE)
    on, old = change_days.resolve(situation, agreement, order.when, order.on), agreement.offer_item
    _require_latest(situation, old, on)
    offer = _require_other(agreement, agreement.offers[old.offer_id], order, on)
    before = commitments.of(agreement.contract)
    then = commitments.after(
        agreement.contract,
        offer,
        on=on,
        is_accepted=order.accepts_commitment,
        asked_months=order.commitment_months,
    )
    change = await _change(session, agreement, old, offer, then, on=on)
    return contract_changes.planned(
        situation,
        agreement,
        change,
        announces=[contract_changes.scheduled(change, offer=offer.code)],
        cautions=[Caution.COMMITMENT_PROLONGED] if then != before else [],
        facts={
            "from": agreement.offers[old.offer_id].code,
            "to": offer.code,
            "price": {
                "before_cents": _price_cents(agreement, old.offer_id, on, old),
                "after_cents": _price_cents(agreement, offer.id, on, None),
            },
            "days": sum(charge.period.days for charge in change.charges[-1:] if charge.period),
            "commitment": commitments.effect(before, then, on=on),
        },
    )


async def _change(
    session: AsyncSession, agreement: Agreement, old: ContractItem, offer: Offer, then: Commitment, *, on: date
) -> Change:
    promotions = contract_changes.promotions_ended(agreement, [old], on=on)
    change = {"from": agreement.offers[old.offer_id].code, "to": offer.code}
    return Change(
        kind=ChangeKind.OFFER_CHANGE,
        effective_on=on,
        ended={old.id: on},
        begun=Begun(offer.id, OfferKind.OFFER, on, quantity=old.quantity),
        promotions=promotions,
        contract={"offer_id": offer.id, **commitments.columns(commitments.of(agreement.contract), then)},
        charges=await _charges(session, agreement, old, offer, on=on),
        happenings=[
            Happening(ContractEventKind.OFFER_CHANGED, change),
            *(Happening(ContractEventKind.PROMOTION_ENDED, {}, old.id) for _ in promotions),
        ],
    )


async def _charges(
    session: AsyncSession, agreement: Agreement, old: ContractItem, offer: Offer, *, on: date
) -> list[PlannedCharge]:
    """The lines of the next invoice: what was charged of the old offer is given back, the new one is charged for it."""
    if not agreement.is_ours_to_bill:
        return []
    standing = await planned_charges.charged(session, old, from_on=on)
    given_back = [await planned_charges.credit(session, each, from_on=on) for each in standing]
    charges = [charge for charge in given_back if charge is not None]
    until = planned_charges.unbilled_from(agreement.contract)
    if on < until:
        charges += catalogue.charge_days(agreement, offer, Period(on, until), quantity=old.quantity)
    return charges


def _require_latest(situation: Situation, old: ContractItem, on: date) -> None:
    """Raise DateRefused for a day before the offer that is in force began."""
    if on < old.starts_on:
        raise change_days.DateRefused(
            on, old.starts_on, change_days.latest_on(situation.today), why="the offer in force began after it"
        )


def _require_other(agreement: Agreement, old: Offer, order: OfferChangeOrder, on: date) -> Offer:
    offer = catalogue.require_sold(agreement, order.offer_id, OfferKind.OFFER, on)
    catalogue.require_period(agreement, offer, on)
    if offer.id == old.id:
        raise SameOffer(offer.code)
    if old.family is not offer.family and ServiceFamily.BUNDLE not in (old.family, offer.family):
        raise OfferNotCompatible(old.family, offer.family)
    return offer


def _price_cents(agreement: Agreement, offer_id: int, on: date, item: ContractItem | None) -> int | None:
    """The price of a whole period on a day, TTC, before promotions."""
    if item is not None and item.agreed_amount_cents is not None:
        return item.agreed_amount_cents
    price = agreement.prices[offer_id].on(on)
    return None if price is None else price.amount_cents


ACT = Act(
    operation="offerChange",
    needs=Capability.CONTRACT_WRITE,
    order=OfferChangeOrder,
    plan=next_invoices.foretold(plan),
    carry_out=changing.carry_out,
)
