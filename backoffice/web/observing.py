"""Around every request: its id, log line and counters, the headers that protect its answer, the last safety net."""

import re
import secrets
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backoffice.web import health
from backoffice.web.installation import Note
from backoffice.web.metrics import OTHER, Metrics
from backoffice.web.refusals import error_body, json_response

_SAFE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,36}", re.ASCII)
_CLIENT_LEFT = 499
_PROTECTING = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HTTPS_ONLY = "max-age=31536000"

log = structlog.get_logger("backoffice.web")


class Observed:
    """The outermost layer of the application: nothing passes it without an id, and no exception at all."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        note = Note(request_id=_request_id(Headers(scope=scope).get("x-request-id", "")))
        scope.setdefault("state", {})["note"] = note
        sending = _Sending(send, note, is_https=scope["scheme"] == "https")
        begun = time.perf_counter()
        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:
            sending.status = _CLIENT_LEFT
        except Exception as error:
            log.exception("unexpected", request_id=note.request_id, exc_info=error)
            await self._mask(scope, receive, sending)
        finally:
            self._tell(scope, note, sending.status, time.perf_counter() - begun)

    async def _mask(self, scope: Scope, receive: Receive, sending: "_Sending") -> None:
        """Tell whoever asked where to find the reason, and not the reason."""
        if sending.has_started:
            return  # the server closes a connection whose answer was cut short
        message = f"Something went wrong on our side; tell support the request id {sending.note.request_id}."
        await json_response(error_body("INTERNAL", message), status=500)(scope, receive, sending)

    def _tell(self, scope: Scope, note: Note, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", OTHER)
        self._metrics.request(method=scope["method"], route=route, status=status, seconds=seconds)
        write = log.debug if route in health.PATHS else log.info
        write(
            "request",
            request_id=note.request_id,
            method=scope["method"],
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            operation=note.operation,
            viewer_id=None if note.viewer is None else note.viewer.id,
            role=None if note.viewer is None else note.viewer.role,
        )


class _Sending:
    """Passes messages on, completes the headers and remembers the status."""

    def __init__(self, send: Send, note: Note, *, is_https: bool) -> None:
        self.note = note
        self.status = 500
        self.has_started = False
        self._send = send
        self._is_https = is_https

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            self.status = message["status"]
            self._protect(MutableHeaders(scope=message))
        await self._send(message)

    def _protect(self, headers: MutableHeaders) -> None:
        headers["X-Request-Id"] = self.note.request_id
        for name, value in _PROTECTING.items():
            headers.setdefault(name, value)
        if self._is_https:
            headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)


def _request_id(sent: str) -> str:
    """The id that a proxy gave, if it is short and safe to log; else one of our own."""
    return sent if _SAFE_REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
