"""The file of credentials: who can sign in, and rows worth trying things on. Readable by its owner alone."""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyotp

from backoffice.demo.crew import Access
from backoffice.demo.files import File
from backoffice.demo.invoices import Bill
from backoffice.demo.rows import Row
from backoffice.errors import BadInput
from backoffice.ids import GlobalId
from backoffice.models import DeviceState, TicketState

MOST = 60
"""How many invoices, devices and tickets are listed at most, besides those of the first two subscribers."""
REFUNDABLE_CENTS = 3000
_EACH = 2


class CredentialsUnwritable(BadInput):
    """The file of credentials cannot be written; found out before anything else is."""

    code = "CREDENTIALS_UNWRITABLE"


@dataclass
class Pickings:
    """What is worth listing, kept while subscribers are written; bounded whatever their number."""

    subscribers: list[dict[str, str]] = field(default_factory=list)
    invoices: list[dict[str, Any]] = field(default_factory=list)
    more_invoices: list[dict[str, Any]] = field(default_factory=list)
    devices: list[dict[str, Any]] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)

    def pick(self, file: File, bills: list[Bill]) -> None:
        """Keep what is useful of a subscriber: a few refundable invoices, revocable devices, open tickets."""
        owner = GlobalId("Subscriber", file.subscriber_id, file.subscriber_id).encode()
        if file.plan.is_rich:
            self.subscribers.append(_subscriber(file, owner))
        refundable = [bill.invoice for bill in bills if _is_refundable(bill)]
        untouched = [row for row in refundable if not row["credited_cents"] and file.plan.refund_request is None]
        # A short history may leave the first two nothing untouched; what stands of an invoice can still be refunded.
        refundable = untouched or (refundable if file.plan.is_rich else [])
        self._keep(self.invoices, file, refundable[-_EACH:], lambda row: _invoice(owner, row))
        self._keep(self.more_invoices, file, refundable[:-_EACH], lambda row: _invoice(owner, row))
        devices = [row for row in file.devices if row["state"] is DeviceState.ACTIVE and not row["is_lent"]]
        self._keep(self.devices, file, devices[:_EACH], lambda row: _entry("Device", owner, row))
        under_way = (TicketState.OPEN, TicketState.IN_PROGRESS)
        tickets = [row for row in file.tickets if row["state"] in under_way]
        self._keep(self.tickets, file, tickets, lambda row: _entry("Ticket", owner, row))

    def _keep(
        self, kept: list[dict[str, Any]], file: File, rows: list[Row], show: Callable[[Row], dict[str, Any]]
    ) -> None:
        if len(kept) < MOST or file.plan.is_rich:
            kept.extend(show(row) for row in rows)


def reserve(path: Path) -> Path:
    """Make an empty file beside `path`, with mode 0600 from its first byte; `write` puts it in its place."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as refused:
        raise CredentialsUnwritable(
            f"{path} cannot be written ({refused.strerror}); choose another place."
        ) from refused
    return beside


def write(path: Path, reserved: Path, accesses: tuple[Access, ...], pickings: Pickings) -> None:
    """Write what was picked into `reserved` and move it to `path`."""
    staff: dict[str, dict[str, str]] = {}
    for access in accesses:
        staff.setdefault(access.role.value, {key: value for key, value in asdict(access).items() if key != "role"})
    invoices = (pickings.invoices + pickings.more_invoices)[: max(MOST, len(pickings.invoices))]
    content = {
        "staff": staff,
        "subscribers": pickings.subscribers,
        "invoices": invoices,
        "devices": pickings.devices,
        "tickets": pickings.tickets,
    }
    reserved.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    reserved.replace(path)


def _is_refundable(bill: Bill) -> bool:
    invoice = bill.invoice
    return bool(invoice["paid_cents"] - invoice["refunded_cents"] >= REFUNDABLE_CENTS)


def _subscriber(file: File, owner: str) -> dict[str, str]:
    return {
        "login": file.login,
        "password": secrets.token_urlsafe(12),
        "totp_secret": pyotp.random_base32(),
        "id": owner,
        "number": file.number,
        "phone": file.phone,
        "email": file.email,
    }


def _invoice(owner: str, row: Row) -> dict[str, Any]:
    return {**_entry("Invoice", owner, row), "refundable_cents": row["paid_cents"] - row["refunded_cents"]}


def _entry(type_name: str, owner: str, row: Row) -> dict[str, Any]:
    return {"id": GlobalId(type_name, row["subscriber_id"], row["id"]).encode(), "subscriber_id": owner}
