"""The staff's door over HTTP: cookies for browsers, tokens for programs, one answer to every wrong attempt."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backoffice.database import Database
from backoffice.models import AuditEntry, StaffSession, Throttle
from backoffice.permissions import Role
from tests.people import PASSWORD, add_person
from tests.web.conftest import ORIGIN, OWN_PAGE, Site, codes, open_site


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return (await session.scalar(select(func.count()).select_from(table))) or 0


async def reasons(database: Database) -> list[str | None]:
    async with database.reading() as session:
        chosen = select(AuditEntry.reason).where(AuditEntry.operation == "staffSignIn")
        return list(await session.scalars(chosen.order_by(AuditEntry.sequence)))


class TestSignIn:
    async def test_sets_a_cookie_that_scripts_and_other_sites_cannot_use(self, site: Site) -> None:
        person = await add_person(site.database, role=Role.SUPERVISOR)

        answered = await site.client.post("/staff/sign-in", json=person.typed(), headers=OWN_PAGE)

        name, *attributes = answered.headers["set-cookie"].split("; ")
        assert name.startswith("backoffice_session=")
        assert set(attributes) == {"HttpOnly", "Max-Age=43199", "Path=/", "SameSite=strict"}
        assert {key: value for key, value in answered.json().items() if key != "expiresAt"} == {
            "displayName": "Alix Agent",
            "role": "SUPERVISOR",
        }
        assert name.partition("=")[2] not in answered.text

    @pytest.mark.parametrize(
        ("settings", "base"),
        [
            ({"environment": "production", "secret_keys": "k" * 32, "public_origin": ORIGIN}, "http://127.0.0.1:8000"),
            ({"public_origin": "https://127.0.0.1:8000"}, "https://127.0.0.1:8000"),
        ],
    )
    async def test_marks_the_cookie_secure_elsewhere_than_on_a_plain_rehearsal(
        self, quick_database: Database, tmp_path: Path, settings: dict[str, str], base: str
    ) -> None:
        person = await add_person(quick_database)
        async with open_site(quick_database, tmp_path, **settings) as site:
            headers = {"X-Backoffice": "1", "Origin": settings["public_origin"]}

            answered = await site.client.post(f"{base}/staff/sign-in", json=person.typed(), headers=headers)

        assert "Secure" in answered.headers["set-cookie"].split("; ")

    async def test_draws_a_new_token_whatever_the_client_sent(self, site: Site) -> None:
        person = await add_person(site.database)
        headers = {**OWN_PAGE, "Cookie": "backoffice_session=fixed", "Authorization": "Bearer fixed"}

        answered = await site.client.post("/staff/sign-in", json=person.typed(), headers=headers)

        assert answered.status_code == 200
        assert "fixed" not in answered.headers["set-cookie"]

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": ORIGIN},
            {"X-Backoffice": "1", "Origin": "http://evil.example"},
            {"X-Backoffice": "1", "Origin": "null"},
            {"X-Backoffice": "1", "Origin": f"{ORIGIN}.evil.example"},
            {"X-Backoffice": "1", "Sec-Fetch-Site": "cross-site"},
            {"X-Backoffice": "1", "Sec-Fetch-Site": "same-site"},
            {"X-Backoffice": "1", "Origin": "http://evil.example", "Host": "evil.example"},
        ],
    )
    async def test_refuses_a_page_that_may_be_another_sites(self, quick_site: Site, headers: dict[str, str]) -> None:
        person = await add_person(quick_site.database)

        answered = await quick_site.client.post("/staff/sign-in", json=person.typed(), headers=headers)

        assert (answered.status_code, codes(answered)) == (403, ["CSRF_REFUSED"])
        assert "set-cookie" not in answered.headers
        assert (await count(quick_site.database, StaffSession), await count(quick_site.database, Throttle)) == (0, 0)

    @pytest.mark.parametrize("host", ["127.0.0.1:4321", "localhost:4321", "[::1]:4321", "192.168.1.5"])
    async def test_takes_its_own_address_for_ours_in_development(self, quick_site: Site, host: str) -> None:
        person = await add_person(quick_site.database)
        headers = {"X-Backoffice": "1", "Origin": f"http://{host}", "Host": host}

        answered = await quick_site.client.post("/staff/sign-in", json=person.typed(), headers=headers)

        assert answered.status_code == 200

    async def test_takes_only_the_set_origin_for_ours_in_production(
        self, quick_database: Database, tmp_path: Path
    ) -> None:
        person = await add_person(quick_database)
        settings = {"environment": "production", "secret_keys": "k" * 32, "public_origin": "https://help.example"}
        async with open_site(quick_database, tmp_path, **settings) as site:
            answered = await site.client.post("/staff/sign-in", json=person.typed(), headers=OWN_PAGE)

        assert (answered.status_code, codes(answered)) == (403, ["CSRF_REFUSED"])

    async def test_answers_every_wrong_attempt_alike(self, site: Site) -> None:
        person = await add_person(site.database)
        attempts = [person.typed(login="nobody"), person.typed(password="x"), person.typed(otp="abcdef")]

        answers = [await site.client.post("/staff/sign-in", json=typed, headers=OWN_PAGE) for typed in attempts]

        assert [answered.status_code for answered in answers] == [401, 401, 401]
        assert len({answered.text for answered in answers}) == 1
        assert codes(answers[0]) == ["SIGN_IN_REFUSED"]
        assert await reasons(site.database) == ["UNKNOWN_LOGIN", "WRONG_PASSWORD", "WRONG_CODE"]
        assert await count(site.database, StaffSession) == 0

    @pytest.mark.parametrize(
        "body",
        [
            [],
            [{"login": "alix", "password": PASSWORD, "otp": "000000"}],
            {"login": "alix", "password": PASSWORD},
            {"login": "alix", "password": PASSWORD, "otp": ["000000", "000001"]},
            {"login": "alix", "password": PASSWORD, "otp": 123456},
            {"login": "alix\0", "password": PASSWORD, "otp": "000000"},
            {"login": "a" * 1001, "password": PASSWORD, "otp": "000000"},
        ],
    )
    async def test_looks_at_one_attempt_a_request(self, quick_site: Site, body: object) -> None:
        answered = await quick_site.client.post("/staff/sign-in", json=body, headers=OWN_PAGE)

        assert (answered.status_code, codes(answered)) == (400, ["BAD_INPUT"])
        assert await count(quick_site.database, Throttle) == 0

    async def test_takes_a_code_once(self, site: Site) -> None:
        person = await add_person(site.database)
        typed = person.typed()

        first = await site.client.post("/staff/sign-in", json=typed, headers=OWN_PAGE)
        second = await site.client.post("/staff/tokens", json=typed)

        assert (first.status_code, second.status_code, codes(second)) == (200, 401, ["SIGN_IN_REFUSED"])
        assert await count(site.database, StaffSession) == 1
        assert await reasons(site.database) == [None, "SPENT_CODE"]

    async def test_lets_one_of_two_at_once_through_with_one_code(self, site: Site) -> None:
        person = await add_person(site.database)
        typed = person.typed()

        answers = await asyncio.gather(*(site.client.post("/staff/tokens", json=typed) for _ in range(2)))

        assert sorted(answered.status_code for answered in answers) == [200, 401]
        assert await count(site.database, StaffSession) == 1

    async def test_makes_guessing_wait_even_for_the_right_code(self, site: Site) -> None:
        person = await add_person(site.database)
        for _ in range(5):
            await site.client.post("/staff/tokens", json=person.typed(otp="abcdef"))

        answered = await site.client.post("/staff/tokens", json=person.typed())

        assert (answered.status_code, codes(answered)) == (429, ["TOO_MANY_ATTEMPTS"])
        assert answered.headers["retry-after"] in {"1", "2"}
        assert await count(site.database, StaffSession) == 0
        assert await reasons(site.database) == ["WRONG_CODE"] * 5

    async def test_counts_the_failures_of_an_address_over_all_accounts(self, quick_site: Site) -> None:
        person = await add_person(quick_site.database)
        for number in range(51):
            await quick_site.client.post("/staff/tokens", json=person.typed(login=f"guess-{number}"))

        answered = await quick_site.client.post("/staff/tokens", json=person.typed())

        assert (answered.status_code, codes(answered)) == (429, ["TOO_MANY_ATTEMPTS"])

    async def test_forgets_failures_after_a_success(self, site: Site) -> None:
        person = await add_person(site.database)
        for _ in range(4):
            await site.client.post("/staff/tokens", json=person.typed(otp="abcdef"))

        answered = await site.client.post("/staff/tokens", json=person.typed())

        assert answered.status_code == 200
        async with site.database.reading() as session:
            assert list(await session.scalars(select(Throttle.failures))) == [4]  # those of the address

    async def test_refuses_whoever_was_disabled_as_if_unknown(self, site: Site) -> None:
        person = await add_person(site.database)
        async with site.database.unit_of_work() as session:
            person.row.is_active = False
            await session.merge(person.row)

        answered = await site.client.post("/staff/tokens", json=person.typed())

        assert (answered.status_code, codes(answered)) == (401, ["SIGN_IN_REFUSED"])


class TestTokens:
    async def test_gives_programs_a_token_without_header_or_cookie(self, site: Site) -> None:
        person = await add_person(site.database)

        answered = await site.client.post("/staff/tokens", json=person.typed())

        assert set(answered.json()) == {"token", "expiresAt"}
        assert "set-cookie" not in answered.headers
        assert answered.headers["cache-control"] == "no-store"

    async def test_refuses_what_a_form_of_another_site_can_send(self, quick_site: Site) -> None:
        person = await add_person(quick_site.database)
        body = quick_site.client.build_request("POST", "/staff/tokens", json=person.typed()).content

        answered = await quick_site.client.post("/staff/tokens", content=body, headers={"Content-Type": "text/plain"})

        assert (answered.status_code, codes(answered)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


class TestSession:
    async def test_tells_who_is_signed_in(self, site: Site) -> None:
        cookie = await site.cookie(await add_person(site.database))

        answered = await site.client.get("/staff/session", headers={"Cookie": cookie})

        assert answered.status_code == 200
        assert set(answered.json()) == {"displayName", "role", "expiresAt"}

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Authorization": "Bearer x"},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer " + "a" * 8000},
            {"Authorization": "Basic YTpi"},
            {"Cookie": "backoffice_session=' or 1=1--"},
            {"X-User-Id": "1", "X-Role": "ADMIN"},
        ],
    )
    async def test_knows_nobody_without_a_session(self, quick_site: Site, headers: dict[str, str]) -> None:
        answered = await quick_site.client.get("/staff/session", headers=headers)

        assert (answered.status_code, codes(answered)) == (401, ["UNAUTHENTICATED"])

    async def test_takes_neither_kind_of_token_for_the_other(self, site: Site) -> None:
        person, other = await add_person(site.database), await add_person(site.database, login="bela")
        cookie, token = await site.cookie(person), await site.token(other)

        as_bearer = await site.client.get("/staff/session", headers={"Authorization": f"Bearer {cookie.split('=')[1]}"})
        as_cookie = await site.client.get("/staff/session", headers={"Cookie": f"backoffice_session={token}"})

        assert (as_bearer.status_code, as_cookie.status_code) == (401, 401)

    async def test_lets_a_useless_authorization_header_decide_alone(self, site: Site) -> None:
        cookie = await site.cookie(await add_person(site.database))

        answered = await site.client.get("/staff/session", headers={"Cookie": cookie, "Authorization": "Bearer x"})

        assert answered.status_code == 401


class TestSignOut:
    async def test_ends_the_session_and_clears_the_browser(self, site: Site) -> None:
        cookie = await site.cookie(await add_person(site.database))

        answered = await site.client.post("/staff/sign-out", headers={**OWN_PAGE, "Cookie": cookie})
        after = await site.client.get("/staff/session", headers={"Cookie": cookie})

        assert (answered.status_code, answered.content) == (204, b"")
        assert answered.headers["clear-site-data"] == '"cache", "cookies", "storage"'
        assert answered.headers["set-cookie"].startswith('backoffice_session=""; ')
        assert after.status_code == 401

    async def test_needs_no_header_of_programs(self, site: Site) -> None:
        token = await site.token(await add_person(site.database))

        answered = await site.client.post("/staff/sign-out", headers={"Authorization": f"Bearer {token}"})

        assert answered.status_code == 204

    async def test_refuses_a_page_of_another_site_and_ends_nothing(self, site: Site) -> None:
        cookie = await site.cookie(await add_person(site.database))

        answered = await site.client.post("/staff/sign-out", headers={"Cookie": cookie})
        after = await site.client.get("/staff/session", headers={"Cookie": cookie})

        assert (answered.status_code, codes(answered)) == (403, ["CSRF_REFUSED"])
        assert after.status_code == 200

    async def test_leaves_other_sessions_of_the_same_person(self, site: Site) -> None:
        person = await add_person(site.database)
        token = await site.token(person)
        later = await site.client.post("/staff/tokens", json=person.typed(otp=person.code(steps=1)))

        await site.client.post("/staff/sign-out", headers={"Authorization": f"Bearer {token}"})
        kept = await site.client.get("/staff/session", headers={"Authorization": f"Bearer {later.json()['token']}"})

        assert kept.status_code == 200
