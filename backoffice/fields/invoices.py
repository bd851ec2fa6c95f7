"""Invoices and their lines."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case

from backoffice import models
from backoffice.fields.declare import (
    Column,
    Entity,
    Expression,
    Holds,
    Moment,
    OneOf,
    PageSize,
    Range,
    Relation,
    ToOne,
    all_of,
    down,
    up,
)
from backoffice.permissions import Capability

_LINES = PageSize(default=50, largest=200)


def gross_due(invoice: Any) -> ColumnElement[Any]:
    """What would be to be paid if the account had no credit, in cents; the same as the model's `gross_due_cents`."""
    without_credit = invoice.refunded_cents + invoice.offset_cents - invoice.credited_cents
    reopened = case((without_credit > 0, without_credit), else_=0)
    asked = invoice.ttc_cents - invoice.paid_cents - invoice.offset_cents + reopened
    return case((asked > 0, asked), else_=0)


def due(invoice: Any) -> ColumnElement[Any]:
    """What is still to be paid, in cents; the same as the model's `due_cents`."""
    still_due: ColumnElement[Any] = gross_due(invoice) - invoice.applied_cents
    return still_due


def _refundable(invoice: Any) -> ColumnElement[Any]:
    """What was paid and not yet paid back, in cents; nothing where the bank took the payment back."""
    left = invoice.paid_cents - invoice.refunded_cents
    return case((left > 0, left), else_=0)


def _is_overdue(invoice: Any, moment: Moment) -> ColumnElement[bool]:
    return and_(due(invoice) > 0, invoice.due_on < moment.today)


INVOICE = Entity(
    "Invoice",
    models.Invoice,
    needs=Capability.BILLING_READ,
    fields={
        "total_excluding_vat": Column("ht_cents"),
        "vat": Column("vat_cents"),
        "total": Column("ttc_cents"),
        "paid": Column("paid_cents"),
        "credited": Column("credited_cents"),
        "refunded": Column("refunded_cents"),
        "carried_credit": Column("applied_cents"),
        "due": Expression(lambda invoice, _: due(invoice)),
        "refundable": Expression(lambda invoice, _: _refundable(invoice)),
        "is_overdue": Expression(_is_overdue),
        "subscriber": ToOne("Subscriber", key="subscriber_id"),
        "billing_account": ToOne("BillingAccount", key="billing_account_id"),
        "lines": Relation("InvoiceLine", by="invoice_id", order=up("position"), page=_LINES),
        "credit_notes": Relation("CreditNote", by="invoice_id", order=up("issued_on")),
        "allocations": Relation("PaymentAllocation", by="invoice_id"),
        "refunds": Relation("Refund", by="invoice_id", order=up("requested_at")),
        "tickets": Relation("Ticket", by="invoice_id", order=down("opened_at")),
        "dunning_steps": Relation("DunningStep", by="invoice_id", order=up("due_on")),
    },
    filters={
        "state": OneOf("state"),
        "kind": OneOf("kind"),
        "run_type": OneOf("run_type"),
        "issued": Range("issued_on"),
        "due_by": Range("due_on"),
        "total": Range("ttc_cents"),
        "is_unpaid": Holds(lambda invoice: due(invoice) > 0),
    },
    orders={
        "NEWEST": down("issued_on"),
        "OLDEST": up("issued_on"),
        "DUE_FIRST": up("due_on"),
        "LARGEST": down("ttc_cents"),
    },
)

INVOICE_LINE = Entity(
    "InvoiceLine",
    models.InvoiceLine,
    needs=Capability.BILLING_READ,
    fields={
        "unit_price": Column("unit_cents"),
        "amount_excluding_vat": Column("ht_cents"),
        "vat": Column("vat_cents"),
        "amount": Column("ttc_cents"),
        "credited": Column("credited_ttc_cents"),
        "invoice": ToOne("Invoice", key="invoice_id"),
        "contract": ToOne("Contract", key="contract_id"),
        "item": ToOne("ContractItem", key="contract_item_id"),
        "offer": ToOne("Offer", key="offer_id"),
        "price": ToOne("PriceVersion", key="price_version_id"),
        "credit_note_lines": Relation("CreditNoteLine", by="invoice_line_id", order=up("position")),
    },
)

INVOICES = all_of("Invoice", order=down("issued_on"))
