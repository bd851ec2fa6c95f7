"""The HTTP server: uvicorn, with the limits that it lacks – on the time, the size and the number of headers."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backoffice.errors import BackofficeError

_HEADER_SECONDS = 10
_IDLE_SECONDS = 15
_SECONDS_TO_FINISH = 10
_LARGEST_HEADERS = 65_536
_MOST_HEADERS = 100
# Idle connections cost little; beyond this many a client is told to come back.
_MOST_CONNECTIONS = 1_000
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: application/json\r\ncontent-length: 96\r\nconnection: close\r\n\r\n"
    b'{"errors":[{"code":"HEADERS_TOO_LARGE","message":"The headers of this request are too large."}]}'
)


class AddressUnusable(BackofficeError):
    """Nothing can be served at this address: it is taken, or not of this machine."""

    code = "ADDRESS_UNUSABLE"


class BoundedProtocol(HttpToolsProtocol):
    """One connection, which is closed when the headers of a request take too long or are too large."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._header_deadline: asyncio.TimerHandle | None = None
        self._header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_headers()

    def data_received(self, data: bytes) -> None:
        if self._header_deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._await_headers()
        if self._header_deadline is not None:
            self._header_bytes += len(data)
        super().data_received(data)
        # Still waiting: all that came so far is headers, and nothing else looks at how much that is.
        if self._header_deadline is not None and self._header_bytes > _LARGEST_HEADERS:
            self._refuse_headers()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > _LARGEST_HEADERS or len(self.headers) > _MOST_HEADERS:
            self._refuse_headers()
            raise ValueError("the headers are too large")  # stops the parser
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_headers(self) -> None:
        self._header_bytes = 0
        self._header_deadline = self.loop.call_later(_HEADER_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._header_deadline is not None:
            self._header_deadline.cancel()
            self._header_deadline = None

    def _refuse_headers(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()


class GracefulServer(Server):
    """Finishes what runs when it is told to stop, and then ends as a success."""

    def __init__(self, config: Config, *, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._tell_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # The original raises the signal again at the end, which makes an orderly stop look like a death.
        handlers = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at this address (port 0: any free one); raises AddressUnusable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "the name is unknown"
        raise AddressUnusable(f"Nothing can be served at {host}:{port}: {reason}.") from error


async def serve(app: ASGIApp, *, listener: socket.socket, is_behind_proxy: bool, started: Callable[[], None]) -> None:
    """Serve until a signal says stop; `started` is called when requests are answered."""
    config = Config(
        app,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # Elsewhere a client could choose the address that its guesses are counted under.
        proxy_headers=is_behind_proxy,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        limit_concurrency=_MOST_CONNECTIONS,
    )
    await GracefulServer(config, started=started).serve(sockets=[listener])
