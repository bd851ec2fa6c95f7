"""Credit notes and refunds."""

from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased

from backoffice import models
from backoffice.fields.declare import Column, Entity, Expression, Moment, PageSize, Relation, ToOne, up
from backoffice.permissions import Capability


def _is_reversed(note: Any, _: Moment) -> ColumnElement[bool]:
    """Whether a document took the note back."""
    reversal = aliased(models.CreditNote)
    return exists().where(reversal.subscriber_id == note.subscriber_id, reversal.reverses_id == note.id)


CREDIT_NOTE = Entity(
    "CreditNote",
    models.CreditNote,
    needs=Capability.BILLING_READ,
    fields={
        "total_excluding_vat": Column("ht_cents"),
        "vat": Column("vat_cents"),
        "total": Column("ttc_cents"),
        "offset": Column("offset_cents"),
        "reverses": ToOne("CreditNote", key="reverses_id"),
        "is_reversed": Expression(_is_reversed),
        "reversed_by": Relation("CreditNote", by="reverses_id", is_one=True),
        "ticket": ToOne("Ticket", key="ticket_id"),
        "invoice": ToOne("Invoice", key="invoice_id"),
        "billing_account": ToOne("BillingAccount", key="billing_account_id"),
        "lines": Relation("CreditNoteLine", by="credit_note_id", order=up("position"), page=PageSize(50, 200)),
        "refunds": Relation("Refund", by="credit_note_id", order=up("requested_at")),
    },
)

CREDIT_NOTE_LINE = Entity(
    "CreditNoteLine",
    models.CreditNoteLine,
    needs=Capability.BILLING_READ,
    fields={
        "amount_excluding_vat": Column("ht_cents"),
        "vat": Column("vat_cents"),
        "amount": Column("ttc_cents"),
        "credit_note": ToOne("CreditNote", key="credit_note_id"),
        "invoice_line": ToOne("InvoiceLine", key="invoice_line_id"),
    },
)

REFUND = Entity(
    "Refund",
    models.Refund,
    needs=Capability.BILLING_READ,
    fields={
        "amount": Column("amount_cents"),
        "ticket": ToOne("Ticket", key="ticket_id"),
        "payment": ToOne("Payment", key="payment_id"),
        "invoice": ToOne("Invoice", key="invoice_id"),
        "credit_note": ToOne("CreditNote", key="credit_note_id"),
    },
)
