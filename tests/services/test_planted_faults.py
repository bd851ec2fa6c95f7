"""Twenty faults planted in proven books, one by one: each is the first that is named, at the row where it was planted."""

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from backoffice.billing import lines
from backoffice.database import Database
from backoffice.permissions import Role
from backoffice.services import verification
from tests import books, factories
from tests.acts import global_id
from tests.books import NOVEMBER, TWENTY, Article
from tests.factories import NOW
from tests.forced import force
from tests.graphs import asking
from tests.money_acts import billing, confirm, do, preview

PLANTED = {
    # The ledger
    "a cent more on one side of a posting": (
        "UPDATE ledger_entries SET amount_cents = amount_cents + 1 WHERE id = {refund_entry}",
        ("ledger", "posting {refund_posting}"),
    ),
    "a balance that the ledger does not give": (
        "UPDATE billing_accounts SET balance_cents = balance_cents - 1 WHERE id = {account}",
        ("balance", "account {account_number}"),
    ),
    "VAT booked as revenue": (
        "UPDATE ledger_entries SET account = 'REVENUE' WHERE id = {note_vat_entry}",
        ("booking", "CreditNote {note}"),
    ),
    "a posting that says it books another document": (
        "UPDATE ledger_postings SET document_id = {invoice} WHERE id = {refund_posting}",
        ("booking", "Invoice {invoice}"),
    ),
    # Numbers
    "a number that was left out": (
        "UPDATE invoices SET number = 'F2026-0000009' WHERE id = {last_invoice}",
        ("number", "number F2026-0000009"),
    ),
    "a series that counts further than its documents": (
        "UPDATE number_series SET last_number = last_number + 1 WHERE code = 'A2026'",
        ("number", "series A2026"),
    ),
    "an invoice dated before the one that precedes it": (
        "UPDATE invoices SET issued_on = '2026-10-30' WHERE id = {last_invoice}",
        ("number", "number {last_number}"),
    ),
    "a reversal with a number of its own making": (
        "UPDATE credit_notes SET number = 'D2026-0000002' WHERE id = {reversal}",
        ("number", "number D2026-0000002"),
    ),
    # Lines
    "a line of a cent more than its invoice": (
        "UPDATE invoice_lines SET ttc_cents = ttc_cents + 1, vat_cents = vat_cents + 1 WHERE id = {line}",
        ("invoice", "invoice {number}"),
    ),
    "the derivation of another line": (
        "UPDATE invoice_lines SET derivation = {other} WHERE id = {line}",
        ("derivation", "line {line}"),
    ),
    "days that the dates do not give": (
        "UPDATE invoice_lines SET derivation = {wrong_days} WHERE id = {days_line}",
        ("derivation", "line {days_line}"),
    ),
    "VAT moved from one line to another": (
        "UPDATE invoice_lines SET ht_cents = ht_cents - 1, vat_cents = vat_cents + 1 WHERE id = {line}",
        ("invoice", "invoice {number}"),
    ),
    # Credits
    "a line that remembers a cent more than its credit notes": (
        "UPDATE invoice_lines SET credited_ttc_cents = credited_ttc_cents + 1 WHERE id = {line}",
        ("credit", "line {line}"),
    ),
    "a credit note whose lines give another VAT": (
        "UPDATE credit_note_lines SET ht_cents = ht_cents - 1, vat_cents = vat_cents + 1 WHERE id = {note_line}",
        ("credit note", "credit note {note_number}"),
    ),
    "an invoice that says that more was offset": (
        "UPDATE invoices SET offset_cents = offset_cents + 1, credited_cents = credited_cents + 1 WHERE id = {open_invoice}",
        ("invoice", "invoice {open_number}"),
    ),
    "credit of the account that pays a cent more of an invoice": (
        "UPDATE credit_applications SET amount_cents = amount_cents + 1 WHERE id = {application}",
        ("invoice", "invoice {applied_number}"),
    ),
    # Hashes
    "a note in the trail that was edited": (
        "UPDATE audit_entries SET note = 'another' WHERE subscriber_id = {subscriber} AND sequence = 2",
        ("audit", "entry 2 of chain {subscriber}"),
    ),
    "an entry of the trail that was removed": (
        "DELETE FROM audit_entries WHERE subscriber_id = {subscriber} AND sequence = 2",
        ("audit", "entry 3 of chain {subscriber}"),
    ),
    "a file that is not what was handed out": (
        "UPDATE rendered_documents SET sha256 = '{zeros}' WHERE id = {file}",
        ("file", "document {file}"),
    ),
    "figures that nobody was shown": (
        "UPDATE approvals SET figures = {figures} WHERE id = {approval}",
        ("approval", "approval {approval}"),
    ),
}


