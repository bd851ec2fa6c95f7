"""Devices, their events and sessions."""

from backoffice import models
from backoffice.fields.declare import Entity, Is, OneOf, Range, Relation, ToOne, all_of, down
from backoffice.permissions import Capability

DEVICE = Entity(
    "Device",
    models.Device,
    needs=Capability.DEVICE_READ,
    fields={
        "subscriber": ToOne("Subscriber", key="subscriber_id"),
        "contract": ToOne("Contract", key="contract_id"),
        "events": Relation("DeviceEvent", by="device_id", order=down("at")),
        "sessions": Relation("DeviceSession", by="device_id", order=down("opened_at")),
        "tickets": Relation("Ticket", by="device_id", order=down("opened_at")),
    },
    filters={
        "state": OneOf("state"),
        "kind": OneOf("kind"),
        "is_lent": Is("is_lent"),
        "linked": Range("linked_at"),
        "last_seen": Range("last_seen_at"),
    },
    orders={"NEWEST": down("linked_at")},
)

DEVICE_EVENT = Entity("DeviceEvent", models.DeviceEvent, needs=Capability.DEVICE_READ)

DEVICE_SESSION = Entity(
    "DeviceSession",
    models.DeviceSession,
    needs=Capability.DEVICE_READ,
    fields={"device": ToOne("Device", key="device_id")},
)

DEVICES = all_of("Device", order=down("linked_at"))
