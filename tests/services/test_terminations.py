"""Terminations: notice, fee of the commitment, credit of the days paid, and the day itself."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.models import ContractEventKind, ContractState
from backoffice.permissions import Role
from backoffice.services import change_orders
from tests import agreed, factories
from tests.acts import new_key
from tests.agreed import Agreed

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
_AGENT_ID, _SUPERVISOR_ID = 11, 12
_DECIDE = """mutation Decide($input: ApprovalDecideInput!) {
  approvalDecide(input: $input) { approval { state } userErrors { code } }
}"""


async def _mobile(database: Database, *, has_terminal: bool = True) -> Agreed:
    """A commitment of 24 months from 1 July 2025, at 24.99."""
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        return await agreed.conclude(
            session,
            catalogue,
            "MOB-TERM",
            on=date(2025, 7, 1),
            commitment_months=24,
            commitment_ends_on=date(2027, 7, 1),
            has_subsidised_terminal=has_terminal,
            billed_until=date(2026, 10, 1),
        )


async def _television(database: Database) -> Agreed:
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, "PACK-CINE", on=date(2026, 1, 1))
        await agreed.bill(session, made, OCTOBER)
    return made


async def _apply(database: Database, on: date) -> int:
    return await change_orders.apply_due(database, on=on, at=datetime(on.year, on.month, on.day, 3, tzinfo=UTC))


class TestFee:
    @pytest.mark.parametrize(
        ("asked_on", "on", "has_terminal", "cents"),
        [
            (date(2026, 2, 19), date(2026, 3, 1), True, 15_994),
            (date(2026, 9, 5), date(2026, 9, 15), True, 4_765),
            (date(2026, 9, 5), date(2026, 9, 15), False, 0),
            (date(2027, 6, 20), date(2027, 6, 30), True, 17),
            (date(2027, 6, 21), date(2027, 7, 1), True, 0),
        ],
    )
    async def test_follows_the_months_left(
        self, database: Database, asked_on: date, on: date, has_terminal: bool, cents: int
    ) -> None:
        made = await _mobile(database, has_terminal=has_terminal)

        facts, _ = await agreed.do(
            agreed.staff(database, on=asked_on), "termination", contractId=made.contract_id, on=on.isoformat()
        )

        [fee] = facts["fees"]
        assert fee["cents"] == cents
        expected = [("Frais de résiliation anticipée", cents)] if cents else []
        assert await agreed.waiting(database, made) == expected
        extras = await agreed.rows(database, models.ExtraCharge, made)
        assert all(each.vat_rate is None and each.billable_from == on for each in extras)

    async def test_says_its_rule_and_its_article(self, database: Database) -> None:
        made = await _mobile(database)

        facts, _ = await agreed.do(
            agreed.staff(database, on=date(2026, 9, 5)), "termination", contractId=made.contract_id
        )

        [fee] = facts["fees"]
        assert facts["effective_on"] == "2026-09-15"
        assert "conso-L224-28-II-terminal" in fee["rules"]
        assert fee["article"] == "Code de la consommation, article L224-28, II"
        assert facts["commitment"]["before"] == {"months": 24, "ends_on": "2027-07-01", "months_left": 10}

    @pytest.mark.parametrize(
        ("reason", "article"),
        [
            ("PRICE_OR_TERMS_CHANGE", "L224-33"),
            ("PERFORMANCE_GAP", "L224-34"),
            ("OVER_INDEBTEDNESS", "L224-37-1"),
            ("BUNDLE_NOT_CONFORMING", "L224-42-2"),
            ("DEATH", None),
        ],
    )
    async def test_is_not_due_for_reasons_that_free_from_it(
        self, database: Database, reason: str, article: str | None
    ) -> None:
        made = await _mobile(database)

        facts, _ = await agreed.do(
            agreed.staff(database, on=date(2026, 2, 19)), "termination", contractId=made.contract_id, reason=reason
        )

        [fee] = facts["fees"]
        assert fee["cents"] == 0
        assert fee["article"] is None if article is None else fee["article"].endswith(article)
        assert await agreed.waiting(database, made) == []


class TestNotice:
    async def test_is_ten_days_unless_a_day_is_asked_for(self, database: Database) -> None:
        made = await _television(database)

        facts, order = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 11)), "termination", contractId=made.contract_id
        )

        assert facts["notice"] == {
            "received_on": "2026-10-11",
            "at_the_latest_on": "2026-10-21",
            "rule": "conso-L224-39",
            "article": "Code de la consommation, article L224-39",
        }
        assert order["state"] == "SCHEDULED"
        assert order["contract"]["state"] == "TERMINATING"
        assert order["contract"]["endsOn"] == "2026-10-21"

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"on": "2026-10-10"}, "on"),
            ({"on": "2027-10-12"}, "on"),
            ({"receivedOn": "2026-10-12"}, "receivedOn"),
            ({"receivedOn": "2026-08-31"}, "receivedOn"),
        ],
    )
    async def test_refuses_days_that_cannot_be(self, database: Database, given: dict[str, Any], field: str) -> None:
        made = await _television(database)

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 10, 11)), "termination", contractId=made.contract_id, **given
        )

        assert (error["code"], error["field"]) == ("DATE_OUT_OF_RANGE", field)

    async def test_leaves_withdrawal_to_its_own_rules(self, database: Database) -> None:
        made = await _television(database)

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 10, 11)),
            "termination",
            contractId=made.contract_id,
            reason="WITHDRAWAL",
        )

        assert (error["code"], error["field"]) == ("BAD_INPUT", "reason")


class TestDay:
    async def test_dates_the_credit_of_a_day_that_is_caught_up_on_with_the_day_of_its_making(
        self, database: Database
    ) -> None:
        made = await _television(database)
        await agreed.do(agreed.staff(database, on=date(2026, 10, 11)), "termination", contractId=made.contract_id)

        applied = await change_orders.apply_due(
            database, on=date(2026, 10, 21), at=datetime(2026, 10, 23, 3, tzinfo=UTC), today=date(2026, 10, 23)
        )

        [note] = await agreed.rows(database, models.CreditNote, made)
        assert applied == 1
        assert note.issued_on == date(2026, 10, 23)
        [line] = await agreed.rows(database, models.CreditNoteLine, made)
        assert (line.starts_on, line.ends_on) == (date(2026, 10, 21), date(2026, 11, 1))

    async def test_ends_the_contract_and_gives_the_days_paid_back(self, database: Database) -> None:
        made = await _television(database)
        await agreed.do(agreed.staff(database, on=date(2026, 10, 11)), "termination", contractId=made.contract_id)

        assert await _apply(database, date(2026, 10, 20)) == 0
        assert await _apply(database, date(2026, 10, 21)) == 1

        [contract] = await agreed.rows(database, models.Contract, made)
        assert (contract.state, contract.ends_on) == (ContractState.TERMINATED, date(2026, 10, 21))
        [item] = await agreed.rows(database, models.ContractItem, made)
        assert item.ends_on == date(2026, 10, 21)
        [note] = await agreed.rows(database, models.CreditNote, made)
        assert (note.ttc_cents, note.reason) == (1242, models.CreditReason.TERMINATION)
        [refund] = await agreed.rows(database, models.Refund, made)
        assert (refund.amount_cents, refund.state) == (1242, models.RefundState.APPROVED)
        events = await agreed.rows(database, models.ContractEvent, made)
        assert [event.kind for event in events] == [
            ContractEventKind.TERMINATION_REQUESTED,
            ContractEventKind.TERMINATED,
        ]
        assert await agreed.faults(database) == []

    async def test_keeps_the_fee_that_was_shown(self, database: Database) -> None:
        made = await _mobile(database)
        await agreed.do(agreed.staff(database, on=date(2026, 9, 5)), "termination", contractId=made.contract_id)

        assert await _apply(database, date(2026, 9, 15)) == 1

        assert await agreed.waiting(database, made) == [("Frais de résiliation anticipée", 4765)]

    async def test_is_at_once_when_the_days_are_over(self, database: Database) -> None:
        made = await _television(database)

        previewed = await agreed.preview(
            agreed.staff(database, on=date(2026, 10, 25)),
            "termination",
            contractId=made.contract_id,
            receivedOn="2026-10-11",
            on="2026-10-21",
        )

        assert previewed["preview"]["document"]["total"]["cents"] == 1242
        assert previewed["preview"]["facts"]["is_scheduled"] is False

    async def test_gives_days_back_once_after_a_change_of_offer(self, database: Database) -> None:
        made = await _television(database)
        for on, code in ((date(2026, 10, 11), "PACK-SPORT"), (date(2026, 10, 16), "TOUT-INCLUS")):
            await agreed.do(
                agreed.staff(database, on=on), "offerChange", contractId=made.contract_id, offerId=made.offer_id(code)
            )

        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 21)), "termination", contractId=made.contract_id, on="2026-10-21"
        )

        assert await agreed.waiting(database, made) == [
            ("Avoir au prorata – Pack Cinéma", -2370),
            ("Prorata – Pack Sport", 2709),
            ("Avoir au prorata – Pack Sport", -2064),
            ("Prorata – Tout inclus", 3870),
            ("Avoir au prorata – Tout inclus", -2661),
        ]
        assert await agreed.rows(database, models.CreditNote, made) == []

    async def test_charges_days_that_no_run_has_billed(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            catalogue = await agreed.create_catalogue(session)
            made = await agreed.conclude(session, catalogue, "PACK-CINE", on=date(2026, 10, 1))

        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 11)),
            "termination",
            contractId=made.contract_id,
            on="2026-10-11",
        )

        assert await agreed.waiting(database, made) == [("Prorata – Pack Cinéma", 1129)]
        [contract] = await agreed.rows(database, models.Contract, made)
        assert (contract.state, contract.billed_until) == (ContractState.TERMINATED, date(2026, 10, 11))


class TestGivenBackBeyondTheCeiling:
    """An agent who may give back 50.00 ends a contract of 74.99 that was paid for October."""

    async def _request(self, database: Database, *, on: str) -> tuple[Agreed, Any, Any]:
        async with database.unit_of_work() as session:
            catalogue = await agreed.create_catalogue(session)
            made = await agreed.conclude(session, catalogue, "TOUT-INCLUS", on=date(2026, 1, 1))
            await agreed.bill(session, made, OCTOBER)
            await factories.create_member(session, Role.AGENT, id=_AGENT_ID)
            await factories.create_member(session, Role.SUPERVISOR, id=_SUPERVISOR_ID)
        agent = agreed.staff(database, on=date(2026, 10, 2), role=Role.AGENT, id=_AGENT_ID)
        shown = await agreed.preview(agent, "termination", contractId=made.contract_id, on=on, note="Demande écrite.")
        return made, shown["preview"], await agreed.confirm(agent, "termination", shown["quote"])

    @pytest.mark.parametrize(("on", "cents"), [("2026-10-02", 7257), ("2026-10-03", 7015)])
    async def test_asks_the_same_at_once_and_for_a_later_day(self, database: Database, on: str, cents: int) -> None:
        made, shown, done = await self._request(database, on=on)

        assert shown["amount"]["cents"] == cents
        assert [(each["requirement"], each["isMet"]) for each in shown["requirements"]] == [
            ("STEP_UP", True),
            ("SECOND_PERSON", False),
            ("NOTE", True),
        ]
        assert (done["changeOrder"], done["approval"]["state"]) == (None, "PENDING_APPROVAL")
        assert await _apply(database, date(2026, 10, 3)) == 0
        assert await agreed.rows(database, models.Refund, made) == []

    @pytest.mark.parametrize("decided_on", [date(2026, 10, 2), date(2026, 10, 4)])
    async def test_goes_back_on_its_day_once_a_second_person_agreed(self, database: Database, decided_on: date) -> None:
        made, _, done = await self._request(database, on="2026-10-05")
        supervisor = agreed.staff(database, on=decided_on, role=Role.SUPERVISOR, id=_SUPERVISOR_ID)
        given = {
            "approvalId": done["approval"]["id"],
            "isApproved": True,
            "expectedRevision": 1,
            "idempotencyKey": new_key(),
        }

        decided = await supervisor.data(_DECIDE, input=given)

        assert decided["approvalDecide"] == {"approval": {"state": "APPROVED"}, "userErrors": []}
        assert await agreed.rows(database, models.Refund, made) == []
        assert await _apply(database, date(2026, 10, 5)) == 1
        [refund] = await agreed.rows(database, models.Refund, made)
        assert refund.amount_cents == 6531
        assert await agreed.faults(database) == []


class TestSuspended:
    """A contract whose services are cut when its end is asked for."""

    async def _cut(self, database: Database) -> Agreed:
        async with database.unit_of_work() as session:
            catalogue = await agreed.create_catalogue(session)
            made = await agreed.conclude(
                session,
                catalogue,
                "PACK-CINE",
                on=date(2026, 1, 1),
                state=ContractState.SUSPENDED,
                suspension_cause=models.SuspensionCause.REQUEST,
                suspended_on=date(2026, 10, 5),
            )
            await agreed.bill(session, made, OCTOBER)
        return made

    async def test_stays_cut_until_it_ends(self, database: Database) -> None:
        made = await self._cut(database)
        asked = agreed.staff(database, on=date(2026, 10, 11))

        _, order = await agreed.do(asked, "termination", contractId=made.contract_id)
        again = await agreed.refused(asked, "termination", contractId=made.contract_id)
        await _apply(database, date(2026, 10, 21))

        assert (order["contract"]["state"], order["contract"]["endsOn"]) == ("SUSPENDED", "2026-10-21")
        assert again["code"] == "CHANGE_ALREADY_SCHEDULED"
        [contract] = await agreed.rows(database, models.Contract, made)
        assert contract.state is ContractState.TERMINATED

    async def test_ends_all_the_same_when_services_come_back(self, database: Database) -> None:
        made = await self._cut(database)
        asked = agreed.staff(database, on=date(2026, 10, 11))
        await agreed.do(asked, "termination", contractId=made.contract_id)

        _, order = await agreed.do(asked, "reactivation", contractId=made.contract_id)

        assert (order["contract"]["state"], order["contract"]["endsOn"]) == ("TERMINATING", "2026-10-21")
