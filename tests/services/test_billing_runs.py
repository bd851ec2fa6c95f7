"""Billing runs on real databases: what a day issues, resumed, raced and killed."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.demo import fill
from backoffice.models import BillingRunState, ContractState, InvoiceState, LedgerAccount, PostingKind, RunType
from backoffice.services import billing_facts, billing_run_records, billing_runs, postings, upcoming, verification
from backoffice.services.billing_runs import Outcome
from tests import factories, subscriptions
from tests.factories import NOW, TODAY
from tests.graphs import VAULT
from tests.subscriptions import NETWORK

_SUBSCRIBERS = 30


async def bill(database: Database, on: date = TODAY, **given: Any) -> Outcome:
    """Bill a day that has come."""
    return await billing_runs.run(database, on=on, today=max(on, TODAY), now=lambda: NOW, **given)


async def create_file(session: Any, offer: models.Offer, **given: Any) -> models.Contract:
    """A subscriber with an account and a contract that is billed today."""
    subscriber = await factories.create_subscriber(session)
    account = await factories.create_account(session, subscriber)
    known = {"starts_on": date(2026, 1, 21), "billed_until": TODAY}
    return await subscriptions.create_contract(session, account, offer, **{**known, **given})


async def create_files(database: Database, how_many: int) -> None:
    """Subscribers whose period begins today."""
    async with database.unit_of_work() as session:
        offer = await subscriptions.create_offer(session, "NET", 3199, NETWORK)
        for _ in range(how_many):
            await create_file(session, offer)


async def numbers(database: Database) -> list[str]:
    """The numbers of all invoices, in their order."""
    async with database.reading() as session:
        found = await session.scalars(select(models.Invoice.number).order_by(models.Invoice.number))
        return [str(number) for number in found]


async def faults(database: Database) -> list[verification.Fault]:
    """What is wrong in the books."""
    async with database.snapshot() as session:
        return [fault async for fault in verification.faults(session)]


def expected_numbers(how_many: int) -> list[str]:
    """The first numbers of the year."""
    return [f"F2026-{number:07}" for number in range(1, how_many + 1)]


class TestRun:
    async def test_issues_what_is_due_and_books_it(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            offer = await subscriptions.create_offer(session, "NET", 3199, NETWORK)
            contract = await create_file(session, offer)
            await create_file(session, offer, billed_until=TODAY + timedelta(days=1))

        outcome = await bill(database)

        assert (outcome.invoices, outcome.ttc_cents, outcome.unbillable) == (1, 3199, [])
        async with database.reading() as session:
            invoice = (await session.scalars(select(models.Invoice))).one()
            line = (await session.scalars(select(models.InvoiceLine))).one()
            posting = (await session.scalars(select(models.LedgerPosting))).one()
            entries = dict(
                (await session.execute(select(models.LedgerEntry.account, models.LedgerEntry.amount_cents))).all()
            )
            billed = await session.get_one(
                models.Contract, {"subscriber_id": contract.subscriber_id, "id": contract.id}
            )
            account = await session.get_one(
                models.BillingAccount, {"subscriber_id": contract.subscriber_id, "id": contract.billing_account_id}
            )
            run = (await session.scalars(select(models.BillingRun))).one()
        assert (invoice.number, invoice.state, invoice.run_type) == (
            "F2026-0000001",
            InvoiceState.ISSUED,
            RunType.ON_CYCLE,
        )
        assert (invoice.issued_on, invoice.due_on) == (TODAY, date(2026, 12, 5))
        assert (invoice.starts_on, invoice.ends_on) == (TODAY, date(2026, 12, 21))
        assert (invoice.ht_cents, invoice.vat_cents, invoice.ttc_cents) == (2666, 533, 3199)
        assert (line.starts_on, line.ends_on, line.ttc_cents) == (TODAY, date(2026, 12, 21), 3199)
        assert (posting.kind, posting.document_id, posting.booked_on) == (PostingKind.INVOICE, invoice.id, TODAY)
        assert entries == {
            LedgerAccount.RECEIVABLE: 3199,
            LedgerAccount.REVENUE: -2666,
            LedgerAccount.VAT: -533,
        }
        assert (billed.billed_until, billed.revision) == (date(2026, 12, 21), 2)
        assert (account.balance_cents, account.revision) == (3199, 2)
        assert (run.state, run.invoices, run.ttc_cents) == (BillingRunState.FINISHED, 1, 3199)
        assert await faults(database) == []

    async def test_issues_nothing_the_second_time(self, database: Database) -> None:
        await create_files(database, 3)

        first, second = await bill(database), await bill(database)

        assert (first.invoices, second.invoices) == (3, 0)
        assert await numbers(database) == expected_numbers(3)

    async def test_bills_what_waits_and_says_which_line_bills_it(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            offer = await subscriptions.create_offer(session, "NET", 3199, NETWORK)
            contract = await create_file(session, offer)
            account = await session.get_one(
                models.BillingAccount, {"subscriber_id": contract.subscriber_id, "id": contract.billing_account_id}
            )
            waiting = await subscriptions.create_waiting(session, account)
            later = await subscriptions.create_waiting(session, account, billable_from=TODAY + timedelta(days=1))

        outcome = await bill(database)

        assert outcome.ttc_cents == 3199 + 750
        async with database.reading() as session:
            rows = select(models.ExtraCharge.id, models.ExtraCharge.invoice_line_id)
            billed = dict((await session.execute(rows)).all())
            line = await session.scalar(select(models.InvoiceLine.id).where(models.InvoiceLine.ttc_cents == 750))
        assert billed == {waiting.id: line, later.id: None}

    async def test_lets_the_credit_of_the_account_pay(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            offer = await subscriptions.create_offer(session, "NET", 3199, NETWORK)
            contract = await create_file(session, offer)
            account = await postings.lock(
                session, subscriber_id=contract.subscriber_id, account_id=contract.billing_account_id
            )
            await postings.post(
                session,
                account=account,
                kind=PostingKind.GOODWILL,
                document_id=1,
                document_number=None,
                entries=postings.between(LedgerAccount.GOODWILL, LedgerAccount.RECEIVABLE, 1000),
                at=NOW,
                today=TODAY,
            )

        await bill(database)

        async with database.reading() as session:
            invoice = (await session.scalars(select(models.Invoice))).one()
        assert (invoice.applied_cents, invoice.due_cents, invoice.state) == (
            1000,
            2199,
            InvoiceState.PARTIALLY_PAID,
        )

    async def test_leaves_out_what_has_no_price_until_it_has_one(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            offer = await subscriptions.create_offer(
                session, "NEW", 1000, price={"starts_on": TODAY + timedelta(days=1)}
            )
            contract = await create_file(session, offer)
            await create_file(session, await subscriptions.create_offer(session, "NET", 3199, NETWORK))

        outcome = await bill(database)

        assert outcome.invoices == 1
        assert [(each.contract, each.code) for each in outcome.unbillable] == [(contract.number, "PRICE_MISSING")]
        async with database.unit_of_work() as session:
            version = (
                await session.scalars(select(models.PriceVersion).where(models.PriceVersion.offer_id == offer.id))
            ).one()
            version.starts_on = subscriptions.LONG_AGO
        again = await bill(database)
        assert (again.invoices, again.unbillable) == (1, [])

    async def test_refuses_a_day_that_has_not_come(self, database: Database) -> None:
        with pytest.raises(billing_runs.DayNotReached) as refused:
            await billing_runs.run(database, on=TODAY + timedelta(days=1), today=TODAY, now=lambda: NOW)

        assert refused.value.latest_on == TODAY
        async with database.reading() as session:
            assert await session.scalar(select(func.count()).select_from(models.BillingRun)) == 0

    async def test_refuses_a_day_before_the_last_invoice(self, database: Database) -> None:
        await create_files(database, 1)
        await bill(database)

        with pytest.raises(billing_run_records.DayPassed) as refused:
            await bill(database, TODAY - timedelta(days=1))

        assert refused.value.earliest_on == TODAY

    async def test_goes_on_where_it_was_stopped(self, database: Database) -> None:
        await create_files(database, 5)

        def stop(invoices: int) -> None:
            raise InterruptedError

        with pytest.raises(InterruptedError):
            await bill(database, batch=2, progress=stop)
        with pytest.raises(billing_run_records.RunUnfinished):
            await bill(database, TODAY + timedelta(days=1))
        outcome = await bill(database, batch=2)

        assert outcome.invoices == 3
        assert await numbers(database) == expected_numbers(5)
        async with database.reading() as session:
            run = (await session.scalars(select(models.BillingRun))).one()
        assert (run.state, run.invoices, run.ttc_cents) == (BillingRunState.FINISHED, 5, 5 * 3199)

    async def test_works_out_again_what_changed_since_it_was_prepared(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await create_files(database, 2)
        read, calls = billing_facts.read, []

        async def read_then_change(*given: Any, **named: Any) -> Any:
            found = await read(*given, **named)
            if not calls:
                calls.append(found)
                async with database.unit_of_work() as session:
                    contract = (await session.scalars(select(models.Contract).limit(1))).one()
                    contract.state, contract.ends_on = ContractState.TERMINATING, TODAY + timedelta(days=15)
            return found

        monkeypatch.setattr(billing_facts, "read", read_then_change)

        await bill(database)

        async with database.reading() as session:
            totals = list(await session.scalars(select(models.Invoice.ttc_cents).order_by(models.Invoice.ttc_cents)))
        assert totals == [1600, 3199]

    async def test_bills_everybody_once_when_two_run_at_once(self, database: Database) -> None:
        await create_files(database, _SUBSCRIBERS)
        other = Database(database.url)

        outcomes = await asyncio.gather(bill(database, batch=4), bill(other, batch=7))
        await other.close()

        assert sum(outcome.invoices for outcome in outcomes) == _SUBSCRIBERS
        assert await numbers(database) == expected_numbers(_SUBSCRIBERS)
        assert await faults(database) == []


class TestCommand:
    async def test_bills_nobody_twice_after_a_kill(self, database: Database, tmp_path: Path) -> None:
        await create_files(database, _SUBSCRIBERS)

        process = await _start(database, tmp_path, "--batch", "1")
        await _until_issued(database, 5)
        process.kill()
        await process.wait()
        done = len(await numbers(database))
        resumed = await _start(database, tmp_path)
        said, _ = await resumed.communicate()

        assert 5 <= done < _SUBSCRIBERS
        assert f"Billed {TODAY}: {_SUBSCRIBERS - done} invoices" in said.decode()
        assert await numbers(database) == expected_numbers(_SUBSCRIBERS)
        assert await faults(database) == []

    async def test_names_what_it_left_out_and_ends_with_one(self, database: Database, tmp_path: Path) -> None:
        async with database.unit_of_work() as session:
            offer = await subscriptions.create_offer(
                session, "NEW", 1000, price={"starts_on": TODAY + timedelta(days=1)}
            )
            contract = await create_file(session, offer)

        process = await _start(database, tmp_path)
        said, errors = await process.communicate()

        assert process.returncode == 1
        assert f"Billed {TODAY}: 0 invoices, 0.00 EUR." in said.decode()
        lines = errors.decode().splitlines()
        assert lines[0].startswith(f"left out: contract {contract.number}: PRICE_MISSING: No price of NEW is in force")
        assert lines[-1].startswith("error CONTRACTS_LEFT_OUT: 1 contracts could not be billed")


class TestUpcoming:
    async def test_is_what_is_issued_on_that_day_to_everybody(self, database: Database) -> None:
        await fill(
            database,
            vault=VAULT,
            subscribers=40,
            seed=1,
            on=TODAY,
            months=6,
            zone="Europe/Paris",
            credentials_path=None,
        )
        foreseen = await _foreseen(database)
        last_on = max(on for on, *_ in foreseen.values())

        for on in sorted({on for on, *_ in foreseen.values()}):
            await bill(database, on)

        issued = {}
        async with database.reading() as session:
            rows = select(models.Invoice).where(models.Invoice.issued_on >= TODAY).order_by(models.Invoice.id)
            for invoice in (await session.scalars(rows)).all():
                issued.setdefault(invoice.billing_account_id, _figures_of(invoice))
        assert last_on > TODAY
        assert len(foreseen) > 20
        assert issued == foreseen
        assert await faults(database) == []


async def _foreseen(database: Database) -> dict[int, tuple[Any, ...]]:
    """The next invoice of every account, by account."""
    found = {}
    async with database.reading() as session:
        for account in (await session.scalars(select(models.BillingAccount))).all():
            coming = await upcoming.read(
                session, subscriber_id=account.subscriber_id, account_id=account.id, today=TODAY
            )
            if coming is not None:
                plan = coming.invoice
                total = plan.total
                figures = (total.ht_cents, total.vat_cents, total.ttc_cents, coming.due_cents, plan.run_type)
                found[account.id] = (plan.issued_on, plan.due_on, plan.days, *figures)
    return found


def _figures_of(invoice: models.Invoice) -> tuple[Any, ...]:
    days = Period(invoice.starts_on, invoice.ends_on)
    figures = (invoice.ht_cents, invoice.vat_cents, invoice.ttc_cents, invoice.due_cents, invoice.run_type)
    return (invoice.issued_on, invoice.due_on, days, *figures)


async def _start(database: Database, folder: Path, *more: str) -> Process:
    """The command in a process of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
    given = {
        "BACKOFFICE_DATABASE_URL": database.url,
        "BACKOFFICE_DATA_DIR": str(folder),
        "BACKOFFICE_CLOCK": NOW.isoformat(),
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "backoffice", "bill", "--on", TODAY.isoformat(), *more),
        env={**inherited, **given},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _until_issued(database: Database, at_least: int) -> None:
    for _ in _tries():
        if len(await numbers(database)) >= at_least:
            return
        await asyncio.sleep(0.005)


def _tries() -> Iterator[None]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        yield
    raise TimeoutError("The command issued nothing within a minute.")
