"""Contracts with their items and promotions: what was agreed, as the plan says."""

from datetime import date, timedelta
from typing import Any

from backoffice.billing import termination
from backoffice.demo.agreed import ContractPlan, OptionPlan
from backoffice.demo.files import File
from backoffice.demo.rows import Row
from backoffice.models import BilledBy, ContractState, DirectoryKind, SuspensionCause
from backoffice.services import keys

BEFORE, AFTER = "before", "after"
FEE, DEPOSIT = "fee", "deposit"


def option_key(position: int) -> str:
    """The key of an option's item within its contract."""
    return f"option{position}"


def write(file: File) -> None:
    """Add every contract of the plan."""
    for position, agreed in enumerate(file.plan.contracts):
        contract = _write_contract(file, position, agreed)
        file.contracts.append(contract)
        _write_offer_items(file, position, agreed)
        _write_other_items(file, position, agreed)
        _write_promotion(file, position, agreed)


def _write_contract(file: File, position: int, agreed: ContractPlan) -> Row:
    catalogue = file.operator.catalogue
    article = catalogue.articles[agreed.code]
    number = f"C{file.number[1:]}-{position + 1}"
    row = file.add(
        "contracts",
        file.at(agreed.concluded_on, 9, 12),
        number=number,
        billing_account_id=file.account["id"],
        offer_id=catalogue.offer_ids[agreed.code_on(file.window.last_on)],
        state=agreed.state,
        concluded_on=agreed.concluded_on,
        starts_on=agreed.starts_on,
        ends_on=agreed.ends_on,
        anchor_on=file.plan.anchor_on if agreed.is_billed else agreed.starts_on,
        period_months=article.months,
        commitment_months=article.commitment_months,
        commitment_ends_on=_commitment_ends_on(agreed, article.commitment_months),
        has_subsidised_terminal=article.has_terminal,
        is_express_start_requested=agreed.starts_on < agreed.concluded_on + timedelta(days=14),
        **_suspension(file, agreed),
        **_partner(file, agreed),
    )
    file.enter(DirectoryKind.CONTRACT, keys.reference(number), row["id"])
    return row


def _commitment_ends_on(agreed: ContractPlan, months: int) -> date | None:
    return termination.commitment_ends_on(agreed.concluded_on, months) if months else None


def _suspension(file: File, agreed: ContractPlan) -> dict[str, Any]:
    suspension = file.plan.suspension
    if agreed.state is not ContractState.SUSPENDED or suspension is None:
        return {}
    return {"suspension_cause": SuspensionCause.UNPAID, "suspended_on": suspension.starts_on}


def _partner(file: File, agreed: ContractPlan) -> dict[str, Any]:
    if agreed.partner is None:
        return {"billed_by": BilledBy.OPERATOR}
    return {
        "billed_by": BilledBy.PARTNER,
        "partner_id": file.operator.catalogue.partner_ids[agreed.partner],
        "partner_reference": f"{agreed.partner[:3]}-{file.rng.randrange(10**8):08d}",
    }


def _write_offer_items(file: File, position: int, agreed: ContractPlan) -> None:
    change = agreed.change
    if change is None:
        _write_item(file, position, BEFORE, agreed.code, agreed.starts_on, agreed.ends_on)
        return
    _write_item(file, position, BEFORE, agreed.code, agreed.starts_on, change.on)
    _write_item(file, position, AFTER, change.code, change.on, agreed.ends_on)


def _write_other_items(file: File, position: int, agreed: ContractPlan) -> None:
    for place, option in enumerate(agreed.options):
        _write_option(file, position, place, option, agreed)
    starts_on = agreed.starts_on
    if agreed.has_activation_fee:
        _write_item(file, position, FEE, "FRAIS-ACTIVATION", starts_on, starts_on + timedelta(days=1))
    if agreed.has_deposit:
        _write_item(file, position, DEPOSIT, "DEPOT-DECODEUR", starts_on, agreed.ends_on)


def _write_option(file: File, position: int, place: int, option: OptionPlan, agreed: ContractPlan) -> None:
    is_rolling = file.operator.catalogue.articles[option.code].is_rolling
    ends_on = option.ends_on or agreed.ends_on
    row = _write_item(file, position, option_key(place), option.code, option.starts_on, ends_on)
    row["anchor_on"] = option.starts_on if is_rolling else None
    last_on = min(ends_on, file.window.on) - timedelta(days=1) if ends_on else file.window.last_on
    used_until = option.used_until
    row["last_used_on"] = min(used_until, last_on) if used_until and used_until >= option.starts_on else None


def _write_item(file: File, position: int, key: str, code: str, starts_on: date, ends_on: date | None) -> Row:
    catalogue = file.operator.catalogue
    row = file.add(
        "contract_items",
        file.at(min(starts_on, file.window.last_on), 5, 6),
        contract_id=file.contracts[position]["id"],
        offer_id=catalogue.offer_ids[code],
        kind=catalogue.articles[code].kind,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    file.items[position, key] = row
    return row


def _write_promotion(file: File, position: int, agreed: ContractPlan) -> None:
    discount = agreed.discount
    if discount is None:
        return
    file.add(
        "promotions",
        file.at(agreed.concluded_on, 12, 13),
        contract_id=file.contracts[position]["id"],
        contract_item_id=file.items[position, BEFORE]["id"],
        label=discount.label,
        discount_cents=discount.cents,
        starts_on=agreed.starts_on,
        ends_on=discount.ends_on,
        reminder_on=discount.ends_on - timedelta(days=7),
    )
