"""Gifts: what the policy proposes of a line is given once in however many parts, and goodwill has its limit in a year."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from backoffice import models
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.permissions import Role
from tests import books, factories
from tests.acts import global_id
from tests.books import Article
from tests.factories import NOW
from tests.graphs import Asked, asking
from tests.money_acts import billing, confirm, do, preview

HALF_WAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
_IDS = {Role.AGENT: 11, Role.SUPERVISOR: 12, Role.BILLING: 13}


def staff(database: Database, role: Role = Role.AGENT) -> Asked:
    """Somebody with a fresh one-time code."""
    return asking(database, factories.viewer(role, id=_IDS[role], stepped_up_until=NOW + timedelta(hours=1)))


async def create_people(session: Any) -> None:
    """Rows for those who act: what waits for a second person refers to them."""
    for role, member_id in _IDS.items():
        await factories.create_member(session, role, id=member_id)


def needs_second_person(shown: Any) -> bool:
    """Whether the previewed act is for somebody else to decide."""
    assert shown["userErrors"] == []
    return "SECOND_PERSON" in [each["requirement"] for each in shown["preview"]["requirements"]]


class TestUnusedOption:
    """An option of 30.00 for November: on the 16th, half of its days are left."""

    @pytest.fixture
    async def half(self, database: Database) -> dict[str, Any]:
        """What credits half of the line, with the ticket of the 16th."""
        async with database.unit_of_work() as session:
            await create_people(session)
            account = await books.create_file(session)
            invoice = await books.bill(session, account, Article(3000))
            await books.pay(session, account, invoice)
            subscriber = await session.get_one(models.Subscriber, account.subscriber_id)
            ticket = await factories.create_ticket(session, subscriber, opened_at=HALF_WAY)
            await books.attach(session, ticket)
            [line] = await books.lines_of(session, invoice)
        about = {"invoiceId": global_id(invoice), "invoiceLineId": global_id(line), "ticketId": global_id(ticket)}
        return {**about, "amount": 1500, "reason": "UNUSED_OPTION", "note": "Option inutilisée."}

    @pytest.mark.parametrize("operation", ["creditNote", "refund"])
    async def test_counts_what_was_given_of_the_line_before(
        self, database: Database, half: dict[str, Any], operation: str
    ) -> None:
        first = await preview(staff(database), operation, **half)
        await confirm(staff(database), operation, first["quote"])

        again = await preview(staff(database), operation, **{**half, "amount": 1})
        by_supervisor = await preview(staff(database, Role.SUPERVISOR), operation, **half)

        assert (needs_second_person(first), needs_second_person(again)) == (False, True)
        assert not needs_second_person(by_supervisor)

    async def test_does_not_count_what_was_owed(self, database: Database, half: dict[str, Any]) -> None:
        await do(staff(database), "creditNote", **{**half, "reason": "BILLING_ERROR"})

        assert not needs_second_person(await preview(staff(database), "creditNote", **half))

    async def test_does_not_count_what_was_taken_back(self, database: Database, half: dict[str, Any]) -> None:
        about = {"ticketId": half["ticketId"], "note": "Erreur."}
        made = (await do(staff(database), "creditNote", **half, toBalance=True))["creditNote"]
        await do(billing(database), "creditNoteReverse", creditNoteId=made["id"], **about)

        assert not needs_second_person(await preview(staff(database), "creditNote", **half))


class TestGoodwill:
    """A year's goodwill is 100.00, on invoices and on the account together; the invoice is of 400.00."""

    @pytest.fixture
    async def invoice(self, database: Database) -> models.Invoice:
        async with database.unit_of_work() as session:
            await create_people(session)
            account = await books.create_file(session)
            invoice = await books.bill(session, account, Article(40_000))
            await books.pay(session, account, invoice)
        return invoice

    def gift(self, invoice: models.Invoice, cents: int) -> dict[str, Any]:
        """What credits so much of the invoice."""
        return {"invoiceId": global_id(invoice), "amount": cents, "reason": "GOODWILL", "note": "Geste commercial."}

    def on_account(self, invoice: models.Invoice, cents: int) -> dict[str, Any]:
        """What gives so much on the account."""
        account_id = GlobalId("BillingAccount", invoice.subscriber_id, invoice.billing_account_id).encode()
        return {"billingAccountId": account_id, "amount": cents, "note": "Geste commercial."}

    @pytest.mark.parametrize("operation", ["creditNote", "refund"])
    @pytest.mark.parametrize(("cents", "is_beyond"), [(4_000, False), (4_001, True)])
    async def test_needs_two_beyond_the_year_whoever_gives_it(
        self, database: Database, invoice: models.Invoice, operation: str, cents: int, is_beyond: bool
    ) -> None:
        await do(billing(database), "goodwillCredit", **self.on_account(invoice, 6_000))

        shown = await preview(staff(database, Role.BILLING), operation, **self.gift(invoice, cents))
        done = await confirm(staff(database, Role.BILLING), operation, shown["quote"])

        assert needs_second_person(shown) is is_beyond
        assert (done["approval"] is not None) is is_beyond

    @pytest.mark.parametrize("operation", ["creditNote", "refund"])
    async def test_leaves_less_to_give_on_the_account(
        self, database: Database, invoice: models.Invoice, operation: str
    ) -> None:
        await do(staff(database, Role.SUPERVISOR), operation, **self.gift(invoice, 6_000))

        [error] = (await preview(billing(database), "goodwillCredit", **self.on_account(invoice, 4_001)))["userErrors"]

        assert (error["code"], error["maximum"]["cents"]) == ("GOODWILL_EXHAUSTED", 4_000)
        assert await self._left(database, invoice) == 4_000

    async def test_is_left_again_once_it_is_taken_back(self, database: Database, invoice: models.Invoice) -> None:
        given = {**self.gift(invoice, 6_000), "toBalance": True}
        made = (await do(staff(database, Role.SUPERVISOR), "creditNote", **given))["creditNote"]
        await do(billing(database), "creditNoteReverse", creditNoteId=made["id"], note="Erreur.")

        shown = await preview(billing(database), "goodwillCredit", **self.on_account(invoice, 10_000))

        assert shown["userErrors"] == []
        assert await self._left(database, invoice) == 10_000

    @pytest.mark.parametrize(("issued_on", "left"), [(date(2025, 11, 21), 10_000), (date(2025, 11, 22), 4_000)])
    async def test_counts_the_notes_of_twelve_months(
        self, database: Database, invoice: models.Invoice, issued_on: date, left: int
    ) -> None:
        await do(staff(database, Role.SUPERVISOR), "creditNote", **self.gift(invoice, 6_000))
        async with database.unit_of_work() as session:
            await session.execute(update(models.CreditNote).values(issued_on=issued_on))

        shown = await preview(billing(database), "goodwillCredit", **self.on_account(invoice, 1))

        assert shown["preview"]["facts"]["left_this_year_cents"] == left - 1
        assert await self._left(database, invoice) == left

    async def _left(self, database: Database, invoice: models.Invoice) -> int:
        account_id = self.on_account(invoice, 1)["billingAccountId"]
        query = "query Left($id: ID!) { node(id: $id) { ... on BillingAccount { goodwillLeft { cents } } } }"
        return int((await billing(database).data(query, id=account_id))["node"]["goodwillLeft"]["cents"])
