"""Deciding on a list of credits, and running just that list."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from backoffice import models, policy
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.errors import BackofficeError, NotFound
from backoffice.models import BulkState, CreditReason, Staff
from backoffice.permissions import Role
from backoffice.services import bulk_corrections, bulk_runs, credit_note_rows, crediting, postings, refunds
from backoffice.services.bulk_corrections import Decision, Wanted
from backoffice.services.plans import Situation
from backoffice.services.quotes import QuoteStale
from backoffice.services.standing import NoShareLeft
from tests.cases import books, goods
from tests.factories import NOW, TODAY, create_account, create_subscriber, new_id, viewer

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


async def person(database: Database, role: Role, **given: Any) -> Situation:
    """Somebody of a role, at the desk now."""
    row_id = new_id()
    async with database.unit_of_work() as session:
        session.add(
            Staff(
                id=row_id,
                login=f"{role.value}-{row_id}",
                full_name=role.value,
                role=role,
                password_hash="none",
                totp_sealed=b"",
                created_at=NOW,
            )
        )
    return Situation(viewer(role, id=row_id, **given), NOW, TODAY, policy.in_force(TODAY))


async def planned(database: Database, *, rise_cents: int = 200, subscribers: int = 2) -> models.BulkCorrection:
    """A plan of the billing team for subscribers who were billed a rise three weeks too early."""
    by = await person(database, Role.BILLING)
    async with database.unit_of_work() as session:
        before = await goods.sell(session, "TV-ESSENTIEL")
        risen = await goods.reprice(
            session,
            before.offer,
            cents=2299 + rise_cents,
            starts_on=OCTOBER.starts_on,
            notified_on=date(2026, 9, 20),
        )
        for _ in range(subscribers):
            account = await create_account(session, await create_subscriber(session))
            _, item = await books.subscribe(session, account, risen, starts_on=date(2026, 1, 1))
            charges = books.period_of(risen, item, OCTOBER)
            await books.bill(session, account, charges, issued_on=OCTOBER.starts_on, days=OCTOBER)
        wanted = Wanted(risen.price.id, OCTOBER, CreditReason.BILLING_ERROR, "Hausse appliquée trop tôt")
        worked = await bulk_corrections.work_out(session, price_version_id=risen.price.id, billed=OCTOBER)
        return await bulk_corrections.keep(session, by, wanted, worked)


async def decided(
    database: Database, plan: models.BulkCorrection, by: Situation, **given: Any
) -> models.BulkCorrection | str:
    """The correction after the decision, or the code of the refusal."""
    known: dict[str, Any] = {"is_approved": True, "plan_hash": plan.plan_hash, "note": None, "expected_revision": 1}
    decision = Decision(correction_id=plan.id, **{**known, **given})
    try:
        async with database.unit_of_work() as session:
            return await bulk_corrections.decide(session, by, decision)
    except BackofficeError as refused:
        return refused.code


async def run(database: Database, plan: models.BulkCorrection) -> bulk_runs.Outcome:
    return await bulk_runs.run(database, correction_id=plan.id, now=lambda: NOW, today=TODAY, batch=2)


async def notes(database: Database) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(models.CreditNote)) or 0)


class TestDecide:
    async def test_approves_the_list_by_its_hash(self, database: Database) -> None:
        plan = await planned(database)
        supervisor = await person(database, Role.SUPERVISOR)

        done = await decided(database, plan, supervisor)

        assert isinstance(done, models.BulkCorrection)
        assert (done.state, done.decided_by_id, done.decided_at, done.revision) == (
            BulkState.APPROVED,
            supervisor.viewer.id,
            NOW,
            2,
        )
        assert await notes(database) == 0

    async def test_asks_for_a_fresh_code_when_all_credits_together_are_much(self, database: Database) -> None:
        plan = await planned(database, rise_cents=2000)  # two credits of 12.26
        supervisor = await person(database, Role.SUPERVISOR)
        stepped_up = await person(database, Role.SUPERVISOR, stepped_up_until=NOW + timedelta(minutes=1))

        assert await decided(database, plan, supervisor) == "STEP_UP_REQUIRED"
        assert isinstance(await decided(database, plan, stepped_up), models.BulkCorrection)

    async def test_compares_the_largest_single_credit_with_the_ceiling(self, database: Database) -> None:
        plan = await planned(database, rise_cents=10_000)  # two credits of 61.29
        fresh = {"stepped_up_until": NOW + timedelta(minutes=1)}
        agent = await person(database, Role.AGENT, **fresh)
        supervisor = await person(database, Role.SUPERVISOR, **fresh)

        assert await decided(database, plan, agent) == "ABOVE_CEILING"
        assert isinstance(await decided(database, plan, supervisor), models.BulkCorrection)

    async def test_refuses_another_hash_and_another_revision(self, database: Database) -> None:
        plan = await planned(database)
        supervisor = await person(database, Role.SUPERVISOR)

        assert await decided(database, plan, supervisor, plan_hash="0" * 64) == "PLAN_HASH_DIFFERS"
        assert await decided(database, plan, supervisor, expected_revision=2) == "STALE"

    async def test_is_never_for_who_planned_it(self, database: Database) -> None:
        plan = await planned(database)
        planner = Situation(viewer(Role.BILLING, id=plan.planned_by_id), NOW, TODAY, policy.in_force(TODAY))

        assert await decided(database, plan, planner) == "OWN_REQUEST"

    async def test_ends_a_plan_that_is_refused(self, database: Database) -> None:
        plan = await planned(database)
        supervisor = await person(database, Role.SUPERVISOR)

        refused = await decided(database, plan, supervisor, is_approved=False, note="À revoir")

        assert isinstance(refused, models.BulkCorrection)
        assert refused.state is BulkState.REFUSED
        assert await decided(database, plan, supervisor, expected_revision=2) == "BULK_CLOSED"
        with pytest.raises(bulk_runs.NotApproved):
            await run(database, plan)


class TestRun:
    async def test_takes_turns_with_another_run(self, database: Database) -> None:
        plan = await planned(database, subscribers=7)
        await decided(
            database, plan, await person(database, Role.SUPERVISOR, stepped_up_until=NOW + timedelta(hours=1))
        )

        outcomes = await asyncio.gather(run(database, plan), run(database, plan))

        assert sum(outcome.credited for outcome in outcomes) == 7
        assert await notes(database) == 7

    async def test_never_waits_for_an_agent_who_waits_for_its_numbers(self, database: Database) -> None:
        plan = await planned(database, subscribers=2)
        await decided(database, plan, await person(database, Role.SUPERVISOR))
        async with database.reading() as session:
            last = await session.scalar(select(func.max(models.BulkCredit.subscriber_id)))
        assert last is not None

        async with asyncio.TaskGroup() as both, database.unit_of_work() as agent:
            await postings.lock_file(agent, subscriber_id=last)
            running = both.create_task(run(database, plan))
            await asyncio.sleep(0.5)  # the run waits for the file, and must not hold the numbers meanwhile
            number = await credit_note_rows.next_number(agent, "A", TODAY)

        assert number == "A2026-0000001"
        assert running.result().credited == 2

    async def test_leaves_out_what_was_credited_since_it_began(self, database: Database) -> None:
        plan = await planned(database, subscribers=3)
        await decided(database, plan, await person(database, Role.SUPERVISOR))
        async with database.unit_of_work() as session:
            # Somebody credited the whole of one line by hand after the run had begun and was killed.
            await session.execute(update(models.BulkCorrection).values(state=BulkState.RUNNING))
            line = (await session.scalars(select(models.InvoiceLine).limit(1))).one()
            invoice = await session.get_one(
                models.Invoice, {"subscriber_id": line.subscriber_id, "id": line.invoice_id}
            )
            line.credited_ttc_cents, line.credited_ht_cents = line.ttc_cents, line.ht_cents
            invoice.credited_cents = invoice.offset_cents = line.ttc_cents

        outcome = await run(database, plan)

        assert outcome.credited == 2
        assert [credit.invoice_line_id for credit in outcome.left_out] == [line.id]
        assert (await run(database, plan)).left_out == []

    @pytest.mark.parametrize(
        ("module", "name", "refusal"), [(crediting, "plan", NoShareLeft(None)), (refunds, "decide", QuoteStale())]
    )
    async def test_leaves_out_what_is_refused_and_goes_on(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, refusal: BackofficeError
    ) -> None:
        plan = await planned(database, subscribers=3)
        await decided(database, plan, await person(database, Role.SUPERVISOR))
        real, calls = getattr(module, name), []

        async def refuse_the_second(*given: Any, **named: Any) -> Any:
            calls.append(name)
            if len(calls) == 2:
                raise refusal
            return await real(*given, **named)

        monkeypatch.setattr(module, name, refuse_the_second)
        outcome = await run(database, plan)

        assert (outcome.credited, len(outcome.left_out)) == (2, 1)
        async with database.reading() as session:
            numbers = (await session.scalars(select(models.CreditNote.number).order_by(models.CreditNote.number))).all()
        assert numbers == ["A2026-0000001", "A2026-0000002"]

    async def test_refuses_a_kept_list_that_was_tampered_with(self, database: Database) -> None:
        plan = await planned(database)
        await decided(database, plan, await person(database, Role.SUPERVISOR))
        async with database.unit_of_work() as session:
            await session.execute(update(models.BulkCredit).values(amount_cents=models.BulkCredit.amount_cents + 1))

        with pytest.raises(bulk_runs.PlanOutdated):
            await run(database, plan)

        assert await notes(database) == 0

    async def test_refuses_an_unknown_one(self, database: Database) -> None:
        with pytest.raises(NotFound):
            await bulk_runs.run(database, correction_id=1, now=lambda: NOW, today=TODAY)
