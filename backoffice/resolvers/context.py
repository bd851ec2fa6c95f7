"""What the resolvers of one request share."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import strawberry

from backoffice.database import Database
from backoffice.documents.printers import Printer
from backoffice.fields.declare import Moment
from backoffice.permissions import Viewer
from backoffice.resolvers.loaders import Loaders
from backoffice.services.access_log import AccessLog
from backoffice.settings import Settings
from backoffice.vault import Vault


@dataclass(slots=True)
class Context:
    """One request: who asks, when, and through which loaders. It holds a way to open sessions, never a session."""

    viewer: Viewer
    database: Database
    vault: Vault
    access_log: AccessLog
    printer: Printer
    moment: Moment
    currency: str
    zone: str
    request_id: str
    loaders: Loaders
    operation_name: str | None = None
    logged_subscribers: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    """The write that logs the opening of each file in this request."""

    @classmethod
    def make(
        cls,
        *,
        viewer: Viewer,
        database: Database,
        vault: Vault,
        access_log: AccessLog,
        printer: Printer,
        settings: Settings,
        at: datetime,
        request_id: str,
    ) -> "Context":
        """The context of a request that arrived at the instant `at`."""
        moment = Moment(at, at.astimezone(ZoneInfo(settings.time_zone)).date(), settings.time_zone)
        return cls(
            viewer=viewer,
            database=database,
            vault=vault,
            access_log=access_log,
            printer=printer,
            moment=moment,
            currency=settings.currency,
            zone=settings.time_zone,
            request_id=request_id,
            loaders=Loaders(database, viewer, moment),
        )

    @property
    def at(self) -> datetime:
        """The instant of the request."""
        return self.moment.at


if TYPE_CHECKING:
    Info = strawberry.Info[Context, None]
else:
    Info = strawberry.Info