class TestFaults:
    async def test_name_each_of_twenty_that_are_planted(self, database: Database) -> None:
        rows = await _keep_books(database)
        async with database.snapshot() as session:
            assert [fault async for fault in verification.faults(session)] == []

        named = {title: await _named(database, edit.format(**rows)) for title, (edit, _) in PLANTED.items()}

        assert len(PLANTED) == 20
        assert named == {title: (check, subject.format(**rows)) for title, (_, (check, subject)) in PLANTED.items()}

    @pytest.mark.parametrize(
        ("edit", "check"),
        [
            ("UPDATE payments SET refunded_cents = refunded_cents + 1 WHERE id = {payment}", "payment"),
            ("UPDATE invoices SET state = 'ISSUED' WHERE id = {invoice}", "invoice"),
            ("UPDATE refunds SET state = 'SENT' WHERE id = {refund}", "booking"),
            ("UPDATE extra_charges SET ttc_cents = ttc_cents + 1 WHERE id = {charge}", "extra charge"),
            ("UPDATE invoice_lines SET unit_cents = unit_cents + 1 WHERE id = {line}", "derivation"),
            ("UPDATE invoice_lines SET quantity = 2 WHERE id = {line}", "derivation"),
            ("UPDATE invoice_lines SET ends_on = '2026-11-30' WHERE id = {days_line}", "derivation"),
            ("UPDATE goodwill_credits SET state = 'REVERSED' WHERE id = {goodwill}", "booking"),
        ],
    )
    async def test_name_more_than_these(self, database: Database, edit: str, check: str) -> None:
        rows = await _keep_books(database)

        named = await _named(database, edit.format(**rows))

        assert named is not None
        assert named[0] == check


async def _named(database: Database, edit: str) -> tuple[str, str] | None:
    """The check and the subject of the first fault after an edit, which is taken back."""
    async with database.unit_of_work() as session:
        await force(session, edit)
        first = None
        async for fault in verification.faults(session):
            first = first or (fault.check, fault.subject)
        await session.rollback()
    return first


