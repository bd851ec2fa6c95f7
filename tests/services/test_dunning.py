"""Dunning day by day: reminders, the fee that is remembered, suspension, and the day on which services come back."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backoffice import models, policy
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.models import (
    ContractEventKind,
    ContractState,
    DunningStepKind,
    InvoiceState,
    PaymentState,
    SuspensionCause,
    TicketState,
    TicketTopic,
)
from backoffice.services import dunning, postings
from tests import factories, subscriptions

_DUE_ON = date(2026, 10, 5)
_REFUSED_AT = datetime(2026, 10, 5, 4, tzinfo=UTC)


@dataclass
class Debtor:
    """A subscriber whose October was not paid."""

    subscriber: models.Subscriber
    account: models.BillingAccount
    contract: models.Contract
    invoice: models.Invoice
    method: models.PaymentMethod


async def create_debtor(database: Database, **given: Any) -> Debtor:
    """Tout inclus 74.99 of October, due on the 5th."""
    async with database.unit_of_work() as session:
        offer = await subscriptions.create_offer(session, "TOUT", 7499)
        subscriber = await factories.create_subscriber(session, is_fragile=given.pop("is_fragile", False))
        account = await factories.create_account(session, subscriber)
        contract = await subscriptions.create_contract(
            session, account, offer, starts_on=date(2026, 1, 1), billed_until=date(2026, 11, 1)
        )
        known = {"issued_on": date(2026, 9, 28), "due_on": _DUE_ON, "ht_cents": 6817, "vat_cents": 682}
        invoice = await factories.create_invoice(session, account, **{**known, "ttc_cents": 7499, **given})
        method = await factories.create_method(session, account, is_default=True)
    return Debtor(subscriber, account, contract, invoice, method)


async def refuse(database: Database, debtor: Debtor, *, with_fee: bool, at: datetime = _REFUSED_AT) -> None:
    """The bank refuses to pay, and the fee waits for the next invoice unless there was a reason."""
    async with database.unit_of_work() as session:
        payment = models.Payment(
            subscriber_id=debtor.subscriber.id,
            id=factories.new_id(),
            billing_account_id=debtor.account.id,
            payment_method_id=debtor.method.id,
            state=PaymentState.DENIED,
            amount_cents=7499,
            reference="refused",
            requested_at=at,
            failed_at=at,
            failure_code="expired_card",
        )
        session.add(payment)
        await session.flush()
        if with_fee:
            cause = GlobalId("Payment", debtor.subscriber.id, payment.id).encode()
            await subscriptions.create_waiting(session, debtor.account, cause=cause)


async def pass_days(database: Database, first_on: date, last_on: date) -> list[tuple[str, DunningStepKind, str | None]]:
    """Run dunning each morning; every step with the day on which it was taken."""
    day = first_on
    while day <= last_on:
        await dunning.take_steps(database, on=day, at=datetime.combine(day, time(5), UTC))
        day += timedelta(days=1)
    async with database.reading() as session:
        rows = await session.scalars(select(models.DunningStep).order_by(models.DunningStep.id))
        return [(step.taken_at.date().isoformat(), step.kind, step.skipped_because) for step in rows]


async def read_contract(database: Database, debtor: Debtor) -> models.Contract:
    """The contract as it stands."""
    async with database.reading() as session:
        return await session.get_one(models.Contract, {"subscriber_id": debtor.subscriber.id, "id": debtor.contract.id})


class TestTakeSteps:
    async def test_reminds_twice_and_then_cuts_the_services(self, database: Database) -> None:
        debtor = await create_debtor(database)
        await refuse(database, debtor, with_fee=True)

        taken = await pass_days(database, date(2026, 10, 1), date(2026, 10, 31))

        assert taken == [
            ("2026-10-05", DunningStepKind.FEE, None),
            ("2026-10-05", DunningStepKind.REMINDER, None),
            ("2026-10-13", DunningStepKind.SECOND_REMINDER, None),
            ("2026-10-20", DunningStepKind.SUSPENSION, None),
        ]
        contract = await read_contract(database, debtor)
        assert (contract.state, contract.suspension_cause, contract.suspended_on) == (
            ContractState.SUSPENDED,
            SuspensionCause.UNPAID,
            date(2026, 10, 20),
        )
        async with database.reading() as session:
            mails = await session.scalars(select(models.OutboxMessage.payload).order_by(models.OutboxMessage.id))
            event = (await session.scalars(select(models.ContractEvent))).one()
        assert [mail["template"] for mail in mails] == [
            "dunning_reminder",
            "dunning_second_reminder",
            "dunning_suspension",
        ]
        assert (event.kind, event.effective_on, event.channel) == (
            ContractEventKind.SUSPENDED,
            date(2026, 10, 20),
            "SYSTEM",
        )

    async def test_waits_for_the_day_after_when_nothing_was_refused(self, database: Database) -> None:
        await create_debtor(database)

        taken = await pass_days(database, date(2026, 10, 5), date(2026, 10, 14))

        assert taken == [
            ("2026-10-06", DunningStepKind.REMINDER, None),
            ("2026-10-14", DunningStepKind.SECOND_REMINDER, None),
        ]

    async def test_remembers_that_a_fragile_consumer_pays_no_fee(self, database: Database) -> None:
        debtor = await create_debtor(database, is_fragile=True)
        await refuse(database, debtor, with_fee=False)

        taken = await pass_days(database, _DUE_ON, _DUE_ON)

        assert taken == [("2026-10-05", DunningStepKind.FEE, "FRAGILE"), ("2026-10-05", DunningStepKind.REMINDER, None)]

    async def test_remembers_that_a_refusal_was_our_fault(self, database: Database) -> None:
        debtor = await create_debtor(database)
        await refuse(database, debtor, with_fee=False)

        taken = await pass_days(database, _DUE_ON, _DUE_ON)

        assert taken[0] == ("2026-10-05", DunningStepKind.FEE, "EXCUSED")

    async def test_never_cuts_without_two_reminders_before(self, database: Database) -> None:
        await create_debtor(database)

        taken = await pass_days(database, date(2026, 11, 2), date(2026, 11, 30))

        assert taken == [
            ("2026-11-02", DunningStepKind.REMINDER, None),
            ("2026-11-10", DunningStepKind.SECOND_REMINDER, None),
            ("2026-11-17", DunningStepKind.SUSPENSION, None),
        ]

    async def test_does_not_cut_while_a_new_card_was_not_tried(self, database: Database) -> None:
        debtor = await create_debtor(database)
        await refuse(database, debtor, with_fee=True)
        async with database.unit_of_work() as session:
            card = await factories.create_method(
                session, debtor.account, kind=models.PaymentMethodKind.CARD, added_on=date(2026, 10, 18)
            )

        waited = await pass_days(database, _DUE_ON, date(2026, 10, 25))
        debtor.method = card
        await refuse(database, debtor, with_fee=False, at=datetime(2026, 10, 25, 12, tzinfo=UTC))
        taken = await pass_days(database, date(2026, 10, 26), date(2026, 10, 26))

        assert DunningStepKind.SUSPENSION not in [kind for _, kind, _ in waited]
        assert taken[-1] == ("2026-10-26", DunningStepKind.SUSPENSION, None)

    @pytest.mark.parametrize(
        ("state", "steps"), [(TicketState.OPEN, 0), (TicketState.WAITING_SUBSCRIBER, 0), (TicketState.RESOLVED, 1)]
    )
    async def test_waits_while_a_bill_is_disputed(self, database: Database, state: TicketState, steps: int) -> None:
        debtor = await create_debtor(database)
        async with database.unit_of_work() as session:
            await factories.create_ticket(session, debtor.subscriber, topic=TicketTopic.BILLING, state=state)

        assert len(await pass_days(database, date(2026, 10, 6), date(2026, 10, 8))) == steps

    @pytest.mark.parametrize(("paid_cents", "steps"), [(7399, 1), (7400, 0), (7499, 0)])
    async def test_asks_for_nothing_below_the_least_amount(
        self, database: Database, paid_cents: int, steps: int
    ) -> None:
        state = InvoiceState.PAID if paid_cents == 7499 else InvoiceState.PARTIALLY_PAID
        await create_debtor(database, paid_cents=paid_cents, state=state)

        assert len(await pass_days(database, date(2026, 10, 6), date(2026, 10, 6))) == steps

    async def test_writes_down_that_there_was_nothing_to_cut(self, database: Database) -> None:
        debtor = await create_debtor(database)
        async with database.unit_of_work() as session:
            contract = await session.get_one(
                models.Contract, {"subscriber_id": debtor.subscriber.id, "id": debtor.contract.id}
            )
            contract.state, contract.ends_on = ContractState.TERMINATED, date(2026, 10, 1)

        taken = await pass_days(database, date(2026, 10, 6), date(2026, 10, 31))

        assert taken[-1] == ("2026-10-21", DunningStepKind.SUSPENSION, "NOTHING_TO_CUT")


class TestReactivate:
    async def reactivate(self, database: Database, debtor: Debtor, today: date) -> list[models.Contract]:
        async with database.unit_of_work() as session:
            account = await postings.lock(session, subscriber_id=debtor.subscriber.id, account_id=debtor.account.id)
            at = datetime.combine(today, time(12), UTC)
            return await dunning.reactivate(session, account=account, at=at, today=today)

    async def pay(self, database: Database, debtor: Debtor) -> None:
        async with database.unit_of_work() as session:
            invoice = await session.get_one(
                models.Invoice, {"subscriber_id": debtor.subscriber.id, "id": debtor.invoice.id}
            )
            invoice.paid_cents, invoice.state = 7499, InvoiceState.PAID

    async def test_brings_the_services_back_on_the_same_day(self, database: Database) -> None:
        debtor = await create_debtor(database)
        await pass_days(database, date(2026, 10, 6), date(2026, 10, 21))
        await self.pay(database, debtor)

        back = await self.reactivate(database, debtor, date(2026, 10, 23))

        contract = await read_contract(database, debtor)
        assert [each.id for each in back] == [contract.id]
        assert (contract.state, contract.suspension_cause, contract.suspended_on) == (ContractState.ACTIVE, None, None)
        # October was billed in whole before the services were cut: billing goes on with November.
        assert contract.billed_until == date(2026, 11, 1)
        async with database.reading() as session:
            kinds = await session.scalars(select(models.ContractEvent.kind).order_by(models.ContractEvent.id))
            assert list(kinds) == [ContractEventKind.SUSPENDED, ContractEventKind.REACTIVATED]

    async def test_charges_the_running_period_from_the_day_of_the_return(self, database: Database) -> None:
        debtor = await create_debtor(database)
        await pass_days(database, date(2026, 10, 6), date(2026, 10, 21))
        await self.pay(database, debtor)

        await self.reactivate(database, debtor, date(2026, 12, 5))

        assert (await read_contract(database, debtor)).billed_until == date(2026, 12, 5)

    async def test_leaves_the_services_cut_while_something_is_overdue(self, database: Database) -> None:
        debtor = await create_debtor(database)
        await pass_days(database, date(2026, 10, 6), date(2026, 10, 21))

        back = await self.reactivate(database, debtor, date(2026, 10, 23))

        assert back == []
        assert (await read_contract(database, debtor)).state is ContractState.SUSPENDED

    async def test_leaves_what_was_cut_for_another_reason(self, database: Database) -> None:
        debtor = await create_debtor(database)
        await self.pay(database, debtor)
        async with database.unit_of_work() as session:
            contract = await session.get_one(
                models.Contract, {"subscriber_id": debtor.subscriber.id, "id": debtor.contract.id}
            )
            contract.state, contract.suspension_cause = ContractState.SUSPENDED, SuspensionCause.FRAUD
            contract.suspended_on = date(2026, 10, 20)

        assert await self.reactivate(database, debtor, date(2026, 10, 23)) == []


def test_the_policy_names_the_days_of_the_steps() -> None:
    steps = policy.in_force(_DUE_ON).dunning

    assert (steps.reminder_days, steps.second_reminder_days, steps.suspension_days) == (0, 8, 15)
