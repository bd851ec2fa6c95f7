"""The staff's operations: valid, answered, and with a number of SQL statements that does not depend on the rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode
from sqlalchemy import and_, event, select

from backoffice import models
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.permissions import Role
from tests import factories
from tests.acts import global_id
from tests.graphs import STAFF, asking

_FOLDER = Path(__file__).parents[2] / "frontend_queries" / "staff"
_OPERATIONS = {path.stem: path.read_text() for path in sorted(_FOLDER.glob("*.graphql"))}

PINNED = {
    "account_payments": 12,
    "approvals_waiting": 1,
    "bill_replay": 15,
    "contract_changes": 4,
    "bulk_corrections": 1,
    "contract_history": 10,
    "credit_note_document": 17,
    "deadlines": 7,
    "find_subscriber": 10,
    "invoice_document": 20,
    "invoice_difference": 3,
    "invoice_explained": 9,
    "offers": 5,
    "refund_advice": 15,
    "subscriber_360": 27,
    "subscriber_devices": 10,
    "subscriber_ledger": 15,
    "subscriber_trail": 5,
    "subscribers": 4,
    "ticket_file": 11,
    "ticket_queue": 6,
    "unpaid_invoices": 6,
    "upcoming_invoice": 16,
    "who_am_i": 0,
}
"""SELECT statements of each reading operation, at most: whatever the subscriber and the number of rows."""


@contextmanager
def _counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def count(*said: Any) -> None:
        if said[2].startswith(("SELECT", "WITH")):
            statements.append(said[2])

    event.listen(database.reader.sync_engine, "before_cursor_execute", count)
    yield statements
    event.remove(database.reader.sync_engine, "before_cursor_execute", count)


async def _ids(database: Database, model: Any, name: str) -> list[str]:
    async with database.reading() as session:
        rows = (await session.execute(select(model.subscriber_id, model.id))).all()
    return [GlobalId(name, *row).encode() for row in rows]


_NODES: dict[str, tuple[Any, str]] = {
    "account_payments": (models.BillingAccount, "BillingAccount"),
    "contract_changes": (models.Contract, "Contract"),
    "contract_history": (models.Contract, "Contract"),
    "deadlines": (models.Contract, "Contract"),
    "credit_note_document": (models.CreditNote, "CreditNote"),
    "invoice_document": (models.Invoice, "Invoice"),
    "invoice_explained": (models.Invoice, "Invoice"),
    "ticket_file": (models.Ticket, "Ticket"),
}
_ASKED: dict[str, list[dict[str, Any]]] = {
    "find_subscriber": [{"text": text} for text in ("S01000001", "ma", "du", "le", "nobody", "F2026-0000001")],
    "subscribers": [{"first": 1}, {"first": 2}, {"first": 40}],
    "ticket_queue": [{"first": 1}, {"first": 2}, {"first": 40}],
    "unpaid_invoices": [{"first": 1}, {"first": 2}, {"first": 40}],
    "approvals_waiting": [{"first": 1}, {"first": 40}],
    "bulk_corrections": [{"first": 1}, {"first": 40}],
    "offers": [{}],
    "who_am_i": [{}],
}


async def _pairs(database: Database) -> list[dict[str, Any]]:
    """Two invoices in a row of each account."""
    async with database.reading() as session:
        rows = (
            await session.execute(select(models.Invoice).order_by(models.Invoice.billing_account_id, models.Invoice.id))
        ).scalars()
        return [
            {"earlier": global_id(earlier), "later": global_id(later)}
            for earlier, later in pairwise(list(rows))
            if earlier.billing_account_id == later.billing_account_id
        ]


async def _asked_back(database: Database) -> list[dict[str, Any]]:
    """A reason for each line, and for each payment."""
    by_line = [
        {"input": {"invoiceLineId": line_id, "reason": reason}}
        for line_id in (await _ids(database, models.InvoiceLine, "InvoiceLine"))[:10]
        for reason in ("BILLING_ERROR", "UNUSED_OPTION")
    ]
    by_payment = await _ids(database, models.Payment, "Payment")
    return [*by_line, *({"input": {"paymentId": each, "reason": "GOODWILL"}} for each in by_payment[:5])]


async def _periods(database: Database) -> list[dict[str, Any]]:
    """A period of contracts that we bill, by a day and by an invoice, as known now and as known then."""
    contract, line = models.Contract, models.InvoiceLine
    async with database.reading() as session:
        found = await session.execute(
            select(contract, line)
            .join(line, and_(line.subscriber_id == contract.subscriber_id, line.contract_id == contract.id))
            .where(contract.billed_by == models.BilledBy.OPERATOR, line.kind == models.LineKind.SUBSCRIPTION)
            .order_by(line.id)
            .limit(12)
        )
        rows = [(global_id(of), row.starts_on.isoformat(), _invoice_id(row)) for of, row in found]
    return [
        {"input": {"contractId": contract_id, **given}}
        for contract_id, on, invoice_id in rows
        for given in ({"on": on}, {"invoiceId": invoice_id}, {"on": on, "knownAt": f"{on}T12:00:00Z"})
    ]


def _invoice_id(line: models.InvoiceLine) -> str:
    return GlobalId("Invoice", line.subscriber_id, line.invoice_id).encode()


_EXPLAINED = {"bill_replay": _periods, "invoice_difference": _pairs, "refund_advice": _asked_back}


async def _variables(database: Database, operation: str) -> list[dict[str, Any]]:
    """Every way to ask that matters: each subscriber, contract, ticket; pages of one row and of many."""
    if operation in _ASKED:
        return _ASKED[operation]
    if operation in _NODES:
        return [{"id": each} for each in (await _ids(database, *_NODES[operation]))[:60]]
    if operation in _EXPLAINED:
        return (await _EXPLAINED[operation](database))[:40]
    async with database.reading() as session:
        numbers = (await session.execute(select(models.Subscriber.number))).scalars().all()
    return [{"by": {"number": number}} for number in numbers]


class TestOperations:
    @pytest.mark.parametrize("name", _OPERATIONS)
    def test_are_valid_and_named_after_their_file(self, name: str) -> None:
        document = STAFF.document(_OPERATIONS[name])

        assert document is not None
        (operation,) = document.definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name is not None
        assert operation.name.value == "".join(word.title() for word in name.split("_"))

    def test_are_all_pinned_unless_they_write(self) -> None:
        reading = {name for name, text in _OPERATIONS.items() if "\nmutation " not in text}

        assert reading == set(PINNED)

    @pytest.mark.parametrize("name", PINNED)
    async def test_hold_their_number_of_statements(self, demo: Database, name: str) -> None:
        asked = asking(demo, factories.viewer(Role.SUPERVISOR))
        counts = []

        for variables in await _variables(demo, name):
            with _counted(demo) as statements:
                await asked.data(_OPERATIONS[name], **variables)
            counts.append(len(statements))

        # Two fields that read the same rows share a statement when they ask at the same moment, so it can be one less.
        assert PINNED[name] - 1 <= max(counts) <= PINNED[name]

    async def test_need_no_more_statements_for_more_rows(self, demo: Database) -> None:
        asked = asking(demo)
        query = "query($n: Int!) { subscribers(first: $n) { nodes { contracts { nodes { offer { code } } } } } }"
        counts = []

        for first in (5, 10, 40):
            with _counted(demo) as statements:
                data = await asked.data(query, n=first)
            assert len(data["subscribers"]["nodes"]) == first
            counts.append(len(statements))

        assert counts == [3, 3, 3]
