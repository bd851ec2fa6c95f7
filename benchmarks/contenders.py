"""Who answers Subscriber 360: two floors by hand, the compiled operation, and the normal executor.

Each takes a subscriber number and gives the bytes that HTTP would carry, after the access log says who opened the file.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import event

import backoffice
from backoffice.compiled.reads import CompiledGraph
from backoffice.database import Database
from backoffice.documents import operators
from backoffice.documents.printers import Printer
from backoffice.documents.rendering import Renderer
from backoffice.permissions import CONTRACT_OF_ROLE, GRANTS, ActorKind, Contract, Role, Viewer
from backoffice.resolvers.context import Context
from backoffice.schema.execution import Graph
from backoffice.services import keys
from backoffice.services.access_log import AccessLog
from backoffice.settings import Settings
from benchmarks.data import AT, VAULT, ZONE
from benchmarks.floor.drivers import Answer, Floor

FLOOR_ROWS = "floor: rows"
FLOOR_JSON = "floor: JSON"
COMPILED = "compiled"
NORMAL = "normal"

_OPERATION = "Subscriber360"
_QUERY = Path(backoffice.__file__).parents[1] / "frontend_queries" / "staff" / "subscriber_360.graphql"
_SETTINGS = Settings(time_zone=ZONE, currency="EUR")
_PRINTER = Printer(operators.read(), Renderer())
_VIEWER = Viewer(
    kind=ActorKind.STAFF,
    id=7,
    display_name="Alix Agent",
    role=Role.AGENT,
    contract=CONTRACT_OF_ROLE[Role.AGENT],
    capabilities=GRANTS[Role.AGENT],
)


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to answer; `answer` takes a subscriber number."""

    name: str
    answer: Callable[[str], Awaitable[bytes]]


@dataclass(slots=True)
class Statements:
    """How many SQL statements were sent so far, transaction control apart."""

    count: int = 0

    def add(self, sent: int) -> None:
        """Count statements of a floor, which passes by the engines."""
        self.count += sent

    def watch(self, database: Database) -> None:
        """Count what passes through the engines."""
        for engine in (database.reader, database.writer):
            event.listen(engine.sync_engine, "before_cursor_execute", self._sent)

    def _sent(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.count += not statement.startswith("BEGIN")


class Silent(AccessLog):
    """Logs nothing: for comparing answers, and for seeing what the log costs."""

    async def file(self, **_: Any) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Graphs:
    """The two executors over one schema, with the caches that a server process would have."""

    normal: Graph = field(default_factory=lambda: Graph(Contract.STAFF))
    compiled: CompiledGraph = field(init=False)
    query: str = field(default_factory=_QUERY.read_text)

    @classmethod
    def of(cls, database: Database) -> "Graphs":
        """The executors for the kind of a database."""
        made = cls()
        made.compiled = CompiledGraph(made.normal, is_sqlite=database.is_sqlite)
        return made


def contenders(database: Database, floor: Floor, graphs: Graphs, log: AccessLog) -> list[Contender]:
    """The four, in the order in which they take turns."""
    return [
        Contender(FLOOR_ROWS, _by_hand(floor.rows, log)),
        Contender(FLOOR_JSON, _by_hand(floor.json, log)),
        Contender(COMPILED, _by_graph(graphs.compiled, graphs.query, database, log)),
        Contender(NORMAL, _by_graph(graphs.normal, graphs.query, database, log)),
    ]


def _by_hand(read: Callable[[str], Awaitable[Answer | None]], log: AccessLog) -> Callable[[str], Awaitable[bytes]]:
    async def answer(number: str) -> bytes:
        found = await read(keys.number(number))
        if found is None:
            return b'{"data":{"subscriber":null}}'
        await log.file(viewer=_VIEWER, subscriber_id=found[0], operation=_OPERATION, at=AT)
        return found[1]

    return answer


def _by_graph(graph: Graph, query: str, database: Database, log: AccessLog) -> Callable[[str], Awaitable[bytes]]:
    async def answer(number: str) -> bytes:
        context = Context.make(
            viewer=_VIEWER,
            database=database,
            vault=VAULT,
            access_log=log,
            printer=_PRINTER,
            settings=_SETTINGS,
            at=AT,
            request_id="benchmark",
        )
        answered = await graph.execute(
            query=query,
            variables={"by": {"number": number}},
            operation_name=_OPERATION,
            context=context,
            allow_mutation=False,
        )
        return orjson.dumps(answered.body)

    return answer
