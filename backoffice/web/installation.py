"""What one process serves with, and what it notes about one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request

from backoffice.database import Database
from backoffice.documents.printers import Printer
from backoffice.jobs.worker import Worker
from backoffice.permissions import Contract, Viewer
from backoffice.schema.execution import Graph
from backoffice.services.access_log import AccessLog
from backoffice.settings import Settings
from backoffice.vault import Vault
from backoffice.web.metrics import Metrics
from backoffice.web.published import Operation


@dataclass(frozen=True)
class Installation:
    """Made once by the composition root; a contract without a graph here has no path."""

    settings: Settings
    database: Database
    vault: Vault
    access_log: AccessLog
    printer: Printer
    graphs: Mapping[Contract, Graph]
    published: Mapping[Contract, Sequence[Operation]]
    metrics: Metrics
    console: Path
    """The folder of the built console."""
    worker: Worker | None = None
    """Runs beside the requests; None where other processes do its work."""


@dataclass
class Note:
    """What the log line and the metrics of one request will tell; filled in as it becomes known."""

    request_id: str
    viewer: Viewer | None = None
    operation: str | None = None


def installation_of(request: Request) -> Installation:
    """The installation that serves this request."""
    found = request.app.state.installation
    assert isinstance(found, Installation)
    return found


def note_of(request: Request) -> Note:
    """The note of this request."""
    found = request.state.note
    assert isinstance(found, Note)
    return found
