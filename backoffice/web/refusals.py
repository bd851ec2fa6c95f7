"""What HTTP refuses by itself, and the one form in which every refusal of the product is answered."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backoffice.database import DatabaseBusy, DatabaseUnreachable
from backoffice.errors import BackofficeError, Forbidden, NotFound, Unauthenticated
from backoffice.migrations import MigrationPending
from backoffice.services.document_links import LinkExpired
from backoffice.services.sign_in import SignInRefused
from backoffice.services.throttles import TooManyAttempts

JSON = "application/json"


class HttpRefusal(BackofficeError):
    """A request that is refused before anybody looks at what it asks for."""

    status: ClassVar[int] = 400
    headers: ClassVar[Mapping[str, str]] = {}


class BadRequest(HttpRefusal):
    """The request cannot be read."""

    code = "BAD_REQUEST"


class CsrfRefused(HttpRefusal):
    """The request may have been sent by another site's page."""

    code = "CSRF_REFUSED"
    status = 403


class MethodNotAllowed(HttpRefusal):
    """The path exists, but not for this method."""

    code = "METHOD_NOT_ALLOWED"
    status = 405
    headers: ClassVar[Mapping[str, str]] = {"Allow": "POST"}


class NotAcceptable(HttpRefusal):
    """The client accepts no form in which this path can answer."""

    code = "NOT_ACCEPTABLE"
    status = 406


class BodyTooSlow(HttpRefusal):
    """The body did not arrive in time."""

    code = "BODY_TOO_SLOW"
    status = 408
    headers: ClassVar[Mapping[str, str]] = {"Connection": "close"}


class BodyTooLarge(HttpRefusal):
    """The body is larger than this path reads."""

    code = "BODY_TOO_LARGE"
    status = 413
    # The rest of the body is not worth reading.
    headers: ClassVar[Mapping[str, str]] = {"Connection": "close"}


class UnsupportedMediaType(HttpRefusal):
    """The body is not JSON in UTF-8, or is compressed."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415


_STATUSES: dict[type[BackofficeError], int] = {
    Unauthenticated: 401,
    SignInRefused: 401,
    Forbidden: 403,
    NotFound: 404,
    LinkExpired: 410,
    TooManyAttempts: 429,
    DatabaseBusy: 503,
    DatabaseUnreachable: 503,
    MigrationPending: 503,
}


def json_response(
    body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None, media_type: str = JSON
) -> Response:
    """An answer in JSON."""
    return Response(orjson.dumps(body), status_code=status, headers=headers, media_type=media_type)


def status_of(error: BackofficeError) -> int:
    """The HTTP status of a refusal: 400 unless it is one of those that HTTP has a number for."""
    if isinstance(error, HttpRefusal):
        return error.status
    return next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), 400)


def error_body(code: str, message: str) -> dict[str, Any]:
    """Clients of the graph look for `extensions.code`, all others for `code`."""
    return {"errors": [{"code": code, "message": message, "extensions": {"code": code}}]}


async def answer_refusal(_: Request, error: Exception) -> Response:
    """The answer to any BackofficeError that reaches the edge."""
    assert isinstance(error, BackofficeError)
    headers = dict(error.headers) if isinstance(error, HttpRefusal) else {}
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after_seconds)
    return json_response(error_body(error.code, error.message), status=status_of(error), headers=headers)


async def answer_http_exception(_: Request, error: Exception) -> Response:
    """The answer to what the router refuses: an unknown path, a method that a path has not."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    message = {404: "There is nothing here.", 405: "This path has not this method."}.get(status, status.phrase)
    return json_response(error_body(status.name, message), status=status, headers=error.headers)
