"""Gifts: what the policy proposes of a line is an agent's to give once, in however many parts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backoffice import models
from backoffice.database import Database
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
