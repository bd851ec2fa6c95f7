"""Billing accounts and the means of payment on them."""

from backoffice import models
from backoffice.fields.declare import Column, Entity, PageSize, Relation, ToOne, down
from backoffice.permissions import Capability

_FEW = PageSize(default=10, largest=50)

BILLING_ACCOUNT = Entity(
    "BillingAccount",
    models.BillingAccount,
    needs=Capability.BILLING_READ,
    fields={
        "balance": Column("balance_cents"),
        "subscriber": ToOne("Subscriber", key="subscriber_id"),
        "payment_methods": Relation("PaymentMethod", by="billing_account_id", order=down("added_on"), page=_FEW),
        "contracts": Relation("Contract", by="billing_account_id", order=down("starts_on"), page=_FEW),
        "invoices": Relation("Invoice", by="billing_account_id", order=down("issued_on")),
        "payments": Relation("Payment", by="billing_account_id", order=down("requested_at")),
        "postings": Relation("LedgerPosting", by="billing_account_id", order=down("booked_on")),
    },
)

PAYMENT_METHOD = Entity("PaymentMethod", models.PaymentMethod, needs=Capability.PAYMENT_METHOD_READ)
