"""Records of what was agreed: billing account, means of payment, contract with the event of its import, items."""

from collections.abc import Iterator
from datetime import date

from backoffice.billing.periods import add_months
from backoffice.importing.making import AUTHOR, Making, Record
from backoffice.importing.parts import Part
from backoffice.models import (
    BillingAccount,
    Contract,
    ContractEvent,
    ContractEventKind,
    ContractItem,
    PaymentMethod,
    PaymentMethodState,
)
from backoffice.permissions import ActorKind

_DEBIT_DAY = 5


def account(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """The billing account, with nothing open: what an import brings has been paid."""
    yield (
        BillingAccount,
        {
            "subscriber_id": making.subscriber_id,
            "id": part_id,
            "number": part.values["number"],
            "debit_day": part.values.get("debit_day") or _DEBIT_DAY,
            "is_paper_requested": bool(part.values.get("is_paper_requested")),
            "balance_cents": 0,
        },
    )


def payment_method(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """How the subscriber pays; a token or a mandate can only come from the payment provider, never from a file."""
    yield (
        PaymentMethod,
        {
            "subscriber_id": making.subscriber_id,
            "id": part_id,
            "billing_account_id": making.id_of("account"),
            "kind": part.values["kind"],
            "state": part.values.get("state") or PaymentMethodState.ACTIVE,
            "is_default": True,
            "added_on": making.setting.as_of,
        },
    )


def contract(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """The contract, billed by the old system until the day of the file, and the event of its import."""
    said, as_of = part.values, making.setting.as_of
    starts_on, months = _day(said["starts_on"]), int(str(said.get("commitment_months") or 0))
    yield (
        Contract,
        {
            "subscriber_id": making.subscriber_id,
            "id": part_id,
            "number": said["number"],
            "billing_account_id": making.id_of("account"),
            "offer_id": making.setting.offers[str(said["offer"])].id,
            "state": said["state"],
            "concluded_on": said.get("concluded_on") or starts_on,
            "starts_on": starts_on,
            "ends_on": said.get("ends_on"),
            "anchor_on": said.get("anchor_on") or starts_on,
            "billed_until": said.get("billed_until") or _billed_until(part, as_of),
            "commitment_months": months,
            "commitment_ends_on": add_months(starts_on, months) if months else None,
            "has_subsidised_terminal": bool(said.get("has_subsidised_terminal")),
        },
    )
    yield _imported(making, part_id)


def item(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """A part of the contract, in force as long as the contract unless the file says otherwise."""
    agreed = making.part("contract")
    assert agreed
    offer = making.setting.offers[str(part.values["offer"])]
    yield (
        ContractItem,
        {
            "subscriber_id": making.subscriber_id,
            "id": part_id,
            "contract_id": making.id_of("contract"),
            "offer_id": offer.id,
            "kind": offer.kind,
            "quantity": part.values.get("quantity") or 1,
            "agreed_amount_cents": part.values.get("agreed_amount"),
            "starts_on": part.values.get("starts_on") or agreed.values["starts_on"],
            "ends_on": part.values.get("ends_on") or agreed.values.get("ends_on"),
        },
    )


def _imported(making: Making, contract_id: int) -> Record:
    setting = making.setting
    return ContractEvent, {
        "subscriber_id": making.subscriber_id,
        "id": making.new_id(),
        "contract_id": contract_id,
        "kind": ContractEventKind.IMPORTED,
        "effective_on": setting.as_of,
        "recorded_at": setting.at,
        "actor_kind": ActorKind.SYSTEM,
        "actor_id": 0,
        "actor_name": AUTHOR,
        "channel": "IMPORT",
        "details": {"source": setting.mapping.source, "file": setting.file_name, "line": making.row.line},
    }


def _billed_until(part: Part, as_of: date) -> date | None:
    starts_on, ends_on = _day(part.values["starts_on"]), part.values.get("ends_on")
    until = min(as_of, ends_on) if isinstance(ends_on, date) else as_of
    return until if starts_on <= until else None


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value
