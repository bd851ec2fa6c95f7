"""What the catalogue sells on a day, and what days of it cost."""

from datetime import date

from backoffice.billing.periods import Period
from backoffice.errors import BackofficeError, NotFound
from backoffice.models import Offer, OfferKind
from backoffice.services import agreements, planned_charges
from backoffice.services.agreements import Agreement
from backoffice.services.planned_charges import PlannedCharge


class OfferNotSold(BackofficeError):
    """The article is not sold on that day, or is not what was asked for."""

    code = "OFFER_NOT_SOLD"

    def __init__(self, message: str, *, field: str = "offerId") -> None:
        super().__init__(message, field=field)


def require_sold(agreement: Agreement, offer_id: int, kind: OfferKind, on: date) -> Offer:
    """The article, of this kind and sold on that day. Raises NotFound and OfferNotSold."""
    offer = agreement.offers.get(offer_id)
    if offer is None or offer.kind is not kind:
        raise NotFound(f"There is no such {kind.lower()} in the catalogue; check the id.", field="offerId")
    if not offer.sold_from <= on or (offer.sold_until is not None and on >= offer.sold_until):
        until = f" until {offer.sold_until}" if offer.sold_until else ""
        raise OfferNotSold(f"{offer.code} is sold from {offer.sold_from}{until}: choose an article sold on {on}.")
    if agreement.prices[offer.id].on(on) is None:
        raise OfferNotSold(f"{offer.code} has no price on {on}: choose another day or another article.")
    return offer


def require_period(agreement: Agreement, offer: Offer, on: date) -> None:
    """Raise OfferNotSold unless the price is for as many months as the contract is billed for at once."""
    price = agreement.prices[offer.id].on(on)
    months = agreement.contract.period_months
    if price is not None and price.months != months:
        raise OfferNotSold(
            f"{offer.code} is paid for {price.months} months at once, this contract for {months}: conclude a new contract."
        )


def charge_days(agreement: Agreement, offer: Offer, days: Period, *, quantity: int = 1) -> list[PlannedCharge]:
    """The charges of an article for days that were billed without it. Raises PriceMissing."""
    price = agreement.prices[offer.id]
    billed = agreements.billed_item(offer, price, quantity=quantity)
    return planned_charges.charge(billed, price, agreement.contract, days, offer_id=offer.id)
