"""Bulk corrections and their credits."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from backoffice import models
from backoffice.fields.declare import (
    Column,
    Entity,
    Expression,
    Moment,
    OneOf,
    Range,
    Relation,
    ToOne,
    all_of,
    down,
    up,
)
from backoffice.permissions import Capability


def _credited(correction: Any, _: Moment) -> ColumnElement[Any]:
    """How many of the credits have their note."""
    credit = models.BulkCredit
    return (
        select(func.count())
        .select_from(credit)
        .where(credit.bulk_correction_id == correction.id, credit.credit_note_id.is_not(None))
        .scalar_subquery()
    )


BULK_CORRECTION = Entity(
    "BulkCorrection",
    models.BulkCorrection,
    needs=Capability.BULK_WRITE,
    fields={
        "total": Column("total_cents"),
        "credited": Expression(_credited),
        "planned_by": ToOne("StaffMember", key="planned_by_id"),
        "decided_by": ToOne("StaffMember", key="decided_by_id"),
        "credits": Relation("BulkCredit", by="bulk_correction_id", order=up("subscriber_id"), of_all=True),
    },
    filters={"state": OneOf("state"), "planned": Range("planned_at")},
)

BULK_CREDIT = Entity(
    "BulkCredit",
    models.BulkCredit,
    needs=Capability.BULK_WRITE,
    fields={
        "amount": Column("amount_cents"),
        "subscriber": ToOne("Subscriber", key="subscriber_id"),
        "invoice_line": ToOne("InvoiceLine", key="invoice_line_id"),
        "credit_note": ToOne("CreditNote", key="credit_note_id"),
    },
)

BULK_CORRECTIONS = all_of("BulkCorrection", order=down("planned_at"))
