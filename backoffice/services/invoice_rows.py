"""The rows of planned invoices: documents, lines, directory, postings; plain dicts, written many at a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.models import (
    Base,
    DirectoryEntry,
    DirectoryKind,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    LedgerEntry,
    LedgerPosting,
    PostingKind,
)
from backoffice.services import keys, postings
from backoffice.services.invoicing import BilledLine, InvoicePlan

Row = dict[str, Any]
_AS_ISSUED = {"credited_cents": 0, "offset_cents": 0, "paid_cents": 0, "refunded_cents": 0, "applied_cents": 0}


class InvoiceRows:
    """The rows of a batch, table by table, in the order that foreign keys ask for."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self.of: dict[type[Base], list[Row]] = {
            table: [] for table in (Invoice, InvoiceLine, DirectoryEntry, LedgerPosting, LedgerEntry)
        }
        self.billed: list[tuple[int, int, int]] = []
        """What waited and is billed now: subscriber, charge and line."""

    def add(self, plan: InvoicePlan, number: str) -> None:
        """Add the rows of one invoice."""
        invoice_id = new_id(self._at)
        self.of[Invoice].append(_invoice(plan, invoice_id, number))
        for position, line in enumerate(plan.lines):
            row = _line(plan, line, invoice_id, position, new_id(self._at))
            self.of[InvoiceLine].append(row)
            if line.charge.waiting:
                self.billed.append((plan.subscriber_id, line.charge.waiting.id, row["id"]))
        self.of[DirectoryEntry].append(
            {
                "kind": DirectoryKind.INVOICE,
                "key": keys.reference(number),
                "subscriber_id": plan.subscriber_id,
                "target_id": invoice_id,
            }
        )
        self._post(plan, invoice_id, number)

    async def write(self, session: AsyncSession) -> None:
        """Insert them."""
        for model, rows in self.of.items():
            if rows:
                await session.execute(_insert(session, model), rows)

    def _post(self, plan: InvoicePlan, invoice_id: int, number: str) -> None:
        posting_id = new_id(self._at)
        self.of[LedgerPosting].append(
            {
                "subscriber_id": plan.subscriber_id,
                "id": posting_id,
                "billing_account_id": plan.account_id,
                "kind": PostingKind.INVOICE,
                "document_id": invoice_id,
                "document_number": number,
                "booked_on": plan.issued_on,
                "recorded_at": self._at,
            }
        )
        entries = postings.of_document(
            ((line.charge.kind, line.split.ht_cents, line.split.vat_cents) for line in plan.lines), sign=1
        )
        for account, cents in entries.items():
            if cents:
                self.of[LedgerEntry].append(
                    {
                        "subscriber_id": plan.subscriber_id,
                        "id": new_id(self._at),
                        "posting_id": posting_id,
                        "account": account,
                        "amount_cents": cents,
                    }
                )


def _insert(session: AsyncSession, model: type[Base]) -> Any:
    """The statement that takes many rows fastest: on PostgreSQL one with many rows, on SQLite one a row."""
    table: Any = model.__table__
    statement = insert(table)
    if session.get_bind().dialect.name == "postgresql":
        # Only a statement that returns something is sent for many rows at once.
        return statement.returning(table.c.subscriber_id)
    return statement


def _invoice(plan: InvoicePlan, invoice_id: int, number: str) -> Row:
    total = plan.total
    return {
        **_AS_ISSUED,
        "subscriber_id": plan.subscriber_id,
        "id": invoice_id,
        "number": number,
        "billing_account_id": plan.account_id,
        "kind": InvoiceKind.INVOICE,
        "run_type": plan.run_type,
        "state": InvoiceState.ISSUED if total.ttc_cents else InvoiceState.PAID,
        "issued_on": plan.issued_on,
        "due_on": plan.due_on,
        "starts_on": plan.days.starts_on,
        "ends_on": plan.days.ends_on,
        "ht_cents": total.ht_cents,
        "vat_cents": total.vat_cents,
        "ttc_cents": total.ttc_cents,
    }


def _line(plan: InvoicePlan, line: BilledLine, invoice_id: int, position: int, line_id: int) -> Row:
    charge, priced = line.charge, line.charge.priced
    return {
        "subscriber_id": plan.subscriber_id,
        "id": line_id,
        "invoice_id": invoice_id,
        "position": position,
        "kind": charge.kind,
        "label": priced.label,
        "contract_id": charge.contract_id,
        "contract_item_id": charge.contract_item_id,
        "offer_id": charge.offer_id,
        "price_version_id": priced.price_version_id,
        "starts_on": priced.days.starts_on if priced.days else None,
        "ends_on": priced.days.ends_on if priced.days else None,
        "quantity": priced.quantity,
        "unit_cents": priced.unit_cents,
        "vat_rate": priced.rate,
        "ht_cents": line.split.ht_cents,
        "vat_cents": line.split.vat_cents,
        "ttc_cents": line.split.ttc_cents,
        "credited_ht_cents": 0,
        "credited_ttc_cents": 0,
        "derivation": line.derivation,
    }
