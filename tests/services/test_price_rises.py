"""Which lines a price rise billed too early, and what each of them billed too much."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from backoffice.billing import lines
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.errors import NotFound
from backoffice.services import price_rises
from backoffice.services.price_rises import RiseNotCorrectable
from tests.cases import books, goods
from tests.cases.books import Charge
from tests.cases.goods import Good
from tests.factories import create_account, create_subscriber

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


@dataclass(frozen=True)
class Sold:
    """An offer that rose by 2.00 on 1 October, announced on 20 September unless said."""

    before: Good
    risen: Good


async def sold(session: AsyncSession, **given: Any) -> Sold:
    before = await goods.sell(session, "TV-ESSENTIEL", ends_on=OCTOBER.starts_on)
    known = {"starts_on": OCTOBER.starts_on, "notified_on": date(2026, 9, 20)}
    return Sold(before, await goods.reprice(session, before.offer, cents=2499, **{**known, **given}))


async def billed(
    session: AsyncSession, good: Good, *, served: Period = OCTOBER, off_cents: int = 0, **item_facts: Any
) -> books.Bill:
    """A subscriber's invoice of days of October, with a discount of `off_cents` a period."""
    account = await create_account(session, await create_subscriber(session))
    _, item = await books.subscribe(session, account, good, starts_on=date(2026, 1, 1))
    for name, value in item_facts.items():
        setattr(item, name, value)
    [(label, cents, rate)] = good.parts
    derived = lines.prorated(full_cents=cents - off_cents, price_version=good.reference, served=served, of=OCTOBER)
    charge = Charge(label, derived, rate, models.LineKind.SUBSCRIPTION, served, good, item)
    bill = await books.bill(session, account, [charge], issued_on=OCTOBER.starts_on, days=served)
    bill.lines[0].unit_cents = cents - off_cents
    await session.flush()
    return bill


async def found(session: AsyncSession, good: Good, days: Period = OCTOBER) -> dict[int, tuple[int, Period]]:
    """The cents and the days that are credited of each line, by its id."""
    rise = await price_rises.read(session, price_version_id=good.price.id, billed=days)
    return {each.line.id: (each.derived.cents, each.days) async for each in price_rises.credits_of(session, rise)}


class TestCreditsOf:
    async def test_finds_whoever_paid_the_rise_too_early(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            offer = await sold(session)
            whole = await billed(session, offer.risen)
            part = await billed(session, offer.risen, served=Period(date(2026, 10, 15), date(2026, 11, 1)))
            late = await billed(session, offer.risen, served=Period(date(2026, 10, 20), date(2026, 11, 1)))
            former = await billed(session, offer.before)
            agreed = await billed(session, offer.risen, agreed_amount_cents=1999)
            credits_ = await found(session, offer.risen)

        early = Period(date(2026, 10, 1), date(2026, 10, 20))
        assert credits_ == {
            whole.lines[0].id: (123, early),
            part.lines[0].id: (32, Period(date(2026, 10, 15), date(2026, 10, 20))),
        }
        assert not {late.lines[0].id, former.lines[0].id, agreed.lines[0].id} & set(credits_)

    @pytest.mark.parametrize(("off_cents", "cents"), [(500, 123), (2399, 61), (2499, None)])
    async def test_credits_no_more_than_was_paid_after_discount(
        self, database: Database, off_cents: int, cents: int | None
    ) -> None:
        async with database.unit_of_work() as session:
            offer = await sold(session)
            await billed(session, offer.risen, off_cents=off_cents)
            credits_ = await found(session, offer.risen)

        assert [each for each, _ in credits_.values()] == ([] if cents is None else [cents])

    async def test_looks_at_the_days_that_were_asked_for(self, database: Database) -> None:
        days = Period(date(2026, 10, 10), date(2026, 10, 15))
        async with database.unit_of_work() as session:
            offer = await sold(session)
            await billed(session, offer.risen)
            credits_ = await found(session, offer.risen, days)

        assert list(credits_.values()) == [(32, days)]

    async def test_takes_every_day_when_nobody_was_told(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            offer = await sold(session, notified_on=None)
            await billed(session, offer.risen)
            credits_ = await found(session, offer.risen)

        assert list(credits_.values()) == [(200, OCTOBER)]

    async def test_reads_more_lines_than_a_page(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(price_rises, "_AT_ONCE", 2)
        async with database.unit_of_work() as session:
            offer = await sold(session)
            bills = [await billed(session, offer.risen) for _ in range(5)]
            credits_ = await found(session, offer.risen)

        assert sorted(credits_) == sorted(bill.lines[0].id for bill in bills)

    async def test_credits_the_part_of_a_bundle_that_rose(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            before = await goods.sell(session, "CONFORT")
            risen = await goods.reprice(
                session, before.offer, starts_on=OCTOBER.starts_on, notified_on=date(2026, 9, 20)
            )
            rose = (models.PriceComponent.price_version_id == risen.price.id, models.PriceComponent.position == 1)
            await session.execute(update(models.PriceComponent).where(*rose).values(amount_cents=4599))
            (tv, network) = risen.parts
            account = await create_account(session, await create_subscriber(session))
            _, item = await books.subscribe(session, account, before, starts_on=date(2026, 1, 1))
            bundle = goods.Good(before.offer, risen.price, (tv, (network[0], 4599, network[2])))
            charges = books.period_of(bundle, item, OCTOBER)
            bill = await books.bill(session, account, charges, issued_on=OCTOBER.starts_on, days=OCTOBER)
            credits_ = await found(session, risen)

        assert {line_id: cents for line_id, (cents, _) in credits_.items()} == {bill.lines[1].id: 123}


class TestRead:
    async def test_refuses_what_was_no_early_rise(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            offer = await sold(session)
            business = await sold_before_tax(session)

            with pytest.raises(RiseNotCorrectable, match="the first price"):
                await found(session, offer.before)
            with pytest.raises(RiseNotCorrectable, match="could apply from 2026-10-20"):
                await found(session, offer.risen, Period(date(2026, 10, 20), date(2026, 11, 1)))
            with pytest.raises(RiseNotCorrectable, match="before tax"):
                await found(session, business)
            with pytest.raises(NotFound):
                await price_rises.read(session, price_version_id=1, billed=OCTOBER)

    async def test_tells_until_when_subscribers_may_leave(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            offer = await sold(session)
            rise = await price_rises.read(session, price_version_id=offer.risen.price.id, billed=OCTOBER)

        assert rise.free_exit_until == date(2027, 1, 20)
        assert rise.early == Period(date(2026, 10, 1), date(2026, 10, 20))


async def sold_before_tax(session: AsyncSession) -> Good:
    """A business offer that rose."""
    before = await goods.sell(session, "NET-FIBRE", basis=models.PriceBasis.HT)
    return await goods.reprice(
        session, before.offer, cents=3399, starts_on=OCTOBER.starts_on, basis=models.PriceBasis.HT
    )
