"""A body is bounded in size, time and depth, whatever it holds."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from backoffice.web import bodies
from backoffice.web.bodies import parse_json, parse_media_type
from backoffice.web.refusals import BadRequest
from tests.web.conftest import Site, codes


class TestParseJson:
    def test_reads_json(self) -> None:
        assert parse_json(b'{"a": [1, 2.5, "\\u00e9", null, true]}') == {"a": [1, 2.5, "é", None, True]}

    def test_keeps_large_integers_exact(self) -> None:
        assert parse_json(b"[9007199254740993, 18446744073709551617]") == [9007199254740993, 18446744073709551617]

    @pytest.mark.parametrize("depth", [1, 63, 64])
    def test_reads_nesting_up_to_the_limit(self, depth: int) -> None:
        assert parse_json(b'[{"a":' * (depth // 2) + b"1" + b"}]" * (depth // 2)) is not None

    @pytest.mark.parametrize("depth", [65, 66, 128, 129, 1_000, 500_000])
    def test_refuses_nesting_beyond_the_limit(self, depth: int) -> None:
        with pytest.raises(BadRequest):
            parse_json(b"[" * depth + b"]" * depth)

    @pytest.mark.parametrize(
        "text",
        [
            b"[" * 1_000_000,
            b'"' + b'\\"' * 500_000,
            b'"' * 1_000_001,
            b"[" + b"[]," * 333_333 + b"1",
            b"{" * 500_000 + b"]" * 500_000,
            b"\\" * 1_000_000,
        ],
    )
    def test_refuses_a_hostile_body_without_toil(self, text: bytes) -> None:
        begun = time.process_time()

        with pytest.raises(BadRequest):
            parse_json(text)

        assert time.process_time() - begun < 1


class TestParseMediaType:
    @pytest.mark.parametrize(
        ("text", "media_type", "parameters"),
        [
            ("application/json", "application/json", {}),
            ('Application/JSON ; Charset="UTF-8"', "application/json", {"charset": "utf-8"}),
            ("text/plain; application/json", "text/plain", {"application/json": ""}),
            ("", "", {}),
            (";", "", {}),
        ],
    )
    def test_tells_the_type_from_its_parameters(self, text: str, media_type: str, parameters: dict[str, str]) -> None:
        assert parse_media_type(text) == (media_type, parameters)


class TestReadJson:
    async def test_gives_up_on_a_body_that_does_not_arrive(
        self, signed_in: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bodies, "_SECONDS_FOR_BODY", 0.05)

        async def dribble() -> AsyncIterator[bytes]:
            yield b'{"query":'
            await asyncio.sleep(5)

        answered = await signed_in.client.post(
            "/staff/graphql", content=dribble(), headers={"Content-Type": "application/json"}
        )

        assert (answered.status_code, codes(answered)) == (408, ["BODY_TOO_SLOW"])
        assert answered.headers["connection"] == "close"
        assert signed_in.graph.asked == []
