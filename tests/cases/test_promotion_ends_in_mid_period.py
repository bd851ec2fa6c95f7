"""A promotion that ended in mid month was left off for the whole of it: the month is worked out again from the contract."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from backoffice.billing.periods import Period
from backoffice.models import OutboxMessage, Promotion
from tests.acts import global_id
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.factories import create_account, create_subscriber, new_id

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


@dataclass
class Month:
    """November at the full 34.99, although ten euros were promised off until the 14th."""

    desk: Desk
    bill: books.Bill
    contract: Any
    promotion: Promotion


@pytest.fixture
async def month(desk: Desk) -> Month:
    await desk.clock("2026-11-03T10:00+01:00")
    async with desk.database.unit_of_work() as session:
        account = await create_account(session, await create_subscriber(session))
        cinema = await goods.sell(session, "PACK-CINE")
        contract, item = await books.subscribe(
            session,
            account,
            cinema,
            starts_on=date(2025, 11, 15),
            anchor_on=date(2025, 11, 1),
            billed_until=NOVEMBER.ends_on,
        )
        promotion = Promotion(
            subscriber_id=account.subscriber_id,
            id=new_id(),
            contract_id=contract.id,
            contract_item_id=item.id,
            label="Douze mois à 24,99 €",
            discount_cents=1000,
            starts_on=date(2025, 11, 15),
            ends_on=date(2026, 11, 15),
            reminder_on=date(2026, 11, 8),
        )
        session.add(promotion)
        charges = books.period_of(cinema, item, NOVEMBER)
        bill = await books.bill(session, account, charges, issued_on=NOVEMBER.starts_on, days=NOVEMBER)
    return Month(desk, bill, contract, promotion)


async def test_bills_each_price_for_its_own_days(month: Month) -> None:
    shown = (await month.desk.preview("prorationCorrection", invoiceLineId=global_id(month.bill.lines[0])))["preview"]

    assert [(part["starts_on"], part["ends_on"], part["cents"]) for part in shown["facts"]["correct_lines"]] == [
        ("2026-11-01", "2026-11-15", 1166),
        ("2026-11-15", "2026-12-01", 1866),
    ]
    assert shown["document"]["rates"] == [{"vatRate": "0.10", "totalExcludingVat": 425, "vat": 42, "total": 467}]
    assert shown["disposition"] == {"offset": 467, "refunds": [], "balance": 0}
    assert (shown["balanceBefore"], shown["balanceAfter"]) == (3499, 3032)


async def test_leaves_what_the_right_invoice_would_have_asked(month: Month) -> None:
    desk = month.desk

    made = await desk.do(
        "prorationCorrection",
        fields="creditNote { total { cents } totalExcludingVat { cents } vat { cents } }",
        invoiceLineId=global_id(month.bill.lines[0]),
    )

    note = made["creditNote"]
    assert note == {"total": 467, "totalExcludingVat": 425, "vat": 42}
    invoice = month.bill.invoice
    assert (invoice.ht_cents - note["totalExcludingVat"], invoice.vat_cents - note["vat"]) == (2756, 276)
    told = await desk.data(
        "query($id: ID!) { node(id: $id) { ... on Invoice { due { cents } state } } }", id=global_id(invoice)
    )
    assert told["node"] == {"due": 3032, "state": "PARTIALLY_PAID"}
    await desk.verify()


async def test_tells_of_the_end_a_week_before(month: Month) -> None:
    desk = month.desk
    told = await desk.data(
        "query($id: ID!) { node(id: $id) { ... on Contract { promotions { nodes { startsOn endsOn reminderOn } } } } }",
        id=global_id(month.contract),
    )

    assert told["node"]["promotions"]["nodes"] == [
        {"startsOn": "2025-11-15", "endsOn": "2026-11-15", "reminderOn": "2026-11-08"}
    ]
    for day, mails in (("2026-11-07", 0), ("2026-11-08", 1), ("2026-11-09", 1)):
        await desk.clock(f"{day}T05:00+01:00")
        await desk.run("bill", "--on", day)
        assert await _reminders(month) == mails


async def _reminders(month: Month) -> int:
    key = f"mail:promotion_ends:{month.promotion.id}"
    async with month.desk.database.reading() as session:
        found = await session.execute(select(OutboxMessage.id).where(OutboxMessage.dedupe_key == key))
    return len(found.all())
