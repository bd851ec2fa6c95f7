"""The composition root: makes what one process needs, each thing once, from the settings to the web application."""

from pathlib import Path

from starlette.applications import Starlette

import backoffice
from backoffice import clock
from backoffice.compiled.reads import CompiledGraph
from backoffice.database import Database
from backoffice.documents import operators
from backoffice.documents.printers import Printer
from backoffice.documents.rendering import Renderer
from backoffice.gateway.sandbox import Sandbox
from backoffice.jobs import handlers
from backoffice.jobs.worker import Worker
from backoffice.permissions import Contract
from backoffice.schema.execution import Graph
from backoffice.services.access_log import AccessLog
from backoffice.settings import Settings
from backoffice.vault import Vault
from backoffice.web.app import create_app
from backoffice.web.installation import Installation
from backoffice.web.metrics import Metrics
from backoffice.web.published import operations

_SERVED = (Contract.STAFF,)


def compose(settings: Settings, database: Database) -> Starlette:
    """The application over an open database, which it closes when it ends. Raises BadOperator."""
    clock.start_at(settings.clock)
    published = {contract: operations(contract.value.lower()) for contract in Contract}
    names = {operation.name for listed in published.values() for operation in listed}
    return create_app(
        Installation(
            settings=settings,
            database=database,
            vault=Vault(settings.keys),
            access_log=AccessLog(database),
            printer=Printer(operators.read(settings.operator), Renderer()),
            graphs={contract: _graph(contract, settings, database) for contract in _SERVED},
            published=published,
            metrics=Metrics(known_operations=names),
            console=Path(backoffice.__file__).parent / "console" / "static",
            worker=make_worker(settings, database),
        )
    )


def make_worker(settings: Settings, database: Database) -> Worker:
    """The worker of this process, with the sandbox as its bank.

    In production there is no bank yet, and play money must not settle real debts: what moves money waits in the outbox.
    """
    bank = Sandbox(settings.data_dir / "gateway-sandbox.sqlite3", now=clock.now)
    has_bank = settings.environment != "production"
    money = handlers.of_money(database, bank, currency=settings.currency) if has_bank else {}
    made = Worker(database, money, now=clock.now, zone=settings.time_zone)
    bank.listen(made.notice)
    return made


def _graph(contract: Contract, settings: Settings, database: Database) -> Graph:
    graph = Graph(contract)
    return CompiledGraph(graph, is_sqlite=database.is_sqlite) if settings.compiled_reads else graph
