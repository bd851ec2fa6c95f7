"""A fresh one-time code in a session: it counts for ten minutes, works once, and cannot be guessed."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from backoffice.database import Database
from backoffice.models import AuditEntry, StaffSession
from tests.people import Person, add_person
from tests.web.conftest import OWN_PAGE, Site, codes


async def bearer(site: Site, person: Person) -> dict[str, str]:
    return {"Authorization": f"Bearer {await site.token(person)}"}


async def stepped_up_until(database: Database) -> datetime | None:
    async with database.reading() as session:
        return (await session.execute(select(StaffSession.stepped_up_until))).scalar_one()


async def trail(database: Database) -> list[tuple[str, str | None]]:
    async with database.reading() as session:
        chosen = select(AuditEntry.outcome, AuditEntry.reason).where(AuditEntry.operation == "staffStepUp")
        return [tuple(row) for row in await session.execute(chosen.order_by(AuditEntry.sequence))]


class TestStepUp:
    async def test_counts_for_ten_minutes_in_this_session(self, site: Site) -> None:
        person = await add_person(site.database)
        headers = await bearer(site, person)
        before = datetime.now(UTC)

        answered = await site.client.post("/staff/step-up", json={"otp": person.code(steps=1)}, headers=headers)

        assert answered.status_code == 200
        until = datetime.fromisoformat(answered.json()["steppedUpUntil"])
        assert timedelta(minutes=10) <= until - before < timedelta(minutes=11)
        assert await stepped_up_until(site.database) == until
        assert await trail(site.database) == [("DONE", None)]

    async def test_reaches_the_viewer_of_the_next_request(self, quick_site: Site) -> None:
        person = await add_person(quick_site.database)
        headers = await bearer(quick_site, person)
        await quick_site.client.post("/staff/graphql", json={"query": "{ __typename }"}, headers=headers)
        await quick_site.client.post("/staff/step-up", json={"otp": person.code(steps=1)}, headers=headers)

        await quick_site.client.post("/staff/graphql", json={"query": "{ __typename }"}, headers=headers)

        before, after = (context.viewer for context in quick_site.graph.contexts)
        assert not before.is_stepped_up(datetime.now(UTC))
        assert after.is_stepped_up(datetime.now(UTC))
        assert not after.is_stepped_up(datetime.now(UTC) + timedelta(minutes=11))

    async def test_refuses_the_code_of_the_sign_in(self, site: Site) -> None:
        person = await add_person(site.database)
        typed = person.typed()
        token = (await site.client.post("/staff/tokens", json=typed)).json()["token"]

        answered = await site.client.post(
            "/staff/step-up", json={"otp": typed["otp"]}, headers={"Authorization": f"Bearer {token}"}
        )

        assert (answered.status_code, codes(answered)) == (401, ["STEP_UP_REFUSED"])
        assert await stepped_up_until(site.database) is None
        assert await trail(site.database) == [("REFUSED", "SPENT_CODE")]

    async def test_makes_guesses_wait(self, quick_site: Site) -> None:
        headers = await bearer(quick_site, await add_person(quick_site.database))

        answers = [
            await quick_site.client.post("/staff/step-up", json={"otp": "000000"}, headers=headers) for _ in range(8)
        ]

        assert answers[-1].status_code == 429
        assert codes(answers[-1]) == ["TOO_MANY_ATTEMPTS"]
        assert await stepped_up_until(quick_site.database) is None

    async def test_needs_a_session(self, quick_site: Site) -> None:
        answered = await quick_site.client.post("/staff/step-up", json={"otp": "123456"}, headers=OWN_PAGE)

        assert (answered.status_code, codes(answered)) == (401, ["UNAUTHENTICATED"])

    async def test_needs_the_header_of_our_page_with_a_cookie(self, quick_site: Site) -> None:
        person = await add_person(quick_site.database)
        cookie = await quick_site.cookie(person)

        answered = await quick_site.client.post(
            "/staff/step-up", json={"otp": person.code(steps=1)}, headers={"Cookie": cookie}
        )

        assert (answered.status_code, codes(answered)) == (403, ["CSRF_REFUSED"])

    async def test_refuses_what_is_no_text(self, quick_site: Site) -> None:
        headers = await bearer(quick_site, await add_person(quick_site.database))

        for body in ({"otp": 123456}, {}, [], {"otp": None}, {"otp": "1\0"}):
            answered = await quick_site.client.post("/staff/step-up", json=body, headers=headers)

            assert (answered.status_code, codes(answered)) == (400, ["BAD_INPUT"])
