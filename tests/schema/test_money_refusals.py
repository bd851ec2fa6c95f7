"""Bad input of acts on money: each a coded refusal with what would be accepted, and nothing but the trail is written."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backoffice import models
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.permissions import Role
from tests import books, factories
from tests.acts import everything, global_id, key_of, new_key, refusals_since
from tests.books import Article
from tests.factories import NOW
from tests.graphs import Asked, asking
from tests.money_acts import billing, confirm, do, only_cents, preview, refusal


async def paid(database: Database, cents: int = 3499) -> Any:
    """A paid invoice of one line."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        invoice = await books.bill(session, account, Article(cents))
        await books.pay(session, account, invoice)
    return invoice


def refund_of(invoice: Any, **given: Any) -> dict[str, Any]:
    """What refunds ten euros of an invoice."""
    return {"invoiceId": global_id(invoice), "amount": 1000, "reason": "BILLING_ERROR", **given}


def agent(database: Database, *, staff_id: int = 7, **given: Any) -> Asked:
    """An agent, without a fresh code unless said."""
    return asking(database, factories.viewer(Role.AGENT, id=staff_id, **given))


class TestAmounts:
    @pytest.mark.parametrize("operation", ["refund", "creditNote"])
    @pytest.mark.parametrize("amount", [0, -1, 100_000_001, 12.5, 1000.0, 2**60, -(2**70), float("nan"), float("inf")])
    async def test_outside_of_what_can_be_used_are_refused_with_the_range(
        self, database: Database, operation: str, amount: Any
    ) -> None:
        invoice = await paid(database)
        before = await everything(database)

        shown = only_cents(await preview(billing(database), operation, **refund_of(invoice, amount=amount)))

        [error] = shown["userErrors"]
        assert (error["__typename"], error["code"], error["field"]) == (
            "AmountProblem",
            "AMOUNT_OUT_OF_RANGE",
            "amount",
        )
        assert (error["minimum"], error["maximum"]) == (1, 100_000_000)
        assert (shown["quote"], shown["preview"]) == (None, None)
        assert await refusals_since(before, database) == []

    @pytest.mark.parametrize(
        ("operation", "code"), [("refund", "REFUND_TOO_LARGE"), ("creditNote", "CREDIT_TOO_LARGE")]
    )
    async def test_above_what_is_left_are_refused_with_what_is(
        self, database: Database, operation: str, code: str
    ) -> None:
        invoice = await paid(database)
        asked = billing(database)
        await do(asked, "refund", **refund_of(invoice, amount=3000))

        shown = only_cents(await preview(asked, operation, **refund_of(invoice, amount=500)))

        [error] = shown["userErrors"]
        assert (error["code"], error["minimum"], error["maximum"]) == (code, 1, 499)

    async def test_are_refused_where_nothing_is_left(self, database: Database) -> None:
        invoice = await paid(database)
        asked = billing(database)
        await do(asked, "refund", **refund_of(invoice, amount=3499))

        shown = only_cents(await preview(asked, "refund", **refund_of(invoice, amount=1)))

        [error] = shown["userErrors"]
        assert (error["code"], error["minimum"], error["maximum"]) == ("REFUND_TOO_LARGE", 0, 0)


class TestDays:
    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "code"),
        [
            ("2026-10-01", "2026-11-01", "DATES_OUTSIDE_LINE"),
            ("2026-12-01", "2026-12-02", "DATES_OUTSIDE_LINE"),
            ("2026-11-05", "2026-11-05", "BAD_INPUT"),
            ("2026-11-06", "2026-11-05", "BAD_INPUT"),
            ("2026-11-06", None, "BAD_INPUT"),
        ],
    )
    async def test_that_are_none_of_the_line_are_refused(
        self, database: Database, starts_on: str, ends_on: str | None, code: str
    ) -> None:
        invoice = await paid(database)
        async with database.unit_of_work() as session:
            [line] = await books.lines_of(session, invoice)
        before = await everything(database)

        shown = await preview(
            billing(database),
            "creditNote",
            invoiceId=global_id(invoice),
            invoiceLineId=global_id(line),
            startsOn=starts_on,
            endsOn=ends_on,
            reason="SERVICE_FAILURE",
        )

        assert refusal(shown) == code
        assert await refusals_since(before, database) == []


