"""Options: added from a day, ended with their cycle, at once or on a day."""

from datetime import UTC, date, datetime

import pytest

from backoffice import models
from backoffice.billing.periods import Period, add_months
from backoffice.database import Database
from backoffice.services import change_orders
from tests import agreed
from tests.acts import global_id
from tests.agreed import Agreed

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


async def _contract(database: Database) -> Agreed:
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, "PACK-CINE", on=date(2026, 1, 1))
        await agreed.bill(session, made, OCTOBER)
    return made


async def _rolling(database: Database, taken_on: date) -> tuple[Agreed, models.ContractItem]:
    """A contract with a rolling option whose first month, of its own anchor, is billed and paid."""
    month = Period(taken_on, add_months(taken_on, 1))
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, "PACK-CINE", on=date(2026, 1, 1))
        option = await agreed.add_item(
            session,
            made.contract,
            catalogue.offers["OPT-SPORT"],
            starts_on=taken_on,
            anchor_on=taken_on,
            billed_until=month.ends_on,
        )
        await agreed.bill(session, made, month, option)
    return made, option


class TestAdd:
    async def test_charges_the_days_left_of_the_period_that_was_billed(self, database: Database) -> None:
        made = await _contract(database)

        facts, order = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 17)),
            "optionAdd",
            contractId=made.contract_id,
            offerId=made.offer_id("OPT-ENFANTS"),
        )

        assert await agreed.waiting(database, made) == [("Prorata – Option enfants", 145)]
        assert order["state"] == "APPLIED"
        assert facts["cycle"] == {"anchor_on": "2026-01-01", "starts_on": "2026-10-01", "ends_on": "2026-11-01"}

    @pytest.mark.parametrize("on", [date(2026, 10, 31), date(2027, 1, 31), date(2028, 1, 31)])
    async def test_gives_a_rolling_option_its_own_anchor(self, database: Database, on: date) -> None:
        made = await _contract(database)

        facts, _ = await agreed.do(
            agreed.staff(database, on=on),
            "optionAdd",
            contractId=made.contract_id,
            offerId=made.offer_id("OPT-SPORT"),
        )

        _, option = await agreed.rows(database, models.ContractItem, made)
        assert (option.anchor_on, option.starts_on, option.ends_on) == (on, on, None)
        assert facts["cycle"]["ends_on"] == add_months(on, 1).isoformat()
        assert await agreed.waiting(database, made) == []

    async def test_never_prolongs_the_commitment_without_consent(self, database: Database) -> None:
        made = await _contract(database)
        async with database.unit_of_work() as session:
            offer = await session.get_one(models.Offer, made.catalogue.offers["OPT-ENFANTS"].id)
            offer.commitment_months = 12

        facts, _ = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 17)),
            "optionAdd",
            contractId=made.contract_id,
            offerId=made.offer_id("OPT-ENFANTS"),
        )

        assert facts["commitment"]["before"] == facts["commitment"]["after"]
        [contract] = await agreed.rows(database, models.Contract, made)
        assert (contract.commitment_months, contract.commitment_ends_on) == (0, None)

    async def test_keeps_the_consent_that_prolongs_it(self, database: Database) -> None:
        made = await _contract(database)
        async with database.unit_of_work() as session:
            offer = await session.get_one(models.Offer, made.catalogue.offers["OPT-ENFANTS"].id)
            offer.commitment_months = 12

        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 17)),
            "optionAdd",
            contractId=made.contract_id,
            offerId=made.offer_id("OPT-ENFANTS"),
            acceptsCommitment=True,
        )

        [contract] = await agreed.rows(database, models.Contract, made)
        assert contract.commitment_ends_on == date(2027, 10, 17)
        [event] = await agreed.rows(database, models.ContractEvent, made)
        assert event.details["accepts_commitment"] is True

    async def test_refuses_an_option_that_is_on(self, database: Database) -> None:
        made, _ = await _rolling(database, date(2026, 10, 11))

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 10, 17)),
            "optionAdd",
            contractId=made.contract_id,
            offerId=made.offer_id("OPT-SPORT"),
        )

        assert error["code"] == "OPTION_ALREADY_ON"

    async def test_waits_for_its_day(self, database: Database) -> None:
        made = await _contract(database)
        _, order = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 3)),
            "optionAdd",
            contractId=made.contract_id,
            offerId=made.offer_id("OPT-ENFANTS"),
            when="ON_DATE",
            on="2026-10-17",
        )
        assert order["state"] == "SCHEDULED"

        applied = await change_orders.apply_due(
            database, on=date(2026, 10, 17), at=datetime(2026, 10, 17, 3, tzinfo=UTC)
        )

        assert applied == 1
        assert await agreed.waiting(database, made) == [("Prorata – Option enfants", 145)]


