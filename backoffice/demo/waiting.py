"""What waits for the next invoice: changes within a period that was billed already, and fees of payments that failed."""

from collections.abc import Iterator
from datetime import datetime

from backoffice.billing.periods import Period
from backoffice.demo import contracts, drafts
from backoffice.demo.agreed import ContractPlan
from backoffice.demo.charges import WITH_FEE, Biller
from backoffice.demo.drafts import Charge, Place, Standing
from backoffice.demo.files import File
from backoffice.demo.invoices import Bill
from backoffice.demo.rows import Row
from backoffice.ids import GlobalId
from backoffice.models import LineKind


def write(file: File, biller: Biller, bills: list[Bill], standing: dict[tuple[int, int], list[Standing]]) -> None:
    """Add a charge for everything that happened since the last invoice and is not billed."""
    if not bills:
        return
    last = bills[-1].number
    for position, agreed in enumerate(file.plan.contracts):
        if not agreed.is_billed:
            continue
        contract = file.contracts[position]
        for charge in (*biller.switch(position, agreed, last + 1, standing), *_options(file, position, agreed, last)):
            assert charge.days is not None, "what began or changed within a period has days"
            at = file.window.at(charge.days.starts_on, 12)
            _add(file, charge, contract, GlobalId("Contract", file.subscriber_id, contract["id"]), at)
    _write_rejections(file, biller, bills)


def _options(file: File, position: int, agreed: ContractPlan, last: int) -> Iterator[Charge]:
    """The first days of options that began within the period `last`, after it had been billed."""
    catalogue, period = file.operator.catalogue, file.plan.periods[last]
    for key, option in enumerate(agreed.options):
        is_later = file.plan.issue_on(last) < option.starts_on < period.ends_on
        if catalogue.articles[option.code].is_rolling or not is_later:
            continue
        days = Period(option.starts_on, min(filter(None, (period.ends_on, option.ends_on, agreed.ends_on))))
        price = catalogue.price(option.code, days.starts_on)
        place = Place(position, contracts.option_key(key), option.code, price)
        for component in price.components:
            amount = drafts.prorated(component.cents, price.reference, days, period)
            yield drafts.charge(LineKind.OPTION, place, component, days, amount)


def _write_rejections(file: File, biller: Biller, bills: list[Bill]) -> None:
    since_on = file.plan.issue_on(bills[-1].number)
    for bill in bills:
        settlement = file.plan.settlements.get(bill.number)
        failed_on = settlement.failed_on if settlement and settlement.outcome in WITH_FEE else None
        if bill.refused is None or failed_on is None or failed_on < since_on:
            continue
        charge = biller.rejection(failed_on)
        if charge:
            at: datetime = bill.refused["returned_at"] or bill.refused["failed_at"]
            _add(file, charge, None, GlobalId("Payment", file.subscriber_id, bill.refused["id"]), at)


def _add(file: File, charge: Charge, contract: Row | None, cause: GlobalId, at: datetime) -> None:
    place = charge.place
    item = file.items.get((place.position, place.item)) if place.position is not None and place.item else None
    file.add(
        "extra_charges",
        at,
        billing_account_id=file.account["id"],
        contract_id=contract["id"] if contract else None,
        contract_item_id=item["id"] if item else None,
        offer_id=file.operator.catalogue.offer_ids[place.code],
        price_version_id=place.price.id,
        kind=charge.kind,
        label=charge.label,
        starts_on=charge.days.starts_on if charge.days else None,
        ends_on=charge.days.ends_on if charge.days else None,
        unit_cents=charge.unit_cents,
        vat_rate=charge.rate,
        ttc_cents=charge.cents,
        derivation=charge.derivation,
        cause=cause.encode(),
        billable_from=at.date(),
        created_at=at,
    )
