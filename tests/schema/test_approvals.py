"""Requests for a second person: made above the ceiling, decided once by somebody else on the figures that were shown."""

from datetime import date, timedelta
from typing import Any

import pytest

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.permissions import Role
from tests import agreed, books, factories
from tests.acts import everything, global_id, new_key, refusals_since
from tests.books import Article
from tests.factories import NOW
from tests.graphs import Asked, asking
from tests.money_acts import confirm, do, only_cents, preview

_DECIDE = """mutation Decide($input: ApprovalDecideInput!) { approvalDecide(input: $input) {
  approval { id state decidedAt decisionNote result revision requestedBy { id } decidedBy { id } }
  replayed userErrors { __typename code field } } }"""


async def person(database: Database, role: Role, name: str, *, minutes: int = 60) -> Asked:
    """Somebody of the staff with a fresh one-time code, and a row: approvals refer to people."""
    async with database.unit_of_work() as session:
        member = models.Staff(
            id=factories.new_id(),
            login=name,
            full_name=name,
            role=role,
            password_hash="-",
            totp_sealed=b"-",
            created_at=NOW,
        )
        session.add(member)
    until = NOW + timedelta(minutes=minutes)
    return asking(database, factories.viewer(role, id=member.id, display_name=name, stepped_up_until=until))


