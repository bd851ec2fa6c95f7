"""Change orders: cancelled before their day, and taken back when they were a mistake."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.models import ContractEventKind
from backoffice.services import change_orders
from tests import agreed, factories
from tests.acts import global_id, new_key
from tests.agreed import Agreed

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
_CONTRACT = (
    "state",
    "offer_id",
    "ends_on",
    "termination_reason",
    "commitment_months",
    "commitment_ends_on",
    "has_subsidised_terminal",
    "billed_until",
)


async def _contract(database: Database) -> Agreed:
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, "TOUT-INCLUS", on=date(2026, 1, 1))
        await agreed.add_item(session, made.contract, catalogue.offers["OPT-ENFANTS"], starts_on=date(2026, 9, 1))
        await agreed.bill(session, made, OCTOBER)
        session.add(
            models.Promotion(
                subscriber_id=made.account.subscriber_id,
                id=factories.new_id(),
                contract_id=made.contract.id,
                contract_item_id=made.item.id,
                label="Bienvenue",
                discount_cents=1000,
                starts_on=date(2026, 1, 1),
                ends_on=date(2027, 1, 1),
                reminder_on=date(2026, 12, 25),
            )
        )
    return made


async def _state(database: Database, made: Agreed) -> dict[str, Any]:
    """What is agreed and what waits to be billed: everything but the history."""
    [contract] = await agreed.rows(database, models.Contract, made)
    items = await agreed.rows(database, models.ContractItem, made)
    return {
        "contract": {name: getattr(contract, name) for name in _CONTRACT},
        "items": [
            (item.offer_id, item.starts_on, item.ends_on)
            for item in items
            if item.ends_on is None or item.starts_on < item.ends_on
        ],
        "promotions": [each.ends_on for each in await agreed.rows(database, models.Promotion, made)],
        "waiting": await agreed.waiting(database, made),
    }


async def _cancel(database: Database, made: Agreed, on: date, **given: Any) -> Any:
    [order] = await agreed.rows(database, models.ChangeOrder, made)
    known = {"changeOrderId": global_id(order), "expectedRevision": order.revision, "idempotencyKey": new_key()}
    query = f"""mutation Cancel($input: ChangeOrderCancelInput!) {{
      changeOrderCancel(input: $input) {{ {agreed.ORDER} replayed userErrors {{ __typename code field }} }}
    }}"""
    asked = agreed.staff(database, on=on)
    return (await asked.data(query, input={**known, **given}))["changeOrderCancel"]


_SCHEDULED = [
    ("offerChange", {"offer": "PACK-CINE", "when": "NEXT_PERIOD"}),
    ("optionAdd", {"offer": "OPT-SPORT", "when": "ON_DATE", "on": "2026-10-20"}),
    ("termination", {}),
    ("optionEnd", {"when": "END_OF_CYCLE"}),
]


async def _do(database: Database, made: Agreed, operation: str, given: dict[str, Any], on: date) -> Any:
    given = dict(given)
    if "offer" in given:
        given["offerId"] = made.offer_id(given.pop("offer"))
    if operation == "optionEnd":
        [option] = [each for each in await agreed.rows(database, models.ContractItem, made) if each.id != made.item.id]
        given["contractItemId"] = global_id(option)
    else:
        given["contractId"] = made.contract_id
    return await agreed.do(agreed.staff(database, on=on), operation, **given)


class TestCancel:
    @pytest.mark.parametrize(("operation", "given"), _SCHEDULED, ids=[operation for operation, _ in _SCHEDULED])
    async def test_puts_everything_back(self, database: Database, operation: str, given: dict[str, Any]) -> None:
        made = await _contract(database)
        before = await _state(database, made)
        await _do(database, made, operation, given, date(2026, 10, 11))

        cancelled = await _cancel(database, made, date(2026, 10, 12))

        assert cancelled["userErrors"] == []
        assert cancelled["changeOrder"]["state"] == "CANCELLED"
        assert await _state(database, made) == before
        events = await agreed.rows(database, models.ContractEvent, made)
        assert [event.kind for event in events][-1] is ContractEventKind.CHANGE_CANCELLED
        done = await change_orders.apply_due(database, on=date(2026, 12, 1), at=datetime(2026, 12, 1, 3, tzinfo=UTC))
        assert done == 0

    async def test_answers_a_retry_with_the_first_answer(self, database: Database) -> None:
        made = await _contract(database)
        await _do(database, made, "termination", {}, date(2026, 10, 11))
        [order] = await agreed.rows(database, models.ChangeOrder, made)
        same = {"idempotencyKey": new_key(), "expectedRevision": order.revision}
        await _cancel(database, made, date(2026, 10, 12), **same)

        again = await _cancel(database, made, date(2026, 10, 12), **same)

        assert (again["replayed"], again["userErrors"]) == (True, [])

    async def test_refuses_another_revision(self, database: Database) -> None:
        made = await _contract(database)
        await _do(database, made, "termination", {}, date(2026, 10, 11))

        refused = await _cancel(database, made, date(2026, 10, 12), expectedRevision=9)

        assert refused["userErrors"] == [{"__typename": "StaleProblem", "code": "STALE", "field": "expectedRevision"}]
        [contract] = await agreed.rows(database, models.Contract, made)
        assert contract.state is models.ContractState.TERMINATING

    @pytest.mark.parametrize("on", [date(2026, 10, 21), date(2026, 10, 22)])
    async def test_refuses_from_its_day_on(self, database: Database, on: date) -> None:
        made = await _contract(database)
        await _do(database, made, "termination", {}, date(2026, 10, 11))

        refused = await _cancel(database, made, on)

        assert [error["code"] for error in refused["userErrors"]] == ["CHANGE_NOT_SCHEDULED"]


_APPLIED = [
    ("offerChange", {"offer": "PACK-CINE"}),
    ("optionAdd", {"offer": "OPT-SPORT"}),
    ("optionEnd", {"when": "ON_DATE", "on": "2026-10-11"}),
]


class TestReverse:
    @pytest.mark.parametrize(("operation", "given"), _APPLIED, ids=[operation for operation, _ in _APPLIED])
    async def test_leaves_the_state_equal_and_the_history_longer(
        self, database: Database, operation: str, given: dict[str, Any]
    ) -> None:
        made = await _contract(database)
        before = await _state(database, made)
        await _do(database, made, operation, given, date(2026, 10, 11))
        told = len(await agreed.rows(database, models.ContractEvent, made))
        assert await _state(database, made) != before
        [order] = await agreed.rows(database, models.ChangeOrder, made)

        facts, reversed_ = await agreed.do(
            agreed.staff(database, on=date(2026, 10, 12)), "changeOrderReverse", changeOrderId=global_id(order)
        )

        assert reversed_["state"] == "REVERSED"
        assert facts["reverses"] == reversed_["kind"]
        assert await _state(database, made) == before
        events = await agreed.rows(database, models.ContractEvent, made)
        assert [event.kind for event in events[told:]] == [ContractEventKind.CHANGE_REVERSED]

    async def test_puts_back_what_was_scheduled_before_it_was_applied(self, database: Database) -> None:
        made = await _contract(database)
        before = await _state(database, made)
        await _do(database, made, "optionEnd", {"when": "END_OF_CYCLE"}, date(2026, 10, 11))
        await change_orders.apply_due(database, on=date(2026, 11, 1), at=datetime(2026, 11, 1, 3, tzinfo=UTC))
        [order] = await agreed.rows(database, models.ChangeOrder, made)

        await agreed.do(
            agreed.staff(database, on=date(2026, 11, 1)), "changeOrderReverse", changeOrderId=global_id(order)
        )

        assert await _state(database, made) == before

    async def test_can_be_done_again_afterwards(self, database: Database) -> None:
        made = await _contract(database)
        await _do(database, made, "offerChange", {"offer": "PACK-CINE"}, date(2026, 10, 11))
        [order] = await agreed.rows(database, models.ChangeOrder, made)
        await agreed.do(
            agreed.staff(database, on=date(2026, 10, 11)), "changeOrderReverse", changeOrderId=global_id(order)
        )

        await _do(database, made, "offerChange", {"offer": "PACK-SPORT"}, date(2026, 10, 11))

        assert [cents for _, cents in await agreed.waiting(database, made)] == [-5080, 2709]

    async def test_happens_once(self, database: Database) -> None:
        made = await _contract(database)
        await _do(database, made, "offerChange", {"offer": "PACK-CINE"}, date(2026, 10, 11))
        [order] = await agreed.rows(database, models.ChangeOrder, made)
        asked = agreed.staff(database, on=date(2026, 10, 11))
        await agreed.do(asked, "changeOrderReverse", changeOrderId=global_id(order))

        error = await agreed.refused(asked, "changeOrderReverse", changeOrderId=global_id(order))

        assert error["code"] == "ALREADY_REVERSED"

    async def test_refuses_what_was_changed_again(self, database: Database) -> None:
        made = await _contract(database)
        await _do(database, made, "offerChange", {"offer": "PACK-CINE"}, date(2026, 10, 11))
        await _do(database, made, "offerChange", {"offer": "PACK-SPORT"}, date(2026, 10, 12))
        first, _ = await agreed.rows(database, models.ChangeOrder, made)

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 10, 12)), "changeOrderReverse", changeOrderId=global_id(first)
        )

        assert error["code"] == "LATER_CHANGE"

    async def test_sends_what_was_billed_to_its_correction(self, database: Database) -> None:
        made = await _contract(database)
        await _do(database, made, "offerChange", {"offer": "PACK-CINE"}, date(2026, 10, 11))
        [order] = await agreed.rows(database, models.ChangeOrder, made)
        async with database.unit_of_work() as session:
            [line, *_] = await agreed.rows(database, models.InvoiceLine, made)
            key = {"subscriber_id": made.account.subscriber_id, "id": (order.applied or {})["charges"][0]}
            extra = await session.get_one(models.ExtraCharge, key)
            extra.invoice_line_id = line.id

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 10, 12)), "changeOrderReverse", changeOrderId=global_id(order)
        )

        assert error["code"] == "CHANGE_BILLED"
        assert "prorationCorrectionPreview" in error["message"]

    @pytest.mark.parametrize(
        ("operation", "given", "advice"),
        [
            ("suspension", {"cause": "REQUEST"}, "reactivationPreview"),
            (
                "termination",
                {"on": "2026-10-11", "note": "Résiliation reçue par courrier."},
                "creditNoteReversePreview",
            ),
            ("termination", {}, "changeOrderCancel"),
        ],
    )
    async def test_says_what_to_use_instead(
        self, database: Database, operation: str, given: dict[str, Any], advice: str
    ) -> None:
        made = await _contract(database)
        await _do(database, made, operation, given, date(2026, 10, 11))
        [order] = await agreed.rows(database, models.ChangeOrder, made)

        error = await agreed.refused(
            agreed.staff(database, on=date(2026, 10, 11)), "changeOrderReverse", changeOrderId=global_id(order)
        )

        assert error["code"] == "CHANGE_NOT_REVERSIBLE"
        assert advice in error["message"]
