"""Charges that wait for the next invoice: fees, what a change left to bill, what a correction found too little."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within
from backoffice.models.invoice_lines import LineKind


class ExtraCharge(OfSubscriber, Base):
    """`ttc_cents` may be below zero: the credit line of a change of offer. Billed when `invoice_line_id` is set."""

    __tablename__ = "extra_charges"
    __table_args__ = (
        within("billing_account_id", "billing_accounts"),
        within("contract_id", "contracts"),
        within("contract_item_id", "contract_items"),
        within("invoice_line_id", "invoice_lines"),
        by("billing_account_id", "billable_from"),
        by("contract_id"),
        by("contract_item_id"),
        by("invoice_line_id"),
        check("not_billed_and_cancelled", "invoice_line_id IS NULL OR cancelled_at IS NULL"),
    )

    billing_account_id: Mapped[int]
    contract_id: Mapped[int | None]
    contract_item_id: Mapped[int | None]
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"))
    price_version_id: Mapped[int | None] = mapped_column(ForeignKey("price_versions.id"))
    kind: Mapped[LineKind] = one_of(LineKind)
    label: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    unit_cents: Mapped[int]
    vat_rate: Mapped[Decimal | None]
    """None: outside the scope of VAT."""
    ttc_cents: Mapped[int]
    derivation: Mapped[dict[str, Any]]
    cause: Mapped[str] = mapped_column(String(80))
    """The global id of what caused it: a change order, a payment, a correction."""
    billable_from: Mapped[date]
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    invoice_line_id: Mapped[int | None]