class TestEnd:
    async def test_ends_with_the_cycle_that_is_paid(self, database: Database) -> None:
        made, option = await _rolling(database, date(2026, 10, 11))

        facts, order = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 17)), "optionEnd", contractItemId=global_id(option)
        )

        assert (order["state"], order["effectiveOn"]) == ("SCHEDULED", "2026-11-11")
        assert facts["credit_notes"] == []
        _, ended = await agreed.rows(database, models.ContractItem, made)
        assert ended.ends_on == date(2026, 11, 11)
        await change_orders.apply_due(database, on=date(2026, 11, 11), at=datetime(2026, 11, 11, 3, tzinfo=UTC))
        _, ended = await agreed.rows(database, models.ContractItem, made)
        [row] = await agreed.rows(database, models.ChangeOrder, made)
        assert (ended.ends_on, row.state) == (date(2026, 11, 11), models.OrderState.APPLIED)

    @pytest.mark.parametrize(
        ("taken_on", "on", "expected"),
        [
            (date(2027, 1, 31), date(2027, 2, 14), (909, 91, 1000)),
            (date(2028, 1, 31), date(2028, 2, 14), (940, 94, 1034)),
            (date(2026, 7, 11), date(2026, 7, 14), (1642, 164, 1806)),
        ],
    )
    async def test_credits_the_days_left_of_a_month_when_it_ends_at_once(
        self, database: Database, taken_on: date, on: date, expected: tuple[int, int, int]
    ) -> None:
        _, option = await _rolling(database, taken_on)

        previewed = await agreed.preview(
            agreed.staff(database, on=on), "optionEnd", contractItemId=global_id(option), when="AT_ONCE"
        )

        document = previewed["preview"]["document"]
        figures = (document["totalExcludingVat"]["cents"], document["vat"]["cents"], document["total"]["cents"])
        assert figures == expected
        assert previewed["preview"]["disposition"]["refunds"][0]["amount"]["cents"] == expected[2]
        assert {"requirement": "TICKET", "isMet": False} in previewed["preview"]["requirements"]

    async def test_ends_on_a_day_without_a_credit(self, database: Database) -> None:
        _, option = await _rolling(database, date(2026, 10, 11))

        facts, order = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 17)),
            "optionEnd",
            contractItemId=global_id(option),
            when="ON_DATE",
            on="2026-10-17",
        )

        assert (order["state"], facts["credit_notes"], facts["prorations"]) == ("APPLIED", [], [])

    async def test_gives_back_what_waits_to_be_billed(self, database: Database) -> None:
        made = await _contract(database)
        asked = agreed.staff(database, on=date(2026, 10, 17))
        await agreed.do(
            asked, "optionAdd", contractId=made.contract_id, offerId=made.offer_id("OPT-ENFANTS"), when="NOW"
        )
        _, option = await agreed.rows(database, models.ContractItem, made)

        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 22)), "optionEnd", contractItemId=global_id(option), when="AT_ONCE"
        )

        assert await agreed.waiting(database, made) == [
            ("Prorata – Option enfants", 145),
            ("Avoir au prorata – Option enfants", -97),
        ]

    @pytest.mark.parametrize(("which", "expected"), [("offer", "OPTION_NOT_ON"), ("ended", "OPTION_NOT_ON")])
    async def test_refuses_what_is_no_option_in_force(self, database: Database, which: str, expected: str) -> None:
        made, option = await _rolling(database, date(2026, 8, 11))
        asked = agreed.staff(database, on=date(2026, 10, 17))
        await agreed.do(asked, "optionEnd", contractItemId=global_id(option), when="ON_DATE", on="2026-09-11")

        error = await agreed.refused(
            asked,
            "optionEnd",
            contractItemId=global_id(made.item if which == "offer" else option),
            when="ON_DATE",
            on="2026-10-18",
        )

        assert error["code"] == expected
