"""Credit notes through the graph: what they say, where their money goes, and how a wrong one is taken back."""

from backoffice.database import Database
from backoffice.models import LineKind
from tests import books
from tests.acts import global_id
from tests.books import Article
from tests.money_acts import billing, do, only_cents, preview


class TestCreditNotePreview:
    async def test_shows_the_document_the_postings_and_where_the_money_goes(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            invoice = await books.bill(session, account, Article(3499))
            await books.pay(session, account, invoice)

        shown = only_cents(
            await preview(
                billing(database), "creditNote", invoiceId=global_id(invoice), amount=1000, reason="BILLING_ERROR"
            )
        )

        assert shown["userErrors"] == []
        assert shown["preview"]["document"]["total"] == 1000
        assert shown["preview"]["disposition"] == {
            "offset": 0,
            "refunds": [{"amount": 1000, "means": "DIRECT_DEBIT"}],
            "balance": 0,
        }
        assert shown["preview"]["postings"] == [
            {
                "kind": "CREDIT_NOTE",
                "entries": [
                    {"account": "RECEIVABLE", "amount": -1000},
                    {"account": "REVENUE", "amount": 909},
                    {"account": "VAT", "amount": 91},
                ],
            },
            {
                "kind": "REFUND",
                "entries": [{"account": "RECEIVABLE", "amount": 1000}, {"account": "CLEARING", "amount": -1000}],
            },
        ]


class TestCreditNoteConfirm:
    async def test_leaves_deposits_for_last(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            deposit = Article(7500, rate=None, kind=LineKind.DEPOSIT, label="Dépôt", days=None)
            invoice = await books.bill(session, account, deposit, Article(2000))

        done = only_cents(
            await do(billing(database), "creditNote", invoiceId=global_id(invoice), amount=2500, reason="BILLING_ERROR")
        )

        note = done["creditNote"]
        assert [(line["label"], line["amount"]) for line in note["lines"]["nodes"]] == [
            ("Pack Cinéma", 2000),
            ("Dépôt", 500),
        ]
        assert note["offset"] == 2500