class TestIds:
    async def test_malformed_unknown_and_foreign_ones_are_refused_alike(self, database: Database) -> None:
        invoice, other = await paid(database), await paid(database)
        async with database.unit_of_work() as session:
            [foreign] = await books.lines_of(session, other)
        unknown = GlobalId("Invoice", invoice.subscriber_id, invoice.id + 1).encode()
        asked = billing(database)

        refused = [
            await preview(asked, "creditNote", invoiceId=invoice_id, invoiceLineId=line_id, reason="BILLING_ERROR")
            for invoice_id, line_id in [
                ("", None),
                ("nonsense", None),
                (unknown, None),
                (global_id(foreign), None),
                (global_id(invoice), global_id(foreign)),
                (global_id(invoice), global_id(invoice)),
            ]
        ]

        assert {refusal(each) for each in refused} == {"NOT_FOUND"}
        assert {each["userErrors"][0]["field"] for each in refused} == {"invoiceId", "invoiceLineId"}

    @pytest.mark.parametrize(
        ("operation", "named"),
        [
            ("refundReverse", "refundId"),
            ("creditNoteReverse", "creditNoteId"),
            ("prorationCorrection", "invoiceLineId"),
        ],
    )
    async def test_of_what_is_to_be_undone_or_corrected_are_looked_up_too(
        self, database: Database, operation: str, named: str
    ) -> None:
        invoice = await paid(database)

        refused = await preview(billing(database), operation, **{named: global_id(invoice)})

        assert refusal(refused) == "NOT_FOUND"
        assert refused["userErrors"][0]["field"] == named


class TestQuotes:
    async def test_work_once_for_their_actor_and_act(self, database: Database) -> None:
        invoice = await paid(database)
        asked, other = billing(database), billing(database, id=8)
        quote = (await preview(asked, "refund", **refund_of(invoice)))["quote"]
        spent = (await preview(asked, "refund", **refund_of(invoice, amount=500)))["quote"]
        key = new_key()
        await confirm(asked, "refund", spent, key=key)
        before = await everything(database)
        altered = quote[:-2] + ("AA" if quote[-2:] != "AA" else "BB")

        refused = [
            await confirm(other, "refund", quote),
            await confirm(asked, "creditNote", quote),
            await confirm(asked, "refund", altered),
            await confirm(asked, "refund", "nonsense"),
            await confirm(asked, "refund", spent),
            await confirm(asked, "refund", quote, key=key),
            await confirm(asked, "refund", quote, key="short"),
        ]
        written = await refusals_since(before, database)
        replayed = await confirm(asked, "refund", spent, key=key)

        codes = [refusal(each) for each in refused]
        assert codes[:6] == ["BAD_QUOTE"] * 4 + ["QUOTE_SPENT", "IDEMPOTENCY_CONFLICT"]
        assert (replayed["replayed"], replayed["userErrors"]) == (True, [])
        assert {operation for operation, _ in written} == {"refundConfirm", "creditNoteConfirm"}

    async def test_expire_after_their_minutes(self, database: Database) -> None:
        invoice = await paid(database)
        asked = billing(database)
        quote = (await preview(asked, "refund", **refund_of(invoice)))["quote"]
        before = await everything(database)

        late = [Asked(database, asked.by, NOW + timedelta(minutes=minutes)) for minutes in (10, 11)]
        refused = [await confirm(each, "refund", quote) for each in late]

        assert [refusal(each) for each in refused] == ["QUOTE_EXPIRED"] * 2
        assert await refusals_since(before, database) == [("refundConfirm", "QUOTE_EXPIRED")] * 2

    async def test_are_stale_once_their_figures_have_moved(self, database: Database) -> None:
        invoice = await paid(database)
        asked = billing(database)
        whole = {"invoiceId": global_id(invoice), "reason": "BILLING_ERROR"}
        quote = (await preview(asked, "creditNote", **whole))["quote"]
        await do(asked, "refund", **refund_of(invoice))

        refused = await confirm(asked, "creditNote", quote)

        assert refusal(refused) == "QUOTE_STALE"