async def waiting(database: Database, cents: int = 6000) -> tuple[Asked, Any, Any]:
    """An agent's request to refund an invoice, beyond their ceiling."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        invoice = await books.bill(session, account, Article(cents))
        await books.pay(session, account, invoice)
    agent = await person(database, Role.AGENT, "Alix")
    shown = await preview(
        agent,
        "refund",
        invoiceId=global_id(invoice),
        amount=cents,
        reason="BILLING_ERROR",
        note="Double facturation.",
    )
    asked = await confirm(agent, "refund", shown["quote"])
    assert asked["userErrors"] == []
    return agent, invoice, only_cents(asked)


async def decide(by: Asked, approval: Any, *, key: str | None = None, **given: Any) -> Any:
    """The payload of a decision."""
    known = {
        "approvalId": approval["id"],
        "isApproved": True,
        "expectedRevision": approval["revision"],
        "idempotencyKey": key or new_key(),
    }
    return (await by.data(_DECIDE, input={**known, **given}))["approvalDecide"]


def code(payload: Any) -> str:
    """The code of the one refusal."""
    [error] = payload["userErrors"]
    return str(error["code"])


class TestRequest:
    async def test_is_made_above_the_ceiling_and_moves_no_money(self, database: Database) -> None:
        _, _, asked = await waiting(database)

        rows = await everything(database)

        assert asked["refund"] is None
        assert (asked["approval"]["state"], asked["approval"]["amount"]) == ("PENDING_APPROVAL", 6000)
        assert (rows["refunds"], rows["credit_notes"]) == ([], [])

    async def test_is_not_made_at_the_ceiling(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            invoice = await books.bill(session, account, Article(5000))
            await books.pay(session, account, invoice)
        agent = await person(database, Role.AGENT, "Alix")

        done = await do(agent, "refund", invoiceId=global_id(invoice), amount=5000, reason="BILLING_ERROR")

        assert only_cents(done)["refund"]["amount"] == 5000


class TestApprovalDecide:
    async def test_does_what_was_shown_once(self, database: Database) -> None:
        _, _, asked = await waiting(database)
        supervisor, key = await person(database, Role.SUPERVISOR, "Sam"), new_key()

        decided = await decide(supervisor, asked["approval"], key=key, note="Vu avec l'abonné.")
        again = await decide(supervisor, asked["approval"], key=key, note="Vu avec l'abonné.")
        other = await decide(supervisor, asked["approval"])

        assert (decided["approval"]["state"], decided["approval"]["decisionNote"]) == ("APPROVED", "Vu avec l'abonné.")
        assert (again["replayed"], again["approval"]["result"]) == (True, decided["approval"]["result"])
        assert code(other) == "APPROVAL_CLOSED"
        assert len((await everything(database))["refunds"]) == 1

    async def test_refuses_and_moves_no_money(self, database: Database) -> None:
        _, _, asked = await waiting(database)
        supervisor = await person(database, Role.SUPERVISOR, "Sam")

        decided = await decide(supervisor, asked["approval"], isApproved=False, note="Pas de preuve.")

        assert (decided["approval"]["state"], decided["approval"]["result"]) == ("REFUSED", None)
        assert (await everything(database))["refunds"] == []

    async def test_is_closed_to_whoever_asked(self, database: Database) -> None:
        agent, _, asked = await waiting(database)
        promoted = asking(
            database,
            factories.viewer(Role.SUPERVISOR, id=agent.by.id, stepped_up_until=NOW + timedelta(minutes=60)),
        )
        before = await everything(database)

        refused = await decide(promoted, asked["approval"])

        assert code(refused) == "OWN_REQUEST"
        assert await refusals_since(before, database) == [("approvalDecide", "OWN_REQUEST")]

    async def test_needs_a_ceiling_that_covers_the_amount(self, database: Database) -> None:
        _, _, asked = await waiting(database, 50_001)
        supervisor = await person(database, Role.SUPERVISOR, "Sam")
        billing = await person(database, Role.BILLING, "Bo")

        refused = await decide(supervisor, asked["approval"])
        decided = await decide(billing, asked["approval"])

        assert code(refused) == "ABOVE_CEILING"
        assert decided["approval"]["state"] == "APPROVED"

    async def test_needs_a_fresh_code_for_more_than_twenty_euros(self, database: Database) -> None:
        _, _, asked = await waiting(database)
        supervisor = await person(database, Role.SUPERVISOR, "Sam", minutes=-1)

        refused = await decide(supervisor, asked["approval"])

        assert code(refused) == "STEP_UP_REQUIRED"

    @pytest.mark.parametrize(("hours", "state"), [(71, "APPROVED"), (72, None)])
    async def test_comes_too_late_after_three_days(self, database: Database, hours: int, state: str | None) -> None:
        _, _, asked = await waiting(database)
        supervisor = await person(database, Role.SUPERVISOR, "Sam", minutes=60 * 100)
        late = Asked(database, supervisor.by, NOW + timedelta(hours=hours))

        decided = await decide(late, asked["approval"])

        if state:
            assert decided["approval"]["state"] == state
        else:
            assert code(decided) == "APPROVAL_CLOSED"

    async def test_adds_a_missing_charge_on_another_day_than_it_was_asked_for(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            catalogue = await agreed.create_catalogue(session)
            made = await agreed.conclude(session, catalogue, "OPT-ENFANTS", on=date(2026, 1, 1))
            invoice = await agreed.bill(session, made, Period(date(2026, 11, 1), date(2026, 12, 1)))
            [line] = await books.lines_of(session, invoice)
        agent = await person(database, Role.AGENT, "Alix")
        given = {"invoiceLineId": global_id(line), "offerId": made.offer_id("TOUT-INCLUS"), "note": "Mauvaise offre."}
        shown = await preview(agent, "prorationCorrection", **given)
        asked = only_cents(await confirm(agent, "prorationCorrection", shown["quote"]))
        supervisor = await person(database, Role.SUPERVISOR, "Sam", minutes=60 * 100)

        decided = await decide(Asked(database, supervisor.by, NOW + timedelta(days=1)), asked["approval"])

        assert (shown["preview"]["facts"]["billable_from"], asked["approval"]["amount"]) == ("2026-11-21", 7199)
        assert decided["approval"]["state"] == "APPROVED"
        [charge] = await agreed.rows(database, models.ExtraCharge, made)
        assert (charge.ttc_cents, charge.billable_from) == (7199, date(2026, 11, 22))

    async def test_does_nothing_once_the_figures_have_moved(self, database: Database) -> None:
        agent, invoice, asked = await waiting(database)
        await do(agent, "refund", invoiceId=global_id(invoice), amount=100, reason="BILLING_ERROR")
        supervisor = await person(database, Role.SUPERVISOR, "Sam")

        decided = await decide(supervisor, asked["approval"])

        assert (decided["approval"]["state"], decided["approval"]["result"]) == ("OUTDATED", None)
        assert len((await everything(database))["refunds"]) == 1

    async def test_is_bound_to_the_revision_that_was_read(self, database: Database) -> None:
        _, _, asked = await waiting(database)
        supervisor = await person(database, Role.SUPERVISOR, "Sam")

        refused = await decide(supervisor, asked["approval"], expectedRevision=2)

        assert code(refused) == "STALE"
        assert (await everything(database))["refunds"] == []
