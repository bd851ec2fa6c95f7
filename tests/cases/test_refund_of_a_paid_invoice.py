"""A paid month is refunded in part, then in whole: each cent goes back once, and the whole asks for a fresh code."""

from datetime import date

from backoffice.billing.periods import Period
from tests.acts import global_id
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.factories import create_account, create_method, create_subscriber

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


async def paid_month(desk: Desk) -> books.Bill:
    """A month of television at 22.99, paid by direct debit."""
    async with desk.database.unit_of_work() as session:
        account = await create_account(session, await create_subscriber(session))
        television = await goods.sell(session, "TV-ESSENTIEL")
        _, item = await books.subscribe(session, account, television, starts_on=date(2026, 11, 1))
        charges = books.period_of(television, item, NOVEMBER)
        bill = await books.bill(session, account, charges, issued_on=NOVEMBER.starts_on, days=NOVEMBER)
        method = await create_method(session, account)
        await books.pay(session, account, bill, on=date(2026, 11, 15), method=method)
        return bill


async def test_gives_each_cent_back_once(desk: Desk) -> None:
    bill = await paid_month(desk)
    given = {"invoiceId": global_id(bill.invoice), "reason": "BILLING_ERROR"}

    part = await desk.preview("refund", amount=500, **given)
    first = await desk.confirm("refund", part["quote"], fields="state amount { cents } creditNote { number }")

    assert part["preview"]["document"]["rates"] == [
        {"vatRate": "0.10", "totalExcludingVat": 455, "vat": 45, "total": 500}
    ]
    assert part["preview"]["disposition"] == {
        "offset": 0,
        "refunds": [{"means": "DIRECT_DEBIT", "amount": 500}],
        "balance": 0,
    }
    assert first["refund"] == {"state": "APPROVED", "amount": 500, "creditNote": {"number": "A2026-0000001"}}
    too_much = await desk.refusal("refund", amount=1800, **given)
    assert (too_much["__typename"], too_much["maximum"]) == ("AmountProblem", 1799)
    await desk.verify()


async def test_asks_for_a_fresh_code_above_twenty_euros(desk: Desk) -> None:
    bill = await paid_month(desk)
    given = {"invoiceId": global_id(bill.invoice), "amount": 2299, "reason": "BILLING_ERROR"}

    shown = await desk.preview("refund", **given)
    refused = await desk.refusal("refund", quote=shown["quote"])
    await desk.step_up("agent")
    done = await desk.confirm("refund", shown["quote"], fields="state amount { cents }")

    assert shown["preview"]["requirements"] == [{"requirement": "STEP_UP", "isMet": False}]
    assert refused["code"] == "STEP_UP_REQUIRED"
    assert done["refund"] == {"state": "APPROVED", "amount": 2299}
    await desk.verify()


async def test_goes_on_at_another_time(desk: Desk) -> None:
    bill = await paid_month(desk)
    given = {"invoiceId": global_id(bill.invoice), "reason": "BILLING_ERROR"}
    shown = await desk.preview("refund", amount=500, **given)

    await desk.clock("2026-11-22T10:00+01:00")

    assert (await desk.refusal("refund", quote=shown["quote"]))["code"] == "QUOTE_EXPIRED"
    assert (await desk.do("refund", amount=500, fields="amount { cents }", **given)) == {"amount": 500}
    await desk.verify()
