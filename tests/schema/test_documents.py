"""Documents through the graph: made once, kept, and handed out by links; the same bytes for everybody and for ever."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer

from backoffice import models
from backoffice.database import Database
from backoffice.documents import operators
from backoffice.documents.native import PdfUnavailable, weasyprint
from backoffice.documents.pages import Document
from backoffice.documents.printers import Printer
from backoffice.documents.rendering import Renderer
from backoffice.models import AccessKind, Language
from backoffice.permissions import Role
from tests import books, factories, money_acts
from tests.acts import global_id
from tests.books import Article
from tests.documents.conftest import text_of_pdf
from tests.factories import NOW
from tests.graphs import Typist, asking

LINK = "{ url expiresAt sha256 sizeBytes }"
QUERY = f"""query Ask($id: ID!, $language: Language) {{
  node(id: $id) {{
    ... on Invoice {{ document(language: $language) {LINK} }}
    ... on CreditNote {{ document(language: $language) {LINK} }}
  }}
}}"""
ATTACK = "<script>fetch('//evil')</script><img src=\"file:///etc/passwd\">"


class Counting(Typist):
    """Counts what it prints; two that print at once wait for each other, and no two print the same."""

    def __init__(self, together: int = 1) -> None:
        super().__init__()
        self.printed = 0
        self._together = asyncio.Barrier(together)

    async def render(self, document: Document) -> bytes:
        self.printed += 1
        mark = f"<!-- {self.printed} -->".encode()
        await self._together.wait()
        return await super().render(document) + mark


async def issued(database: Database, **given: Any) -> models.Invoice:
    async with database.unit_of_work() as session:
        account = await books.create_file(session, **given)
        return await books.bill(session, account, Article(3499))


async def kept(database: Database) -> list[models.RenderedDocument]:
    row = models.RenderedDocument
    async with database.reading() as session:
        found = await session.scalars(select(row).order_by(row.id).options(undefer(row.content)))
        return list(found)


def printing(database: Database, renderer: Renderer, **given: Any) -> Any:
    asked = asking(database, **given)
    asked.printer = Printer(operators.read(), renderer)
    return asked


async def link(asked: Any, row: Any, language: str | None = None) -> Any:
    return (await asked.data(QUERY, id=global_id(row), language=language))["node"]["document"]


class TestDocument:
    async def test_is_made_kept_and_told(self, database: Database) -> None:
        invoice = await issued(database)

        told = await link(asking(database), invoice)

        [row] = await kept(database)
        assert (row.kind, row.document_id, row.language) == (models.DocumentKind.INVOICE, invoice.id, Language.FR)
        assert (row.subscriber_id, row.rendered_at) == (invoice.subscriber_id, NOW)
        assert told["sha256"] == row.sha256 == hashlib.sha256(row.content).hexdigest()
        assert told["sizeBytes"] == len(row.content)
        assert told["expiresAt"] == (NOW + timedelta(minutes=10)).isoformat()
        assert told["url"].startswith("/documents/")
        assert "F2026-0000001" in row.content.decode()

    async def test_is_never_made_again(self, database: Database) -> None:
        invoice, renderer = await issued(database), Counting()
        first = await link(printing(database, renderer), invoice)
        async with database.unit_of_work() as session:
            account = await session.get_one(
                models.BillingAccount, {"subscriber_id": invoice.subscriber_id, "id": invoice.billing_account_id}
            )
            paid = await session.merge(invoice)
            await books.pay(session, account, paid)

        second = await link(printing(database, renderer, at=NOW + timedelta(days=400)), invoice)

        assert (second["sha256"], second["sizeBytes"]) == (first["sha256"], first["sizeBytes"])
        assert second["url"] != first["url"]
        assert renderer.printed == len(await kept(database)) == 1

    async def test_is_in_the_language_of_the_subscriber_or_as_asked(self, database: Database) -> None:
        invoice = await issued(database, language=Language.EN)

        usual, french = [await link(asking(database), invoice, language) for language in (None, "FR")]

        english_row, french_row = await kept(database)
        assert (usual["sha256"], french["sha256"]) == (english_row.sha256, french_row.sha256)
        assert "Invoice F2026-0000001" in english_row.content.decode()
        assert "Facture F2026-0000001" in french_row.content.decode()

    async def test_is_one_for_two_who_ask_at_once(self, database: Database) -> None:
        invoice, renderer = await issued(database), Counting(together=2)

        first, second = await asyncio.gather(*(link(printing(database, renderer), invoice) for _ in range(2)))

        assert renderer.printed == 2
        [row] = await kept(database)
        assert first["sha256"] == second["sha256"] == row.sha256 == hashlib.sha256(row.content).hexdigest()

    async def test_is_of_a_credit_note_and_of_what_takes_it_back(self, database: Database) -> None:
        invoice = await issued(database)
        billing = money_acts.billing(database)
        given = {"invoiceId": global_id(invoice), "amount": 1000, "reason": "BILLING_ERROR"}
        note = (await money_acts.do(billing, "creditNote", **given))["creditNote"]
        reversal = (await money_acts.do(billing, "creditNoteReverse", creditNoteId=note["id"]))["creditNote"]

        for each in (note, reversal):
            await asking(database).data(QUERY, id=each["id"])

        first, second = await kept(database)
        assert {first.kind, second.kind} == {models.DocumentKind.CREDIT_NOTE}
        assert "Avoir A2026-0000001" in first.content.decode()
        assert "d&#39;avoir D2026-0000001" in second.content.decode()

    async def test_holds_nothing_that_a_name_could_do(self, database: Database) -> None:
        invoice = await issued(database)
        async with database.unit_of_work() as session:
            owner = await session.get_one(models.Subscriber, invoice.subscriber_id)
            await factories.create_holder(session, owner, "Bobby", ATTACK)

        await link(asking(database), invoice)

        [row] = await kept(database)
        assert "&lt;script&gt;fetch(&#39;//evil&#39;)" in row.content.decode()
        assert "<script" not in row.content.decode()
        assert "<img" not in row.content.decode()

    async def test_is_refused_for_a_draft(self, database: Database) -> None:
        invoice = await issued(database)
        async with database.unit_of_work() as session:
            draft = await session.merge(invoice)
            draft.number, draft.state = None, models.InvoiceState.DRAFT

        answer = await asking(database).ask(QUERY, id=global_id(invoice))

        assert answer.body["data"] == {"node": {"document": None}}
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["DOCUMENT_NOT_ISSUED"]
        assert await kept(database) == []

    async def test_is_refused_where_the_books_do_not_add_up(self, database: Database) -> None:
        invoice = await issued(database)
        async with database.unit_of_work() as session:
            wrong = await session.merge(invoice)
            wrong.vat_cents, wrong.ttc_cents = wrong.vat_cents + 1, wrong.ttc_cents + 1

        assert await asking(database).codes(QUERY, id=global_id(invoice)) == ["DOCUMENT_FIGURES_DIFFER"]
        assert await kept(database) == []

    async def test_needs_to_read_bills(self, database: Database) -> None:
        invoice = await issued(database)

        answer = await asking(database, factories.viewer(Role.ADMIN)).ask(QUERY, id=global_id(invoice))

        assert answer.body["data"] == {"node": None}
        assert await kept(database) == []

    async def test_opens_the_file(self, database: Database) -> None:
        invoice = await issued(database)

        await link(asking(database), invoice)

        async with database.reading() as session:
            entries = (await session.scalars(select(models.AccessEntry))).all()
        assert [(entry.kind, entry.subscriber_id) for entry in entries] == [(AccessKind.FILE, invoice.subscriber_id)]


class TestLimit:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("{ invoices(first: 6) { nodes { document { url } } } }", 6),
            ("{ invoices { nodes { document { url } } } }", 20),
            ("{ invoices(first: 3) { nodes { fr: document { url } en: document(language: EN) { url } } } }", 6),
            ("{ invoices(first: 3) { nodes { document { url } creditNotes(first: 1) { nodes { ...F } } } } }", 6),
            ("query($n: Int) { invoices(first: $n) { nodes { document { url } } } }", 100),
        ],
    )
    async def test_refuses_more_than_five_before_one_is_made(self, database: Database, query: str, found: int) -> None:
        await issued(database)
        fragment = " fragment F on CreditNote { document { url } }" if "...F" in query else ""

        answer = await asking(database).ask(query + fragment, n=100)

        [error] = answer.body["errors"]
        assert error["extensions"]["code"] == "TOO_MANY_DOCUMENTS"
        assert error["message"].startswith(f"The answer could have {found} documents; at most 5 are made")
        assert await kept(database) == []

    async def test_lets_five_pass(self, database: Database) -> None:
        for _ in range(5):
            await issued(database)

        data = await asking(database).data("{ invoices(first: 5) { nodes { document { sha256 } } } }")

        assert len({node["document"]["sha256"] for node in data["invoices"]["nodes"]}) == 5


@pytest.fixture
async def press() -> AsyncIterator[Printer]:
    """What prints in earnest; skips where WeasyPrint cannot be used."""
    try:
        weasyprint()
    except PdfUnavailable as missing:
        pytest.skip(str(missing))
    async with Renderer(processes=1) as renderer:
        yield Printer(operators.read(), renderer)


class TestPdf:
    async def test_tells_an_invoice_its_correction_and_the_undoing_of_it(
        self, database: Database, press: Printer
    ) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session, number="S00000042")
            owner = await session.get_one(models.Subscriber, account.subscriber_id)
            await factories.create_holder(session, owner, "Ève", "Petit", civility="Madame")
            await factories.create_address(session, owner)
            invoice = await books.bill(session, account, Article(3499))
            await books.pay(session, account, invoice, cents=2000)
        billing = money_acts.billing(database)
        billing.printer = press
        given = {"invoiceId": global_id(invoice), "amount": 1000, "reason": "BILLING_ERROR", "note": "Désolés."}
        note = (await money_acts.do(billing, "creditNote", **given))["creditNote"]
        reversal = (await money_acts.do(billing, "creditNoteReverse", creditNoteId=note["id"]))["creditNote"]

        for row_id, language in ((global_id(invoice), "FR"), (note["id"], "FR"), (reversal["id"], "EN")):
            await billing.data(QUERY, id=row_id, language=language)

        french, credit, undone = (text_of_pdf(row.content) for row in await kept(database))
        for said in ("Ondoline Facture F2026-0000001", "Madame Ève Petit", "68000 Colmar", "1 Pack Cinéma 1 34,99 €"):
            assert said in french
        for said in ("Payé le 21 novembre 2026 par prélèvement −20,00 €", "Reste à payer 14,99 €"):
            assert said in french
        assert "Paiements et avoirs connus au 21 novembre 2026" in french
        for said in ("Avoir A2026-0000001", "F2026-0000001 du 1er novembre 2026", "Désolés.", "Motif : Erreur de"):
            assert said in credit
        assert "Déduit de ce que la facture F2026-0000001 demande encore 10,00 €" in credit
        for said in ("Reversal of a credit note D2026-0000001", "A2026-0000001 of 21 November 2026", "To be paid"):
            assert said in undone
