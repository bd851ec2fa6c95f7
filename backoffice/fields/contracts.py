"""Contracts, their items, promotions and history."""

from backoffice import models
from backoffice.fields.declare import Column, Entity, Is, OneOf, PageSize, Range, Relation, ToOne, all_of, down, up
from backoffice.permissions import Capability

_ITEMS = PageSize(default=50, largest=100)

CONTRACT = Entity(
    "Contract",
    models.Contract,
    needs=Capability.CONTRACT_READ,
    fields={
        "subscriber": ToOne("Subscriber", key="subscriber_id"),
        "billing_account": ToOne("BillingAccount", key="billing_account_id"),
        "offer": ToOne("Offer", key="offer_id"),
        "partner": ToOne("Partner", key="partner_id"),
        "items": Relation("ContractItem", by="contract_id", order=up("starts_on"), page=_ITEMS),
        "promotions": Relation("Promotion", by="contract_id", order=up("starts_on"), page=_ITEMS),
        "history": Relation("ContractEvent", by="contract_id", order=down("effective_on"), page=_ITEMS),
        "change_orders": Relation("ChangeOrder", by="contract_id", order=down("effective_on"), page=_ITEMS),
        "devices": Relation("Device", by="contract_id", order=down("linked_at")),
        "tickets": Relation("Ticket", by="contract_id", order=down("opened_at")),
    },
    filters={
        "state": OneOf("state"),
        "billed_by": OneOf("billed_by"),
        "starts": Range("starts_on"),
        "ends": Range("ends_on"),
        "commitment_ends": Range("commitment_ends_on"),
        "has_subsidised_terminal": Is("has_subsidised_terminal"),
    },
    orders={"NEWEST": down("starts_on"), "OLDEST": up("starts_on")},
)

CONTRACT_ITEM = Entity(
    "ContractItem",
    models.ContractItem,
    needs=Capability.CONTRACT_READ,
    fields={
        "agreed_amount": Column("agreed_amount_cents"),
        "offer": ToOne("Offer", key="offer_id"),
        "contract": ToOne("Contract", key="contract_id"),
        "promotions": Relation("Promotion", by="contract_item_id", order=up("starts_on"), page=_ITEMS),
    },
    filters={"kind": OneOf("kind"), "starts": Range("starts_on"), "ends": Range("ends_on")},
    orders={"OLDEST": up("starts_on"), "NEWEST": down("starts_on")},
)

PROMOTION = Entity(
    "Promotion",
    models.Promotion,
    needs=Capability.CONTRACT_READ,
    fields={
        "discount": Column("discount_cents"),
        "item": ToOne("ContractItem", key="contract_item_id"),
    },
)

CONTRACT_EVENT = Entity(
    "ContractEvent",
    models.ContractEvent,
    needs=Capability.CONTRACT_READ,
    fields={
        "item": ToOne("ContractItem", key="contract_item_id"),
        "device": ToOne("Device", key="device_id"),
    },
)

PARTNER = Entity("Partner", models.Partner, needs=Capability.CONTRACT_READ)

CONTRACTS = all_of("Contract", order=down("starts_on"))
