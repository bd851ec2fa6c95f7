"""Television concluded on 5 October starts on the 7th at the subscriber's express wish; he withdraws on the 16th.

He owes the service up to the day of his notice; everything else goes back to the card that paid, within fourteen days.
"""

from datetime import date
from typing import Any

import pytest

from backoffice import models
from tests.acts import global_id, key_of
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.factories import create_account, create_method, create_subscriber

_NOTE = "Rétractation reçue par courrier le 16 octobre."


async def first_invoice(desk: Desk, *, is_express: bool) -> tuple[models.Contract, models.BillingAccount]:
    """The first invoice, issued by the run of 7 October and paid by card."""
    await desk.clock("2026-10-07T06:00+02:00")
    async with desk.database.unit_of_work() as session:
        account = await create_account(session, await create_subscriber(session))
        television = await goods.sell(session, "PACK-CINE")
        activation = await goods.sell(session, "FRAIS-ACTIVATION")
        contract, _ = await books.subscribe(
            session,
            account,
            television,
            starts_on=date(2026, 10, 7),
            concluded_on=date(2026, 10, 5),
            anchor_on=date(2026, 10, 1),
            is_express_start_requested=is_express,
        )
        await books.add_item(session, contract, activation, starts_on=date(2026, 10, 7))
    await desk.run("bill", "--on", "2026-10-07")
    async with desk.database.unit_of_work() as session:
        account = await session.get_one(models.BillingAccount, key_of(account))
        [bill] = await books.issued(session, account)
        assert [line.ttc_cents for line in bill.lines] == [2822, 4900]
        card = await create_method(session, account, kind=models.PaymentMethodKind.CARD, card_last_four="4242")
        await books.pay(session, account, bill, on=date(2026, 10, 7), method=card)
    return contract, account


async def withdraw(desk: Desk, contract: models.Contract) -> tuple[Any, Any]:
    """What is shown and done on 16 October."""
    await desk.clock("2026-10-16T10:00+02:00")
    await desk.step_up("billing")
    shown = await desk.preview("withdrawal", who="billing", contractId=global_id(contract), note=_NOTE)
    done = await desk.confirm(
        "withdrawal", shown["quote"], who="billing", fields="id state contract { state endsOn } " + _SURCHARGE
    )
    return shown["preview"], done["changeOrder"]


_SURCHARGE = 'inTime: lateSurcharge(paidOn: "2026-10-30") { cents } late: lateSurcharge(paidOn: "2026-11-13") { cents }'


async def test_keeps_the_service_given_and_gives_the_rest_back(desk: Desk) -> None:
    contract, _ = await first_invoice(desk, is_express=True)

    shown, order = await withdraw(desk, contract)

    facts = shown["facts"]
    assert facts["kept"]["cents"] == 1016
    assert facts["kept"]["rates"] == [{"vat_rate": "0.10", "ht_cents": 924, "vat_cents": 92, "ttc_cents": 1016}]
    assert facts["deadline"]["due_on"] == "2026-10-19"
    assert (facts["refund"]["cents"], facts["refund"]["due_on"]) == (6706, "2026-10-30")
    assert shown["document"]["total"] == 6706
    assert shown["disposition"] == {
        "offset": 0,
        "refunds": [{"means": "CARD", "amount": 6706}],
        "balance": 0,
    }
    assert order["contract"] == {"state": "TERMINATED", "endsOn": "2026-10-16"}
    assert (order["inTime"], order["late"]) == (0, 335)
    await desk.verify()


async def test_gives_everything_back_without_an_express_wish(desk: Desk) -> None:
    contract, _ = await first_invoice(desk, is_express=False)

    shown, _ = await withdraw(desk, contract)

    assert shown["facts"]["kept"]["cents"] == 0
    assert shown["facts"]["refund"]["cents"] == 7722
    await desk.verify()


@pytest.mark.parametrize(
    ("concluded_on", "last_on", "after"),
    [
        (date(2026, 10, 5), "2026-10-19", "2026-10-20T10:00+02:00"),
        # Day 14 is Saturday 7 November: the deadline moves to Monday.
        (date(2026, 10, 24), "2026-11-09", "2026-11-10T10:00+01:00"),
    ],
)
async def test_is_refused_after_the_last_day(desk: Desk, concluded_on: date, last_on: str, after: str) -> None:
    await desk.clock(after)
    async with desk.database.unit_of_work() as session:
        account = await create_account(session, await create_subscriber(session))
        television = await goods.sell(session, "PACK-CINE")
        contract, _ = await books.subscribe(session, account, television, starts_on=concluded_on)
    given = {"contractId": global_id(contract)}

    refused = await desk.refusal("withdrawal", **given)
    in_time = await desk.preview("withdrawal", **given, receivedOn=last_on)

    assert refused["code"] == "WITHDRAWAL_TOO_LATE"
    assert last_on in refused["message"]
    assert in_time["preview"]["facts"]["deadline"]["due_on"] == last_on
