"""Where the money of a credit note went is printed as it was on the day of issue, whatever happened since."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from backoffice import models
from backoffice.database import Database
from backoffice.documents import operators
from backoffice.documents.credit_notes import CreditNote, CreditNoteReversal
from backoffice.documents.headings import Reference
from backoffice.documents.pages import Document
from backoffice.documents.payments import Means, MeansKind, Repayment
from backoffice.models import Language
from backoffice.services import refunds, rendered_documents
from backoffice.services.document_headings import Edition
from tests import books, money_acts
from tests.acts import global_id
from tests.books import Article
from tests.factories import NOW, TODAY
from tests.graphs import Asked

DEBIT = Means(MeansKind.DIRECT_DEBIT)


def edition(language: Language = Language.FR) -> Edition:
    issuer = operators.read().issuer(language.lower())
    return Edition(issuer=issuer, language=language, currency="EUR", zone="Europe/Paris", known_on=TODAY)


async def printed(database: Database, number: str) -> Document:
    async with database.snapshot() as session:
        note = (await session.scalars(select(models.CreditNote).where(models.CreditNote.number == number))).one()
        return await rendered_documents.printable(session, note, edition())


async def paid(database: Database, cents: int = 3499, *, is_paid: bool = True) -> models.Invoice:
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        invoice = await books.bill(session, account, Article(cents))
        if is_paid:
            await books.pay(session, account, invoice)
        return invoice


async def sent(database: Database) -> None:
    """Let the refunds that wait leave the house."""
    async with database.unit_of_work() as session:
        waiting = await session.scalars(select(models.Refund).where(models.Refund.state == models.RefundState.APPROVED))
        for refund in waiting.all():
            await refunds.sent(
                session,
                subscriber_id=refund.subscriber_id,
                refund_id=refund.id,
                reference="R1",
                at=NOW + timedelta(minutes=11),
                today=TODAY,
            )


def later(database: Database, minutes: int) -> Asked:
    asked = money_acts.billing(database)
    asked.at = NOW + timedelta(minutes=minutes)
    return asked


async def credit(asked: Asked, invoice: models.Invoice, cents: int, **more: Any) -> Any:
    given = {"invoiceId": global_id(invoice), "amount": cents, "reason": "BILLING_ERROR", **more}
    return (await money_acts.do(asked, "creditNote", **given))["creditNote"]


async def undo(asked: Asked, note: Any) -> Any:
    return (await money_acts.do(asked, "creditNoteReverse", creditNoteId=note["id"]))["creditNote"]


class TestCreditNote:
    async def test_goes_back_to_the_means_that_paid(self, database: Database) -> None:
        invoice = await paid(database)

        note = await credit(money_acts.billing(database), invoice, 1000)

        document = await printed(database, note["number"])
        assert isinstance(document, CreditNote)
        assert document.invoice == Reference("F2026-0000001", invoice.issued_on)
        assert (document.offset_cents, document.kept_cents) == (0, 0)
        assert document.repayments == (Repayment(DEBIT, 1000),)
        [line] = document.lines
        assert (line.position, line.corrected, line.amount.ttc_cents) == (1, "Pack Cinéma", 1000)

    async def test_reduces_what_is_unpaid(self, database: Database) -> None:
        invoice = await paid(database, is_paid=False)

        note = await credit(money_acts.billing(database), invoice, 1000)

        document = await printed(database, note["number"])
        assert isinstance(document, CreditNote)
        assert (document.offset_cents, document.repayments, document.kept_cents) == (1000, (), 0)

    async def test_stays_on_the_account_where_that_was_asked(self, database: Database) -> None:
        invoice = await paid(database)

        note = await credit(money_acts.billing(database), invoice, 1000, toBalance=True)

        document = await printed(database, note["number"])
        assert isinstance(document, CreditNote)
        assert (document.offset_cents, document.repayments, document.kept_cents) == (0, (), 1000)

    async def test_of_a_refund_is_for_what_no_earlier_credit_gave(self, database: Database) -> None:
        invoice = await paid(database)
        await credit(money_acts.billing(database), invoice, 1000, toBalance=True)
        given = {"invoiceId": global_id(invoice), "amount": 1500, "reason": "BILLING_ERROR"}

        await money_acts.do(later(database, 1), "refund", **given)

        document = await printed(database, "A2026-0000002")
        assert isinstance(document, CreditNote)
        assert document.total.ttc_cents == 500
        assert (document.offset_cents, document.repayments, document.kept_cents) == (0, (Repayment(DEBIT, 500),), 0)

    async def test_says_the_same_after_its_refund_was_cancelled(self, database: Database) -> None:
        invoice = await paid(database)
        note = await credit(money_acts.billing(database), invoice, 1000)
        before = await printed(database, note["number"])

        await undo(later(database, 1), note)

        assert await printed(database, note["number"]) == before

    async def test_settles_what_an_earlier_reversal_made_due_again(self, database: Database) -> None:
        invoice = await paid(database)
        wrong = await credit(money_acts.billing(database), invoice, 1000)
        await sent(database)
        await undo(later(database, 20), wrong)

        right = await credit(later(database, 25), invoice, 700)

        document = await printed(database, right["number"])
        assert isinstance(document, CreditNote)
        assert (document.offset_cents, document.repayments, document.kept_cents) == (700, (), 0)


class TestReversal:
    async def test_takes_back_a_refund_that_has_not_left(self, database: Database) -> None:
        invoice = await paid(database)
        note = await credit(money_acts.billing(database), invoice, 1000)

        reversal = await undo(later(database, 1), note)

        document = await printed(database, reversal["number"])
        assert isinstance(document, CreditNoteReversal)
        assert document.heading.number == "D2026-0000001"
        assert document.credit_note == Reference("A2026-0000001", TODAY)
        assert document.invoice == Reference("F2026-0000001", invoice.issued_on)
        assert (document.due_cents, document.taken_cents) == (0, 1000)
        [line] = document.lines
        assert (line.position, line.corrected, line.amount.ttc_cents) == (1, "Pack Cinéma", 1000)

    async def test_makes_due_again_what_is_gone(self, database: Database) -> None:
        invoice = await paid(database)
        note = await credit(money_acts.billing(database), invoice, 1000)
        await sent(database)

        reversal = await undo(later(database, 20), note)

        document = await printed(database, reversal["number"])
        assert isinstance(document, CreditNoteReversal)
        assert (document.due_cents, document.taken_cents) == (1000, 0)

    async def test_makes_due_again_what_had_been_offset(self, database: Database) -> None:
        invoice = await paid(database, is_paid=False)
        note = await credit(money_acts.billing(database), invoice, 1000)

        reversal = await undo(later(database, 1), note)

        document = await printed(database, reversal["number"])
        assert isinstance(document, CreditNoteReversal)
        assert (document.due_cents, document.taken_cents) == (1000, 0)

    async def test_says_the_same_when_the_money_comes_back_later(self, database: Database) -> None:
        invoice = await paid(database)
        note = await credit(money_acts.billing(database), invoice, 1000)
        await sent(database)
        reversal = await undo(later(database, 20), note)
        async with database.unit_of_work() as session:
            [refund] = (await session.scalars(select(models.Refund))).all()
            await refunds.failed(
                session,
                subscriber_id=refund.subscriber_id,
                refund_id=refund.id,
                code="AC04",
                at=NOW + timedelta(days=1),
                today=TODAY,
            )

        document = await printed(database, reversal["number"])

        assert isinstance(document, CreditNoteReversal)
        assert (document.due_cents, document.taken_cents) == (1000, 0)
