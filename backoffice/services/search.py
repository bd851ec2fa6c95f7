"""The one search box: an agent types what the customer says, and every key that it could be is tried.

The number of statements does not depend on what is found: one for the directory, one for names, one for bank accounts.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import scope
from backoffice.fields import entity
from backoffice.models import Address, DirectoryEntry, DirectoryKind, Holder, PaymentMethod
from backoffice.permissions import Capability, Viewer
from backoffice.services import keys, texts
from backoffice.vault import Vault


class MatchedBy(StrEnum):
    """Which key of the subscriber was found."""

    NUMBER = "NUMBER"
    LOGIN = "LOGIN"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    CONTRACT = "CONTRACT"
    ACCOUNT = "ACCOUNT"
    INVOICE = "INVOICE"
    CREDIT_NOTE = "CREDIT_NOTE"
    TICKET = "TICKET"
    SERIAL = "SERIAL"
    NAME = "NAME"
    IBAN = "IBAN"


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that the text leads to: its type in the graph and its key."""

    matched_by: MatchedBy
    type_name: str
    subscriber_id: int
    id: int


_TARGETS: dict[DirectoryKind, str] = {
    DirectoryKind.NUMBER: "Subscriber",
    DirectoryKind.LOGIN: "Subscriber",
    DirectoryKind.EMAIL: "Subscriber",
    DirectoryKind.PHONE: "Subscriber",
    DirectoryKind.CONTRACT: "Contract",
    DirectoryKind.ACCOUNT: "BillingAccount",
    DirectoryKind.INVOICE: "Invoice",
    DirectoryKind.CREDIT_NOTE: "CreditNote",
    DirectoryKind.TICKET: "Ticket",
    DirectoryKind.SERIAL: "Device",
}
_LAST_FOUR = re.compile(r"[0-9A-Z]{4}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[0-9A-Z]{11,30}")
_POSTCODE = re.compile(r"\b\d{5}\b")
_SHORTEST_NAME = 2


async def find(session: AsyncSession, *, viewer: Viewer, vault: Vault, text: str, first: int) -> list[Hit]:
    """At most `first` rows that `text` leads to: exact keys before names, names before bank accounts.

    Raises BadInput for a text that no row can have.
    """
    texts.require_storable(text, field="text")
    hits = [
        *await _by_directory(session, viewer, text, first),
        *await _by_name(session, viewer, text, first),
        *await _by_iban(session, viewer, vault, text, first),
    ]
    unique = {(hit.type_name, hit.subscriber_id, hit.id): hit for hit in reversed(hits)}
    ranked = sorted(unique.values(), key=hits.index)
    return ranked[:first]


async def _by_directory(session: AsyncSession, viewer: Viewer, text: str, first: int) -> list[Hit]:
    entry = DirectoryEntry
    tried = [(kind, key) for kind, key in _candidates(text) if viewer.may(entity(_TARGETS[kind]).needs)]
    if not tried:
        return []
    statement = select(entry.kind, entry.subscriber_id, entry.target_id)
    statement = statement.where(
        or_(*(and_(entry.kind == kind, entry.key == key) for kind, key in tried)), scope.rows(viewer, entry)
    )
    # One row can be found by each kind of key, and is one hit: so many more are needed before the doubles are removed.
    ordered = statement.order_by(entry.subscriber_id, entry.kind, entry.target_id).limit(first * len(tried))
    found = (await session.execute(ordered)).all()
    return [_directory_hit(kind, subscriber_id, target_id) for kind, subscriber_id, target_id in found]


def _candidates(text: str) -> list[tuple[DirectoryKind, str]]:
    """Every key that `text` could be."""
    reference = keys.reference(text)
    tried = [
        (DirectoryKind.NUMBER, keys.number(text)),
        (DirectoryKind.LOGIN, text.strip().casefold()),
        (DirectoryKind.EMAIL, keys.email(text)),
        (DirectoryKind.CONTRACT, reference),
        (DirectoryKind.ACCOUNT, reference),
        (DirectoryKind.INVOICE, reference),
        (DirectoryKind.CREDIT_NOTE, reference),
        (DirectoryKind.TICKET, reference),
        (DirectoryKind.SERIAL, reference),
    ]
    phone = keys.phone(text)
    return [*tried, (DirectoryKind.PHONE, phone)] if phone else tried


def _directory_hit(kind: DirectoryKind, subscriber_id: int, target_id: int) -> Hit:
    target = _TARGETS[kind]
    return Hit(MatchedBy(kind.value), target, subscriber_id, subscriber_id if target == "Subscriber" else target_id)


async def _by_name(session: AsyncSession, viewer: Viewer, text: str, first: int) -> list[Hit]:
    """Holders whose name begins so, either way round; with a postcode, only those who live or lived there."""
    postcode = _POSTCODE.search(text)
    name = keys.fold(text.replace(postcode[0], " ") if postcode else text)
    if len(name) < _SHORTEST_NAME or not any(sign.isalpha() for sign in name):
        return []
    found = await session.execute(_names(viewer, name, postcode[0] if postcode else None, first))
    return [Hit(MatchedBy.NAME, "Subscriber", subscriber_id, subscriber_id) for subscriber_id in found.scalars()]


def _names(viewer: Viewer, name: str, postcode: str | None, first: int) -> Select[Any]:
    statement = select(Holder.subscriber_id).where(
        or_(_begins(Holder.name_key, name), _begins(Holder.name_key_reversed, name)), scope.rows(viewer, Holder)
    )
    if postcode:
        lives = select(Address.subscriber_id).where(Address.postcode == postcode)
        statement = statement.where(Holder.subscriber_id.in_(lives))
    return statement.distinct().order_by(Holder.subscriber_id).limit(first)


def _begins(column: Any, prefix: str) -> ColumnElement[bool]:
    # A range and not LIKE: an index serves it on both databases. Folded names have no sign after "z".
    return and_(column >= prefix, column < prefix + "{")


async def _by_iban(session: AsyncSession, viewer: Viewer, vault: Vault, text: str, first: int) -> list[Hit]:
    compact = keys.reference(text)
    if _IBAN.fullmatch(compact):
        matching = PaymentMethod.iban_index == vault.blind_index(compact)
    elif _LAST_FOUR.fullmatch(compact) and any(sign.isdigit() for sign in compact):
        matching = PaymentMethod.iban_last_four == compact
    else:
        return []
    if not viewer.may(Capability.PAYMENT_METHOD_READ):
        return []
    statement = select(PaymentMethod.subscriber_id).where(matching, scope.rows(viewer, PaymentMethod))
    found = await session.execute(statement.distinct().order_by(PaymentMethod.subscriber_id).limit(first))
    return [Hit(MatchedBy.IBAN, "Subscriber", subscriber_id, subscriber_id) for subscriber_id in found.scalars()]
