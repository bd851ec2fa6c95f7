"""What a mapping can fill: the nouns and their fields, with the column in which each is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.orm import InstrumentedAttribute

from backoffice import models
from backoffice.models.base import Code


class Type(StrEnum):
    """What a value is. A code is a value of an enum, an instant a date and time with a zone."""

    TEXT = "text"
    INTEGER = "integer"
    AMOUNT = "amount"
    DATE = "date"
    INSTANT = "instant"
    BOOLEAN = "boolean"
    CODE = "code"
    PHONE = "phone"
    EMAIL = "e-mail"


@dataclass(frozen=True)
class Target:
    """A field: its type, its column, and the bounds that the database would refuse to cross."""

    kind: Type
    column: InstrumentedAttribute[Any]
    is_required: bool = False
    is_personal: bool = False
    lowest: int | None = None
    highest: int | None = None
    is_often_blank: bool = False
    """Blank unless the mapping says otherwise means that the row has no such noun: not everybody's name is known."""

    @cached_property
    def codes(self) -> type[StrEnum] | None:
        """The enum of a code."""
        stored = self.column.type
        return stored.values if isinstance(stored, Code) else None

    @cached_property
    def longest(self) -> int | None:
        """How many characters fit."""
        stored = self.column.type
        return stored.length if isinstance(stored, String) else None


@dataclass(frozen=True, slots=True)
class Noun:
    """A table of the mapping. `needs` are nouns that must be mapped with it; `filters` tell its rows in their table."""

    model: type[models.Base]
    targets: Mapping[str, Target]
    is_list: bool = False
    needs: tuple[str, ...] = ()
    filters: tuple[ColumnElement[bool], ...] = field(default=())


_YES = {"is_required": True}
_THEIRS = {"is_personal": True}

# What `when` decides is stored nowhere: any boolean column lends it its type.
WHEN = Target(Type.BOOLEAN, models.Subscriber.is_fragile, is_required=True)

NOUNS: Mapping[str, Noun] = {
    "subscriber": Noun(
        models.Subscriber,
        {
            "number": Target(Type.TEXT, models.Subscriber.number),
            "kind": Target(Type.CODE, models.Subscriber.kind, **_YES),
            "state": Target(Type.CODE, models.Subscriber.state, **_YES),
            "language": Target(Type.CODE, models.Subscriber.language, **_YES),
            "contact_email": Target(Type.EMAIL, models.Subscriber.contact_email, **_THEIRS),
            "billing_email": Target(Type.EMAIL, models.Subscriber.billing_email, **_THEIRS),
            "is_fragile": Target(Type.BOOLEAN, models.Subscriber.is_fragile),
        },
    ),
    "holder": Noun(
        models.Holder,
        {
            "civility": Target(Type.TEXT, models.Holder.civility, **_THEIRS),
            "first_name": Target(Type.TEXT, models.Holder.first_name, **_THEIRS),
            "last_name": Target(Type.TEXT, models.Holder.last_name, **_YES, **_THEIRS, is_often_blank=True),
            "birth_on": Target(Type.DATE, models.Holder.birth_on, **_THEIRS),
        },
        is_list=True,
    ),
    "phone": Noun(
        models.Phone,
        {
            "kind": Target(Type.CODE, models.Phone.kind, **_YES),
            "number": Target(Type.PHONE, models.Phone.typed, **_YES, **_THEIRS, is_often_blank=True),
        },
        is_list=True,
    ),
    "address": Noun(
        models.Address,
        {
            "kind": Target(Type.CODE, models.Address.kind, **_YES),
            "line1": Target(Type.TEXT, models.Address.line1, **_THEIRS),
            "line2": Target(Type.TEXT, models.Address.line2, **_THEIRS),
            "postcode": Target(Type.TEXT, models.Address.postcode, **_YES),
            "city": Target(Type.TEXT, models.Address.city, **_YES),
            "region": Target(Type.TEXT, models.Address.region),
            "country": Target(Type.TEXT, models.Address.country, **_YES),
            "starts_on": Target(Type.DATE, models.Address.starts_on, **_YES),
        },
        is_list=True,
    ),
    "account": Noun(
        models.BillingAccount,
        {
            "number": Target(Type.TEXT, models.BillingAccount.number, **_YES),
            "debit_day": Target(Type.INTEGER, models.BillingAccount.debit_day, lowest=1, highest=28),
            "is_paper_requested": Target(Type.BOOLEAN, models.BillingAccount.is_paper_requested),
        },
    ),
    "payment_method": Noun(
        models.PaymentMethod,
        {
            "kind": Target(Type.CODE, models.PaymentMethod.kind, **_YES),
            "state": Target(Type.CODE, models.PaymentMethod.state),
        },
        needs=("account",),
    ),
    "contract": Noun(
        models.Contract,
        {
            "number": Target(Type.TEXT, models.Contract.number, **_YES),
            "offer": Target(Type.TEXT, models.Offer.code, **_YES),
            "state": Target(Type.CODE, models.Contract.state, **_YES),
            "concluded_on": Target(Type.DATE, models.Contract.concluded_on),
            "starts_on": Target(Type.DATE, models.Contract.starts_on, **_YES),
            "ends_on": Target(Type.DATE, models.Contract.ends_on),
            "anchor_on": Target(Type.DATE, models.Contract.anchor_on),
            "billed_until": Target(Type.DATE, models.Contract.billed_until),
            "commitment_months": Target(Type.INTEGER, models.Contract.commitment_months, lowest=0, highest=24),
            "has_subsidised_terminal": Target(Type.BOOLEAN, models.Contract.has_subsidised_terminal),
        },
        needs=("account", "item"),
    ),
    "item": Noun(
        models.ContractItem,
        {
            "offer": Target(Type.TEXT, models.Offer.code, **_YES),
            "agreed_amount": Target(Type.AMOUNT, models.ContractItem.agreed_amount_cents, lowest=0),
            "quantity": Target(Type.INTEGER, models.ContractItem.quantity, lowest=1),
            "starts_on": Target(Type.DATE, models.ContractItem.starts_on),
            "ends_on": Target(Type.DATE, models.ContractItem.ends_on),
        },
        is_list=True,
        needs=("contract",),
    ),
    "statement": Noun(
        models.Invoice,
        {
            "number": Target(Type.TEXT, models.Invoice.number, **_YES),
            "amount": Target(Type.AMOUNT, models.Invoice.ttc_cents, **_YES, lowest=0),
            "label": Target(Type.TEXT, models.InvoiceLine.label, **_YES),
            "starts_on": Target(Type.DATE, models.Invoice.starts_on),
        },
        needs=("account",),
        filters=(models.Invoice.kind == models.InvoiceKind.OPENING_STATEMENT,),
    ),
    "ticket": Noun(
        models.Ticket,
        {
            "number": Target(Type.TEXT, models.Ticket.number, **_YES),
            "subject": Target(Type.TEXT, models.Ticket.subject, **_YES),
            "topic": Target(Type.CODE, models.Ticket.topic, **_YES),
            "channel": Target(Type.CODE, models.Ticket.channel, **_YES),
            "priority": Target(Type.CODE, models.Ticket.priority, **_YES),
            "state": Target(Type.CODE, models.Ticket.state, **_YES),
            "opened_at": Target(Type.INSTANT, models.Ticket.opened_at, **_YES),
            "resolved_at": Target(Type.INSTANT, models.Ticket.resolved_at),
            "body": Target(Type.TEXT, models.TicketEvent.body, **_THEIRS),
            "note": Target(Type.TEXT, models.TicketEvent.body),
        },
    ),
}
