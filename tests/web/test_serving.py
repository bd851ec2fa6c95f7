"""The server on a real socket: slow or oversized headers end a connection, a signal ends the process in good order."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn import Config

from backoffice.web import serving
from backoffice.web.serving import AddressUnusable, BoundedProtocol, GracefulServer, listen

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"


async def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


async def slow(_: Request) -> PlainTextResponse:
    await asyncio.sleep(0.3)
    return PlainTextResponse("finished")


@asynccontextmanager
async def served() -> AsyncIterator[tuple[GracefulServer, int]]:
    app = Starlette(routes=[Route("/", hello), Route("/slow", slow)])
    config = Config(app, http=BoundedProtocol, ws="none", log_config=None, access_log=False, lifespan="off")
    started = asyncio.Event()
    server, listener = GracefulServer(config, started=started.set), listen("127.0.0.1", 0)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    await started.wait()
    yield server, listener.getsockname()[1]
    server.should_exit = True
    await running


async def talk(port: int, *sent: bytes, pause: float = 0.0) -> bytes:
    """Send, and return all that came until the server closed the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answering = asyncio.create_task(_read_all(reader))
    for piece in sent:
        writer.write(piece)
        await asyncio.sleep(pause)
    async with asyncio.timeout(5):
        answer = await answering
    writer.close()
    return answer


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    # A connection that is closed while we still send ends with an error instead of an end.
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65_536):
            answer += piece
    return answer


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+)", answer)]


class TestBoundedProtocol:
    async def test_answers_an_ordinary_request(self) -> None:
        async with served() as (_, port):
            answer = await talk(port, GET + b"Connection: close\r\n\r\n")

        assert statuses(answer) == [200]

    async def test_closes_a_connection_that_sends_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(serving, "_HEADER_SECONDS", 0.1)
        async with served() as (_, port):
            assert await talk(port) == b""

    async def test_closes_a_connection_whose_headers_dribble(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(serving, "_HEADER_SECONDS", 0.2)
        async with served() as (_, port):
            assert await talk(port, GET, *[b"X-A: b\r\n"] * 8, pause=0.05) == b""

    async def test_closes_a_kept_connection_whose_next_headers_dribble(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(serving, "_HEADER_SECONDS", 0.2)
        async with served() as (_, port):
            answer = await talk(port, GET + b"\r\n", *[b"\r\n"] * 8, b"GET", pause=0.05)

        assert statuses(answer) == [200]

    async def test_gives_a_slow_answer_its_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(serving, "_HEADER_SECONDS", 0.1)
        async with served() as (_, port):
            answer = await talk(port, GET.replace(b"/ ", b"/slow ", 1) + b"Connection: close\r\n\r\n")

        assert answer.endswith(b"finished")

    async def test_refuses_too_many_headers(self) -> None:
        headers = b"".join(b"X-%d: a\r\n" % number for number in range(101))
        async with served() as (_, port):
            answer = await talk(port, GET + headers + b"\r\n")

        assert statuses(answer) == [431]
        assert b'"code":"HEADERS_TOO_LARGE"' in answer
        length = re.search(rb"content-length: (\d+)", answer)
        assert length is not None
        assert int(length[1]) == len(answer.partition(b"\r\n\r\n")[2])

    @pytest.mark.parametrize("ending", [b"", b"\r\n\r\n"])
    async def test_answers_nothing_good_to_headers_that_are_too_large(self, ending: bytes) -> None:
        async with served() as (_, port):
            answer = await talk(port, GET + b"X-A: " + b"a" * 200_000 + ending)

        # A client that still sends when the connection closes may not see the reason.
        assert statuses(answer) in ([431], [])


class TestGracefulServer:
    async def test_finishes_what_runs_before_it_stops(self) -> None:
        async with served() as (server, port):
            asked = asyncio.create_task(talk(port, GET.replace(b"/ ", b"/slow ", 1) + b"\r\n"))
            await asyncio.sleep(0.1)
            server.should_exit = True
            answer = await asked

        assert answer.endswith(b"finished")


class TestListen:
    def test_says_that_an_address_is_taken(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]

            with pytest.raises(AddressUnusable) as refused:
                listen("127.0.0.1", port)

        assert refused.value.message == f"Nothing can be served at 127.0.0.1:{port}: Address already in use."
