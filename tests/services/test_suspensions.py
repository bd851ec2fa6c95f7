"""Cutting services and giving them back."""

from datetime import UTC, date, datetime

import pytest

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.models import ContractState, SuspensionCause
from backoffice.permissions import Role
from tests import agreed, books, factories
from tests.acts import key_of
from tests.agreed import Agreed
from tests.graphs import asking

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


async def _contract(database: Database, **given: object) -> Agreed:
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, "TOUT-INCLUS", on=date(2026, 1, 1))
        await agreed.bill(session, made, OCTOBER)
        for name, value in given.items():
            setattr(made.contract, name, value)
    return made


_CUT = {
    "state": ContractState.SUSPENDED,
    "suspension_cause": SuspensionCause.UNPAID,
    "suspended_on": date(2026, 10, 20),
}


class TestSuspension:
    async def test_cuts_the_services_from_today_on(self, database: Database) -> None:
        made = await _contract(database)

        _, order = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 20)),
            "suspension",
            contractId=made.contract_id,
            cause="REQUEST",
        )

        assert (order["kind"], order["state"]) == ("SUSPENSION", "APPLIED")
        [contract] = await agreed.rows(database, models.Contract, made)
        assert contract.state is ContractState.SUSPENDED
        assert (contract.suspension_cause, contract.suspended_on) == (SuspensionCause.REQUEST, date(2026, 10, 20))

    async def test_asks_for_a_note_when_fraud_is_the_cause(self, database: Database) -> None:
        made = await _contract(database)

        previewed = await agreed.preview(
            agreed.staff(database, on=date(2026, 10, 20)), "suspension", contractId=made.contract_id, cause="FRAUD"
        )

        assert previewed["preview"]["requirements"] == [{"requirement": "NOTE", "isMet": False}]

    @pytest.mark.parametrize(("cause", "code"), [("UNPAID", "BAD_INPUT"), ("REQUEST", "CONTRACT_NOT_OPEN")])
    async def test_refuses_what_cannot_be(self, database: Database, cause: str, code: str) -> None:
        made = await _contract(database, **_CUT)

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 10, 21)), "suspension", contractId=made.contract_id, cause=cause
        )

        assert error["code"] == code


class TestReactivation:
    async def test_charges_nothing_for_a_period_that_was_billed(self, database: Database) -> None:
        made = await _contract(database, **_CUT)

        facts, order = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 23)), "reactivation", contractId=made.contract_id
        )

        assert (facts["days"], facts["prorations"], facts["credit_notes"]) == (3, [], [])
        assert order["contract"]["state"] == "ACTIVE"
        [contract] = await agreed.rows(database, models.Contract, made)
        assert (contract.suspension_cause, contract.suspended_on) == (None, None)

    async def test_is_confirmed_after_the_midnight_that_followed_its_preview(self, database: Database) -> None:
        made = await _contract(database, **_CUT)
        evening, night = [
            asking(database, factories.viewer(Role.BILLING, id=13), at=datetime(2026, 10, 22, hour, minute, tzinfo=UTC))
            for hour, minute in ((21, 58), (22, 3))
        ]

        shown = await agreed.preview(evening, "reactivation", contractId=made.contract_id)
        done = await agreed.confirm(night, "reactivation", shown["quote"])

        assert (shown["preview"]["facts"]["effective_on"], shown["preview"]["facts"]["days"]) == ("2026-10-22", 2)
        assert done["userErrors"] == []
        assert done["changeOrder"]["effectiveOn"] == "2026-10-23"

    async def test_charges_the_running_period_from_that_day(self, database: Database) -> None:
        made = await _contract(database, **_CUT)

        facts, _ = await agreed.do(
            agreed.staff(database, on=date(2026, 11, 16)), "reactivation", contractId=made.contract_id
        )

        assert [line["cents"] for line in facts["running_period"]] == [3750]
        assert facts["next_invoice"]["before"] is None
        assert facts["next_invoice"]["after"]["issued_on"] == "2026-11-16"
        assert facts["next_invoice"]["after"]["total_cents"] == 3750
        [contract] = await agreed.rows(database, models.Contract, made)
        assert contract.billed_until == date(2026, 11, 16)

    async def test_credits_the_days_of_a_cut_that_was_our_mistake(self, database: Database) -> None:
        made = await _contract(database, **_CUT)

        facts, _ = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 23)),
            "reactivation",
            contractId=made.contract_id,
            isUndue=True,
            note="La nouvelle carte était enregistrée le 18.",
        )

        [note] = facts["credit_notes"]
        assert (note["ttc_cents"], note["ht_cents"], note["vat_cents"]) == (726, 660, 66)
        [line] = note["lines"]
        assert (line["starts_on"], line["ends_on"]) == ("2026-10-20", "2026-10-23")
        assert await agreed.faults(database) == []

    async def test_credits_the_offer_that_was_cut_and_not_the_one_before_it(self, database: Database) -> None:
        made = await _contract(database)
        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 11)),
            "offerChange",
            contractId=made.contract_id,
            offerId=made.offer_id("PACK-SPORT"),
        )
        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 15)),
            "suspension",
            contractId=made.contract_id,
            cause="REQUEST",
        )

        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 21)),
            "reactivation",
            contractId=made.contract_id,
            isUndue=True,
            note="Erreur de notre part",
        )

        assert await agreed.waiting(database, made) == [
            ("Avoir au prorata – Tout inclus", -5080),
            ("Prorata – Pack Sport", 2709),
            ("Avoir au prorata – Pack Sport", -774),
        ]
        assert await agreed.rows(database, models.CreditNote, made) == []

    async def test_refuses_while_something_is_overdue(self, database: Database) -> None:
        made = await _contract(database, **_CUT)
        async with database.unit_of_work() as session:
            account = await session.get_one(models.BillingAccount, key_of(made.account))
            await books.bill(session, account, books.Article(7499))

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 12, 1)), "reactivation", contractId=made.contract_id
        )

        assert error["code"] == "STILL_UNPAID"
        assert "74.99" in error["message"]
