"""What may be done with a contract, an option and an order, by state and by role."""

from datetime import date
from typing import Any

import pytest

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.models import ContractState
from backoffice.permissions import Role
from tests import agreed
from tests.acts import global_id
from tests.agreed import Agreed
from tests.graphs import Asked

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
_CAN = """query($id: ID!) { node(id: $id) {
  ... on Contract { can { action allowed reason } }
  ... on ContractItem { can { action allowed reason } }
  ... on ChangeOrder { can { action allowed reason } }
} }"""


async def _contract(database: Database, **given: Any) -> Agreed:
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, "PACK-CINE", on=date(2026, 10, 5), **given)
        await agreed.add_item(session, made.contract, catalogue.offers["OPT-ENFANTS"], starts_on=date(2026, 10, 5))
    return made


async def _open(asked: Asked, row_id: str) -> set[str]:
    """The actions that are open on a row."""
    shown = (await asked.data(_CAN, id=row_id))["node"]["can"]
    return {each["action"] for each in shown if each["allowed"] and each["action"] != "TICKET_OPEN"}


class TestOf:
    @pytest.mark.parametrize(
        ("state", "expected"),
        [
            (
                ContractState.ACTIVE,
                {"OPTION_ADD", "OFFER_CHANGE", "TERMINATION", "WITHDRAWAL", "SUSPENSION"},
            ),
            (ContractState.SUSPENDED, {"TERMINATION", "WITHDRAWAL", "REACTIVATION"}),
            (ContractState.PENDING, {"WITHDRAWAL"}),
            (ContractState.TERMINATED, set()),
        ],
    )
    async def test_follows_the_state_of_a_contract(
        self, database: Database, state: ContractState, expected: set[str]
    ) -> None:
        made = await _contract(database, state=state)

        assert await _open(agreed.staff(database, on=date(2026, 10, 16)), made.contract_id) == expected

    async def test_closes_withdrawal_after_its_last_day(self, database: Database) -> None:
        made = await _contract(database)

        assert "WITHDRAWAL" in await _open(agreed.staff(database, on=date(2026, 10, 19)), made.contract_id)
        assert "WITHDRAWAL" not in await _open(agreed.staff(database, on=date(2026, 10, 20)), made.contract_id)

    async def test_opens_the_end_of_options_alone(self, database: Database) -> None:
        made = await _contract(database)
        asked = agreed.staff(database, on=date(2026, 10, 16))
        offer, option = await agreed.rows(database, models.ContractItem, made)

        assert await _open(asked, global_id(offer)) == set()
        assert await _open(asked, global_id(option)) == {"OPTION_END"}

    async def test_opens_cancelling_until_the_day_and_taking_back_afterwards(self, database: Database) -> None:
        made = await _contract(database)
        asked = agreed.staff(database, on=date(2026, 10, 16))
        given = {"contractId": made.contract_id, "offerId": made.offer_id("PACK-SPORT")}
        _, scheduled = await agreed.do(asked, "offerChange", **given, when="NEXT_PERIOD")
        _, applied = await agreed.do(
            asked, "optionAdd", contractId=made.contract_id, offerId=made.offer_id("OPT-SPORT")
        )

        assert await _open(asked, scheduled["id"]) == {"CHANGE_ORDER_CANCEL"}
        assert await _open(asked, applied["id"]) == {"CHANGE_ORDER_REVERSE"}

    async def test_says_that_a_role_only_reads(self, database: Database) -> None:
        made = await _contract(database)
        asked = agreed.staff(database, on=date(2026, 10, 16), role=Role.DPO)

        shown = (await asked.data(_CAN, id=made.contract_id))["node"]["can"]

        reasons = {each["reason"] for each in shown if each["action"] != "TICKET_OPEN"}
        assert reasons == {"Your role reads contracts but does not change them."}
