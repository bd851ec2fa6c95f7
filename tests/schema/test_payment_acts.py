"""Payments through the graph: what they pay, how a mistake is undone, and what the bank takes back."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from backoffice import models
from backoffice.database import Database
from backoffice.models import PaymentMethodKind, PaymentMethodState, PaymentState
from backoffice.permissions import Role
from backoffice.services import payments, refunds
from tests import acts, books, factories, money_acts
from tests.acts import everything, global_id, new_key, refusals_since
from tests.books import Article
from tests.factories import NOW, TODAY
from tests.graphs import asking
from tests.money_acts import billing, confirm, do, faults, only_cents, preview, refusal

LARGEST_CENTS = 100_000_000


@pytest.fixture
async def account(database: Database) -> models.BillingAccount:
    """An account that owes 29.99 of October and 17.36 of November."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        october = await books.bill(session, account, Article(2_999))
        await books.bill(session, account, Article(1_736))
        october.due_on = date(2026, 10, 15)
        return account


@pytest.fixture
async def card(database: Database, account: models.BillingAccount) -> models.PaymentMethod:
    return await create_method(database, account, kind=PaymentMethodKind.CARD, expires_on=date(2027, 1, 1))


async def create_method(database: Database, account: models.BillingAccount, **given: Any) -> models.PaymentMethod:
    async with database.unit_of_work() as session:
        return await factories.create_method(session, account, **given)


async def stored(database: Database, row: Any) -> Any:
    async with database.reading() as session:
        return await session.get_one(type(row), acts.key_of(row))


async def invoices(database: Database) -> list[models.Invoice]:
    """All invoices, the one that is due first before the others."""
    async with database.reading() as session:
        found = await session.execute(select(models.Invoice).order_by(models.Invoice.due_on, models.Invoice.id))
        return list(found.scalars())


async def due(database: Database) -> list[int]:
    """What is due on each invoice, the oldest first."""
    return [invoice.due_cents for invoice in await invoices(database)]


async def receivable(database: Database) -> int:
    """What the ledger says that the subscriber owes."""
    entry = models.LedgerEntry
    async with database.reading() as session:
        total = await session.execute(
            select(func.coalesce(func.sum(entry.amount_cents), 0)).where(entry.account == "RECEIVABLE")
        )
        return int(total.scalar_one())


async def receive(database: Database, account: models.BillingAccount, amount: int, **given: Any) -> Any:
    """Record a transfer; the payment as the graph shows it."""
    wanted = {
        "billingAccountId": global_id(account),
        "amount": amount,
        "means": "TRANSFER",
        "reference": "VIR 1",
        **given,
    }
    return only_cents(await do(billing(database), "payment", **wanted))["payment"]


async def capture(database: Database, payment: models.Payment | Any, *, at: datetime = NOW) -> None:
    async with database.unit_of_work() as session:
        await payments.captured(
            session,
            subscriber_id=payment.subscriber_id,
            payment_id=payment.id,
            reference=f"BANK-{payment.id}",
            at=at,
            today=TODAY,
        )


async def only_payment(database: Database) -> models.Payment:
    async with database.reading() as session:
        return (await session.execute(select(models.Payment))).scalar_one()


