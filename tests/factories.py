"""Builders of rows: a test states only what matters to it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from backoffice.ids import IdMaker
from backoffice.permissions import CONTRACT_OF_ROLE, GRANTS, ActorKind, Role, Viewer
from backoffice.services import keys

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)

_ids = IdMaker()
new_id: Callable[[], int] = lambda: _ids.make(NOW)  # noqa: E731


def viewer(role: Role = Role.AGENT, **given: Any) -> Viewer:
    """A member of the staff who is signed in."""
    known = {"kind": ActorKind.STAFF, "id": 7, "display_name": "Alix Agent", "role": role}
    return Viewer(**{**known, "contract": CONTRACT_OF_ROLE[role], "capabilities": GRANTS[role], **given})


async def create_subscriber(session: AsyncSession, *, number: str | None = None, **given: Any) -> models.Subscriber:
    """A subscriber with a number, known to the directory."""
    row_id = new_id()
    number = number or f"S{row_id % 100_000_000:08}"
    row = models.Subscriber(
        **{
            "id": row_id,
            "number": number,
            "kind": models.SubscriberKind.CONSUMER,
            "state": models.SubscriberState.ACTIVE,
            "language": models.Language.FR,
            "created_at": NOW,
            "updated_at": NOW,
            **given,
        }
    )
    session.add(row)
    await session.flush()
    enter(session, models.DirectoryKind.NUMBER, keys.number(number), row.id)
    return row


def enter(session: AsyncSession, kind: models.DirectoryKind, key: str, subscriber_id: int, target: int = 0) -> None:
    """A key in the directory."""
    session.add(
        models.DirectoryEntry(kind=kind, key=key, subscriber_id=subscriber_id, target_id=target or subscriber_id)
    )


async def create_holder(session: AsyncSession, of: models.Subscriber, first: str, last: str, **given: Any) -> None:
    """A person named on the file."""
    known = {
        "subscriber_id": of.id,
        "id": new_id(),
        "first_name": first,
        "last_name": last,
        "full_name": f"{first} {last}",
        "name_key": keys.fold(f"{first} {last}"),
        "name_key_reversed": keys.fold(f"{last} {first}"),
    }
    session.add(models.Holder(**{**known, **given}))
    await session.flush()


async def create_address(session: AsyncSession, of: models.Subscriber, **given: Any) -> models.Address:
    """An installation address in force."""
    known = {
        "subscriber_id": of.id,
        "id": new_id(),
        "kind": models.AddressKind.INSTALLATION,
        "line1": "3 rue des Lilas",
        "postcode": "68000",
        "city": "Colmar",
        "starts_on": date(2024, 1, 1),
    }
    row = models.Address(**{**known, **given})
    session.add(row)
    await session.flush()
    return row


async def create_account(session: AsyncSession, of: models.Subscriber, **given: Any) -> models.BillingAccount:
    """A billing account."""
    row_id = new_id()
    row = models.BillingAccount(**{"subscriber_id": of.id, "id": row_id, "number": f"C{row_id}", **given})
    session.add(row)
    await session.flush()
    return row


async def create_invoice(session: AsyncSession, account: models.BillingAccount, **given: Any) -> models.Invoice:
    """An issued invoice of 30.00 at 20 %."""
    row_id = new_id()
    known = {
        "subscriber_id": account.subscriber_id,
        "id": row_id,
        "number": f"F{row_id}",
        "billing_account_id": account.id,
        "state": models.InvoiceState.ISSUED,
        "issued_on": date(2026, 11, 1),
        "due_on": date(2026, 11, 15),
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2026, 12, 1),
        "ht_cents": 2500,
        "vat_cents": 500,
        "ttc_cents": 3000,
    }
    row = models.Invoice(**{**known, **given})
    session.add(row)
    await session.flush()
    enter(session, models.DirectoryKind.INVOICE, str(row.number), row.subscriber_id, row.id)
    return row


async def create_line(session: AsyncSession, of: models.Invoice, **given: Any) -> models.InvoiceLine:
    """A line of 10.00 without VAT."""
    known = {
        "subscriber_id": of.subscriber_id,
        "id": new_id(),
        "invoice_id": of.id,
        "position": 0,
        "kind": models.LineKind.FEE,
        "label": "Frais",
        "unit_cents": 1000,
        "ht_cents": 1000,
        "vat_cents": 0,
        "ttc_cents": 1000,
        "derivation": {},
    }
    row = models.InvoiceLine(**{**known, **given})
    session.add(row)
    await session.flush()
    return row


async def create_ticket(session: AsyncSession, of: models.Subscriber, **given: Any) -> models.Ticket:
    """An open ticket."""
    row_id = new_id()
    known = {
        "subscriber_id": of.id,
        "id": row_id,
        "number": f"T{row_id}",
        "subject": "Ma facture",
        "topic": models.TicketTopic.BILLING,
        "channel": models.TicketChannel.PHONE,
        "priority": models.TicketPriority.NORMAL,
        "state": models.TicketState.OPEN,
        "opened_at": NOW,
    }
    row = models.Ticket(**{**known, **given})
    session.add(row)
    await session.flush()
    enter(session, models.DirectoryKind.TICKET, row.number, of.id, row.id)
    return row


async def create_device(session: AsyncSession, of: models.Subscriber, **given: Any) -> models.Device:
    """A linked tablet."""
    row_id = new_id()
    known = {
        "subscriber_id": of.id,
        "id": row_id,
        "kind": models.DeviceKind.TABLET,
        "state": models.DeviceState.ACTIVE,
        "name": "Tablette",
        "model": "Modèle T",
        "serial": f"SN{row_id}",
        "linked_at": NOW,
    }
    row = models.Device(**{**known, **given})
    session.add(row)
    await session.flush()
    enter(session, models.DirectoryKind.SERIAL, row.serial, of.id, row.id)
    return row


async def create_method(session: AsyncSession, account: models.BillingAccount, **given: Any) -> models.PaymentMethod:
    """A direct debit."""
    known = {
        "subscriber_id": account.subscriber_id,
        "id": new_id(),
        "billing_account_id": account.id,
        "kind": models.PaymentMethodKind.DIRECT_DEBIT,
        "state": models.PaymentMethodState.ACTIVE,
        "added_on": date(2025, 1, 1),
    }
    row = models.PaymentMethod(**{**known, **given})
    session.add(row)
    await session.flush()
    return row


async def create_member(session: AsyncSession, role: Role, **given: Any) -> models.Staff:
    """Somebody of the staff with a row: what waits for a second person refers to people."""
    member_id = given.pop("id", None) or new_id()
    name = f"{role.value.lower()}-{member_id}"
    facts = {"login": name, "full_name": name, "password_hash": "-", "totp_sealed": b"-", "created_at": NOW}
    member = models.Staff(id=member_id, role=role, **{**facts, **given})
    session.add(member)
    await session.flush()
    return member
