"""The floor "rows": the rows of all lists become nested dicts, for orjson."""

from collections.abc import Sequence
from typing import Any

from benchmarks.floor import billing, support
from benchmarks.floor.values import Lists, Reading, Row, decimal, global_id, grouped

_LONG = 50


def subscriber(head: Row, lists: Lists, reading: Reading) -> dict[str, Any]:
    """The subscriber of the answer."""
    owner = head[0]
    addresses = lists["addresses"]
    return {
        "id": global_id("Subscriber", owner, owner),
        "number": head[1],
        "fullName": head[2],
        "state": head[3],
        "kind": head[4],
        "language": head[5],
        "isFragile": bool(head[6]),
        "contactEmail": head[7],
        "billingEmail": head[8],
        "phones": {"nodes": [_phone(owner, row) for row in lists["phones"]]},
        "installationAddress": _address(owner, addresses, "INSTALLATION"),
        "billingAddress": _address(owner, addresses, "BILLING"),
        "billingAccounts": {"nodes": billing.accounts(owner, lists)},
        "contracts": {"nodes": _contracts(owner, lists)},
        "invoices": billing.invoices(owner, lists, reading),
        "payments": {"nodes": [billing.payment(owner, row, reading) for row in lists["payments"]]},
        "deviceSlotsUsed": head[9],
        "deviceSlotsAllowed": head[10],
        "devices": {"nodes": [support.device(owner, row, reading) for row in lists["devices"]]},
        "sessions": {"nodes": [support.session(owner, row, reading) for row in lists["sessions"]]},
        "tickets": {"nodes": support.tickets(owner, lists, reading)},
    }


def _phone(owner: int, row: Row) -> dict[str, Any]:
    return {"id": global_id("Phone", owner, row[0]), "kind": row[1], "typed": row[2], "number": row[3]}


def _address(owner: int, rows: Sequence[Row], kind: str) -> dict[str, Any] | None:
    for row in rows:
        if row[5] == kind:
            shown = {"line1": row[1], "line2": row[2], "postcode": row[3], "city": row[4]}
            return {"id": global_id("Address", owner, row[0]), **shown}
    return None


def _contracts(owner: int, lists: Lists) -> list[dict[str, Any]]:
    items, promotions = grouped(lists["items"]), grouped(lists["promotions"])
    return [
        {
            "id": global_id("Contract", owner, row[0]),
            "number": row[1],
            "state": row[2],
            "startsOn": row[3],
            "endsOn": row[4],
            "commitmentEndsOn": row[5],
            "suspensionCause": row[6],
            "billedBy": row[7],
            "partner": {"id": global_id("Partner", 0, row[8]), "name": row[9]} if row[8] is not None else None,
            "offer": _offer(row[10:13]),
            "items": {"nodes": [_item(owner, item, promotions[item[0]]) for item in items[row[0]][:_LONG]]},
        }
        for row in lists["contracts"]
    ]


def _item(owner: int, row: Row, promotions: Sequence[Row]) -> dict[str, Any]:
    return {
        "id": global_id("ContractItem", owner, row[0]),
        "kind": row[1],
        "startsOn": row[2],
        "endsOn": row[3],
        "lastUsedOn": row[4],
        "offer": _offer(row[5:8]),
        "promotions": {"nodes": [_promotion(owner, each) for each in promotions[:_LONG]]},
    }


def _promotion(owner: int, row: Row) -> dict[str, Any]:
    discount = {"decimal": decimal(row[3])}
    return {"id": global_id("Promotion", owner, row[0]), "label": row[1], "endsOn": row[2], "discount": discount}


def _offer(row: Row) -> dict[str, Any]:
    return {"id": global_id("Offer", 0, row[0]), "code": row[1], "nameFr": row[2]}
