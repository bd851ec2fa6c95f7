"""Days that are served and that no run bills any more: of a contract that has ended, or that was cut and comes back."""

from datetime import date

from backoffice.billing.periods import Period
from backoffice.services import agreements, planned_charges
from backoffice.services.agreements import Agreement
from backoffice.services.planned_charges import PlannedCharge


def before(agreement: Agreement, on: date) -> list[PlannedCharge]:
    """The charges of the days before `on` that were served and not billed."""
    contract = agreement.contract
    until = min(on, contract.suspended_on) if contract.suspended_on else on
    return between(agreement, planned_charges.unbilled_from(contract), until)


def between(agreement: Agreement, from_on: date, until: date) -> list[PlannedCharge]:
    """The charges of these days. Options with months of their own are billed by month, and not here."""
    if not agreement.is_ours_to_bill:
        return []
    charges: list[PlannedCharge] = []
    for item in agreement.items:
        starts_on, ends_on = max(item.starts_on, from_on), min(item.ends_on or until, until)
        if item.kind in agreements.RECURRING and item.anchor_on is None and starts_on < ends_on:
            charges += planned_charges.charge(
                agreement.billed(item),
                agreement.prices[item.offer_id],
                agreement.contract,
                Period(starts_on, ends_on),
                offer_id=item.offer_id,
                item_id=item.id,
            )
    return charges
