"""Two real files that nobody here wrote, to the cent and to the row, on both databases."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backoffice import importing, models
from backoffice.database import Database

from .desks import counts

DATA = Path(__file__).parents[3] / "shared" / "data"
MAPPINGS = Path(__file__).parents[2] / "docs" / "import"
AT = datetime(2026, 11, 21, 10, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the acceptance data is not beside the project")


async def imported(database: Database, tmp_path: Path, mapping: str, file: str) -> importing.Outcome:
    """One run over a real file."""
    return await importing.run(
        database,
        mapping=MAPPINGS / mapping,
        file=DATA / file,
        at=AT,
        zone="Europe/Paris",
        report=tmp_path / "report.csv",
    )


class TestCustomers:
    async def test_are_all_here_to_the_cent(self, database: Database, tmp_path: Path) -> None:
        outcome = await imported(database, tmp_path, "telco.toml", "telco/customers.csv")
        first = await counts(database)
        again = await imported(database, tmp_path, "telco.toml", "telco/customers.csv")

        assert (outcome.read, outcome.written, outcome.refused, outcome.exit_status) == (7043, 7043, 0, 0)
        assert outcome.totals == outcome.database_totals
        assert outcome.totals == {
            "subscribers": 7043,
            "former": 1869,
            "contracts": 7043,
            "month_to_month": 3875,
            "one_year": 1473,
            "two_years": 1695,
            "monthly_cents": 45_611_660,
            "statements": 7032,
            "billed_cents": 1_605_616_870,
        }
        assert outcome.adjustments == {"statement.amount blank taken as zero": 11}
        assert (again.written, again.unchanged, again.exit_status) == (0, 7043, 0)
        assert await counts(database) == first
        await self.adds_up(database)

    async def adds_up(self, database: Database) -> None:
        entry, item, offer = models.LedgerEntry, models.ContractItem, models.Offer
        async with database.reading() as session:
            accounts = await session.execute(
                select(entry.account, func.sum(entry.amount_cents)).group_by(entry.account)
            )
            assert {account: int(cents) for account, cents in accounts} == {"RECEIVABLE": 0, "OPENING": 0}
            assert int(await session.scalar(select(func.sum(models.Payment.amount_cents))) or 0) == 1_605_616_870
            sold = select(offer.code, func.count()).join(item, item.offer_id == offer.id).group_by(offer.code)
            pieces = dict((await session.execute(sold)).all())
            assert await session.scalar(select(func.count()).select_from(models.Holder)) == 0
        assert (pieces["TELCO-FIBER"], pieces["TELCO-DSL"], pieces["TELCO-PHONE"]) == (3096, 2421, 1526)
        assert (pieces["TELCO-LINE"], pieces["TELCO-SECOND-LINE"]) == (7043 - 682, 2971)


class TestTickets:
    async def test_are_all_accounted_for(self, database: Database, tmp_path: Path) -> None:
        outcome = await imported(database, tmp_path, "complaints.toml", "complaints/tickets.csv")
        first = await counts(database)
        again = await imported(database, tmp_path, "complaints.toml", "complaints/tickets.csv")

        assert (outcome.read, outcome.written, outcome.refused, outcome.exit_status) == (2224, 2223, 1, 0)
        report = (tmp_path / "report.csv").read_text().splitlines()
        assert report == ["line,column,value,reason", "1036,Ticket #,comcas,does not match [0-9]+"]
        assert outcome.adjustments["address[1].postcode padded"] == 170
        told = {"solved": 973, "closed": 734, "open": 363, "pending": 154, "by_phone": 1119, "on_the_web": 1105}
        assert outcome.totals == {"tickets": 2224} | told
        for name, total in outcome.totals.items():
            assert outcome.database_totals[name] == total - outcome.refused_totals[name]
        assert (again.written, again.unchanged, again.refused, again.exit_status) == (0, 2223, 1, 0)
        assert await counts(database) == first
        await self.reads_right(database)

    async def reads_right(self, database: Database) -> None:
        ticket, address = models.Ticket, models.Address
        async with database.reading() as session:
            opened = dict((await session.execute(select(ticket.number, ticket.opened_at))).all())
            postcodes = Counter(len(code) for code in await session.scalars(select(address.postcode)))
            restored = await session.scalar(select(func.count()).where(address.postcode.like("0%")))
            regions = set(await session.scalars(select(address.region).distinct()))
            contacts = (
                await session.execute(select(models.Subscriber.kind, models.Subscriber.number).distinct())
            ).all()
        # 22 April 2015, 3:53:50 in the afternoon of New York; 4 August 2015, in the morning: days come first.
        assert opened["FCC-250635"] == datetime(2015, 4, 22, 19, 53, 50, tzinfo=UTC)
        assert opened["FCC-223441"] == datetime(2015, 8, 4, 14, 22, 56, tzinfo=UTC)
        assert (postcodes, restored) == ({5: 2223}, 170)
        assert (len(regions), "District of Columbia" in regions) == (42, True)
        assert contacts == [(models.SubscriberKind.UNIDENTIFIED, None)]
