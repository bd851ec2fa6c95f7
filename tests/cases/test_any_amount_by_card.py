"""Two invoices are open; 40.00 by card, pressed twice, pays the older one first, and 10.00 two days later leaves credit."""

import uuid
from datetime import date
from typing import Any

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.models import PaymentMethodKind
from tests.acts import global_id
from tests.cases import books
from tests.cases.desk import Desk
from tests.cases.waiting import until
from tests.factories import create_account, create_method, create_subscriber

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
ACCOUNT = """query Account($id: ID!) { node(id: $id) { ... on BillingAccount {
  balance { cents } credit { cents } payments { nodes { amount { cents } } }
  invoices(sort: DUE_FIRST) { nodes { state paid { cents } due { cents } } }
} } }"""
PAYMENT = "id state allocations { nodes { amount { cents } } }"


async def two_open_invoices(desk: Desk) -> tuple[models.BillingAccount, models.PaymentMethod]:
    """29.99 of October and 17.36 of November, and a card."""
    await desk.clock("2026-11-21T10:00+01:00")
    async with desk.database.unit_of_work() as session:
        account = await create_account(session, await create_subscriber(session))
        for cents, days in ((2999, OCTOBER), (1736, NOVEMBER)):
            charge = books.once("Services du mois", cents, None)
            await books.bill(session, account, [charge], issued_on=days.starts_on, days=days)
        card = await create_method(
            session, account, kind=PaymentMethodKind.CARD, card_token="tok_ok_1", card_last_four="4242"
        )
        return account, card


async def shown_account(desk: Desk, account: models.BillingAccount) -> Any:
    return (await desk.data(ACCOUNT, id=global_id(account)))["node"]


async def test_pays_the_oldest_first_once_and_keeps_the_rest(desk: Desk) -> None:
    account, card = await two_open_invoices(desk)
    given = {"billingAccountId": global_id(account), "paymentMethodId": global_id(card)}
    key = str(uuid.uuid4())

    shown = await desk.preview("payment", amount=4000, contactEmail="zoe@example.net", **given)
    first = await desk.confirm("payment", shown["quote"], key=key, fields=f"{PAYMENT} receiptEmail")
    again = await desk.confirm("payment", shown["quote"], key=key, fields=f"{PAYMENT} receiptEmail")
    collected = await until(desk, first["payment"]["id"], "Payment", PAYMENT, state="CAPTURED")

    assert [part["amount"] for part in shown["preview"]["allocations"]] == [2999, 1001]
    assert shown["preview"]["facts"]["due_after_cents"] == 735
    assert shown["preview"]["requirements"] == []
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["payment"]["id"] == again["payment"]["id"]
    assert first["payment"]["receiptEmail"] == "zoe@example.net"
    assert [part["amount"] for part in collected["allocations"]["nodes"]] == [2999, 1001]
    after = await shown_account(desk, account)
    assert (after["balance"], after["credit"], len(after["payments"]["nodes"])) == (735, 0, 1)
    assert after["invoices"]["nodes"] == [
        {"state": "PAID", "paid": 2999, "due": 0},
        {"state": "PARTIALLY_PAID", "paid": 1001, "due": 735},
    ]

    await desk.clock("2026-11-23T10:00+01:00")
    rest = await desk.do("payment", amount=1000, fields=PAYMENT, **given)
    collected = await until(desk, rest["id"], "Payment", PAYMENT, state="CAPTURED")

    assert [part["amount"] for part in collected["allocations"]["nodes"]] == [735]
    after = await shown_account(desk, account)
    assert (after["balance"], after["credit"]) == (-265, 265)
    assert [invoice["due"] for invoice in after["invoices"]["nodes"]] == [0, 0]
    await desk.verify()


async def test_takes_any_amount_above_zero_and_no_other(desk: Desk) -> None:
    account, card = await two_open_invoices(desk)
    given = {"billingAccountId": global_id(account), "paymentMethodId": global_id(card)}

    nothing = await desk.refusal("payment", amount=0, **given)
    less = await desk.refusal("payment", amount=-4000, **given)
    cent = await desk.preview("payment", amount=1, **given)

    assert [error["code"] for error in (nothing, less)] == ["AMOUNT_OUT_OF_RANGE"] * 2
    assert (nothing["minimum"], nothing["maximum"]) == (1, 100_000_000)
    assert [part["amount"] for part in cent["preview"]["allocations"]] == [1]
    await desk.verify()


async def test_leaves_everything_open_when_the_card_is_declined(desk: Desk) -> None:
    account, _ = await two_open_invoices(desk)
    async with desk.database.unit_of_work() as session:
        card = await create_method(
            session, account, kind=PaymentMethodKind.CARD, card_token="tok_declined_1", card_last_four="0002"
        )

    asked = await desk.do(
        "payment", amount=4000, billingAccountId=global_id(account), paymentMethodId=global_id(card), fields="id"
    )
    denied = await until(desk, asked["id"], "Payment", "failureCode", state="DENIED")

    assert denied["failureCode"] == "51"
    after = await shown_account(desk, account)
    assert [invoice["due"] for invoice in after["invoices"]["nodes"]] == [2999, 1736]
    assert after["balance"] == 4735
    await desk.verify()
