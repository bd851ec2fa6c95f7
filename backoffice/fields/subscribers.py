"""Subscribers and what describes them: holders, addresses, phones, consents."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from backoffice import models
from backoffice.fields.declare import Entity, Expression, Is, Moment, OneOf, PageSize, Range, Relation, all_of, down, up
from backoffice.models import AddressKind, ContractState, DeviceState
from backoffice.permissions import Capability

_FEW = PageSize(default=10, largest=50)
# A contract that is suspended for a while keeps the devices that were linked under it.
_GIVES_SLOTS = (ContractState.ACTIVE, ContractState.SUSPENDED, ContractState.TERMINATING)


def _first_holder_name(subscriber: Any, _: Moment) -> ColumnElement[Any]:
    holder = models.Holder
    return (
        select(holder.full_name)
        .where(holder.subscriber_id == subscriber.id)
        .order_by(holder.position, holder.id)
        .limit(1)
        .scalar_subquery()
    )


def slots_used(subscriber: Any, _: Moment) -> ColumnElement[Any]:
    """Linked devices of the subscriber's own; what the operator lends takes no slot."""
    device = models.Device
    linked = device.state.in_([DeviceState.PENDING, DeviceState.ACTIVE, DeviceState.BLOCKED])
    return (
        select(func.count())
        .select_from(device)
        .where(device.subscriber_id == subscriber.id, linked, device.is_lent.is_(False))
        .scalar_subquery()
    )


def slots_allowed(subscriber: Any, moment: Moment) -> ColumnElement[Any]:
    """The slots of the offers and options that are in force today, in contracts that are."""
    item, offer, contract = models.ContractItem, models.Offer, models.Contract
    is_its_contract = and_(contract.subscriber_id == item.subscriber_id, contract.id == item.contract_id)
    in_force = and_(item.starts_on <= moment.today, or_(item.ends_on.is_(None), item.ends_on > moment.today))
    return (
        select(func.coalesce(func.sum(offer.device_slots * item.quantity), 0))
        .join_from(item, offer, offer.id == item.offer_id)
        .join(contract, is_its_contract)
        .where(item.subscriber_id == subscriber.id, in_force, contract.state.in_(_GIVES_SLOTS))
        .scalar_subquery()
    )


def _address(kind: AddressKind) -> Relation:
    """The newest address of a kind: the one in force, or the last that was."""
    return Relation("Address", by="subscriber_id", only={"kind": kind}, order=down("starts_on"), is_one=True)


SUBSCRIBER = Entity(
    "Subscriber",
    models.Subscriber,
    needs=Capability.SUBSCRIBER_READ,
    fields={
        "full_name": Expression(_first_holder_name),
        "device_slots_used": Expression(slots_used),
        "device_slots_allowed": Expression(slots_allowed),
        "holders": Relation("Holder", by="subscriber_id", order=up("position"), page=_FEW),
        "phones": Relation("Phone", by="subscriber_id", order=up("kind"), page=_FEW),
        "consents": Relation("Consent", by="subscriber_id", order=down("decided_at"), page=_FEW),
        "addresses": Relation("Address", by="subscriber_id", order=down("starts_on"), page=_FEW),
        "installation_address": _address(AddressKind.INSTALLATION),
        "billing_address": _address(AddressKind.BILLING),
        "billing_accounts": Relation("BillingAccount", by="subscriber_id", order=up("number"), page=_FEW),
        "contracts": Relation("Contract", by="subscriber_id", order=down("starts_on"), page=_FEW),
        "invoices": Relation("Invoice", by="subscriber_id", order=down("issued_on")),
        "credit_notes": Relation("CreditNote", by="subscriber_id", order=down("issued_on")),
        "payments": Relation("Payment", by="subscriber_id", order=down("requested_at")),
        "refunds": Relation("Refund", by="subscriber_id", order=down("requested_at")),
        "devices": Relation("Device", by="subscriber_id", order=down("linked_at")),
        "sessions": Relation("DeviceSession", by="subscriber_id", order=down("opened_at")),
        "tickets": Relation("Ticket", by="subscriber_id", order=down("opened_at")),
        "audit_entries": Relation("AuditEntry", by="subscriber_id", order=down("at")),
        "access_entries": Relation("AccessEntry", by="subscriber_id", order=down("at")),
    },
    filters={
        "state": OneOf("state"),
        "kind": OneOf("kind"),
        "language": OneOf("language"),
        "is_fragile": Is("is_fragile"),
        "created": Range("created_at"),
    },
    orders={"NEWEST": down("created_at"), "OLDEST": up("created_at")},
)

HOLDER = Entity("Holder", models.Holder, needs=Capability.CONTACT_READ)
ADDRESS = Entity("Address", models.Address, needs=Capability.CONTACT_READ)
PHONE = Entity("Phone", models.Phone, needs=Capability.CONTACT_READ)
CONSENT = Entity("Consent", models.Consent, needs=Capability.CONTACT_READ)

SUBSCRIBERS = all_of("Subscriber", order=down("created_at"))
