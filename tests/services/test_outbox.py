"""What must happen outside is written once, with its cause, and can be taken back only while nobody knows of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.database import Database
from backoffice.models import OutboxKind, OutboxMessage, OutboxState
from backoffice.services import outbox
from backoffice.services.outbox import Depth
from tests import factories
from tests.factories import NOW

SECOND = timedelta(seconds=1)


@pytest.fixture
async def subscriber_id(database: Database) -> int:
    async with database.unit_of_work() as session:
        return (await factories.create_subscriber(session)).id


async def stored(database: Database) -> list[OutboxMessage]:
    async with database.reading() as session:
        return list((await session.execute(select(OutboxMessage).order_by(OutboxMessage.id))).scalars())


class TestMessages:
    async def test_say_what_is_to_be_done_about_which_row(self, database: Database, subscriber_id: int) -> None:
        async with database.unit_of_work() as session:
            outbox.mail(session, subscriber_id=subscriber_id, template="ticket_reply", about=1, at=NOW)
            outbox.refund(session, subscriber_id=subscriber_id, refund_id=2, at=NOW, from_=NOW)
            outbox.charge(session, subscriber_id=subscriber_id, payment_id=3, at=NOW)

        assert [(each.kind, each.dedupe_key, each.payload) for each in await stored(database)] == [
            ("MAIL", "mail:ticket_reply:1", {"template": "ticket_reply", "about": 1}),
            ("REFUND", "refund:2", {"refund": 2}),
            ("CHARGE", "charge:3", {"payment": 3}),
        ]

    @pytest.mark.parametrize(
        "write",
        [
            lambda session, of: outbox.refund(session, subscriber_id=of, refund_id=2, at=NOW, from_=NOW),
            lambda session, of: outbox.charge(session, subscriber_id=of, payment_id=2, at=NOW),
            lambda session, of: outbox.mail(session, subscriber_id=of, template="t", about=2, at=NOW),
        ],
    )
    async def test_are_refused_a_second_time(
        self, database: Database, subscriber_id: int, write: Callable[[AsyncSession, int], None]
    ) -> None:
        async with database.unit_of_work() as session:
            write(session, subscriber_id)

        with pytest.raises(IntegrityError):
            async with database.unit_of_work() as session:
                write(session, subscriber_id)

        assert len(await stored(database)) == 1

    async def test_ring_once_they_are_committed(self, database: Database, subscriber_id: int) -> None:
        seen: list[int] = []
        with outbox.listening(lambda: seen.append(1)):
            async with database.unit_of_work() as session:
                outbox.refund(session, subscriber_id=subscriber_id, refund_id=2, at=NOW, from_=NOW)
                await session.flush()  # so that it is written before the commit
                before = list(seen)
            after = list(seen)
        async with database.unit_of_work() as session:
            outbox.refund(session, subscriber_id=subscriber_id, refund_id=3, at=NOW, from_=NOW)

        assert (before, after, seen) == ([], [1], [1])


class TestWithdraw:
    async def withdraw(self, database: Database, subscriber_id: int) -> bool:
        async with database.unit_of_work() as session:
            known = {"subscriber_id": subscriber_id, "key": "refund:2", "at": NOW + SECOND}
            is_waiting = await outbox.is_waiting(session, **known)
            taken = await outbox.withdraw(session, **known)
            assert taken is is_waiting
            return taken

    async def enqueue(self, database: Database, subscriber_id: int, **given: object) -> None:
        async with database.unit_of_work() as session:
            outbox.refund(session, subscriber_id=subscriber_id, refund_id=2, at=NOW, from_=NOW)
            await session.flush()  # so that there is a row to change
            if given:
                await session.execute(update(OutboxMessage).values(**given))

    async def test_closes_a_message_that_nobody_took(self, database: Database, subscriber_id: int) -> None:
        await self.enqueue(database, subscriber_id)

        assert await self.withdraw(database, subscriber_id)
        [message] = await stored(database)
        assert (message.state, message.done_at, message.attempts) == ("DONE", NOW + SECOND, 0)
        assert not await self.withdraw(database, subscriber_id)

    @pytest.mark.parametrize(
        "given",
        [{"attempts": 1}, {"leased_until": NOW + 2 * SECOND}, {"state": OutboxState.DEAD}, {"state": OutboxState.DONE}],
    )
    async def test_leaves_one_that_the_bank_may_know_of(
        self, database: Database, subscriber_id: int, given: dict[str, object]
    ) -> None:
        await self.enqueue(database, subscriber_id, **given)

        assert not await self.withdraw(database, subscriber_id)
        [message] = await stored(database)
        assert message.done_at is None

    async def test_finds_none_of_another_subscriber(self, database: Database, subscriber_id: int) -> None:
        await self.enqueue(database, subscriber_id)

        assert not await self.withdraw(database, subscriber_id + 1)
        assert [message.state for message in await stored(database)] == ["PENDING"]


class TestDepths:
    async def test_count_what_waits_and_what_was_given_up(self, database: Database, subscriber_id: int) -> None:
        states = {1: OutboxState.PENDING, 2: OutboxState.PENDING, 3: OutboxState.DEAD, 4: OutboxState.DONE}
        async with database.unit_of_work() as session:
            outbox.mail(session, subscriber_id=subscriber_id, template="t", about=9, at=NOW)
            for refund_id, state in states.items():
                outbox.refund(
                    session,
                    subscriber_id=subscriber_id,
                    refund_id=refund_id,
                    at=NOW + refund_id * SECOND,
                    from_=NOW + refund_id * SECOND,
                )
                await session.flush()  # so that there is a row to change
                key = f"refund:{refund_id}"
                await session.execute(update(OutboxMessage).where(OutboxMessage.dedupe_key == key).values(state=state))

        async with database.reading() as session:
            found = await outbox.depths(session)

        assert found == [
            Depth(OutboxKind.MAIL, OutboxState.PENDING, 1, NOW),
            Depth(OutboxKind.REFUND, OutboxState.DEAD, 1, NOW + 3 * SECOND),
            Depth(OutboxKind.REFUND, OutboxState.PENDING, 2, NOW + SECOND),
        ]

    async def test_are_empty_when_nothing_waits(self, database: Database) -> None:
        async with database.reading() as session:
            assert await outbox.depths(session) == []
