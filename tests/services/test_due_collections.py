"""Collections: what is asked of a card or a mandate on the due date, once."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backoffice import models
from backoffice.database import Database
from backoffice.models import InvoiceState, PaymentMethodKind, PaymentMethodState, PaymentState, SubscriberState
from backoffice.services import due_collections, dunning, payments
from tests import factories
from tests.factories import NOW, TODAY

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
MANDATE = {"kind": PaymentMethodKind.DIRECT_DEBIT, "mandate_reference": "MANDATE-1"}
CARD = {"kind": PaymentMethodKind.CARD, "card_token": "tok_ok_1"}


@dataclass
class Payer:
    """A subscriber who owes 30.00, due today."""

    account: models.BillingAccount
    invoice: models.Invoice
    means: models.PaymentMethod


async def create_payer(
    database: Database, *, means: dict[str, Any] = CARD, subscriber: dict[str, Any] | None = None, **invoice: Any
) -> Payer:
    async with database.unit_of_work() as session:
        of = await factories.create_subscriber(session, **(subscriber or {}))
        account = await factories.create_account(session, of)
        issued = await factories.create_invoice(session, account, **{"due_on": TODAY, **invoice})
        method = await factories.create_method(session, account, **{"is_default": True, **means})
        return Payer(account, issued, method)


async def add_invoice(database: Database, payer: Payer, **given: Any) -> models.Invoice:
    async with database.unit_of_work() as session:
        return await factories.create_invoice(session, payer.account, **{"due_on": TODAY, **given})


async def collect(database: Database, on: date = TODAY) -> int:
    return await due_collections.ask(database, on=on, at=_at(on))


async def charge(database: Database, payer: Payer, cents: int) -> models.Payment:
    """An agent has the card charged."""
    async with database.unit_of_work() as session:
        return payments.ask(session, account=payer.account, method=payer.means, cents=cents, at=NOW)


async def refuse(database: Database, payment: models.Payment, *, on: date = TODAY) -> None:
    async with database.unit_of_work() as session:
        await payments.failed(
            session,
            subscriber_id=payment.subscriber_id,
            payment_id=payment.id,
            code="51",
            state=PaymentState.DENIED,
            at=_at(on),
            today=on,
        )


async def asked(database: Database) -> list[models.Payment]:
    async with database.reading() as session:
        return list(await session.scalars(select(models.Payment).order_by(models.Payment.id)))


async def amounts(database: Database) -> list[int]:
    return [payment.amount_cents for payment in await asked(database)]


async def steps(database: Database) -> list[tuple[str, str | None]]:
    async with database.reading() as session:
        rows = await session.scalars(select(models.DunningStep).order_by(models.DunningStep.id))
        return [(row.kind, row.skipped_because) for row in rows]


def _at(on: date) -> datetime:
    return datetime.combine(on, time(9), NOW.tzinfo)


class TestAsk:
    @pytest.mark.parametrize("means", [CARD, {**CARD, "expires_on": TOMORROW}, MANDATE])
    async def test_asks_the_default_means_for_what_is_due(self, database: Database, means: dict[str, Any]) -> None:
        payer = await create_payer(database, means=means)

        assert await collect(database) == 1

        [payment] = await asked(database)
        assert (payment.amount_cents, payment.state, payment.payment_method_id) == (
            3_000,
            PaymentState.PENDING,
            payer.means.id,
        )
        async with database.reading() as session:
            [message] = await session.scalars(select(models.OutboxMessage))
            [entry] = await session.scalars(select(models.AuditEntry))
        assert (message.kind, message.dedupe_key) == ("CHARGE", f"charge:{payment.id}")
        assert entry.operation == "paymentAsked"
        assert await steps(database) == [("COLLECTION", None)]

    @pytest.mark.parametrize(
        "means",
        [
            {**CARD, "expires_on": TODAY},
            {**CARD, "is_default": False},
            {**CARD, "state": PaymentMethodState.REVOKED},
            {**MANDATE, "mandate_reference": None},
            {"kind": PaymentMethodKind.TRANSFER},
        ],
    )
    async def test_asks_no_means_that_cannot_be_charged(self, database: Database, means: dict[str, Any]) -> None:
        await create_payer(database, means=means)

        assert await collect(database) == 0

        assert (await asked(database), await steps(database)) == ([], [])

    async def test_waits_for_the_due_date(self, database: Database) -> None:
        await create_payer(database)

        assert await collect(database, YESTERDAY) == 0
        assert await steps(database) == []

    async def test_asks_a_new_card_for_what_the_expired_one_was_never_asked_for(self, database: Database) -> None:
        payer = await create_payer(database, means={**CARD, "expires_on": TODAY})
        await collect(database)
        async with database.unit_of_work() as session:
            old = await session.get_one(
                models.PaymentMethod, {"subscriber_id": payer.means.subscriber_id, "id": payer.means.id}
            )
            old.is_default = False
            card = await factories.create_method(session, payer.account, **CARD, is_default=True)

        assert await collect(database, TOMORROW) == 1

        assert [payment.payment_method_id for payment in await asked(database)] == [card.id]

    async def test_asks_once_a_day(self, database: Database) -> None:
        await create_payer(database)

        assert (await collect(database), await collect(database)) == (1, 0)
        assert await amounts(database) == [3_000]

    async def test_never_asks_again_for_what_was_refused(self, database: Database) -> None:
        await create_payer(database)
        await collect(database)
        [payment] = await asked(database)
        await refuse(database, payment)

        assert await collect(database, TOMORROW) == 0
        assert await amounts(database) == [3_000]

    async def test_asks_for_the_next_invoice_alone_after_a_refusal(self, database: Database) -> None:
        payer = await create_payer(database)
        await collect(database)
        [payment] = await asked(database)
        await refuse(database, payment)
        await add_invoice(database, payer, due_on=TOMORROW, ttc_cents=1_736, ht_cents=1_736, vat_cents=0)

        assert await collect(database, TOMORROW) == 1
        assert await amounts(database) == [3_000, 1_736]

    async def test_asks_for_nothing_that_an_agent_was_refused(self, database: Database) -> None:
        payer = await create_payer(database)
        await refuse(database, await charge(database, payer, 3_000))

        assert await collect(database) == 0
        assert await steps(database) == [("COLLECTION", "REFUSED")]

    async def test_asks_for_nothing_that_the_bank_took_back(self, database: Database) -> None:
        payer = await create_payer(database)
        async with database.unit_of_work() as session:
            key = {"subscriber_id": payer.account.subscriber_id, "id": factories.new_id()}
            at = NOW - timedelta(days=9)
            payment = models.Payment(
                **key,
                billing_account_id=payer.account.id,
                payment_method_id=payer.means.id,
                state=PaymentState.RETURNED,
                amount_cents=3_000,
                reference="BANK-1",
                requested_at=at,
                captured_at=at,
                returned_at=NOW - timedelta(days=2),
                return_code="MD06",
            )
            session.add(payment)
            await session.flush()
            part = {"payment_id": key["id"], "invoice_id": payer.invoice.id, "amount_cents": 3_000}
            session.add(
                models.PaymentAllocation(
                    subscriber_id=key["subscriber_id"], id=factories.new_id(), **part, is_undone=True
                )
            )

        assert await collect(database) == 0
        assert await steps(database) == [("COLLECTION", "REFUSED")]

    @pytest.mark.parametrize(
        ("given", "cents"),
        [
            ({"paid_cents": 1_000}, 2_000),
            ({"applied_cents": 1_264}, 1_736),
            ({"paid_cents": 500, "applied_cents": 500, "offset_cents": 500, "credited_cents": 500}, 1_500),
        ],
    )
    async def test_asks_for_what_neither_payments_nor_credits_have_paid(
        self, database: Database, given: dict[str, int], cents: int
    ) -> None:
        await create_payer(database, state=InvoiceState.PARTIALLY_PAID, **given)

        assert await collect(database) == 1
        assert await amounts(database) == [cents]

    @pytest.mark.parametrize(("paid_cents", "expected"), [(2_900, [100]), (2_901, [])])
    async def test_leaves_less_than_the_least_amount(
        self, database: Database, paid_cents: int, expected: list[int]
    ) -> None:
        await create_payer(database, state=InvoiceState.PARTIALLY_PAID, paid_cents=paid_cents)

        await collect(database)

        assert await amounts(database) == expected
        assert len(await steps(database)) == len(expected)

    async def test_asks_once_for_all_invoices_of_an_account(self, database: Database) -> None:
        payer = await create_payer(database)
        await add_invoice(database, payer, due_on=YESTERDAY, ttc_cents=1_736, ht_cents=1_736, vat_cents=0)
        await add_invoice(database, payer, due_on=TOMORROW)

        assert await collect(database) == 1
        assert await amounts(database) == [4_736]
        assert await steps(database) == [("COLLECTION", None)] * 2

    async def test_asks_for_nothing_that_a_payment_under_way_covers(self, database: Database) -> None:
        payer = await create_payer(database)
        payment = await charge(database, payer, 3_000)

        assert await collect(database) == 0

        await refuse(database, payment)
        assert await collect(database, TOMORROW) == 0
        assert await amounts(database) == [3_000]
        assert await steps(database) == [("COLLECTION", "UNDER_WAY")]

    async def test_asks_for_what_payments_under_way_leave(self, database: Database) -> None:
        payer = await create_payer(database)
        await add_invoice(database, payer, due_on=YESTERDAY, ttc_cents=1_736, ht_cents=1_736, vat_cents=0)
        await charge(database, payer, 2_000)

        assert await collect(database) == 1

        assert await amounts(database) == [2_000, 2_736]
        assert await steps(database) == [("COLLECTION", "UNDER_WAY"), ("COLLECTION", None)]

    async def test_leaves_whoever_was_erased(self, database: Database) -> None:
        await create_payer(database, subscriber={"state": SubscriberState.ERASED})

        assert await collect(database) == 0
        assert await steps(database) == []

    async def test_asks_everybody_once_when_two_run_at_once(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(5):
            await create_payer(database)
        monkeypatch.setattr(due_collections, "_AT_ONCE", 2)
        other = Database(database.url)

        done = await asyncio.gather(collect(database), collect(other))
        await other.close()

        assert sum(done) == 5
        assert await amounts(database) == [3_000] * 5
        assert await steps(database) == [("COLLECTION", None)] * 5


class TestDunning:
    @pytest.mark.parametrize("days", [0, 1, 9])
    async def test_reminds_nobody_whose_payment_is_under_way(self, database: Database, days: int) -> None:
        await create_payer(database)
        await collect(database)

        day = TODAY + timedelta(days=days)
        assert await dunning.take_steps(database, on=day, at=_at(day)) == 0

    async def test_reminds_of_what_a_payment_under_way_does_not_cover(self, database: Database) -> None:
        payer = await create_payer(database)
        await charge(database, payer, 2_999)

        assert await dunning.take_steps(database, on=TOMORROW, at=_at(TOMORROW)) == 1
        assert await steps(database) == [("REMINDER", None)]

    async def test_reminds_on_the_same_day_once_the_bank_has_said_no(self, database: Database) -> None:
        await create_payer(database)
        await collect(database)
        [payment] = await asked(database)
        await refuse(database, payment)

        await dunning.take_steps(database, on=TODAY, at=_at(TODAY))

        assert sorted(kind for kind, _ in await steps(database)) == ["COLLECTION", "FEE", "REMINDER"]

    async def test_reminds_the_day_after_when_the_card_has_expired(self, database: Database) -> None:
        await create_payer(database, means={**CARD, "expires_on": TODAY})

        for day in (TODAY, TOMORROW):
            await collect(database, day)
            await dunning.take_steps(database, on=day, at=_at(day))

        assert await steps(database) == [("REMINDER", None)]
