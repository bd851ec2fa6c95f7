"""Of two who read the same row and change it, one wins."""

import asyncio

import pytest

from backoffice import models
from backoffice.database import Database
from backoffice.models import TicketPriority
from backoffice.services import revisions
from tests import acts, factories


@pytest.fixture
async def ticket(database: Database) -> models.Ticket:
    async with database.unit_of_work() as session:
        return await factories.create_ticket(session, await factories.create_subscriber(session))


async def change(database: Database, ticket: models.Ticket, expected: int, priority: TicketPriority) -> models.Ticket:
    async with database.unit_of_work() as session:
        row = await session.get_one(models.Ticket, acts.key_of(ticket))
        await revisions.change(session, row, expected_revision=expected, changes={"priority": priority})
        return row


async def stored(database: Database, ticket: models.Ticket) -> models.Ticket:
    async with database.reading() as session:
        return await session.get_one(models.Ticket, acts.key_of(ticket))


class TestChange:
    async def test_raises_the_revision(self, database: Database, ticket: models.Ticket) -> None:
        changed = await change(database, ticket, 1, TicketPriority.URGENT)

        kept = await stored(database, ticket)
        assert (changed.revision, changed.priority) == (2, TicketPriority.URGENT)
        assert (kept.revision, kept.priority) == (2, TicketPriority.URGENT)

    async def test_leaves_other_rows_alone(self, database: Database, ticket: models.Ticket) -> None:
        async with database.unit_of_work() as session:
            other = await factories.create_ticket(session, await factories.create_subscriber(session))

        await change(database, ticket, 1, TicketPriority.URGENT)

        kept = await stored(database, other)
        assert (kept.revision, kept.priority) == (1, TicketPriority.NORMAL)

    @pytest.mark.parametrize("expected", [-1, 0, 2, 2**31])
    async def test_refuses_another_revision(self, database: Database, ticket: models.Ticket, expected: int) -> None:
        with pytest.raises(revisions.Stale) as refused:
            await change(database, ticket, expected, TicketPriority.URGENT)

        kept = await stored(database, ticket)
        assert (refused.value.current_revision, refused.value.field) == (1, "expectedRevision")
        assert (kept.revision, kept.priority) == (1, TicketPriority.NORMAL)

    async def test_lets_one_of_many_win(self, database: Database, ticket: models.Ticket) -> None:
        wanted = [TicketPriority.LOW, TicketPriority.HIGH, TicketPriority.URGENT]

        ended = await asyncio.gather(
            *(change(database, ticket, 1, priority) for priority in wanted), return_exceptions=True
        )

        [won] = [each for each in ended if isinstance(each, models.Ticket)]
        lost = [each.current_revision for each in ended if isinstance(each, revisions.Stale)]
        kept = await stored(database, ticket)
        assert lost == [2, 2]
        assert (kept.revision, kept.priority) == (2, won.priority)
