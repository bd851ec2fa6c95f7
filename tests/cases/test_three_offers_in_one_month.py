"""October is paid in advance as "Tout inclus"; the subscriber moves to "Pack Sport" on the 11th and "Pack Cinéma" on the 21st.

Each change credits the line that stands and charges the new offer to the end of the month, its first day included.
"""

from datetime import date
from decimal import Decimal

from backoffice import models
from backoffice.billing import vat
from backoffice.billing.periods import Period
from backoffice.billing.replays import replay
from tests.acts import global_id
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.factories import create_account, create_subscriber

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


async def test_chains_the_changes_on_what_stands(desk: Desk) -> None:
    await desk.clock("2026-10-01T06:00+02:00")
    async with desk.database.unit_of_work() as session:
        account = await create_account(session, await create_subscriber(session))
        everything = await goods.sell(session, "TOUT-INCLUS")
        sport, cinema = [await goods.sell(session, code) for code in ("PACK-SPORT", "PACK-CINE")]
        contract, _ = await books.subscribe(session, account, everything, starts_on=date(2026, 10, 1))
    await desk.run("bill", "--on", "2026-10-01")
    for at, good in (("2026-10-11T10:00+02:00", sport), ("2026-10-21T10:00+02:00", cinema)):
        await desk.clock(at)
        await desk.do("offerChange", contractId=global_id(contract), offerId=goods.offer_id(good))

    await desk.clock("2026-11-01T06:00+01:00")
    await desk.run("bill", "--on", "2026-11-01")

    async with desk.database.reading() as session:
        october, november = await books.issued(session, account)
    changes = [line for line in november.lines if line.kind is models.LineKind.PRORATION]
    assert [line.ttc_cents for line in october.lines] == [7499]
    assert [(line.label, line.ttc_cents) for line in changes] == [
        ("Avoir au prorata – Tout inclus", -5080),
        ("Prorata – Pack Sport", 2709),
        ("Avoir au prorata – Pack Sport", -1419),
        ("Prorata – Pack Cinéma", 1242),
    ]
    assert {(line.starts_on, line.ends_on) for line in changes} == {
        (date(2026, 10, 11), date(2026, 11, 1)),
        (date(2026, 10, 21), date(2026, 11, 1)),
    }
    alone = vat.document([(line.ttc_cents, Decimal("0.10")) for line in changes]).total
    assert (alone.ttc_cents, alone.ht_cents, alone.vat_cents) == (-2548, -2316, -232)
    assert november.invoice.ttc_cents == 3499 - 2548
    await desk.verify()


async def test_agrees_with_the_days_of_each_offer() -> None:
    chain = replay(period=OCTOBER, first_cents=7499, changes=[(date(2026, 10, 11), 3999), (date(2026, 10, 21), 3499)])

    assert chain.segments_cents == (2419, 1290, 1242)
    assert (chain.chain_cents, chain.difference_cents) == (4951, 0)
