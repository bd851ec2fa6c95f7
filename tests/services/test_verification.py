"""The books of the demo are proven, and each planted fault is named."""

import re

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.database import Database
from backoffice.models import AuditOutcome
from backoffice.services import audit, verification
from tests import factories


async def _found(database: Database) -> list[verification.Fault]:
    async with database.snapshot() as session:
        return [fault async for fault in verification.faults(session)]


class TestFaults:
    async def test_are_none_in_the_demo(self, demo: Database) -> None:
        assert await _found(demo) == []

    @pytest.mark.parametrize(
        ("edit", "check"),
        [
            ("UPDATE ledger_entries SET amount_cents = amount_cents + 1 WHERE id = {entry}", "ledger"),
            ("UPDATE billing_accounts SET balance_cents = balance_cents + 1 WHERE id = {account}", "balance"),
            ("UPDATE invoices SET ht_cents = ht_cents - 1, vat_cents = vat_cents + 1 WHERE id = {invoice}", "invoice"),
            ("UPDATE invoices SET paid_cents = paid_cents - 1 WHERE id = {paid}", "invoice"),
            ("UPDATE invoices SET refunded_cents = refunded_cents + 1 WHERE id = {paid}", "invoice"),
            ("UPDATE payment_allocations SET amount_cents = amount_cents + 1 WHERE id = {allocation}", "invoice"),
            (
                "UPDATE invoice_lines SET ttc_cents = ttc_cents + 1, vat_cents = vat_cents + 1 WHERE id = {line}",
                "invoice",
            ),
            ("UPDATE invoice_lines SET credited_ttc_cents = credited_ttc_cents + 1 WHERE id = {line}", "credit"),
            (
                "UPDATE credit_note_lines SET ht_cents = ht_cents - 1, vat_cents = vat_cents + 1 WHERE id = {note_line}",
                "credit",
            ),
            (
                "UPDATE credit_notes SET ht_cents = ht_cents - 1, vat_cents = vat_cents + 1 WHERE id = {note}",
                "credit note",
            ),
            ("UPDATE invoices SET number = 'F2026-9999999' WHERE id = {invoice}", "number"),
            ("UPDATE number_series SET last_number = last_number + 1 WHERE code = 'F2026'", "number"),
            ("UPDATE invoices SET issued_on = '2020-01-01' WHERE id = {invoice}", "number"),
            ("UPDATE invoice_lines SET derivation = '{{}}' WHERE id = {line}", "derivation"),
            ("UPDATE invoice_lines SET derivation = {other} WHERE id = {line}", "derivation"),
        ],
    )
    async def test_name_what_was_planted(self, demo: Database, edit: str, check: str) -> None:
        async with demo.unit_of_work() as session:
            edited = edit.format(**await _subjects(session))
            await _force(session, edited)

            faults = [fault async for fault in verification.faults(session)]

            await session.rollback()
        assert check in {fault.check for fault in faults}

    @pytest.mark.parametrize(
        "edit",
        [
            "UPDATE audit_entries SET note = 'another' WHERE sequence = 2",
            "DELETE FROM audit_entries WHERE sequence = 2",
            "UPDATE audit_entries SET sequence = 9 WHERE sequence = 3",
            "UPDATE audit_entries SET outcome = 'REFUSED' WHERE sequence = 1",
        ],
    )
    async def test_name_an_edited_trail(self, database: Database, edit: str) -> None:
        async with database.unit_of_work() as session:
            for note in ("one", "two", "three"):
                await audit.append(
                    session,
                    viewer=factories.viewer(),
                    operation="test",
                    outcome=AuditOutcome.DONE,
                    at=factories.NOW,
                    note=note,
                )
        assert await _found(database) == []
        async with database.unit_of_work() as session:
            await _force(session, edit)

        assert {fault.check for fault in await _found(database)} == {"audit"}


async def _force(session: AsyncSession, edit: str) -> None:
    """Edit as someone with the rights of the database itself, whom no trigger stops."""
    table = re.sub("^(UPDATE|DELETE FROM) ", "", edit).split()[0]
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    for change in ("update", "delete"):
        await session.execute(
            text(f"DROP TRIGGER IF EXISTS {table}_refuses_{change}" + ("" if is_sqlite else f" ON {table}"))
        )
    await session.execute(text(edit))


async def _subjects(session: object) -> dict[str, object]:
    """Rows of the demo to spoil."""

    async def one(statement: str) -> object:
        return (await session.execute(text(statement))).scalars().first()  # type: ignore[attr-defined]

    line = await one("SELECT invoice_line_id FROM credit_note_lines ORDER BY id LIMIT 1")
    other = await one("SELECT CAST(derivation AS TEXT) FROM invoice_lines WHERE ttc_cents = 4900 LIMIT 1")
    return {
        "entry": await one("SELECT id FROM ledger_entries ORDER BY id LIMIT 1"),
        "account": await one("SELECT id FROM billing_accounts ORDER BY id LIMIT 1"),
        "invoice": await one("SELECT id FROM invoices WHERE number = 'F2026-0000009'"),
        "paid": await one("SELECT id FROM invoices WHERE paid_cents > 100 AND refunded_cents = 0 ORDER BY id LIMIT 1"),
        "allocation": await one("SELECT id FROM payment_allocations WHERE NOT is_undone ORDER BY id LIMIT 1"),
        "line": line,
        "note": await one("SELECT id FROM credit_notes ORDER BY id LIMIT 1"),
        "note_line": await one("SELECT id FROM credit_note_lines ORDER BY id LIMIT 1"),
        "other": "'" + str(other).replace("'", "''") + "'",
    }
