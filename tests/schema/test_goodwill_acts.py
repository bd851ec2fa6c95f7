"""Goodwill credits through the graph: gifts with a limit, that pay what is open and can be taken back."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from backoffice import models
from backoffice.database import Database
from backoffice.permissions import Role
from tests import acts, books, factories
from tests.acts import everything, global_id, refusals_since
from tests.books import Article
from tests.factories import NOW
from tests.graphs import asking
from tests.money_acts import billing, confirm, do, preview, refusal
from tests.people import add_person


@pytest.fixture
async def account(database: Database) -> models.BillingAccount:
    """An account that owes 30.00."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        await books.bill(session, account, Article(3_000))
        return account


async def give(database: Database, account: models.BillingAccount, amount: int) -> Any:
    done = await do(
        billing(database), "goodwillCredit", billingAccountId=global_id(account), amount=amount, note="Panne du 3"
    )
    return done["goodwillCredit"]


async def invoice(database: Database) -> models.Invoice:
    async with database.reading() as session:
        return (await session.execute(select(models.Invoice))).scalar_one()


async def stored(database: Database, row: Any) -> Any:
    async with database.reading() as session:
        return await session.get_one(type(row), acts.key_of(row))


class TestGoodwillCredit:
    async def test_pays_what_is_open_and_sends_no_money(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        shown = await preview(
            billing(database), "goodwillCredit", billingAccountId=global_id(account), amount=1_000, note="Panne du 3"
        )
        done = (await confirm(billing(database), "goodwillCredit", shown["quote"]))["goodwillCredit"]

        assert shown["preview"]["facts"] == {"reason": "GOODWILL", "left_this_year_cents": 9_000}
        assert shown["preview"]["postings"] == [
            {
                "kind": "GOODWILL",
                "entries": [
                    {"account": "GOODWILL", "amount": {"cents": 1_000}},
                    {"account": "RECEIVABLE", "amount": {"cents": -1_000}},
                ],
            }
        ]
        assert (done["state"], done["note"], done["grantedOn"]) == ("GRANTED", "Panne du 3", "2026-11-21")
        assert done["billingAccount"] == {"balance": {"cents": 2_000}, "credit": {"cents": 1_000}}
        paid = await invoice(database)
        assert (paid.applied_cents, paid.due_cents, paid.state) == (1_000, 2_000, "PARTIALLY_PAID")

    async def test_shows_which_invoice_it_pays(self, database: Database, account: models.BillingAccount) -> None:
        await give(database, account, 1_000)
        query = """query($id: ID!) { node(id: $id) { ... on BillingAccount {
          goodwillCredits { nodes { state amount { cents } } }
          creditApplications { nodes { amount { cents } invoice { number } } }
        } } }"""

        data = await asking(database).data(query, id=global_id(account))

        number = (await invoice(database)).number
        assert data["node"] == {
            "goodwillCredits": {"nodes": [{"state": "GRANTED", "amount": {"cents": 1_000}}]},
            "creditApplications": {"nodes": [{"amount": {"cents": 1_000}, "invoice": {"number": number}}]},
        }

    async def test_asks_for_a_note(self, database: Database, account: models.BillingAccount) -> None:
        shown = await preview(billing(database), "goodwillCredit", billingAccountId=global_id(account), amount=1_000)
        before = await everything(database)

        refused = await confirm(billing(database), "goodwillCredit", shown["quote"])

        assert shown["preview"]["requirements"] == [{"requirement": "NOTE", "isMet": False}]
        assert refusal(refused) == "NOTE_REQUIRED"
        assert await refusals_since(before, database) == [("goodwillCreditConfirm", "NOTE_REQUIRED")]

    async def test_is_limited_over_twelve_months(self, database: Database, account: models.BillingAccount) -> None:
        await give(database, account, 6_000)

        refused = await preview(
            billing(database), "goodwillCredit", billingAccountId=global_id(account), amount=4_001, note="Encore"
        )
        last = await give(database, account, 4_000)
        nothing = await preview(
            billing(database), "goodwillCredit", billingAccountId=global_id(account), amount=1, note="Encore"
        )

        [error] = refused["userErrors"]
        assert (error["code"], error["field"]) == ("GOODWILL_EXHAUSTED", "amount")
        assert (error["minimum"]["cents"], error["maximum"]["cents"]) == (1, 4_000)
        assert last["state"] == "GRANTED"
        assert refusal(nothing) == "GOODWILL_EXHAUSTED"
        assert nothing["userErrors"][0]["maximum"]["cents"] == 0

    @pytest.mark.parametrize(
        ("granted_on", "left"), [(date(2025, 11, 21), 10_000), (date(2025, 11, 22), 4_000), (date(2026, 11, 20), 4_000)]
    )
    async def test_counts_the_twelve_months_until_today(
        self, database: Database, account: models.BillingAccount, granted_on: date, left: int
    ) -> None:
        await give(database, account, 6_000)
        async with database.unit_of_work() as session:
            await session.execute(update(models.GoodwillCredit).values(granted_on=granted_on))

        shown = await preview(
            billing(database), "goodwillCredit", billingAccountId=global_id(account), amount=1, note="Panne"
        )

        assert shown["preview"]["facts"]["left_this_year_cents"] == left - 1

    async def test_counts_all_accounts_of_the_subscriber(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        async with database.unit_of_work() as session:
            subscriber = await session.get_one(models.Subscriber, account.subscriber_id)
            second = await factories.create_account(session, subscriber)
        await give(database, account, 6_000)

        shown = await preview(
            billing(database), "goodwillCredit", billingAccountId=global_id(second), amount=5_000, note="Panne"
        )

        assert refusal(shown) == "GOODWILL_EXHAUSTED"

    async def test_never_exceeds_its_limit_by_two_at_once(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        quotes = [
            (
                await preview(
                    billing(database),
                    "goodwillCredit",
                    billingAccountId=global_id(account),
                    amount=6_000,
                    note=f"Panne {number}",
                )
            )["quote"]
            for number in range(2)
        ]

        done = await asyncio.gather(*(confirm(billing(database), "goodwillCredit", quote) for quote in quotes))

        assert sorted(refusal(each) for each in done if each["userErrors"]) == ["GOODWILL_EXHAUSTED"]
        assert (await stored(database, account)).balance_cents == -3_000

    async def test_above_the_ceiling_waits_for_a_second_person(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        person = await add_person(database, role=Role.AGENT)
        known = {"id": person.row.id, "stepped_up_until": billing(database).by.stepped_up_until}
        agent = asking(database, factories.viewer(Role.AGENT, **known))
        before = await stored(database, account)

        shown = await preview(
            agent, "goodwillCredit", billingAccountId=global_id(account), amount=6_000, note="Panne du 3"
        )
        waiting = await confirm(agent, "goodwillCredit", shown["quote"])

        assert {"requirement": "SECOND_PERSON", "isMet": False} in shown["preview"]["requirements"]
        assert (waiting["goodwillCredit"], waiting["approval"]["state"]) == (None, "PENDING_APPROVAL")
        assert (await stored(database, account)).balance_cents == before.balance_cents

    @pytest.mark.parametrize("amount", [0, -100])
    async def test_refuses_what_is_no_gift(
        self, database: Database, account: models.BillingAccount, amount: int
    ) -> None:
        refused = await preview(
            billing(database), "goodwillCredit", billingAccountId=global_id(account), amount=amount, note="Panne"
        )

        assert refusal(refused) == "AMOUNT_OUT_OF_RANGE"


class TestGoodwillCreditReverse:
    async def test_takes_the_gift_back_and_opens_what_it_paid(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        before = await everything(database)
        credit = await give(database, account, 5_000)

        done = (await do(billing(database), "goodwillCreditReverse", goodwillCreditId=credit["id"]))["goodwillCredit"]

        after = await everything(database)
        assert (done["state"], done["reversedAt"]) == ("REVERSED", NOW.isoformat())
        assert done["billingAccount"] == {"balance": {"cents": 3_000}, "credit": {"cents": 0}}
        assert after["invoices"] == before["invoices"]

    async def test_gives_the_limit_of_the_year_back(self, database: Database, account: models.BillingAccount) -> None:
        credit = await give(database, account, 10_000)
        await do(billing(database), "goodwillCreditReverse", goodwillCreditId=credit["id"], note="Erreur de dossier")

        again = await give(database, account, 10_000)

        assert again["state"] == "GRANTED"

    async def test_is_refused_the_second_time(self, database: Database, account: models.BillingAccount) -> None:
        credit = await give(database, account, 1_000)
        await do(billing(database), "goodwillCreditReverse", goodwillCreditId=credit["id"])

        refused = await preview(billing(database), "goodwillCreditReverse", goodwillCreditId=credit["id"])

        assert (refusal(refused), refused["userErrors"][0]["field"]) == ("ALREADY_REVERSED", "goodwillCreditId")

    async def test_finds_nothing_under_an_unknown_id(self, database: Database, account: models.BillingAccount) -> None:
        unknown = await preview(billing(database), "goodwillCreditReverse", goodwillCreditId=global_id(account))

        assert (refusal(unknown), unknown["userErrors"][0]["field"]) == ("NOT_FOUND", "goodwillCreditId")
