"""Changes of offer, by the day on which they count."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backoffice import models
from backoffice.billing import proration
from backoffice.billing.periods import Period
from backoffice.billing.replays import replay
from backoffice.database import Database
from backoffice.models import ContractEventKind
from backoffice.services import change_orders
from tests import agreed
from tests.agreed import Agreed
from tests.graphs import Asked

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
FEBRUARY = Period(date(2027, 2, 1), date(2027, 3, 1))
LEAP_FEBRUARY = Period(date(2028, 2, 1), date(2028, 3, 1))
MARCH = Period(date(2027, 3, 1), date(2027, 4, 1))
APRIL = Period(date(2027, 4, 1), date(2027, 5, 1))


async def _contract(database: Database, code: str = "TOUT-INCLUS", period: Period = OCTOBER) -> Agreed:
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, code, on=date(2026, 1, 1))
        await agreed.bill(session, made, period)
    return made


def _days(period: Period) -> list[date]:
    """The first day, days around the middle, and the last day of a period."""
    return [period.starts_on + timedelta(days=days) for days in (0, 1, 14, period.days - 1)]


async def _change(made: Agreed, asked: Asked, code: str, **given: object) -> dict[str, object]:
    facts, order = await agreed.do(
        asked, "offerChange", contractId=made.contract_id, offerId=made.offer_id(code), **given
    )
    return {**facts, "order": order}


async def _apply(database: Database, on: date) -> int:
    at = datetime(on.year, on.month, on.day, 3, tzinfo=UTC)
    return await change_orders.apply_due(database, on=on, at=at)


class TestPlan:
    async def test_chains_three_offers_of_one_month_on_what_stands(self, database: Database) -> None:
        made = await _contract(database)

        await _change(made, agreed.staff(database, on=date(2026, 10, 11)), "PACK-SPORT")
        second = await _change(made, agreed.staff(database, on=date(2026, 10, 21)), "PACK-CINE")

        assert await agreed.waiting(database, made) == [
            ("Avoir au prorata – Tout inclus", -5080),
            ("Prorata – Pack Sport", 2709),
            ("Avoir au prorata – Pack Sport", -1419),
            ("Prorata – Pack Cinéma", 1242),
        ]
        assert second["net_cents"] == 1242 - 1419
        chain = replay(
            period=OCTOBER, first_cents=7499, changes=[(date(2026, 10, 11), 3999), (date(2026, 10, 21), 3499)]
        )
        assert sum(cents for _, cents in await agreed.waiting(database, made)) == chain.chain_cents - 7499 == -2548

    @pytest.mark.parametrize(
        "period", [OCTOBER, FEBRUARY, LEAP_FEBRUARY, MARCH, APRIL], ids=lambda each: f"{each.days}"
    )
    async def test_credits_and_charges_by_the_days_left(self, database: Database, period: Period) -> None:
        made = await _contract(database, period=period)

        for on in _days(period):
            previewed = await agreed.preview(
                agreed.staff(database, on=on),
                "offerChange",
                contractId=made.contract_id,
                offerId=made.offer_id("PACK-CINE"),
            )

            expected = proration.change(on=on, period=period, old_cents=7499, new_cents=3499)
            lines = previewed["preview"]["facts"]["prorations"]
            assert [line["cents"] for line in lines] == [expected.credit_cents, expected.charge_cents]
            assert {line["starts_on"] for line in lines} == {on.isoformat()}

    async def test_gives_all_back_and_charges_all_on_the_first_day(self, database: Database) -> None:
        made = await _contract(database)

        facts = await _change(made, agreed.staff(database, on=OCTOBER.starts_on), "PACK-CINE")

        assert [line["cents"] for line in facts["prorations"]] == [-7499, 3499]  # type: ignore[union-attr]

    async def test_prorates_nothing_on_the_day_on_which_the_period_ends(self, database: Database) -> None:
        made = await _contract(database)

        facts = await _change(made, agreed.staff(database, on=date(2026, 10, 20)), "PACK-CINE", when="NEXT_PERIOD")

        assert facts["effective_on"] == "2026-11-01"
        assert facts["is_scheduled"] is True
        assert facts["prorations"] == []
        assert await agreed.waiting(database, made) == []

    async def test_charges_a_bundle_component_by_component(self, database: Database) -> None:
        made = await _contract(database)

        facts = await _change(made, agreed.staff(database, on=date(2026, 10, 17)), "CONFORT")

        lines = facts["prorations"]
        assert [(line["cents"], line["vat_rate"]) for line in lines] == [  # type: ignore[union-attr]
            (-3629, "0.10"),
            (290, "0.10"),
            (2129, "0.20"),
        ]

    async def test_goes_back_to_the_day_that_was_asked_for(self, database: Database) -> None:
        made = await _contract(database)

        facts = await _change(
            made, agreed.staff(database, on=date(2026, 10, 25)), "PACK-CINE", when="ON_DATE", on="2026-10-11"
        )

        assert [line["cents"] for line in facts["prorations"]] == [-5080, 2370]  # type: ignore[union-attr]
        items = await agreed.rows(database, models.ContractItem, made)
        assert [(each.starts_on, each.ends_on) for each in items] == [
            (date(2026, 1, 1), date(2026, 10, 11)),
            (date(2026, 10, 11), None),
        ]

    async def test_ends_the_promotions_of_the_old_offer(self, database: Database) -> None:
        made = await _contract(database)
        async with database.unit_of_work() as session:
            session.add(
                models.Promotion(
                    subscriber_id=made.account.subscriber_id,
                    id=1,
                    contract_id=made.contract.id,
                    contract_item_id=made.item.id,
                    label="Bienvenue",
                    discount_cents=1000,
                    starts_on=date(2026, 1, 1),
                    ends_on=date(2027, 1, 1),
                    reminder_on=date(2026, 12, 25),
                )
            )

        await _change(made, agreed.staff(database, on=date(2026, 10, 11)), "PACK-CINE")

        [promotion] = await agreed.rows(database, models.Promotion, made)
        assert promotion.ends_on == date(2026, 10, 11)
        events = await agreed.rows(database, models.ContractEvent, made)
        assert [event.kind for event in events] == [ContractEventKind.OFFER_CHANGED, ContractEventKind.PROMOTION_ENDED]

    async def test_keeps_the_commitment_without_express_consent(self, database: Database) -> None:
        made = await _contract(database, code="MOB")

        facts = await _change(made, agreed.staff(database, on=date(2026, 10, 11)), "MOB-TERM")

        assert facts["commitment"]["after"] == {"months": 0, "ends_on": None, "months_left": 0}  # type: ignore[index]
        [contract] = await agreed.rows(database, models.Contract, made)
        assert contract.commitment_ends_on is None

    async def test_begins_a_commitment_with_express_consent(self, database: Database) -> None:
        made = await _contract(database, code="MOB")
        asked = agreed.staff(database, on=date(2026, 10, 11))

        previewed = await agreed.preview(
            asked,
            "offerChange",
            contractId=made.contract_id,
            offerId=made.offer_id("MOB-TERM"),
            acceptsCommitment=True,
        )
        await agreed.confirm(asked, "offerChange", previewed["quote"])

        assert [each["code"] for each in previewed["preview"]["warnings"]] == ["COMMITMENT_PROLONGED"]
        commitment = previewed["preview"]["facts"]["commitment"]
        assert commitment["after"] == {"months": 24, "ends_on": "2028-10-11", "months_left": 24}
        assert commitment["effect"]["en"] == "A commitment of 24 months begins: it ends on 2028-10-11."
        [contract] = await agreed.rows(database, models.Contract, made)
        assert contract.commitment_ends_on == date(2028, 10, 11)
        assert contract.has_subsidised_terminal

    async def test_refuses_more_than_24_months_with_the_article(self, database: Database) -> None:
        made = await _contract(database, code="MOB")

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 10, 11)),
            "offerChange",
            contractId=made.contract_id,
            offerId=made.offer_id("MOB-TERM"),
            acceptsCommitment=True,
            commitmentMonths=25,
        )

        assert (error["code"], error["field"]) == ("COMMITMENT_TOO_LONG", "commitmentMonths")
        assert "L224-28" in error["message"]

    @pytest.mark.parametrize(
        ("code", "given", "expected"),
        [
            ("TOUT-INCLUS", {}, "SAME_OFFER"),
            ("MOB", {}, "OFFER_NOT_COMPATIBLE"),
            ("OPT-SPORT", {}, "NOT_FOUND"),
            ("PACK-CINE", {"when": "ON_DATE"}, "BAD_INPUT"),
            ("PACK-CINE", {"when": "NOW", "on": "2026-10-12"}, "BAD_INPUT"),
            ("PACK-CINE", {"when": "ON_DATE", "on": "2026-08-31"}, "DATE_OUT_OF_RANGE"),
            ("PACK-CINE", {"when": "ON_DATE", "on": "2027-10-12"}, "DATE_OUT_OF_RANGE"),
        ],
    )
    async def test_refuses_what_cannot_be(
        self, database: Database, code: str, given: dict[str, str], expected: str
    ) -> None:
        made = await _contract(database)

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 10, 11)),
            "offerChange",
            contractId=made.contract_id,
            offerId=made.offer_id(code),
            **given,
        )

        assert error["code"] == expected

    async def test_is_bound_to_the_contract_that_was_read(self, database: Database) -> None:
        made = await _contract(database)
        asked = agreed.staff(database, on=date(2026, 10, 11))
        given = {"contractId": made.contract_id, "when": "NOW"}
        first = await agreed.preview(asked, "offerChange", **given, offerId=made.offer_id("PACK-CINE"))
        second = await agreed.preview(asked, "offerChange", **given, offerId=made.offer_id("PACK-SPORT"))
        await agreed.confirm(asked, "offerChange", first["quote"])

        late = await agreed.confirm(asked, "offerChange", second["quote"])

        assert [error["code"] for error in late["userErrors"]] == ["QUOTE_STALE"]
        [contract] = await agreed.rows(database, models.Contract, made)
        assert contract.offer_id == made.catalogue.offers["PACK-CINE"].id


class TestSchedule:
    async def test_waits_for_its_day_and_is_applied_once(self, database: Database) -> None:
        made = await _contract(database)
        facts = await _change(
            made, agreed.staff(database, on=date(2026, 10, 3)), "PACK-CINE", when="ON_DATE", on="2026-10-11"
        )
        assert facts["order"]["state"] == "SCHEDULED"  # type: ignore[index]

        assert await _apply(database, date(2026, 10, 10)) == 0
        assert await agreed.waiting(database, made) == []
        assert await _apply(database, date(2026, 10, 11)) == 1
        assert await _apply(database, date(2026, 10, 11)) == 0

        assert [cents for _, cents in await agreed.waiting(database, made)] == [-5080, 2370]
        [order] = await agreed.rows(database, models.ChangeOrder, made)
        assert order.state is models.OrderState.APPLIED
        events = await agreed.rows(database, models.ContractEvent, made)
        assert [event.kind for event in events] == [
            ContractEventKind.CHANGE_SCHEDULED,
            ContractEventKind.OFFER_CHANGED,
        ]

    async def test_counts_from_its_day_when_the_run_comes_late(self, database: Database) -> None:
        made = await _contract(database)
        await _change(made, agreed.staff(database, on=date(2026, 10, 3)), "PACK-CINE", when="ON_DATE", on="2026-10-11")

        assert await _apply(database, date(2026, 10, 14)) == 1

        assert [cents for _, cents in await agreed.waiting(database, made)] == [-5080, 2370]

    async def test_refuses_a_second_one(self, database: Database) -> None:
        made = await _contract(database)
        asked = agreed.staff(database, on=date(2026, 10, 3))
        await _change(made, asked, "PACK-CINE", when="NEXT_PERIOD")

        error = await agreed.refused(
            asked, "offerChange", contractId=made.contract_id, offerId=made.offer_id("PACK-SPORT")
        )

        assert error["code"] == "CHANGE_ALREADY_SCHEDULED"
        assert "2026-11-01" in error["message"]

    async def test_fails_with_a_code_when_it_has_become_impossible(self, database: Database) -> None:
        made = await _contract(database)
        await _change(made, agreed.staff(database, on=date(2026, 10, 3)), "PACK-CINE", when="NEXT_PERIOD")
        async with database.unit_of_work() as session:
            offer = await session.get_one(models.Offer, made.catalogue.offers["PACK-CINE"].id)
            offer.sold_until = date(2026, 10, 30)

        assert await _apply(database, date(2026, 11, 1)) == 0

        [order] = await agreed.rows(database, models.ChangeOrder, made)
        assert (order.state, order.failure_code) == (models.OrderState.FAILED, "OFFER_NOT_SOLD")
        [contract] = await agreed.rows(database, models.Contract, made)
        assert contract.offer_id == made.catalogue.offers["TOUT-INCLUS"].id
