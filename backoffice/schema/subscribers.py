"""Subscribers in the graph."""

from datetime import date, datetime

import strawberry

from backoffice import fields, models
from backoffice.permissions import Capability, Denial
from backoffice.resolvers import can as resolve_can
from backoffice.resolvers import subscribers as resolve
from backoffice.schema.abilities import Ability
from backoffice.schema.access import of, see
from backoffice.schema.audit import AccessEntry, AuditEntry
from backoffice.schema.billing_accounts import BillingAccount
from backoffice.schema.contracts import Contract, ContractSort, ContractWhere
from backoffice.schema.credit_notes import CreditNote, Refund
from backoffice.schema.devices import Device, DeviceSession, DeviceSort, DeviceWhere
from backoffice.schema.invoices import Invoice, InvoiceSort, InvoiceWhere
from backoffice.schema.nodes import Node
from backoffice.schema.paging import Connection
from backoffice.schema.payments import Payment
from backoffice.schema.scalars import InstantRange
from backoffice.schema.tickets import Ticket, TicketSort, TicketWhere

_FILE = Capability.SUBSCRIBER_READ
_CONTACT = Capability.CONTACT_READ
_BILLING = Capability.BILLING_READ


@of(fields.subscribers.HOLDER)
class Holder(Node):
    """A person named on the subscriber's contracts."""

    position: int = see(_FILE, "0 for the holder whose name heads the file.")
    civility: str | None = see(_FILE, "Mme, M. or what the person chose.")
    first_name: str | None = see(_FILE, "First name.")
    last_name: str = see(_FILE, "Last name, or the name of a firm.")
    full_name: str = see(_FILE, "First and last name.")
    birth_on: date | None = see(_CONTACT, "Date of birth.")


@of(fields.subscribers.ADDRESS)
class Address(Node):
    """A postal address."""

    kind: models.AddressKind = see(_CONTACT, "Where the service is installed, or where invoices go.")
    line1: str = see(_CONTACT, "Number and street.")
    line2: str | None = see(_CONTACT, "Building, floor, door.")
    postcode: str = see(_CONTACT, "Postcode, with its leading zero.")
    city: str = see(_CONTACT, "Town.")
    region: str | None = see(_CONTACT, "Region or state, where addresses have one.")
    country: str = see(_CONTACT, "ISO 3166 code of the country.")
    starts_on: date = see(_CONTACT, "The first day on which it holds.")
    ends_on: date | None = see(_CONTACT, "The first day on which it no longer holds; none while in force.")


@of(fields.subscribers.PHONE)
class Phone(Node):
    """A telephone number."""

    kind: models.PhoneKind = see(_CONTACT, "Which of the three numbers.")
    typed: str = see(_CONTACT, "The number as it was given.")
    number: str | None = see(_CONTACT, "The E.164 form; none when what was given cannot be a number.")


@of(fields.subscribers.CONSENT)
class Consent(Node):
    """A decision about consent, with its proof."""

    kind: models.ConsentKind = see(_CONTACT, "What it is about.")
    is_granted: bool = see(_CONTACT, "Granted or refused.")
    decided_at: datetime = see(_CONTACT, "When.")
    channel: str = see(_CONTACT, "Through which channel.")
    text_version: str = see(_CONTACT, "To which version of the text.")


@strawberry.input(description="Which subscribers.")
class SubscriberWhere:
    state: list[models.SubscriberState] | None = None
    kind: list[models.SubscriberKind] | None = None
    language: list[models.Language] | None = None
    is_fragile: bool | None = None
    created: InstantRange | None = None
    and_: list["SubscriberWhere"] | None = strawberry.field(name="and", default=None)
    or_: list["SubscriberWhere"] | None = strawberry.field(name="or", default=None)
    not_: "SubscriberWhere | None" = strawberry.field(name="not", default=None)


SubscriberSort = resolve.SubscriberSort
strawberry.enum(SubscriberSort, description="The order of a list of subscribers.")