class TestRequirements:
    async def test_a_fresh_code_makes_the_same_quote_work(self, database: Database) -> None:
        invoice = await paid(database)
        plain = agent(database)
        shown = await preview(plain, "refund", **refund_of(invoice, amount=2001))
        before = await everything(database)

        refused = await confirm(plain, "refund", shown["quote"])
        done = await confirm(agent(database, stepped_up_until=NOW + timedelta(minutes=1)), "refund", shown["quote"])

        assert shown["preview"]["requirements"] == [{"requirement": "STEP_UP", "isMet": False}]
        assert (refusal(refused), refused["userErrors"][0]["methods"]) == ("STEP_UP_REQUIRED", ["TOTP"])
        assert only_cents(done)["refund"]["amount"] == 2001
        assert len((await everything(database))["refunds"]) == len(before["refunds"]) + 1

    async def test_nothing_is_asked_up_to_twenty_euros(self, database: Database) -> None:
        invoice = await paid(database)

        done = await do(agent(database), "refund", **refund_of(invoice, amount=2000))

        assert only_cents(done)["refund"]["amount"] == 2000

    async def test_a_note_is_asked_above_fifty_euros(self, database: Database) -> None:
        invoice = await paid(database, 6000)
        asked = billing(database)
        bare = await preview(asked, "refund", **refund_of(invoice, amount=5001))
        noted = await preview(asked, "refund", **refund_of(invoice, amount=5001, note="Double facturation."))

        refused = await confirm(asked, "refund", bare["quote"])
        done = await confirm(asked, "refund", noted["quote"])

        assert refusal(refused) == "NOTE_REQUIRED"
        assert done["userErrors"] == []

    async def test_a_reason_that_is_judged_case_by_case_needs_a_ticket_with_a_proof(self, database: Database) -> None:
        invoice = await paid(database)
        asked = billing(database)
        async with database.unit_of_work() as session:
            subscriber = await session.get_one(models.Subscriber, invoice.subscriber_id)
            ticket = await factories.create_ticket(session, subscriber)
        given = refund_of(invoice, reason="UNUSED_OPTION", ticketId=global_id(ticket))
        quotes = [(await preview(asked, "refund", **given))["quote"] for _ in range(2)]

        without = await confirm(asked, "refund", quotes[0])
        async with database.unit_of_work() as session:
            await books.attach(session, ticket)
        done = await confirm(asked, "refund", quotes[1])

        assert refusal(without) == "TICKET_REQUIRED"
        assert done["userErrors"] == []


class TestClosedFiles:
    async def test_an_erased_subscriber_is_refused(self, database: Database) -> None:
        invoice = await paid(database)
        async with database.unit_of_work() as session:
            subscriber = await session.get_one(models.Subscriber, invoice.subscriber_id)
            subscriber.state = models.SubscriberState.ERASED

        assert refusal(await preview(billing(database), "refund", **refund_of(invoice))) == "SUBSCRIBER_ERASED"

    async def test_a_payment_that_the_bank_took_back_is_refused(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            invoice = await books.bill(session, account, Article(3499))
            payment = await books.pay(session, account, invoice)
            payment.state = models.PaymentState.RETURNED

        assert refusal(await preview(billing(database), "refund", **refund_of(invoice))) == "PAYMENT_RETURNED"


class TestTwoAtOnce:
    async def test_never_give_back_more_than_was_paid(self, database: Database) -> None:
        invoice = await paid(database)
        people = [billing(database, id=10 + place) for place in range(5)]
        quotes = [(await preview(each, "refund", **refund_of(invoice)))["quote"] for each in people]

        answers = await asyncio.gather(
            *(confirm(each, "refund", quote) for each, quote in zip(people, quotes, strict=True))
        )

        done = [each for each in answers if not each["userErrors"]]
        assert 1 <= len(done) <= 3
        assert {refusal(each) for each in answers if each["userErrors"]} <= {
            "QUOTE_STALE",
            "REFUND_TOO_LARGE",
            "DATABASE_BUSY",
        }
        async with database.reading() as session:
            after = await session.get_one(models.Invoice, key_of(invoice))
        assert after.refunded_cents == after.credited_cents == 1000 * len(done)

    async def test_with_one_key_do_it_once(self, database: Database) -> None:
        invoice = await paid(database)
        asked, key = billing(database), new_key()
        quote = (await preview(asked, "refund", **refund_of(invoice)))["quote"]

        answers = await asyncio.gather(*(confirm(asked, "refund", quote, key=key) for _ in range(4)))

        assert {each["refund"]["id"] for each in answers if each["refund"]} == {answers[0]["refund"]["id"]}
        assert [each["replayed"] for each in answers].count(False) == 1
        async with database.reading() as session:
            after = await session.get_one(models.Invoice, key_of(invoice))
        assert after.refunded_cents == 1000
