"""Lines of invoices, each with the derivation from which anyone can recompute it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.models.base import Base, OfSubscriber, by, check, one_of, within


class LineKind(StrEnum):
    """What a line is about."""

    SUBSCRIPTION = "SUBSCRIPTION"
    OPTION = "OPTION"
    PRORATION = "PRORATION"
    FEE = "FEE"
    DEPOSIT = "DEPOSIT"
    STATEMENT = "STATEMENT"


class InvoiceLine(OfSubscriber, Base):
    """Amounts are cents of the whole line; `credited_*` is what credit notes have taken back so far."""

    __tablename__ = "invoice_lines"
    __table_args__ = (
        within("invoice_id", "invoices"),
        within("contract_id", "contracts"),
        within("contract_item_id", "contract_items"),
        by("invoice_id", "position"),
        by("contract_id", "starts_on"),
        by("contract_item_id"),
        check("vat_adds_up", "ht_cents + vat_cents = ttc_cents"),
        check("credited_within_line", "credited_ttc_cents = 0 OR credited_ttc_cents BETWEEN 0 AND ttc_cents"),
    )

    invoice_id: Mapped[int]
    position: Mapped[int]
    kind: Mapped[LineKind] = one_of(LineKind)
    label: Mapped[str] = mapped_column(String(200))
    contract_id: Mapped[int | None]
    contract_item_id: Mapped[int | None]
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"))
    price_version_id: Mapped[int | None] = mapped_column(ForeignKey("price_versions.id"))
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    quantity: Mapped[int] = mapped_column(default=1)
    unit_cents: Mapped[int]
    """The price of one unit for a whole period, after discount."""
    vat_rate: Mapped[Decimal | None]
    """None: outside the scope of VAT."""
    ht_cents: Mapped[int]
    vat_cents: Mapped[int]
    ttc_cents: Mapped[int]
    credited_ht_cents: Mapped[int] = mapped_column(default=0)
    credited_ttc_cents: Mapped[int] = mapped_column(default=0)
    derivation: Mapped[dict[str, Any]]
