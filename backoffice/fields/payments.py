"""Payments and what they paid."""

from backoffice import models
from backoffice.fields.declare import Column, Entity, Relation, ToOne, up
from backoffice.permissions import Capability

PAYMENT = Entity(
    "Payment",
    models.Payment,
    needs=Capability.BILLING_READ,
    fields={
        "amount": Column("amount_cents"),
        "refunded": Column("refunded_cents"),
        "payment_method": ToOne("PaymentMethod", key="payment_method_id"),
        "billing_account": ToOne("BillingAccount", key="billing_account_id"),
        "allocations": Relation("PaymentAllocation", by="payment_id"),
        "refunds": Relation("Refund", by="payment_id", order=up("requested_at")),
    },
)

PAYMENT_ALLOCATION = Entity(
    "PaymentAllocation",
    models.PaymentAllocation,
    needs=Capability.BILLING_READ,
    fields={
        "amount": Column("amount_cents"),
        "payment": ToOne("Payment", key="payment_id"),
        "invoice": ToOne("Invoice", key="invoice_id"),
    },
)

CREDIT_APPLICATION = Entity(
    "CreditApplication",
    models.CreditApplication,
    needs=Capability.BILLING_READ,
    fields={"amount": Column("amount_cents"), "invoice": ToOne("Invoice", key="invoice_id")},
)

GOODWILL_CREDIT = Entity(
    "GoodwillCredit",
    models.GoodwillCredit,
    needs=Capability.BILLING_READ,
    fields={
        "amount": Column("amount_cents"),
        "ticket": ToOne("Ticket", key="ticket_id"),
        "billing_account": ToOne("BillingAccount", key="billing_account_id"),
    },
)
