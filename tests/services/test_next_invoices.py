"""The next invoice that a preview foretells is the one that the run issues."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from backoffice import models
from backoffice.billing.periods import Period, add_months
from backoffice.database import Database
from backoffice.services import billing_runs, change_orders
from tests import agreed
from tests.acts import global_id
from tests.agreed import Agreed

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
_TODAY = date(2026, 10, 11)


async def _contract(database: Database) -> tuple[Agreed, models.ContractItem, models.ContractItem]:
    """A contract with an option that is billed with it and a rolling one, all billed for October."""
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, "TOUT-INCLUS", on=date(2026, 1, 1))
        made.contract.anchor_on = date(2026, 1, 1)
        children = await agreed.add_item(
            session, made.contract, catalogue.offers["OPT-ENFANTS"], starts_on=date(2026, 9, 1)
        )
        taken_on = date(2026, 9, 25)
        sport = await agreed.add_item(
            session,
            made.contract,
            catalogue.offers["OPT-SPORT"],
            starts_on=taken_on,
            anchor_on=taken_on,
            billed_until=add_months(taken_on, 1),
        )
        await agreed.bill(session, made, OCTOBER, made.item, children)
    return made, children, sport


async def _bill(database: Database, on: date) -> models.Invoice | None:
    """Apply what is due and bill a day; the newest invoice of that day."""
    at = datetime(on.year, on.month, on.day, 4, tzinfo=UTC)
    await change_orders.apply_due(database, on=on, at=at)
    await billing_runs.run(database, on=on, today=on, now=lambda: at)
    async with database.reading() as session:
        found = await session.execute(
            models.Invoice.__table__.select().where(models.Invoice.issued_on == on).order_by(models.Invoice.id.desc())
        )
        return found.first()  # type: ignore[return-value]


_CHANGES: list[tuple[str, dict[str, Any], int]] = [
    # 74.99 of November, 3.00 and 19.99 of the options; the change of October on top.
    ("offerChange", {"offer": "PACK-CINE"}, 3499 + 300 + 1999 - 5080 + 2370),
    ("offerChange", {"offer": "PACK-CINE", "when": "NEXT_PERIOD"}, 3499 + 300 + 1999),
    ("offerChange", {"offer": "CONFORT", "when": "ON_DATE", "on": "2026-10-31"}, 4999 + 300 + 1999 - 242 + 19 + 142),
    ("optionAdd", {"offer": "OPT-FILMS"}, 7499 + 300 + 1999 + 500 + 339),
    ("optionEnd", {"item": "children"}, 7499 + 1999),
    ("optionEnd", {"item": "sport"}, 7499 + 300),
]


class TestForetold:
    @pytest.mark.parametrize(
        ("operation", "given", "cents"),
        _CHANGES,
        ids=[f"{name}-{place}" for place, (name, _, _) in enumerate(_CHANGES)],
    )
    async def test_is_what_the_run_issues(
        self, database: Database, operation: str, given: dict[str, Any], cents: int
    ) -> None:
        made, children, sport = await _contract(database)
        given = dict(given)
        if "item" in given:
            given["contractItemId"] = global_id({"children": children, "sport": sport}[given.pop("item")])
        else:
            given |= {"contractId": made.contract_id, "offerId": made.offer_id(given.pop("offer"))}

        facts, _ = await agreed.do(agreed.staff(database, on=_TODAY), operation, **given)

        before, after = facts["next_invoice"]["before"], facts["next_invoice"]["after"]
        assert (before["issued_on"], before["total_cents"]) == ("2026-11-01", 7499 + 300 + 1999)
        assert (after["issued_on"], after["total_cents"]) == ("2026-11-01", cents)
        for day in range(12, 32):
            assert await _bill(database, date(2026, 10, day)) is None
        issued = await _bill(database, date(2026, 11, 1))
        assert issued is not None
        assert (issued.ttc_cents, issued.ht_cents) == (after["total_cents"], after["ht_cents"])
        assert issued.due_on.isoformat() == after["due_on"]

    async def test_ends_with_the_contract(self, database: Database) -> None:
        made, _, _ = await _contract(database)

        facts, _ = await agreed.do(agreed.staff(database, on=_TODAY), "termination", contractId=made.contract_id)

        assert facts["next_invoice"]["before"]["total_cents"] == 7499 + 300 + 1999
        assert facts["next_invoice"]["after"] is None
        for day in range(12, 32):
            assert await _bill(database, date(2026, 10, day)) is None
        assert await _bill(database, date(2026, 11, 1)) is None
