"""What a supervisor asks: does the process live, can it serve, and how much did it do."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice import clock, migrations
from backoffice.database import DatabaseUnreachable
from backoffice.errors import BackofficeError
from backoffice.services import outbox
from backoffice.services.outbox import Depth
from backoffice.web.installation import Installation, installation_of
from backoffice.web.refusals import json_response

_SECONDS_TO_ANSWER = 2
PATHS = frozenset({"/live", "/ready", "/metrics"})


def routes() -> list[Route]:
    """The paths for supervisors. They tell nothing of persons, but are meant for the operator's own network."""
    return [Route("/live", _live), Route("/ready", _ready), Route("/metrics", _metrics)]


async def _live(_: Request) -> Response:
    return json_response({"status": "live"})


async def _ready(request: Request) -> Response:
    """Whether the database answers and has the tables of this version; a refusal is a 503 with its code."""
    try:
        async with asyncio.timeout(_SECONDS_TO_ANSWER):
            await migrations.require_current(installation_of(request).database)
    except TimeoutError as slow:
        raise DatabaseUnreachable(f"The database did not answer within {_SECONDS_TO_ANSWER} s.") from slow
    return json_response({"status": "ready"})


async def _metrics(request: Request) -> Response:
    installation = installation_of(request)
    installation.metrics.outbox(await _depths(installation), at=clock.now())
    text = installation.metrics.text()
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


async def _depths(installation: Installation) -> list[Depth]:
    """What the outbox holds; nothing when the database cannot tell, for then the other counters are needed most."""
    try:
        async with asyncio.timeout(_SECONDS_TO_ANSWER), installation.database.reading() as session:
            return await outbox.depths(session)
    except (TimeoutError, BackofficeError):
        return []