async def _keep_books(database: Database) -> dict[str, Any]:
    """Two accounts of one subscriber on which everything happened once, and the ids of its rows."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        days = lines.prorated(full_cents=2200, price_version="PV", served=NOVEMBER, of=NOVEMBER)
        invoice = await books.bill(session, account, Article(3499), Article(2200, derived=days))
        await books.pay(session, account, invoice)
        unpaid = await books.bill(session, account, Article(2000, rate=TWENTY))
        subscriber = await session.get_one(models.Subscriber, account.subscriber_id)
        other = await factories.create_account(session, subscriber)
        applied = await books.bill(session, other, Article(3000))
        await _render(session, invoice)
    asked = billing(database)
    given = {"reason": "BILLING_ERROR", "amount": 500}
    await do(asked, "refund", invoiceId=global_id(invoice), **given)
    wrong = await do(asked, "creditNote", invoiceId=global_id(unpaid), **given)
    await do(asked, "creditNoteReverse", creditNoteId=wrong["creditNote"]["id"])
    await do(asked, "creditNote", invoiceId=global_id(unpaid), **given)
    await do(asked, "goodwillCredit", billingAccountId=global_id(other), amount=700, note="Pour la panne.")
    await _ask_a_second_person(database, invoice)
    async with database.unit_of_work() as session:
        line, days_line = await books.lines_of(session, invoice)
        await _charge(session, account, line)
    return {
        "subscriber": account.subscriber_id,
        "account": account.id,
        "account_number": account.number,
        "invoice": invoice.id,
        "number": invoice.number,
        "line": line.id,
        "days_line": days_line.id,
        "open_invoice": unpaid.id,
        "open_number": unpaid.number,
        "last_invoice": applied.id,
        "last_number": applied.number,
        "applied_number": applied.number,
        "zeros": "0" * 64,
        "other": _quoted(days_line.derivation),
        "wrong_days": _quoted(_with_other_days(days_line.derivation)),
        **await _found(database),
    }


async def _found(database: Database) -> dict[str, Any]:
    """The ids of the rows that the acts made."""
    wanted = {
        "payment": "SELECT id FROM payments",
        "refund": "SELECT id FROM refunds",
        "refund_posting": "SELECT id FROM ledger_postings WHERE kind = 'REFUND'",
        "refund_entry": "SELECT e.id FROM ledger_entries e JOIN ledger_postings p ON p.id = e.posting_id "
        "WHERE p.kind = 'REFUND' AND e.account = 'RECEIVABLE'",
        "note": "SELECT id FROM credit_notes WHERE number = 'A2026-0000001'",
        "note_number": "SELECT number FROM credit_notes WHERE number = 'A2026-0000001'",
        "note_line": "SELECT l.id FROM credit_note_lines l JOIN credit_notes n ON n.id = l.credit_note_id "
        "WHERE n.number = 'A2026-0000001'",
        "note_vat_entry": "SELECT e.id FROM ledger_entries e JOIN ledger_postings p ON p.id = e.posting_id "
        "WHERE p.document_number = 'A2026-0000001' AND e.account = 'VAT'",
        "reversal": "SELECT id FROM credit_notes WHERE kind = 'REVERSAL'",
        "application": "SELECT id FROM credit_applications",
        "goodwill": "SELECT id FROM goodwill_credits",
        "charge": "SELECT id FROM extra_charges",
        "file": "SELECT id FROM rendered_documents",
        "approval": "SELECT id FROM approvals",
    }
    async with database.reading() as session:
        found = {name: (await session.execute(text(statement))).scalars().first() for name, statement in wanted.items()}
        approval = (await session.execute(select(models.Approval))).scalar_one()
    return {**found, "figures": _quoted({**approval.figures, "amount": 1})}


async def _ask_a_second_person(database: Database, invoice: models.Invoice) -> None:
    """An agent asks for a refund beyond their ceiling: nothing is done yet."""
    async with database.unit_of_work() as session:
        facts = {"login": "alix", "full_name": "Alix", "role": Role.AGENT, "password_hash": "-", "totp_sealed": b"-"}
        session.add(models.Staff(id=7, created_at=NOW, **facts))
    agent = asking(database, factories.viewer(stepped_up_until=NOW + timedelta(minutes=10)))
    given = {"invoiceId": global_id(invoice), "amount": 5100, "reason": "BILLING_ERROR", "note": "Double facturation."}
    shown = await preview(agent, "refund", **given)
    asked = await confirm(agent, "refund", shown["quote"])
    assert asked["approval"] is not None


async def _render(session: AsyncSession, invoice: models.Invoice) -> None:
    """An invoice as it was handed out."""
    session.add(
        models.RenderedDocument(
            subscriber_id=invoice.subscriber_id,
            id=factories.new_id(),
            kind=models.DocumentKind.INVOICE,
            document_id=invoice.id,
            language=models.Language.FR,
            sha256=hashlib.sha256(b"%PDF").hexdigest(),
            content=b"%PDF",
            rendered_at=NOW,
        )
    )


async def _charge(session: AsyncSession, account: models.BillingAccount, line: models.InvoiceLine) -> None:
    """A charge that waited and that the line billed."""
    session.add(
        models.ExtraCharge(
            subscriber_id=line.subscriber_id,
            id=factories.new_id(),
            billing_account_id=account.id,
            kind=line.kind,
            label=line.label,
            unit_cents=line.unit_cents,
            vat_rate=line.vat_rate,
            ttc_cents=line.ttc_cents,
            derivation=line.derivation,
            cause=global_id(line),
            billable_from=date(2026, 11, 1),
            created_at=NOW,
            invoice_line_id=line.id,
        )
    )


def _with_other_days(derivation: dict[str, Any]) -> dict[str, Any]:
    """The derivation with a period of 29 days where the dates give 30."""
    return json.loads(json.dumps(derivation).replace("30/30", "30/29"))  # type: ignore[no-any-return]


def _quoted(value: Any) -> str:
    """A JSON value as a literal of SQL."""
    return "'" + json.dumps(value).replace("'", "''") + "'"
