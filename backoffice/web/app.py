"""The web application: every path, inside one layer that observes and protects."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from backoffice.errors import BackofficeError
from backoffice.jobs.worker import beside
from backoffice.web import console, console_operations, documents, graphql, health, staff
from backoffice.web.installation import Installation
from backoffice.web.observing import Observed
from backoffice.web.refusals import answer_http_exception, answer_refusal


def create_app(installation: Installation) -> Starlette:
    """The application that serves `installation`, with its worker beside; it closes what it was given when it ends."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with installation.printer.renderer, beside(installation.worker) if installation.worker else nullcontext():
            yield
        await installation.database.close()

    app = Starlette(
        routes=_routes(installation),
        middleware=[Middleware(Observed, metrics=installation.metrics)],
        exception_handlers={BackofficeError: answer_refusal, HTTPException: answer_http_exception},
        lifespan=lifespan,
    )
    # `/console` and `/console/` are different paths; a guess between them would redirect to wherever Host says.
    app.router.redirect_slashes = False
    app.state.installation = installation
    return app


def _routes(installation: Installation) -> list[BaseRoute]:
    return [
        *health.routes(),
        *staff.routes(),
        *graphql.routes(installation.graphs),
        *documents.routes(),
        *console_operations.routes(installation.published),
        *console.routes(installation.console),
    ]
