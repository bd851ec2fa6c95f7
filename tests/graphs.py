"""Asking the graph in tests, without HTTP."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backoffice.database import Database
from backoffice.documents import operators
from backoffice.documents.pages import Document, to_html
from backoffice.documents.printers import Printer
from backoffice.documents.rendering import Renderer
from backoffice.permissions import Contract, Viewer
from backoffice.resolvers.context import Context
from backoffice.schema.execution import Answer, Graph
from backoffice.services.access_log import AccessLog
from backoffice.settings import Settings
from backoffice.vault import Vault
from tests.factories import NOW, viewer

STAFF = Graph(Contract.STAFF)
VAULT = Vault([b"a key for tests, thirty-two chars"])


class Typist(Renderer):
    """Hands documents out as HTML: what they say, without the time that printing takes."""

    async def render(self, document: Document) -> bytes:
        return to_html(document).encode()


PRINTER = Printer(operators.read(), Typist())


@dataclass
class Asked:
    """A graph with a database and someone who asks, at an instant."""

    database: Database
    by: Viewer
    at: datetime = NOW
    printer: Printer = PRINTER

    async def ask(self, query: str, _operation: str | None = None, **variables: Any) -> Answer:
        """The whole answer."""
        return await STAFF.execute(
            query=query,
            variables=variables,
            operation_name=_operation,
            context=context(self.database, self.by, at=self.at, printer=self.printer),
            allow_mutation=True,
        )

    async def data(self, query: str, **variables: Any) -> Any:
        """The data of an answer that must have no errors."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer.body, answer.body
        return answer.body["data"]

    async def codes(self, query: str, **variables: Any) -> list[str]:
        """The codes of the errors of an answer."""
        answer = await self.ask(query, **variables)
        return [error["extensions"]["code"] for error in answer.body.get("errors", [])]


def context(database: Database, by: Viewer, *, at: datetime = NOW, printer: Printer = PRINTER) -> Context:
    """The context of one request."""
    return Context.make(
        viewer=by,
        database=database,
        vault=VAULT,
        access_log=AccessLog(database),
        printer=printer,
        settings=Settings(),
        at=at,
        request_id="test-request",
    )


def asking(database: Database, by: Viewer | None = None, *, at: datetime = NOW) -> Asked:
    """Someone, an agent unless said, who asks the staff graph."""
    return Asked(database, by or viewer(), at)
