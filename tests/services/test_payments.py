"""Payments: what the bank collected, and what it did not."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice import models
from backoffice.billing.derivation import Derived
from backoffice.database import Database
from backoffice.models import InvoiceState, LedgerAccount, PaymentMethodKind, PaymentState
from backoffice.services import payments
from tests import acts, factories, subscriptions
from tests.factories import NOW, TODAY

FEE_CENTS = 750


async def rows(database: Database, model: Any) -> list[Any]:
    async with database.reading() as session:
        return list((await session.execute(select(model).order_by(model.id))).scalars())


async def one(database: Database, row: Any) -> Any:
    async with database.reading() as session:
        return await session.get_one(type(row), acts.key_of(row))


async def ledger(database: Database) -> dict[str, int]:
    """What stands on each account of the ledger."""
    entry = models.LedgerEntry
    async with database.reading() as session:
        sums = await session.execute(select(entry.account, func.sum(entry.amount_cents)).group_by(entry.account))
        return {account: int(cents) for account, cents in sums}


@pytest.fixture
async def account(database: Database) -> models.BillingAccount:
    """An account that owes 17.36 since the 15th of November and 29.99 since the 15th of October."""
    async with database.unit_of_work() as session:
        subscriber = await factories.create_subscriber(session)
        account = await factories.create_account(session, subscriber, balance_cents=4_735)
        await factories.create_invoice(session, account, ttc_cents=1_736, ht_cents=1_736, vat_cents=0)
        await factories.create_invoice(
            session, account, ttc_cents=2_999, ht_cents=2_999, vat_cents=0, due_on=date(2026, 10, 15)
        )
        return account


async def ask(database: Database, account: models.BillingAccount, cents: int, **method: Any) -> models.Payment:
    async with database.unit_of_work() as session:
        means = await factories.create_method(session, account, is_default=True, **method)
        return payments.ask(session, account=account, method=means, cents=cents, at=NOW)


async def capture(database: Database, payment: models.Payment, *, at: datetime = NOW) -> None:
    async with database.unit_of_work() as session:
        await payments.captured(
            session,
            subscriber_id=payment.subscriber_id,
            payment_id=payment.id,
            reference="BANK-1",
            at=at,
            today=TODAY,
        )


async def fail(database: Database, payment: models.Payment, state: PaymentState = PaymentState.DENIED) -> None:
    async with database.unit_of_work() as session:
        await payments.failed(
            session,
            subscriber_id=payment.subscriber_id,
            payment_id=payment.id,
            code="51",
            state=state,
            at=NOW,
            today=TODAY,
        )


async def create_fee(database: Database) -> None:
    """The fee of a rejected payment: 5.00 until 2025, 7.50 since."""
    async with database.unit_of_work() as session:
        fee = await subscriptions.create_offer(
            session,
            "FRAIS-REJET",
            500,
            None,
            kind=models.OfferKind.FEE,
            name_fr="Frais de rejet de paiement",
            price={"ends_on": date(2026, 1, 1)},
        )
        today = subscriptions.version(fee, FEE_CENTS, starts_on=date(2026, 1, 1))
        session.add(today)
        await session.flush()
        session.add(subscriptions.component(today, FEE_CENTS, None))


class TestAsk:
    async def test_moves_no_money_and_asks_the_outbox(self, database: Database, account: models.BillingAccount) -> None:
        payment = await ask(database, account, 4_000)

        [message] = await rows(database, models.OutboxMessage)
        assert (message.kind, message.dedupe_key) == ("CHARGE", f"charge:{payment.id}")
        assert (await one(database, payment)).state is PaymentState.PENDING
        assert (await one(database, account)).balance_cents == 4_735
        assert await ledger(database) == {}


class TestCaptured:
    async def test_pays_the_oldest_invoice_first(self, database: Database, account: models.BillingAccount) -> None:
        payment = await ask(database, account, 4_000)

        await capture(database, payment)

        newer, older = await rows(database, models.Invoice)
        assert (older.paid_cents, older.state) == (2_999, InvoiceState.PAID)
        assert (newer.paid_cents, newer.due_cents, newer.state) == (1_001, 735, InvoiceState.PARTIALLY_PAID)
        assert [row.amount_cents for row in await rows(database, models.PaymentAllocation)] == [2_999, 1_001]
        assert (await one(database, account)).balance_cents == 735
        assert await ledger(database) == {LedgerAccount.BANK: 4_000, LedgerAccount.RECEIVABLE: -4_000}
        booked = await one(database, payment)
        assert (booked.state, booked.captured_at, booked.reference) == (PaymentState.CAPTURED, NOW, "BANK-1")

    async def test_keeps_what_is_too_much_as_credit_of_the_account(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        payment = await ask(database, account, 5_000)

        await capture(database, payment)

        assert [row.due_cents for row in await rows(database, models.Invoice)] == [0, 0]
        assert (await one(database, account)).balance_cents == -265

    async def test_does_nothing_the_second_time(self, database: Database, account: models.BillingAccount) -> None:
        payment = await ask(database, account, 4_000)
        await capture(database, payment)
        before = await acts.everything(database)

        await capture(database, payment, at=NOW + timedelta(minutes=1))
        await fail(database, payment)

        assert await acts.everything(database) == before

    async def test_is_done_once_by_two_workers_at_once(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        payment = await ask(database, account, 4_000)

        await asyncio.gather(*(capture(database, payment) for _ in range(4)))

        assert (await one(database, account)).balance_cents == 735
        assert [row.amount_cents for row in await rows(database, models.PaymentAllocation)] == [2_999, 1_001]

    async def test_is_told_in_the_trail(self, database: Database, account: models.BillingAccount) -> None:
        payment = await ask(database, account, 4_000)

        await capture(database, payment)

        [entry] = await acts.chain(database, account.subscriber_id)
        assert (entry.operation, entry.target) == ("paymentCaptured", acts.global_id(payment))
        assert entry.after == {"state": "CAPTURED", "amount_cents": 4_000}

    @pytest.mark.parametrize(("cents", "state"), [(4_735, "ACTIVE"), (4_734, "ACTIVE"), (4_600, "SUSPENDED")])
    async def test_brings_services_back_when_nothing_overdue_is_left(
        self, database: Database, account: models.BillingAccount, cents: int, state: str
    ) -> None:
        """Less than an euro is not asked for, nor is anything cut for it."""
        async with database.unit_of_work() as session:
            television = await subscriptions.create_offer(session, "TV", 1_736)
            contract = await subscriptions.create_contract(
                session,
                account,
                television,
                state=models.ContractState.SUSPENDED,
                suspension_cause=models.SuspensionCause.UNPAID,
                suspended_on=date(2026, 11, 20),
                billed_until=date(2026, 12, 1),
            )
        payment = await ask(database, account, cents)

        await capture(database, payment)

        assert (await one(database, contract)).state == state

    @pytest.mark.parametrize(("address", "mails"), [("zoe@example.net", 1), (None, 0)])
    async def test_sends_a_receipt_to_whoever_asked_for_one(
        self, database: Database, account: models.BillingAccount, address: str | None, mails: int
    ) -> None:
        payment = await ask(database, account, 4_000)
        async with database.unit_of_work() as session:
            (await session.get_one(models.Payment, acts.key_of(payment))).receipt_email = address

        await capture(database, payment)

        sent = [row for row in await rows(database, models.OutboxMessage) if row.kind == "MAIL"]
        assert [row.payload for row in sent] == [{"template": "payment_received", "about": payment.id}] * mails


class TestFailed:
    async def test_moves_no_money_and_charges_the_fee_of_the_day(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        await create_fee(database)
        payment = await ask(database, account, 4_000)

        await fail(database, payment)

        [fee] = await rows(database, models.ExtraCharge)
        assert (fee.kind, fee.label, fee.ttc_cents, fee.vat_rate) == ("FEE", "Frais de rejet de paiement", 750, None)
        assert (fee.cause, fee.billable_from) == (acts.global_id(payment), TODAY)
        assert Derived.from_json(fee.derivation).cents == FEE_CENTS
        assert Derived.from_json(fee.derivation).verify()
        noted = await one(database, payment)
        assert (noted.state, noted.failed_at, noted.failure_code) == (PaymentState.DENIED, NOW, "51")
        assert (await one(database, account)).balance_cents == 4_735
        assert await ledger(database) == {}

    async def test_does_nothing_the_second_time(self, database: Database, account: models.BillingAccount) -> None:
        await create_fee(database)
        payment = await ask(database, account, 4_000)
        await fail(database, payment)
        before = await acts.everything(database)

        await fail(database, payment)
        await capture(database, payment)

        assert await acts.everything(database) == before

    async def test_charges_no_fee_to_the_fragile(self, database: Database, account: models.BillingAccount) -> None:
        await create_fee(database)
        payment = await ask(database, account, 4_000)
        async with database.unit_of_work() as session:
            (await session.get_one(models.Subscriber, account.subscriber_id)).is_fragile = True

        await fail(database, payment)

        assert await rows(database, models.ExtraCharge) == []

    async def test_charges_no_fee_when_a_newer_means_was_known(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        await create_fee(database)
        payment = await ask(
            database, account, 4_000, kind=PaymentMethodKind.CARD, expires_on=date(2026, 10, 1), card_last_four="4242"
        )
        async with database.unit_of_work() as session:
            await factories.create_method(session, account, is_default=True, added_on=date(2026, 11, 18))

        await fail(database, payment)

        assert await rows(database, models.ExtraCharge) == []

    async def test_asks_which_means_were_known_on_the_civil_day(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        """Past midnight in Paris, while it is still the day before in UTC."""
        await create_fee(database)
        payment = await ask(database, account, 4_000)
        async with database.unit_of_work() as session:
            row = await session.get_one(models.Payment, acts.key_of(payment))
            row.requested_at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
            await factories.create_method(session, account, is_default=True, added_on=date(2026, 11, 21))

        await fail(database, payment)

        assert await rows(database, models.ExtraCharge) == []

    async def test_charges_the_fee_when_the_newer_means_came_too_late(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        await create_fee(database)
        payment = await ask(database, account, 4_000)
        async with database.unit_of_work() as session:
            await factories.create_method(session, account, is_default=True, added_on=date(2026, 11, 22))

        await fail(database, payment)

        assert [fee.ttc_cents for fee in await rows(database, models.ExtraCharge)] == [FEE_CENTS]

    async def test_charges_no_fee_for_what_was_cancelled(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        await create_fee(database)
        payment = await ask(database, account, 4_000)

        await fail(database, payment, PaymentState.CANCELLED)

        assert (await one(database, payment)).state is PaymentState.CANCELLED
        assert await rows(database, models.ExtraCharge) == []

    async def test_charges_nothing_where_the_catalogue_has_no_fee(
        self, database: Database, account: models.BillingAccount
    ) -> None:
        payment = await ask(database, account, 4_000)

        await fail(database, payment)

        assert await rows(database, models.ExtraCharge) == []