class TestPaymentPreview:
    async def test_shows_what_is_paid_and_what_stays_due(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        before = await everything(database)

        shown = only_cents(
            await preview(
                asking(database),
                "payment",
                billingAccountId=global_id(account),
                amount=4_000,
                paymentMethodId=global_id(card),
            )
        )

        made = shown["preview"]
        assert shown["userErrors"] == []
        assert [part["amount"] for part in made["allocations"]] == [2_999, 1_001]
        assert made["facts"] == {
            "means": "CARD",
            "state": "PENDING",
            "due_before_cents": 4_735,
            "due_after_cents": 735,
            "stays_on_account_cents": 0,
            "on_its_way_cents": 0,
        }
        # Nothing is booked before the bank has answered.
        assert (made["postings"], made["balanceBefore"], made["balanceAfter"]) == ([], 4_735, 4_735)
        assert (made["requirements"], made["warnings"]) == ([], [])
        assert await everything(database) == before

    async def test_shows_what_stays_as_credit(self, database: Database, account: models.BillingAccount) -> None:
        shown = only_cents(
            await preview(
                asking(database),
                "payment",
                billingAccountId=global_id(account),
                amount=5_000,
                means="CHECK",
                reference="1234567",
            )
        )["preview"]

        assert [part["amount"] for part in shown["allocations"]] == [2_999, 1_736]
        assert (shown["disposition"]["balance"], shown["facts"]["stays_on_account_cents"]) == (265, 265)
        assert (shown["balanceBefore"], shown["balanceAfter"]) == (4_735, -265)
        assert shown["postings"] == [
            {
                "kind": "PAYMENT",
                "entries": [{"account": "BANK", "amount": 5_000}, {"account": "RECEIVABLE", "amount": -5_000}],
            }
        ]

    async def test_has_no_ceiling(self, database: Database, account: models.BillingAccount) -> None:
        shown = await preview(
            asking(database),
            "payment",
            billingAccountId=global_id(account),
            amount=300_000,
            means="TRANSFER",
            reference="VIR",
        )

        assert shown["preview"]["requirements"] == []

    async def test_warns_of_a_payment_on_its_way(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        wanted = {"billingAccountId": global_id(account), "amount": 4_000, "paymentMethodId": global_id(card)}
        await do(billing(database), "payment", **wanted)

        shown = (await preview(billing(database), "payment", **wanted))["preview"]

        assert shown["warnings"] == [{"code": "PAYMENT_ON_ITS_WAY"}]
        assert shown["facts"]["on_its_way_cents"] == 4_000

    async def test_warns_of_a_reference_that_is_known(self, database: Database, account: models.BillingAccount) -> None:
        await receive(database, account, 1_000)

        shown = await preview(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=1_000,
            means="TRANSFER",
            reference="VIR 1",
        )

        assert shown["preview"]["warnings"] == [{"code": "REFERENCE_KNOWN"}]

    @pytest.mark.parametrize("amount", [0, -1, -4_000, LARGEST_CENTS + 1])
    async def test_refuses_an_amount_with_what_would_be_accepted(
        self, database: Database, account: models.BillingAccount, amount: int
    ) -> None:
        before = await everything(database)

        refused = only_cents(
            await preview(
                billing(database),
                "payment",
                billingAccountId=global_id(account),
                amount=amount,
                means="TRANSFER",
                reference="VIR",
            )
        )

        [error] = refused["userErrors"]
        assert (error["code"], error["field"]) == ("AMOUNT_OUT_OF_RANGE", "amount")
        assert (error["minimum"], error["maximum"]) == (1, LARGEST_CENTS)
        assert await everything(database) == before

    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ({"expires_on": TODAY}, "has not been valid since 2026-11-21"),
            ({"state": PaymentMethodState.REPLACED}, "is replaced"),
            ({"state": PaymentMethodState.REVOKED}, "is revoked"),
            ({"kind": PaymentMethodKind.CHECK}, "is a check, which is received and never charged"),
        ],
    )
    async def test_refuses_a_means_that_cannot_be_charged_and_names_those_that_can(
        self, database: Database, account: models.BillingAccount, given: dict[str, Any], why: str
    ) -> None:
        old = await create_method(database, account, **{"kind": PaymentMethodKind.CARD, **given})
        debit = await create_method(database, account, iban_last_four="7606", is_default=True)

        refused = await preview(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            paymentMethodId=global_id(old),
        )

        [error] = refused["userErrors"]
        assert (error["__typename"], error["code"]) == ("PaymentMethodProblem", "PAYMENT_METHOD_UNUSABLE")
        assert error["usable"] == [{"id": global_id(debit)}]
        assert error["message"] == f"This means of payment {why}; use the direct debit of the account …7606."

    async def test_says_when_nothing_can_be_charged(self, database: Database, account: models.BillingAccount) -> None:
        old = await create_method(database, account, state=PaymentMethodState.EXPIRED)

        refused = await preview(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            paymentMethodId=global_id(old),
        )

        [error] = refused["userErrors"]
        assert error["usable"] == []
        assert error["message"].endswith("the account has none that can: record a transfer or a check instead.")

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({}, "paymentMethodId"),
            ({"means": "CARD", "reference": "x"}, "means"),
            ({"means": "DIRECT_DEBIT", "reference": "x"}, "means"),
            ({"means": "TRANSFER"}, "reference"),
            ({"means": "TRANSFER", "reference": "x" * 81}, "reference"),
            ({"means": "TRANSFER", "reference": "a\x00b"}, "reference"),
            ({"means": "TRANSFER", "reference": "x", "contactEmail": "nowhere"}, "contactEmail"),
            ({"means": "TRANSFER", "reference": "x", "note": "x" * 1_001}, "note"),
        ],
    )
    async def test_refuses_what_names_no_one_way_to_pay(
        self, database: Database, account: models.BillingAccount, given: dict[str, Any], field: str
    ) -> None:
        refused = await preview(
            billing(database), "payment", billingAccountId=global_id(account), amount=4_000, **given
        )

        [error] = refused["userErrors"]
        assert (error["code"], error["field"]) == ("BAD_INPUT", field)

    async def test_refuses_two_ways_to_pay(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        wanted = {"billingAccountId": global_id(account), "amount": 4_000, "paymentMethodId": global_id(card)}

        both = await preview(billing(database), "payment", **wanted, means="TRANSFER", reference="VIR")
        referenced = await preview(billing(database), "payment", **wanted, reference="VIR")

        assert (refusal(both), both["userErrors"][0]["field"]) == ("BAD_INPUT", "paymentMethodId")
        assert (refusal(referenced), referenced["userErrors"][0]["field"]) == ("BAD_INPUT", "reference")

    async def test_finds_no_means_of_another_account_or_subscriber(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        async with database.unit_of_work() as session:
            subscriber = await session.get_one(models.Subscriber, account.subscriber_id)
            second = await factories.create_account(session, subscriber)
            foreign = await books.create_file(session)
        of_others = [await create_method(database, other) for other in (second, foreign)]

        refused = [
            await preview(
                billing(database),
                "payment",
                billingAccountId=global_id(account),
                amount=4_000,
                paymentMethodId=global_id(method),
            )
            for method in of_others
        ]

        assert [(refusal(each), each["userErrors"][0]["field"]) for each in refused] == [
            ("NOT_FOUND", "paymentMethodId")
        ] * 2

    async def test_is_denied_to_whoever_only_reads(self, database: Database, account: models.BillingAccount) -> None:
        asked = asking(database, factories.viewer(Role.DPO))
        query = f"mutation Preview($input: PaymentInput!) {{ paymentPreview(input: $input) {money_acts.PREVIEW} }}"

        codes = await asked.codes(query, input={"billingAccountId": global_id(account), "amount": 1})

        assert codes == ["FORBIDDEN"]


class TestPaymentConfirm:
    async def test_asks_the_bank_for_what_is_charged(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        done = only_cents(
            await do(
                billing(database),
                "payment",
                billingAccountId=global_id(account),
                amount=4_000,
                paymentMethodId=global_id(card),
                contactEmail="Zoe@Example.net",
                note="Par téléphone.",
            )
        )["payment"]

        payment = await only_payment(database)
        assert (done["state"], done["amount"], done["paymentMethod"]) == ("PENDING", 4_000, {"kind": "CARD"})
        assert (done["note"], done["receiptEmail"]) == ("Par téléphone.", "Zoe@example.net")
        assert done["billingAccount"] == {"balance": 4_735, "credit": 0}
        async with database.reading() as session:
            message = (await session.execute(select(models.OutboxMessage))).scalar_one()
        assert (message.kind, message.dedupe_key) == ("CHARGE", f"charge:{payment.id}")

    async def test_pays_as_previewed_once_the_bank_has_collected(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        wanted = {"billingAccountId": global_id(account), "paymentMethodId": global_id(card)}
        await do(billing(database), "payment", amount=4_000, **wanted)
        await capture(database, await only_payment(database))

        shown = only_cents(await preview(billing(database), "payment", amount=1_000, **wanted))["preview"]

        assert await due(database) == [0, 735]
        assert [part["amount"] for part in shown["allocations"]] == [735]
        assert shown["facts"]["stays_on_account_cents"] == 265

    async def test_books_what_was_received_at_once(self, database: Database, account: models.BillingAccount) -> None:
        done = await receive(database, account, 5_000, contactEmail="zoe@example.net")

        assert (done["state"], done["means"], done["reference"]) == ("CAPTURED", "TRANSFER", "VIR 1")
        assert [(part["amount"], part["isUndone"]) for part in done["allocations"]["nodes"]] == [
            (2_999, False),
            (1_736, False),
        ]
        assert done["billingAccount"] == {"balance": -265, "credit": 265}
        assert await due(database) == [0, 0]
        assert await receivable(database) == -265
        async with database.reading() as session:
            mail = (await session.execute(select(models.OutboxMessage))).scalar_one()
        assert mail.payload == {"template": "payment_received", "about": (await only_payment(database)).id}

    async def test_lets_the_credit_pay_the_next_invoice(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        await receive(database, account, 5_000)
        async with database.unit_of_work() as session:
            again = await session.get_one(models.BillingAccount, acts.key_of(account))
            await books.bill(session, again, Article(1_000))

        done = await receive(database, account, 100, reference="VIR 2")

        # 2.65 of credit pays first, of what is left the new payment pays 1.00.
        assert await due(database) == [0, 0, 635]
        assert done["billingAccount"] == {"balance": 635, "credit": 265}

    async def test_is_done_once_for_a_key(self, database: Database, account: models.BillingAccount) -> None:
        shown = await preview(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            means="TRANSFER",
            reference="VIR",
        )
        key = new_key()

        first, second = [await confirm(billing(database), "payment", shown["quote"], key=key) for _ in range(2)]

        assert (first["replayed"], second["replayed"]) == (False, True)
        assert first["payment"] == second["payment"]
        assert await receivable(database) == 735

    async def test_is_done_once_by_two_requests_with_one_key_at_once(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        shown = await preview(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            paymentMethodId=global_id(card),
        )
        key = new_key()

        done = await asyncio.gather(*(confirm(billing(database), "payment", shown["quote"], key=key) for _ in range(4)))

        assert sorted(each["replayed"] for each in done) == [False, True, True, True]
        assert {each["payment"]["id"] for each in done} == {global_id(await only_payment(database))}

    async def test_refuses_a_quote_whose_figures_have_moved(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        shown = await preview(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            means="TRANSFER",
            reference="VIR 2",
        )
        await receive(database, account, 1_000)
        before = await everything(database)

        refused = await confirm(billing(database), "payment", shown["quote"])

        assert refusal(refused) == "QUOTE_STALE"
        assert await refusals_since(before, database) == [("paymentConfirm", "QUOTE_STALE")]

    async def test_refuses_a_quote_of_another_act(self, database: Database, account: models.BillingAccount) -> None:
        shown = await preview(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            means="TRANSFER",
            reference="VIR 2",
        )
        before = await everything(database)

        refused = await confirm(billing(database), "paymentReverse", shown["quote"])

        assert refused["payment"] is None
        assert len(await refusals_since(before, database)) == 1

    async def test_refuses_an_erased_subscriber(self, database: Database, account: models.BillingAccount) -> None:
        async with database.unit_of_work() as session:
            await session.execute(update(models.Subscriber).values(state=models.SubscriberState.ERASED))

        refused = await preview(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            means="TRANSFER",
            reference="VIR",
        )

        assert refusal(refused) == "SUBSCRIBER_ERASED"


class TestPaymentReverse:
    async def test_opens_what_a_mistaken_transfer_had_paid(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        payment = await receive(database, account, 5_000)

        shown = only_cents(await preview(billing(database), "paymentReverse", paymentId=payment["id"]))
        done = only_cents(await confirm(billing(database), "paymentReverse", shown["quote"]))["payment"]

        assert [part["amount"] for part in shown["preview"]["allocations"]] == [-2_999, -1_736]
        assert (shown["preview"]["balanceAfter"], done["billingAccount"]["balance"]) == (4_735, 4_735)
        assert shown["preview"]["warnings"] == [{"code": "BECOMES_DUE_AGAIN"}]
        assert (done["state"], done["billingAccount"]["credit"]) == ("CANCELLED", 0)
        assert [part["isUndone"] for part in done["allocations"]["nodes"]] == [True, True]
        assert await due(database) == [2_999, 1_736]
        assert [invoice.state for invoice in await invoices(database)] == ["ISSUED", "ISSUED"]
        assert await receivable(database) == 4_735
        assert await faults(database) == []

    async def test_takes_back_what_the_bank_was_not_asked_for_yet(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        asked = await do(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            paymentMethodId=global_id(card),
        )

        done = await do(billing(database), "paymentReverse", paymentId=asked["payment"]["id"])

        assert done["payment"]["state"] == "CANCELLED"
        async with database.reading() as session:
            message = (await session.execute(select(models.OutboxMessage))).scalar_one()
        assert (message.state, message.last_error) == ("DONE", "WITHDRAWN")
        assert await receivable(database) == 4_735

    async def test_leaves_a_payment_that_was_taken_back_alone_when_the_bank_answers(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        asked = await do(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            paymentMethodId=global_id(card),
        )
        await do(billing(database), "paymentReverse", paymentId=asked["payment"]["id"])
        before = await everything(database)

        await capture(database, await only_payment(database))

        assert await everything(database) == before

    async def test_and_the_answer_of_the_bank_never_both_win(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        asked = await do(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            paymentMethodId=global_id(card),
        )
        shown = await preview(billing(database), "paymentReverse", paymentId=asked["payment"]["id"])

        _, taken_back = await asyncio.gather(
            capture(database, await only_payment(database)),
            confirm(billing(database), "paymentReverse", shown["quote"]),
        )

        state = (await only_payment(database)).state
        owed = {PaymentState.CAPTURED: 735, PaymentState.CANCELLED: 4_735}[state]
        assert (taken_back["payment"] is not None) is (state is PaymentState.CANCELLED)
        assert (await stored(database, account)).balance_cents == owed
        assert sum(await due(database)) == owed

    async def test_refuses_what_the_outbox_is_working_on(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        asked = await do(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            paymentMethodId=global_id(card),
        )
        async with database.unit_of_work() as session:
            await session.execute(update(models.OutboxMessage).values(leased_until=NOW + timedelta(minutes=1)))

        refused = await preview(billing(database), "paymentReverse", paymentId=asked["payment"]["id"])

        assert refusal(refused) == "PAYMENT_BEING_COLLECTED"

    async def test_refuses_what_the_bank_collected(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        asked = await do(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            paymentMethodId=global_id(card),
        )
        await capture(database, await only_payment(database))

        refused = await preview(billing(database), "paymentReverse", paymentId=asked["payment"]["id"])

        assert refusal(refused) == "PAYMENT_COLLECTED"
        assert "refundPreview" in refused["userErrors"][0]["message"]

    async def test_refuses_what_went_back_in_part(self, database: Database, account: models.BillingAccount) -> None:
        payment = await receive(database, account, 5_000)
        await do(billing(database), "refund", paymentId=payment["id"], amount=265, reason="GOODWILL", note="Trop-perçu")

        refused = await preview(billing(database), "paymentReverse", paymentId=payment["id"])

        assert refusal(refused) == "PAYMENT_REFUNDED"
        assert refused["userErrors"][0]["message"].startswith("2.65 of this payment went back")

    async def test_is_refused_the_second_time(self, database: Database, account: models.BillingAccount) -> None:
        payment = await receive(database, account, 5_000)
        quotes = [
            (await preview(billing(database), "paymentReverse", paymentId=payment["id"]))["quote"] for _ in range(2)
        ]
        await confirm(billing(database), "paymentReverse", quotes[0])
        before = await everything(database)

        refused = await confirm(billing(database), "paymentReverse", quotes[1])

        assert refusal(refused) == "ALREADY_REVERSED"
        assert await refusals_since(before, database) == [("paymentReverseConfirm", "ALREADY_REVERSED")]

    @pytest.mark.parametrize("state", [PaymentState.FAILED, PaymentState.DENIED, PaymentState.RETURNED])
    async def test_refuses_what_brought_no_money(
        self, database: Database, account: models.BillingAccount, state: PaymentState
    ) -> None:
        await receive(database, account, 1_000)
        async with database.unit_of_work() as session:
            await session.execute(update(models.Payment).values(state=state, returned_at=NOW))

        refused = await preview(billing(database), "paymentReverse", paymentId=global_id(await only_payment(database)))

        assert refusal(refused) == "PAYMENT_CAME_TO_NOTHING"


@pytest.fixture
async def debit(database: Database) -> models.Payment:
    """A direct debit of the 5th of October that paid an invoice of 59.98."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        invoice = await books.bill(session, account, Article(5_998))
        return await books.pay(session, account, invoice, at=datetime(2026, 10, 5, 4, tzinfo=UTC))


async def send_refund(database: Database) -> None:
    """Let the only refund leave."""
    async with database.unit_of_work() as session:
        refund = (await session.scalars(select(models.Refund))).one()
        of = {"subscriber_id": refund.subscriber_id, "refund_id": refund.id}
        await refunds.sent(session, **of, reference="R1", at=NOW, today=TODAY)


class TestPaymentReturn:
    async def test_opens_the_invoice_again(self, database: Database, debit: models.Payment) -> None:
        shown = only_cents(
            await preview(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="md06")
        )
        done = only_cents(await confirm(billing(database), "paymentReturn", shown["quote"]))["payment"]

        assert shown["preview"]["facts"] == {
            "reason": "MD06",
            "refunded_cents": 0,
            "taken_back": [],
            "unconditional_refund_until": "2026-11-30",
        }
        assert shown["preview"]["postings"] == [
            {
                "kind": "PAYMENT_RETURN",
                "entries": [{"account": "BANK", "amount": -5_998}, {"account": "RECEIVABLE", "amount": 5_998}],
            }
        ]
        assert [part["amount"] for part in shown["preview"]["allocations"]] == [-5_998]
        assert shown["preview"]["warnings"] == [{"code": "BECOMES_DUE_AGAIN"}]
        assert (done["state"], done["returnCode"]) == ("RETURNED", "MD06")
        assert done["billingAccount"] == {"balance": 5_998, "credit": 0}
        assert await due(database) == [5_998]
        assert await receivable(database) == 5_998

    async def test_asks_for_no_second_debit(self, database: Database, debit: models.Payment) -> None:
        await do(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")

        async with database.reading() as session:
            assert (await session.execute(select(models.OutboxMessage))).first() is None
            assert (await session.execute(select(func.count()).select_from(models.Payment))).scalar_one() == 1

    async def test_leaves_what_went_back_gone(self, database: Database, debit: models.Payment) -> None:
        [invoice] = await invoices(database)
        await do(billing(database), "refund", invoiceId=global_id(invoice), amount=640, reason="SERVICE_FAILURE")
        await send_refund(database)

        shown = await preview(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")
        await confirm(billing(database), "paymentReturn", shown["quote"])

        assert shown["preview"]["facts"]["refunded_cents"] == 640
        assert await due(database) == [5_998]
        assert await receivable(database) == 5_998
        assert await faults(database) == []

    async def test_keeps_what_only_waits_to_go_back(self, database: Database, debit: models.Payment) -> None:
        [invoice] = await invoices(database)
        await do(billing(database), "refund", invoiceId=global_id(invoice), amount=640, reason="SERVICE_FAILURE")

        shown = only_cents(
            await preview(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")
        )
        done = only_cents(await confirm(billing(database), "paymentReturn", shown["quote"]))

        assert [posting["kind"] for posting in shown["preview"]["postings"]] == ["REFUND_REVERSAL", "PAYMENT_RETURN"]
        assert (shown["preview"]["facts"]["refunded_cents"], shown["preview"]["balanceAfter"]) == (0, 5_358)
        assert shown["preview"]["warnings"] == [{"code": "BECOMES_DUE_AGAIN"}]
        assert (done["payment"]["refunded"], done["payment"]["billingAccount"]["balance"]) == (0, 5_358)
        assert await due(database) == [5_358]
        assert await faults(database) == []
        async with database.reading() as session:
            refund = (await session.scalars(select(models.Refund))).one()
            message = (await session.scalars(select(models.OutboxMessage))).one()
        assert (refund.state, message.last_error) == (models.RefundState.CANCELLED, "WITHDRAWN")

    async def test_warns_of_a_refund_that_is_being_sent(self, database: Database, debit: models.Payment) -> None:
        [invoice] = await invoices(database)
        await do(billing(database), "refund", invoiceId=global_id(invoice), amount=640, reason="SERVICE_FAILURE")
        async with database.unit_of_work() as session:
            await session.execute(update(models.OutboxMessage).values(leased_until=NOW + timedelta(minutes=1)))

        shown = await preview(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")
        await confirm(billing(database), "paymentReturn", shown["quote"])

        assert {"code": "REFUND_ON_ITS_WAY"} in shown["preview"]["warnings"]
        assert shown["preview"]["facts"]["taken_back"] == []
        assert await faults(database) == []

    async def test_of_a_debit_that_was_refunded_whole_leaves_its_invoice_open(
        self, database: Database, debit: models.Payment
    ) -> None:
        [invoice] = await invoices(database)
        await do(
            billing(database), "refund", invoiceId=global_id(invoice), amount=5_998, reason="BILLING_ERROR", note="x"
        )
        credited = (await invoices(database))[0].state
        await send_refund(database)

        await do(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")

        [owed] = await invoices(database)
        assert (credited, owed.state, owed.due_cents) == (
            models.InvoiceState.CREDITED,
            models.InvoiceState.ISSUED,
            5_998,
        )
        assert await faults(database) == []

    async def test_may_leave_more_owed_than_invoices_ask_for(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        """The surplus of a payment went back before the bank took all of it back."""
        payment = await receive(database, account, 5_000)
        await do(billing(database), "refund", paymentId=payment["id"], amount=265, reason="GOODWILL", note="Trop-perçu")
        await send_refund(database)

        done = only_cents(await do(billing(database), "paymentReturn", paymentId=payment["id"], returnCode="AM04"))

        assert done["payment"]["billingAccount"] == {"balance": 5_000, "credit": -265}
        assert await due(database) == [2_999, 1_736]
        assert await faults(database) == []

    async def test_makes_a_refund_impossible(self, database: Database, debit: models.Payment) -> None:
        [invoice] = await invoices(database)
        await do(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")

        of_invoice = await preview(
            billing(database), "refund", invoiceId=global_id(invoice), amount=100, reason="SERVICE_FAILURE"
        )
        of_payment = await preview(
            billing(database), "refund", paymentId=global_id(debit), amount=100, reason="SERVICE_FAILURE"
        )

        assert (refusal(of_invoice), refusal(of_payment)) == ("PAYMENT_RETURNED", "PAYMENT_RETURNED")

    async def test_says_when_the_eight_weeks_are_over(self, database: Database, debit: models.Payment) -> None:
        seen = []
        for day in (30, 31):
            by = billing(database)
            by.at = datetime(2026, 11, 29, 9, tzinfo=UTC) + timedelta(days=day - 29)
            shown = await preview(by, "paymentReturn", paymentId=global_id(debit), returnCode="AM04")
            seen.append({"code": "DEADLINE_OVER"} in shown["preview"]["warnings"])

        assert seen == [False, True]

    async def test_lets_the_credit_of_the_account_pay_what_is_open_again(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        payment = await receive(database, account, 4_735)
        await do(billing(database), "goodwillCredit", billingAccountId=global_id(account), amount=500, note="Panne")

        await do(billing(database), "paymentReturn", paymentId=payment["id"], returnCode="AM04")

        assert await due(database) == [2_499, 1_736]
        assert (await stored(database, account)).balance_cents == 4_235

    @pytest.mark.parametrize("code", ["", "AM4", "AM044", "0404", "am 4", "ÀM04", "AM04\n;"])
    async def test_refuses_what_is_no_code_of_the_bank(
        self, database: Database, debit: models.Payment, code: str
    ) -> None:
        refused = await preview(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode=code)

        [error] = refused["userErrors"]
        assert (error["code"], error["field"]) == ("BAD_INPUT", "returnCode")

    async def test_is_recorded_once_when_two_record_it_at_once(self, database: Database, debit: models.Payment) -> None:
        quotes = [
            (await preview(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04"))["quote"]
            for _ in range(2)
        ]

        done = await asyncio.gather(*(confirm(billing(database), "paymentReturn", quote) for quote in quotes))

        assert sorted(refusal(each) for each in done if each["userErrors"]) == ["PAYMENT_NOT_COLLECTED"]
        assert await receivable(database) == 5_998

    async def test_refuses_what_an_import_summed_up(self, database: Database, debit: models.Payment) -> None:
        async with database.unit_of_work() as session:
            await session.execute(update(models.Payment).values(means=None))

        refused = await preview(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")

        assert refusal(refused) == "PAYMENT_MEANS_UNKNOWN"

    async def test_refuses_a_payment_that_was_never_collected(
        self, database: Database, account: models.BillingAccount, card: models.PaymentMethod
    ) -> None:
        asked = await do(
            billing(database),
            "payment",
            billingAccountId=global_id(account),
            amount=4_000,
            paymentMethodId=global_id(card),
        )

        refused = await preview(billing(database), "paymentReturn", paymentId=asked["payment"]["id"], returnCode="AM04")

        assert refusal(refused) == "PAYMENT_NOT_COLLECTED"


class TestPaymentReturnReverse:
    async def test_brings_everything_back(self, database: Database, debit: models.Payment) -> None:
        before = await everything(database)
        await do(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")

        done = only_cents(await do(billing(database), "paymentReturnReverse", paymentId=global_id(debit)))["payment"]

        after = await everything(database)
        assert (done["state"], done["returnCode"]) == ("CAPTURED", None)
        assert after["invoices"] == before["invoices"]
        assert after["payments"] == before["payments"]
        assert [part["isUndone"] for part in done["allocations"]["nodes"]] == [True, False]
        assert await receivable(database) == 0
        assert await faults(database) == []

    async def test_pays_the_same_invoices_as_before(self, database: Database, account: models.BillingAccount) -> None:
        """An older invoice that is open since does not take the money of the one that it had paid."""
        await receive(database, account, 2_999)
        second = await receive(database, account, 1_736, reference="VIR 2")
        [first] = [row for row in await all_payments(database) if global_id(row) != second["id"]]
        await do(billing(database), "paymentReturn", paymentId=second["id"], returnCode="AM04")
        await do(billing(database), "paymentReturn", paymentId=global_id(first), returnCode="AM04")

        await do(billing(database), "paymentReturnReverse", paymentId=second["id"])

        assert await due(database) == [2_999, 0]

    async def test_pays_what_is_open_where_something_else_paid_in_between(
        self, database: Database, debit: models.Payment
    ) -> None:
        account = models.BillingAccount(subscriber_id=debit.subscriber_id, id=debit.billing_account_id)
        await do(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")
        await receive(database, account, 5_000)

        done = only_cents(await do(billing(database), "paymentReturnReverse", paymentId=global_id(debit)))["payment"]

        assert await due(database) == [0]
        assert done["billingAccount"] == {"balance": -5_000, "credit": 5_000}
        assert await faults(database) == []

    async def test_takes_the_place_of_credit_that_paid_in_between(
        self, database: Database, debit: models.Payment
    ) -> None:
        account = models.BillingAccount(subscriber_id=debit.subscriber_id, id=debit.billing_account_id)
        await do(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")
        await do(billing(database), "goodwillCredit", billingAccountId=global_id(account), amount=1_000, note="Panne")

        await do(billing(database), "paymentReturnReverse", paymentId=global_id(debit))

        [invoice] = await invoices(database)
        assert (invoice.paid_cents, invoice.applied_cents, invoice.due_cents) == (5_998, 0, 0)
        assert (await stored(database, account)).balance_cents == -1_000
        assert await faults(database) == []

    async def test_is_refused_where_nothing_was_returned(self, database: Database, debit: models.Payment) -> None:
        refused = await preview(billing(database), "paymentReturnReverse", paymentId=global_id(debit))

        assert refusal(refused) == "PAYMENT_NOT_RETURNED"


async def all_payments(database: Database) -> list[models.Payment]:
    async with database.reading() as session:
        return list((await session.execute(select(models.Payment).order_by(models.Payment.id))).scalars())


CAN = "query($id: ID!) { node(id: $id) { ... on %s { can { action allowed reason stepUp secondPerson } } } }"


async def abilities(database: Database, type_name: str, row_id: str) -> dict[str, Any]:
    """What an agent may do with an object: by action, true or the reason why not."""
    data = await asking(database).data(CAN % type_name, id=row_id)
    return {each["action"]: each["allowed"] or each["reason"] for each in data["node"]["can"]}


class TestCan:
    async def test_offers_to_undo_a_transfer_and_to_return_it(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        payment = await receive(database, account, 1_000)

        assert await abilities(database, "Payment", payment["id"]) == {
            "PAYMENT_REVERSE": True,
            "PAYMENT_RETURN": True,
            "PAYMENT_RETURN_REVERSE": "The bank has not taken it back.",
        }

    async def test_follows_what_the_bank_did(self, database: Database, debit: models.Payment) -> None:
        collected = await abilities(database, "Payment", global_id(debit))
        await do(billing(database), "paymentReturn", paymentId=global_id(debit), returnCode="AM04")

        assert collected["PAYMENT_REVERSE"] == "The bank collected it; refund it instead."
        assert await abilities(database, "Payment", global_id(debit)) == {
            "PAYMENT_REVERSE": "It is returned: nothing is to undo.",
            "PAYMENT_RETURN": "It is returned: no money came in.",
            "PAYMENT_RETURN_REVERSE": True,
        }

    async def test_offers_a_gift_until_the_year_is_used_up(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        wanted = {"billingAccountId": global_id(account), "note": "Panne"}
        before = await abilities(database, "BillingAccount", global_id(account))
        given = await do(billing(database), "goodwillCredit", amount=10_000, **wanted)

        after = await abilities(database, "BillingAccount", global_id(account))
        gift = await abilities(database, "GoodwillCredit", given["goodwillCredit"]["id"])

        assert before == {"PAYMENT": True, "GOODWILL_CREDIT": True}
        assert after == {"PAYMENT": True, "GOODWILL_CREDIT": "This year's goodwill is given."}
        assert gift == {"GOODWILL_CREDIT_REVERSE": True}

    async def test_says_what_is_asked_for(self, database: Database, account: models.BillingAccount) -> None:
        data = await asking(database).data(CAN % "BillingAccount", id=global_id(account))

        payment, gift = data["node"]["can"]
        assert (payment["stepUp"], payment["secondPerson"]) == (False, False)
        assert (gift["stepUp"], gift["secondPerson"]) == (True, True)
