"""Contracts in the graph."""

from datetime import date, datetime

import strawberry

from backoffice import fields, models, permissions
from backoffice.permissions import Capability
from backoffice.resolvers import can as resolve_can
from backoffice.resolvers import contracts as resolve
from backoffice.resolvers import deadlines as resolve_deadlines
from backoffice.resolvers import upcoming_invoices as resolve_upcoming
from backoffice.schema import graph
from backoffice.schema.abilities import Ability
from backoffice.schema.access import of, see
from backoffice.schema.deadlines import Deadline
from backoffice.schema.devices import Device
from backoffice.schema.nodes import Node
from backoffice.schema.offers import Offer
from backoffice.schema.paging import Connection
from backoffice.schema.scalars import JSON, DateRange, Money
from backoffice.schema.tickets import Ticket
from backoffice.schema.upcoming_invoices import UpcomingInvoice

_READ = Capability.CONTRACT_READ


@of(fields.contracts.PARTNER)
class Partner(Node):
    """Another operator or a shop through whom offers are sold."""

    code: str = see(_READ, "The partner's code.")
    name: str = see(_READ, "The partner's name.")


@of(fields.contracts.PROMOTION)
class Promotion(Node):
    """A lower price for a time."""

    label: str = see(_READ, "What it was called when it was granted.")
    discount: Money = see(_READ, "What it takes off a period, VAT included.")
    starts_on: date = see(_READ, "The first day of the lower price.")
    ends_on: date = see(_READ, "The first day of the full price.")
    reminder_on: date = see(_READ, "When the subscriber is told that it ends.")
    item: graph.ContractItem | None = see(_READ, "What it makes cheaper.")


@of(fields.contracts.CONTRACT_ITEM)
class ContractItem(Node):
    """Something that a contract consists of, by date."""

    kind: models.OfferKind = see(_READ, "The offer itself, an option, a fee or a deposit.")
    offer: Offer = see(_READ, "What it is in the catalogue.")
    quantity: int = see(_READ, "How many.")
    agreed_amount: Money | None = see(_READ, "A price agreed for this contract alone; none: the catalogue's.")
    starts_on: date = see(_READ, "The first day in force.")
    ends_on: date | None = see(_READ, "The first day no longer in force; none while it goes on.")
    anchor_on: date | None = see(_READ, "The anchor day of a rolling option; none: billed with the contract.")
    last_used_on: date | None = see(_READ, "The day of the last use, when the platform knows it.")
    promotions: Connection[Promotion] = see(_READ, "Promotions on it, in order. At most 100 a page.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)


@of(fields.contracts.CONTRACT_EVENT)
class ContractEvent(Node):
    """A change in a contract's history: when it takes effect, and when we knew."""

    kind: models.ContractEventKind = see(_READ, "What happened.")
    effective_on: date = see(_READ, "The day on which it takes effect.")
    recorded_at: datetime = see(_READ, "When it was recorded.")
    actor_kind: permissions.ActorKind = see(_READ, "Who did it: staff, subscriber, partner or system.")
    actor_name: str = see(_READ, "The name of who did it.")
    channel: str = see(_READ, "Through which door.")
    device: Device | None = see(Capability.DEVICE_READ, "The subscriber's device from which it was done.")
    item: ContractItem | None = see(_READ, "The item that it concerns.")
    details: JSON = see(_READ, "What changed, as data.")


@strawberry.input(description="Which contracts.")
class ContractWhere:
    state: list[models.ContractState] | None = None
    billed_by: list[models.BilledBy] | None = None
    starts: DateRange | None = None
    ends: DateRange | None = None
    commitment_ends: DateRange | None = None
    has_subsidised_terminal: bool | None = None
    and_: list["ContractWhere"] | None = strawberry.field(name="and", default=None)
    or_: list["ContractWhere"] | None = strawberry.field(name="or", default=None)
    not_: "ContractWhere | None" = strawberry.field(name="not", default=None)


ContractSort = resolve.ContractSort
strawberry.enum(ContractSort, description="The order of a list of contracts.")


@of(fields.contracts.CONTRACT)
class Contract(Node):
    """What a subscriber has agreed to, with its items, commitment and history."""

    number: str = see(_READ, "The number of the contract.")
    state: models.ContractState = see(_READ, "Where it stands.")
    subscriber: graph.Subscriber = see(Capability.SUBSCRIBER_READ, "Whose it is.")
    billing_account: graph.BillingAccount = see(Capability.BILLING_READ, "Who pays it.")
    offer: Offer = see(_READ, "The offer in force.")
    concluded_on: date = see(_READ, "The day it was concluded.")
    starts_on: date = see(_READ, "The first day of service.")
    ends_on: date | None = see(_READ, "The first day without service; none while it goes on.")
    anchor_on: date = see(_READ, "The day from which billing periods are counted.")
    billed_until: date | None = see(_READ, "The end of the last period that was billed.")
    commitment_months: int = see(_READ, "Months of commitment, at most 24.")
    commitment_ends_on: date | None = see(_READ, "The first day without commitment.")
    has_subsidised_terminal: bool = see(_READ, "Whether a telephone was sold below its price with it.")
    suspension_cause: models.SuspensionCause | None = see(_READ, "Why the service is cut.")
    suspended_on: date | None = see(_READ, "Since when the service is cut.")
    partner: Partner | None = see(_READ, "The partner through whom it was sold.")
    partner_reference: str | None = see(_READ, "The partner's own reference.")
    billed_by: models.BilledBy = see(_READ, "Who sends the bill.")
    revision: int = see(_READ, "Raised by each change; give it back as `expectedRevision`.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)
    deadlines: list[Deadline] = see(
        _READ, "Until when something may, or must, be done, the earliest first.", by=resolve_deadlines.of_contract
    )
    items: Connection[ContractItem] = see(_READ, "What it consists of, in order. At most 100 a page.")
    promotions: Connection[Promotion] = see(_READ, "Its promotions, in order. At most 100 a page.")
    history: Connection[ContractEvent] = see(_READ, "What happened to it, newest first. At most 100 a page.")
    change_orders: Connection[graph.ChangeOrder] = see(
        _READ, "Orders to change it, the latest day first. At most 100 a page."
    )
    devices: Connection[Device] = see(Capability.DEVICE_READ, "Devices that came with it. At most 100 a page.")
    upcoming_invoice: UpcomingInvoice | None = see(
        Capability.BILLING_READ,
        "The next invoice of its account, if something of the contract will be on it.",
        by=resolve_upcoming.of_contract,
    )
    tickets: Connection[Ticket] = see(Capability.TICKET_READ, "Tickets about it. At most 100 a page.")
