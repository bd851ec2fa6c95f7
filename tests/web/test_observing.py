"""Every request has an id, one log line without personal data, protecting headers, and no exception leaves."""

from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from tests.people import add_person
from tests.web.conftest import Site, codes


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    structlog.reset_defaults()
    with capture_logs() as entries:
        yield entries


class TestLogLine:
    async def test_tells_who_did_what_and_for_how_long(self, signed_in: Site, logged: list[Any]) -> None:
        headers = {"X-Request-Id": "proxy-1"}

        await signed_in.client.post(
            "/staff/graphql", json={"query": "{a}", "operationName": "MyOperation"}, headers=headers
        )

        (line,) = logged
        viewer = signed_in.graph.contexts[0].viewer
        assert line.pop("duration_ms") >= 0
        assert line == {
            "event": "request",
            "log_level": "info",
            "request_id": "proxy-1",
            "method": "POST",
            "route": "/staff/graphql",
            "status": 200,
            "operation": "MyOperation",
            "viewer_id": viewer.id,
            "role": "AGENT",
        }

    async def test_holds_nothing_that_was_sent(self, quick_site: Site, logged: list[Any]) -> None:
        person = await add_person(quick_site.database)

        await quick_site.client.post("/staff/tokens?email=marie@example.org", json=person.typed())
        await quick_site.client.get("/subscribers/marie@example.org?token=secret")

        text = str(logged)
        assert [line["route"] for line in logged] == ["/staff/tokens", "other"]
        assert not any(secret in text for secret in ("marie", "secret", person.password, person.login))

    async def test_is_not_written_for_probes(self, quick_site: Site, logged: list[Any]) -> None:
        for path in ("/live", "/ready", "/metrics"):
            await quick_site.client.get(path)

        assert {line["log_level"] for line in logged} == {"debug"}


class TestRequestId:
    @pytest.mark.parametrize("sent", ["a", "0af7651916cd43dd8448eb211c80319c", "trace-1.2_3"])
    async def test_is_taken_from_a_proxy_when_it_is_short_and_safe(self, quick_site: Site, sent: str) -> None:
        answered = await quick_site.client.get("/live", headers={"X-Request-Id": sent})

        assert answered.headers["x-request-id"] == sent

    @pytest.mark.parametrize("sent", ["", "a" * 37, "a b", "marie@example.org", '{"a":1}', "é".encode()])
    async def test_is_made_otherwise(self, quick_site: Site, sent: str | bytes) -> None:
        answered = await quick_site.client.get("/live", headers={"X-Request-Id": sent})

        assert len(answered.headers["x-request-id"]) == 16

    async def test_reaches_the_graph(self, signed_in: Site) -> None:
        answered = await signed_in.client.post("/staff/graphql", json={"query": "{a}"})

        assert signed_in.graph.contexts[0].request_id == answered.headers["x-request-id"]


class TestHeaders:
    @pytest.mark.parametrize("path", ["/live", "/staff/session", "/unknown"])
    async def test_protect_every_answer(self, quick_site: Site, path: str) -> None:
        answered = await quick_site.client.get(path)

        assert answered.headers["x-content-type-options"] == "nosniff"
        assert answered.headers["referrer-policy"] == "no-referrer"
        assert answered.headers["cache-control"] == "no-store"
        assert answered.headers["x-frame-options"] == "DENY"
        assert answered.headers["content-security-policy"].startswith("default-src 'none'; ")
        assert not {"server", "access-control-allow-origin", "strict-transport-security"} & set(answered.headers)

    async def test_ask_for_https_where_it_is_spoken(self, quick_site: Site) -> None:
        answered = await quick_site.client.get("https://127.0.0.1:8000/live")

        assert answered.headers["strict-transport-security"] == "max-age=31536000"

    async def test_leave_the_consoles_own_policy(self, quick_site: Site) -> None:
        answered = await quick_site.client.get("/console")

        assert "script-src 'self'" in answered.headers["content-security-policy"]

    async def test_allow_no_other_origin(self, quick_site: Site) -> None:
        headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}

        answered = await quick_site.client.options("/staff/graphql", headers=headers)

        assert "access-control-allow-origin" not in answered.headers


class TestUnexpectedError:
    async def test_is_masked_and_logged_once_without_its_message(self, signed_in: Site, logged: list[Any]) -> None:
        signed_in.graph.answer = RuntimeError("row of marie@example.org")

        answered = await signed_in.client.post("/staff/graphql", json={"query": "{a}"})

        request_id = answered.headers["x-request-id"]
        assert (answered.status_code, codes(answered)) == (500, ["INTERNAL"])
        assert request_id in answered.json()["errors"][0]["message"]
        assert "marie" not in answered.text
        assert [line["event"] for line in logged] == ["unexpected", "request"]
        assert {line["request_id"] for line in logged} == {request_id}

    async def test_answers_an_unknown_path_in_the_same_form(self, quick_site: Site) -> None:
        answered = await quick_site.client.get("/unknown")

        assert (answered.status_code, codes(answered)) == (404, ["NOT_FOUND"])
