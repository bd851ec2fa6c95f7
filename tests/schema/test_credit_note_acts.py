"""Credit notes through the graph: what they say, where their money goes, and how a wrong one is taken back."""

from datetime import date

import pytest

from backoffice import models
from backoffice.database import Database
from backoffice.models import LineKind
from tests import books, subscriptions
from tests.acts import global_id, key_of
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

    async def test_credits_days_of_all_lines_up_to_what_stands_of_them_together(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            invoice = await books.bill(
                session, account, Article(5000), Article(5000, label="Autre"), Article(-6000, label="Avoir")
            )
            await books.pay(session, account, invoice)

        previewed = await preview(
            billing(database),
            "creditNote",
            invoiceId=global_id(invoice),
            startsOn="2026-11-01",
            endsOn="2026-12-01",
            reason="SERVICE_FAILURE",
        )

        assert previewed["userErrors"] == []
        assert previewed["preview"]["amount"] == {"cents": 4000}


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

    @pytest.mark.parametrize(("amount", "state"), [(3000, "ACTIVE"), (2901, "ACTIVE"), (2900, "SUSPENDED")])
    async def test_brings_services_back_when_nothing_overdue_is_left(
        self, database: Database, amount: int, state: str
    ) -> None:
        """Less than an euro is not asked for, nor is anything cut for it."""
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            invoice = await books.bill(session, account, Article(3000))
            invoice.due_on = date(2026, 11, 10)
            contract = await subscriptions.create_contract(
                session,
                account,
                await subscriptions.create_offer(session, "TV", 3000),
                state=models.ContractState.SUSPENDED,
                suspension_cause=models.SuspensionCause.UNPAID,
                suspended_on=date(2026, 11, 20),
                billed_until=date(2026, 12, 1),
            )

        await do(billing(database), "creditNote", invoiceId=global_id(invoice), amount=amount, reason="BILLING_ERROR")

        async with database.reading() as session:
            assert (await session.get_one(models.Contract, key_of(contract))).state == state
