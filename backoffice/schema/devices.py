"""Devices in the graph."""

from datetime import date, datetime

import strawberry

from backoffice import fields, models, permissions
from backoffice.permissions import Capability
from backoffice.resolvers import can as resolve_can
from backoffice.resolvers import devices as resolve
from backoffice.schema import graph
from backoffice.schema.abilities import Ability
from backoffice.schema.access import of, see
from backoffice.schema.nodes import Node
from backoffice.schema.paging import Connection
from backoffice.schema.scalars import InstantRange

_READ = Capability.DEVICE_READ


@of(fields.devices.DEVICE_EVENT)
class DeviceEvent(Node):
    """Something that happened to a device."""

    kind: models.DeviceEventKind = see(_READ, "What happened.")
    at: datetime = see(_READ, "When.")
    actor_kind: permissions.ActorKind = see(_READ, "Who did it: staff, subscriber or system.")
    actor_name: str = see(_READ, "The name of who did it.")
    details: str | None = see(_READ, "More about it.")


@of(fields.devices.DEVICE_SESSION)
class DeviceSession(Node):
    """The subscriber is, or was, signed in."""

    opened_at: datetime = see(_READ, "Since when.")
    last_seen_at: datetime = see(_READ, "When it was last used.")
    ended_at: datetime | None = see(_READ, "When it ended; none while it is open.")
    city: str | None = see(_READ, "The town, as the network address tells it.")
    country: str | None = see(_READ, "The country, as the network address tells it.")
    address: str | None = see(Capability.CONTACT_READ, "The network address.")
    is_new_device: bool = see(_READ, "Whether the device had never signed in before.")
    device: graph.Device | None = see(_READ, "The device.")


@strawberry.input(description="Which devices.")
class DeviceWhere:
    state: list[models.DeviceState] | None = None
    kind: list[models.DeviceKind] | None = None
    is_lent: bool | None = None
    linked: InstantRange | None = None
    last_seen: InstantRange | None = None
    and_: list["DeviceWhere"] | None = strawberry.field(name="and", default=None)
    or_: list["DeviceWhere"] | None = strawberry.field(name="or", default=None)
    not_: "DeviceWhere | None" = strawberry.field(name="not", default=None)


DeviceSort = resolve.DeviceSort
strawberry.enum(DeviceSort, description="The order of a list of devices.")


@of(fields.devices.DEVICE)
class Device(Node):
    """A decoder lent to the subscriber, or a screen or telephone of theirs."""

    kind: models.DeviceKind = see(_READ, "What sort of device.")
    state: models.DeviceState = see(_READ, "Whether it can be used.")
    name: str = see(_READ, "The name that the subscriber gave it.")
    model: str = see(_READ, "Maker and model.")
    serial: str = see(_READ, "The serial number.")
    is_lent: bool = see(_READ, "Whether it belongs to the operator and must be given back.")
    linked_at: datetime = see(_READ, "Since when it is linked.")
    last_seen_at: datetime | None = see(_READ, "When it was last used.")
    guest_until: date | None = see(_READ, "The first day on which a guest's device is no longer linked.")
    revocation_reason: models.RevocationReason | None = see(_READ, "Why it was cut off.")
    ended_at: datetime | None = see(_READ, "When it was revoked or removed.")
    revision: int = see(_READ, "Raised by each change; give it back as `expectedRevision`.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)
    subscriber: graph.Subscriber = see(Capability.SUBSCRIBER_READ, "Whose it is.")
    contract: graph.Contract | None = see(Capability.CONTRACT_READ, "The contract that it came with.")
    events: Connection[DeviceEvent] = see(_READ, "Its history, newest first. At most 100 a page.")
    sessions: Connection[DeviceSession] = see(_READ, "Its sessions, newest first. At most 100 a page.")
    tickets: Connection[graph.Ticket] = see(Capability.TICKET_READ, "Tickets about it. At most 100 a page.")
