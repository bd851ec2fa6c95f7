"""What may be done with money, as the graph tells it, agrees with what happens when it is tried."""

from datetime import timedelta
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
from tests.money_acts import billing, do

_CAN = """query($id: ID!) { node(id: $id) {
  ... on Invoice { can { action allowed reason stepUp secondPerson } }
  ... on InvoiceLine { can { action allowed reason stepUp secondPerson } }
  ... on CreditNote { can { action allowed reason stepUp secondPerson } }
  ... on Refund { can { action allowed reason stepUp secondPerson } }
} }"""


async def can(by: Asked, row_id: str) -> dict[str, Any]:
    """The actions on money of an object, by their names."""
    said = (await by.data(_CAN, id=row_id))["node"]["can"]
    return {each.pop("action"): each for each in said if not each["action"].startswith("TICKET")}


def _open(*, step_up: bool = False, second_person: bool = False) -> dict[str, Any]:
    return {"allowed": True, "reason": None, "stepUp": step_up, "secondPerson": second_person}


def _closed(reason: str) -> dict[str, Any]:
    return {"allowed": False, "reason": reason, "stepUp": False, "secondPerson": False}


async def _bill(database: Database, cents: int, *, is_paid: bool = True) -> tuple[Any, Any]:
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        invoice = await books.bill(session, account, Article(cents))
        if is_paid:
            await books.pay(session, account, invoice)
        [line] = await books.lines_of(session, invoice)
    return invoice, line


class TestCan:
    @pytest.mark.parametrize(
        ("cents", "step_up", "second_person"), [(2000, False, False), (2001, True, False), (5001, True, True)]
    )
    async def test_tells_what_an_amount_will_ask(
        self, database: Database, cents: int, step_up: bool, second_person: bool
    ) -> None:
        invoice, line = await _bill(database, cents)
        agent = asking(database)
        asks = _open(step_up=step_up, second_person=second_person)

        assert await can(agent, global_id(invoice)) == {"REFUND": asks, "CREDIT_NOTE": asks}
        assert await can(agent, global_id(line)) == {"CREDIT_NOTE": asks, "PRORATION_CORRECTION": asks}

    async def test_says_why_not(self, database: Database) -> None:
        invoice, line = await _bill(database, 1000, is_paid=False)
        asked = billing(database)

        before = await can(asked, global_id(invoice))
        done = await do(asked, "creditNote", invoiceId=global_id(invoice), reason="BILLING_ERROR")
        after = await can(asked, global_id(invoice))

        assert before == {"REFUND": _closed("Nothing was paid that has not gone back."), "CREDIT_NOTE": _open()}
        assert after["CREDIT_NOTE"] == _closed("All of it was credited.")
        assert await can(asked, done["creditNote"]["id"]) == {"CREDIT_NOTE_REVERSE": _open()}
        assert (await can(asked, global_id(line)))["CREDIT_NOTE"] == _closed("All of it was credited.")

    async def test_knows_what_was_undone_and_what_has_left(self, database: Database) -> None:
        invoice, _ = await _bill(database, 1000)
        asked = billing(database)
        done = await do(asked, "refund", invoiceId=global_id(invoice), amount=1000, reason="BILLING_ERROR")
        refund_id, note_id = done["refund"]["id"], done["refund"]["creditNote"]["id"]

        waiting = await can(asked, refund_id)
        await do(asked, "refundReverse", refundId=refund_id)

        assert waiting == {"REFUND_REVERSE": _open()}
        assert await can(asked, refund_id) == {"REFUND_REVERSE": _closed("It was taken back.")}
        assert await can(asked, note_id) == {"CREDIT_NOTE_REVERSE": _closed("It was taken back.")}

    async def test_closes_everything_to_a_role_that_only_reads_and_on_an_erased_file(self, database: Database) -> None:
        invoice, _ = await _bill(database, 1000)
        dpo = asking(database, factories.viewer(Role.DPO, stepped_up_until=NOW + timedelta(minutes=9)))

        said = await can(dpo, global_id(invoice))
        async with database.unit_of_work() as session:
            subscriber = await session.get_one(models.Subscriber, invoice.subscriber_id)
            subscriber.state = models.SubscriberState.ERASED
        erased = await can(billing(database), global_id(invoice))

        assert said == {
            "REFUND": _closed("This needs the capability REFUND_WRITE."),
            "CREDIT_NOTE": _closed("This needs the capability CREDIT_WRITE."),
        }
        assert {each["reason"] for each in erased.values()} == {"The subscriber's personal data has been erased."}
