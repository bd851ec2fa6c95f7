"""The staff's door: sign-in for browsers (a cookie) and for programs (a token), sign-out, the session in course."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice import clock
from backoffice.errors import BadInput
from backoffice.models import SessionKind, Staff
from backoffice.permissions import Viewer
from backoffice.services import sign_in, staff, throttles
from backoffice.services.sign_in import SignInRefused
from backoffice.services.staff_sessions import Opened
from backoffice.services.throttles import TooManyAttempts
from backoffice.web.authentication import COOKIE, authenticate_staff, client_address, require_own_page
from backoffice.web.bodies import read_json
from backoffice.web.installation import Installation, installation_of, note_of
from backoffice.web.refusals import json_response

_LARGEST_BODY = 16_384
_LONGEST_FIELD = 1_000


@dataclass(frozen=True, repr=False)
class Attempt:
    """What somebody typed, and from where. No repr: it must never be printed."""

    login: str
    password: str
    otp: str
    address: str


def routes() -> list[Route]:
    """The paths of the staff's door."""
    return [
        Route("/staff/sign-in", _sign_in, methods=["POST"]),
        Route("/staff/tokens", _token, methods=["POST"]),
        Route("/staff/step-up", _step_up, methods=["POST"]),
        Route("/staff/sign-out", _sign_out, methods=["POST"]),
        Route("/staff/session", _session, methods=["GET"]),
    ]


async def _sign_in(request: Request) -> Response:
    require_own_page(request)
    person, opened = await _admit(request, SessionKind.COOKIE)
    settings = installation_of(request).settings
    is_plain_rehearsal = settings.environment == "development" and request.scope["scheme"] == "http"
    response = json_response(_told(staff.viewer_of(person), opened.expires_at))
    response.set_cookie(
        COOKIE,
        opened.token,
        max_age=int((opened.expires_at - clock.now()).total_seconds()),
        path="/",
        secure=not is_plain_rehearsal,
        httponly=True,
        samesite="strict",
    )
    return response


async def _token(request: Request) -> Response:
    _, opened = await _admit(request, SessionKind.TOKEN)
    return json_response({"token": opened.token, "expiresAt": opened.expires_at.isoformat()})


async def _step_up(request: Request) -> Response:
    signed_in = await authenticate_staff(request)
    body = await read_json(request, largest_bytes=_LARGEST_BODY)
    otp = body.get("otp") if isinstance(body, dict) else None
    if not isinstance(otp, str) or not _is_text(otp):
        raise BadInput('Send {"otp": …}, a text.')
    until = await _attempt_step_up(installation_of(request), signed_in.viewer, otp)
    return json_response({"steppedUpUntil": until.isoformat()})


async def _attempt_step_up(installation: Installation, viewer: Viewer, otp: str) -> datetime:
    database, at, account = installation.database, clock.now(), f"step-up:{viewer.id}"
    async with database.unit_of_work() as session:
        await throttles.charge(session, limit=throttles.ACCOUNT, subject=account, at=at)
    async with database.reading() as session:
        person = await staff.by_id(session, staff_id=viewer.id)
    try:
        async with database.unit_of_work() as session:
            until = await sign_in.step_up(
                session,
                vault=installation.vault,
                viewer=viewer,
                person=person,
                otp=otp,
                at=at,
                now=datetime.now(UTC),
            )
            await throttles.forgive(session, limit=throttles.ACCOUNT, subject=account)
    except SignInRefused as refusal:
        async with database.unit_of_work() as session:
            await sign_in.record_refusal(session, refusal=refusal, at=at, operation="staffStepUp")
        raise
    return until


async def _sign_out(request: Request) -> Response:
    signed_in = await authenticate_staff(request)
    async with installation_of(request).database.unit_of_work() as session:
        await sign_in.sign_out(session, viewer=signed_in.viewer, session_id=signed_in.session_id, at=clock.now())
    response = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "cookies", "storage"'})
    # Browsers heed Clear-Site-Data over HTTPS only.
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


async def _session(request: Request) -> Response:
    signed_in = await authenticate_staff(request)
    return json_response(_told(signed_in.viewer, signed_in.expires_at))


def _told(viewer: Viewer, expires_at: datetime) -> dict[str, Any]:
    return {"displayName": viewer.display_name, "role": viewer.role, "expiresAt": expires_at.isoformat()}


async def _admit(request: Request, kind: SessionKind) -> tuple[Staff, Opened]:
    """Sign somebody in; raises SignInRefused and TooManyAttempts."""
    attempt = _attempt(await read_json(request, largest_bytes=_LARGEST_BODY), client_address(request))
    installation = installation_of(request)
    try:
        person, opened = await _attempt_sign_in(installation, attempt, kind)
    except (SignInRefused, TooManyAttempts) as refusal:
        installation.metrics.sign_in(outcome=refusal.code)
        raise
    installation.metrics.sign_in(outcome="ACCEPTED")
    note_of(request).viewer = staff.viewer_of(person, session_id=opened.id)
    return person, opened


def _attempt(body: Any, address: str) -> Attempt:
    fields = body if isinstance(body, dict) else {}
    if not all(_is_text(fields.get(name)) for name in ("login", "password", "otp")):
        raise BadInput('Send {"login": …, "password": …, "otp": …}, each a text.')
    return Attempt(login=fields["login"], password=fields["password"], otp=fields["otp"], address=address)


def _is_text(value: Any) -> bool:
    # A NUL character is no text to PostgreSQL.
    return isinstance(value, str) and len(value) <= _LONGEST_FIELD and "\0" not in value


async def _attempt_sign_in(installation: Installation, attempt: Attempt, kind: SessionKind) -> tuple[Staff, Opened]:
    database, at = installation.database, clock.now()
    account = staff.normalised(attempt.login)
    async with database.unit_of_work() as session:
        await throttles.charge(session, limit=throttles.ACCOUNT, subject=account, at=at)
        await throttles.charge(session, limit=throttles.ADDRESS, subject=attempt.address, at=at)
    async with database.reading() as session:
        person = await staff.find(session, login=account)
    try:
        time_step = await sign_in.judge(
            person, vault=installation.vault, password=attempt.password, otp=attempt.otp, now=datetime.now(UTC)
        )
        assert person is not None, "judge refuses an unknown login"
        async with database.unit_of_work() as session:
            opened = await sign_in.accept(session, staff=person, time_step=time_step, kind=kind, at=at)
            await throttles.forgive(session, limit=throttles.ACCOUNT, subject=account)
            await throttles.take_back(session, limit=throttles.ADDRESS, subject=attempt.address)
            await throttles.sweep(session, at=at)
    except SignInRefused as refusal:
        async with database.unit_of_work() as session:
            await sign_in.record_refusal(session, refusal=refusal, at=at)
        raise
    return person, opened
