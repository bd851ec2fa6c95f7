"""A telephone was sold below its price with 24 months of commitment from 1 July 2025, at 24.99 a month.

The months up to the twelfth are due in full, then a fifth of the rest because of the telephone, and nothing without one.
"""

from datetime import date
from typing import Any

import pytest

from backoffice import models
from tests.acts import global_id
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.factories import create_account, create_subscriber


async def commitment(desk: Desk, *, has_terminal: bool = True) -> tuple[models.Contract, models.BillingAccount]:
    async with desk.database.unit_of_work() as session:
        account = await create_account(session, await create_subscriber(session))
        mobile = await goods.sell(session, "MOB-150-TERM")
        contract, _ = await books.subscribe(
            session,
            account,
            mobile,
            starts_on=date(2025, 7, 1),
            commitment_months=24,
            commitment_ends_on=date(2027, 7, 1),
            has_subsidised_terminal=has_terminal,
            billed_until=date(2026, 10, 1),
        )
    return contract, account


@pytest.mark.parametrize(
    ("asked", "on", "has_terminal", "cents"),
    [
        # Four months up to the twelfth, 99.96, and a fifth of twelve more, 59.98.
        ("2026-02-19T10:00+01:00", "2026-03-01", True, 15_994),
        # A fifth of sixteen days of September and of nine months.
        ("2026-09-05T10:00+02:00", "2026-09-15", True, 4_765),
        ("2026-09-05T10:00+02:00", "2026-09-15", False, 0),
    ],
)
async def test_costs_what_the_law_allows(desk: Desk, asked: str, on: str, has_terminal: bool, cents: int) -> None:
    contract, _ = await commitment(desk, has_terminal=has_terminal)
    await desk.clock(asked)

    shown = await desk.preview("termination", contractId=global_id(contract), on=on)

    [fee] = shown["preview"]["facts"]["fees"]
    assert (fee["cents"], fee["vat_rate"]) == (cents, None)
    assert fee["article"] == "Code de la consommation, article L224-28, II"
    assert shown["preview"]["facts"]["commitment"]["before"]["ends_on"] == "2027-07-01"


async def test_is_billed_once_on_the_last_invoice(desk: Desk) -> None:
    contract, account = await commitment(desk)
    await desk.clock("2026-09-05T10:00+02:00")
    fields = "id state effectiveOn revision contract { state endsOn }"
    order = await desk.do("termination", contractId=global_id(contract), fields=fields)

    await desk.clock("2026-09-15T06:00+02:00")
    await desk.run("bill", "--on", "2026-09-15")
    await desk.run("bill", "--on", "2026-09-15")

    assert (order["state"], order["effectiveOn"]) == ("SCHEDULED", "2026-09-15")
    assert order["contract"] == {"state": "TERMINATING", "endsOn": "2026-09-15"}
    async with desk.database.reading() as session:
        [bill] = await books.issued(session, account)
        ended = await session.get_one(models.Contract, {"subscriber_id": contract.subscriber_id, "id": contract.id})
    assert [(line.label, line.ttc_cents, line.vat_rate) for line in bill.lines] == [
        ("Frais de résiliation anticipée", 4765, None)
    ]
    assert ended.state is models.ContractState.TERMINATED
    await desk.verify()


async def test_can_be_cancelled_until_its_day(desk: Desk) -> None:
    contract, _ = await commitment(desk)
    await desk.clock("2026-09-05T10:00+02:00")
    order = await desk.do("termination", contractId=global_id(contract), fields="id revision")
    given: dict[str, Any] = {"changeOrderId": order["id"], "expectedRevision": order["revision"]}

    cancelled = await desk.write("changeOrderCancel", **given, fields="changeOrder { state contract { state endsOn } }")

    assert cancelled["changeOrder"] == {"state": "CANCELLED", "contract": {"state": "ACTIVE", "endsOn": None}}


async def test_refuses_a_commitment_longer_than_the_law_allows(desk: Desk) -> None:
    contract, _ = await commitment(desk)
    async with desk.database.unit_of_work() as session:
        smaller = await goods.sell(session, "MOB-20")
    await desk.clock("2026-09-05T10:00+02:00")
    given = {"contractId": global_id(contract), "offerId": goods.offer_id(smaller)}

    refused = await desk.refusal("offerChange", **given, acceptsCommitment=True, commitmentMonths=25)
    without = await desk.preview("offerChange", **given)

    assert refused["code"] == "COMMITMENT_TOO_LONG"
    assert "L224-28 I" in refused["message"]
    commitment_facts = without["preview"]["facts"]["commitment"]
    assert commitment_facts["before"] == commitment_facts["after"]