@strawberry.input(description="Exactly one key of a subscriber, or of something that is theirs.", one_of=True)
class SubscriberBy:
    id: strawberry.ID | None = strawberry.UNSET
    number: str | None = strawberry.UNSET
    email: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    contract_number: str | None = strawberry.UNSET
    account_number: str | None = strawberry.UNSET
    invoice_number: str | None = strawberry.UNSET
    credit_note_number: str | None = strawberry.UNSET
    ticket_number: str | None = strawberry.UNSET
    device_serial: str | None = strawberry.UNSET


@of(fields.subscribers.SUBSCRIBER)
class Subscriber(Node):
    """Whoever holds contracts with the operator: the root of a file."""

    number: str | None = see(_FILE, "The subscriber number; none for an unidentified contact.")
    kind: models.SubscriberKind = see(_FILE, "Consumer, business, or a contact not identified yet.")
    state: models.SubscriberState = see(_FILE, "Where the relation stands.")
    full_name: str | None = see(_FILE, "The name of the first holder; none when known by number only.")
    language: models.Language = see(_FILE, "The language of documents and messages.")
    login: str | None = see(_CONTACT, "The login of the subscriber's account.")
    contact_email: str | None = see(_CONTACT, "The e-mail address for contact.")
    billing_email: str | None = see(_CONTACT, "The e-mail address that is told of new invoices.")
    is_fragile: bool = see(_BILLING, "Financially fragile: no fee for a rejected payment.")
    created_at: datetime = see(_FILE, "Since when the file exists.")
    updated_at: datetime = see(_FILE, "When the file last changed.")
    revision: int = see(_FILE, "Raised by each change; give it back as `expectedRevision`.")
    can: list[Ability] = see(_FILE, "What you may do with this file.", by=resolve_can.can)
    device_slots_used: int = see(Capability.DEVICE_READ, "Linked devices that take a slot.")
    device_slots_allowed: int = see(Capability.DEVICE_READ, "Slots of the offers in force.")

    holders: Connection[Holder] = see(_FILE, "The persons named on the contracts. At most 50 a page.")
    phones: Connection[Phone] = see(_CONTACT, "Telephone numbers. At most 50 a page.")
    consents: Connection[Consent] = see(_CONTACT, "Consents, newest first. At most 50 a page.")
    addresses: Connection[Address] = see(_CONTACT, "All addresses, newest first. At most 50 a page.")
    installation_address: Address | None = see(_CONTACT, "Where the service is installed.")
    billing_address: Address | None = see(_CONTACT, "Where invoices go, when elsewhere.")
    billing_accounts: Connection[BillingAccount] = see(_BILLING, "Who pays, and what is open. At most 50 a page.")
    contracts: Connection[Contract] = see(
        Capability.CONTRACT_READ, "Contracts, newest first. At most 50 a page.", where=ContractWhere, sort=ContractSort
    )
    invoices: Connection[Invoice] = see(
        _BILLING, "Invoices, newest first. At most 100 a page.", where=InvoiceWhere, sort=InvoiceSort
    )
    credit_notes: Connection[CreditNote] = see(_BILLING, "Credit notes, newest first. At most 100 a page.")
    payments: Connection[Payment] = see(_BILLING, "Payments, newest first. At most 100 a page.")
    refunds: Connection[Refund] = see(_BILLING, "Refunds, newest first. At most 100 a page.")
    devices: Connection[Device] = see(
        Capability.DEVICE_READ, "Devices, newest first. At most 100 a page.", where=DeviceWhere, sort=DeviceSort
    )
    sessions: Connection[DeviceSession] = see(
        Capability.DEVICE_READ, "Where the subscriber is or was signed in. At most 100 a page."
    )
    tickets: Connection[Ticket] = see(
        Capability.TICKET_READ, "Tickets, newest first. At most 100 a page.", where=TicketWhere, sort=TicketSort
    )
    audit_entries: Connection[AuditEntry] | None = see(
        Capability.AUDIT_READ, "What was done on this file. At most 100 a page.", denial=Denial.NULL
    )
    access_entries: Connection[AccessEntry] | None = see(
        Capability.AUDIT_READ, "Who opened this file. At most 100 a page.", denial=Denial.NULL
    )
