"""A session is known by its token alone, and ends at once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backoffice.database import Database
from backoffice.models import SessionKind, StaffSession
from backoffice.permissions import SYSTEM
from backoffice.services import staff, staff_sessions
from backoffice.services.staff_sessions import Found, Opened
from backoffice.vault import digest
from tests.people import Person, add_person

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


async def opened_for(database: Database, person: Person, kind: SessionKind = SessionKind.COOKIE) -> Opened:
    async with database.unit_of_work() as session:
        return staff_sessions.open_for(session, staff=person.row, kind=kind, at=NOW)


async def find(
    database: Database, token: str, *, kind: SessionKind = SessionKind.COOKIE, at: datetime = NOW
) -> Found | None:
    async with database.reading() as session:
        return await staff_sessions.find(session, token=token, kind=kind, at=at)


class TestOpenFor:
    async def test_stores_the_digest_and_never_the_token(self, database: Database) -> None:
        opened = await opened_for(database, await add_person(database))

        async with database.reading() as session:
            row = (await session.scalars(select(StaffSession))).one()

        assert row.token_digest == digest(opened.token)
        assert opened.token not in str(vars(row))

    async def test_draws_a_new_token_each_time(self, database: Database) -> None:
        person = await add_person(database)

        tokens = {(await opened_for(database, person)).token for _ in range(3)}

        assert len(tokens) == 3
        assert {len(token) for token in tokens} == {43}


class TestFind:
    async def test_knows_the_holder(self, database: Database) -> None:
        person = await add_person(database)
        opened = await opened_for(database, person)

        found = await find(database, opened.token)

        assert found is not None
        assert (found.id, found.staff.id, found.expires_at) == (opened.id, person.row.id, opened.expires_at)

    @pytest.mark.parametrize(("kind", "hours"), [(SessionKind.COOKIE, 12), (SessionKind.TOKEN, 8)])
    async def test_forgets_a_session_when_it_expires(self, database: Database, kind: SessionKind, hours: int) -> None:
        opened = await opened_for(database, await add_person(database), kind)
        end = NOW + timedelta(hours=hours)

        before = await find(database, opened.token, kind=kind, at=end - timedelta(seconds=1))
        after = await find(database, opened.token, kind=kind, at=end)

        assert (before is None, after is None) == (False, True)

    async def test_takes_no_cookie_for_a_bearer_token(self, database: Database) -> None:
        opened = await opened_for(database, await add_person(database), SessionKind.COOKIE)

        assert await find(database, opened.token, kind=SessionKind.TOKEN) is None

    async def test_knows_nobody_by_the_digest(self, database: Database) -> None:
        opened = await opened_for(database, await add_person(database))

        assert await find(database, digest(opened.token)) is None

    async def test_refuses_an_ended_session(self, database: Database) -> None:
        opened = await opened_for(database, await add_person(database))

        async with database.unit_of_work() as session:
            await staff_sessions.end(session, session_id=opened.id, at=NOW)

        assert await find(database, opened.token) is None

    async def test_refuses_a_disabled_holder_at_once(self, database: Database) -> None:
        person = await add_person(database)
        opened = await opened_for(database, person)

        async with database.unit_of_work() as session:
            await staff.disable(session, viewer=SYSTEM, login=person.login, at=NOW)

        assert await find(database, opened.token) is None


class TestEndAll:
    async def test_leaves_the_sessions_of_others(self, database: Database) -> None:
        person, other = await add_person(database), await add_person(database, login="bela")
        ended = [await opened_for(database, person) for _ in range(2)]
        kept = await opened_for(database, other)

        async with database.unit_of_work() as session:
            await staff_sessions.end_all(session, staff_id=person.row.id, at=NOW)

        assert [await find(database, opened.token) for opened in ended] == [None, None]
        assert await find(database, kept.token) is not None
