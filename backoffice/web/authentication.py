"""Who sends a request: a browser with a cookie, or a program with a Bearer token; each time the database is asked."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import Request

from backoffice import clock
from backoffice.errors import Unauthenticated
from backoffice.models import SessionKind
from backoffice.permissions import Viewer
from backoffice.services import staff_sessions
from backoffice.services.staff import viewer_of
from backoffice.settings import Settings
from backoffice.web.installation import installation_of, note_of
from backoffice.web.refusals import CsrfRefused

COOKIE = "backoffice_session"
_LONGEST_TOKEN = 200
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_IPV6_SITE_BITS = 64


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The viewer of a request and the session that brought them."""

    viewer: Viewer
    session_id: int
    expires_at: datetime


async def authenticate_staff(request: Request) -> SignedIn:
    """The member of the staff who sends this request.

    Raises Unauthenticated, and CsrfRefused for a change that a cookie alone would vouch for.
    """
    token, kind = _credential(request)
    if kind is SessionKind.COOKIE and request.method not in _SAFE_METHODS:
        require_own_page(request)
    async with installation_of(request).database.reading() as session:
        found = await staff_sessions.find(session, token=token, kind=kind, at=clock.now())
    if found is None:
        raise Unauthenticated("Sign in first: the session has ended, or never was.")
    viewer = viewer_of(found.staff, session_id=found.id, stepped_up_until=found.stepped_up_until)
    note_of(request).viewer = viewer
    return SignedIn(viewer=viewer, session_id=found.id, expires_at=found.expires_at)


def require_own_page(request: Request) -> None:
    """Raise CsrfRefused unless one of our own pages sent this request.

    No other site's page can send the header without asking first, and we never say yes; browsers that tell where a
    request comes from are believed on top of it.
    """
    origins = request.headers.getlist("origin")
    comes_from = request.headers.get("sec-fetch-site", "same-origin")
    if request.headers.get("x-backoffice") != "1":
        raise CsrfRefused("Send the header 'X-Backoffice: 1'.")
    if comes_from not in {"same-origin", "none"} or not all(_is_ours(request, origin) for origin in origins):
        raise CsrfRefused("The request comes from a page of another origin; BACKOFFICE_PUBLIC_ORIGIN names ours.")


def client_address(request: Request) -> str:
    """The address that attempts are counted under; an IPv6 customer owns a whole network of them."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    return str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))


def _credential(request: Request) -> tuple[str, SessionKind]:
    """The token and where it came from; an Authorization header decides alone, even when it is of no use."""
    header = request.headers.get("authorization")
    if header is None:
        token, kind = request.cookies.get(COOKIE, ""), SessionKind.COOKIE
    else:
        scheme, _, token = header.partition(" ")
        token, kind = token.strip() if scheme.lower() == "bearer" else "", SessionKind.TOKEN
    if not token or len(token) > _LONGEST_TOKEN or not token.isascii():
        raise Unauthenticated("Sign in first.")
    return token, kind


def _is_ours(request: Request, origin: str) -> bool:
    settings = installation_of(request).settings
    return origin == settings.origin or _is_own_address(request, settings, origin)


def _is_own_address(request: Request, settings: Settings, origin: str) -> bool:
    """In development the port may be any, so the address that was asked is ours too.

    An address, or localhost: any other name can be made to point here by whoever owns it.
    """
    if settings.environment != "development" or origin != f"http://{request.headers.get('host', '')}":
        return False
    try:
        name = urlsplit(origin).hostname or ""
        return name == "localhost" or bool(ipaddress.ip_address(name))
    except ValueError:
        return False
