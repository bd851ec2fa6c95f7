"""Billing accounts and the means of payment on them."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, case, cast, exists, func, select
from sqlalchemy.orm import aliased

from backoffice import models, policy
from backoffice.billing.periods import add_months
from backoffice.fields.declare import Column, Entity, Expression, Moment, PageSize, Relation, ToOne, down, up
from backoffice.fields.invoices import gross_due
from backoffice.models import CreditNoteKind, CreditReason, GoodwillState, InvoiceState
from backoffice.permissions import Capability

_YEAR = 12
_FEW = PageSize(default=10, largest=50)
_WAITING = {"invoice_line_id": None, "cancelled_at": None}


def _credit(account: Any, _: Moment) -> ColumnElement[Any]:
    """What the account has to its credit, whether it pays an invoice or waits for one: what is due less what is owed."""
    invoice = models.Invoice
    due = (
        select(func.coalesce(func.sum(gross_due(invoice)), 0))
        .where(invoice.subscriber_id == account.subscriber_id, invoice.billing_account_id == account.id)
        .where(invoice.state != InvoiceState.DRAFT)
        .scalar_subquery()
    )
    # PostgreSQL adds whole numbers up to a decimal.
    credit: ColumnElement[Any] = cast(due, BigInteger) - account.balance_cents
    return credit


def _goodwill_left(account: Any, moment: Moment) -> ColumnElement[Any]:
    """What the subscriber may still be given of the goodwill of twelve months, whichever account had it."""
    since_on, credit = add_months(moment.today, -_YEAR), models.GoodwillCredit
    given = (
        select(func.coalesce(func.sum(credit.amount_cents), 0))
        .where(credit.subscriber_id == account.subscriber_id, credit.state == GoodwillState.GRANTED)
        .where(credit.granted_on > since_on)
        .scalar_subquery()
    )
    noted = _goodwill_noted(account, since_on)
    left = policy.in_force(moment.today).goodwill_a_year_cents - cast(given, BigInteger) - cast(noted, BigInteger)
    return case((left > 0, left), else_=0)


def _goodwill_noted(account: Any, since_on: date) -> ColumnElement[Any]:
    """What credit notes since a day gave the subscriber out of goodwill and were not taken back."""
    note, reversal = models.CreditNote, aliased(models.CreditNote)
    is_reversed = exists().where(reversal.subscriber_id == note.subscriber_id, reversal.reverses_id == note.id)
    return (
        select(func.coalesce(func.sum(note.ttc_cents), 0))
        .where(note.subscriber_id == account.subscriber_id, note.reason == CreditReason.GOODWILL)
        .where(note.kind == CreditNoteKind.CREDIT_NOTE, note.issued_on > since_on, ~is_reversed)
        .scalar_subquery()
    )


BILLING_ACCOUNT = Entity(
    "BillingAccount",
    models.BillingAccount,
    needs=Capability.BILLING_READ,
    fields={
        "balance": Column("balance_cents"),
        "credit": Expression(_credit),
        "goodwill_left": Expression(_goodwill_left),
        "subscriber": ToOne("Subscriber", key="subscriber_id"),
        "payment_methods": Relation("PaymentMethod", by="billing_account_id", order=down("added_on"), page=_FEW),
        "contracts": Relation("Contract", by="billing_account_id", order=down("starts_on"), page=_FEW),
        "invoices": Relation("Invoice", by="billing_account_id", order=down("issued_on")),
        "payments": Relation("Payment", by="billing_account_id", order=down("requested_at")),
        "goodwill_credits": Relation("GoodwillCredit", by="billing_account_id", order=down("granted_on")),
        "credit_applications": Relation("CreditApplication", by="billing_account_id", order=down("at")),
        "postings": Relation("LedgerPosting", by="billing_account_id", order=down("booked_on")),
        "extra_charges": Relation("ExtraCharge", by="billing_account_id", order=up("billable_from"), only=_WAITING),
    },
)

PAYMENT_METHOD = Entity("PaymentMethod", models.PaymentMethod, needs=Capability.PAYMENT_METHOD_READ)
