"""GraphQL over HTTP: one handler that every contract mounts with its own graph and its own way to know the viewer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice import clock
from backoffice.errors import Forbidden
from backoffice.permissions import Contract, Viewer
from backoffice.resolvers.context import Context
from backoffice.schema.execution import Answer, Graph
from backoffice.web.authentication import authenticate_staff
from backoffice.web.bodies import parse_json, read_json
from backoffice.web.installation import installation_of, note_of
from backoffice.web.negotiation import GRAPHQL, negotiate
from backoffice.web.refusals import BadRequest, MethodNotAllowed, json_response

_LARGEST_BODY = 1_048_576
_LONGEST_QUERY_STRING = 16_384
_PARAMETERS = ("query", "variables", "operationName", "extensions")

Authenticate = Callable[[Request], Awaitable[Viewer]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The well-formed parameters of a request."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


def routes(graphs: Mapping[Contract, Graph]) -> list[Route]:
    """The paths of the contracts that this installation serves."""
    return [
        route(f"/{contract.value.lower()}/graphql", graph=graph, authenticate=_DOORS[contract])
        for contract, graph in graphs.items()
    ]


def route(path: str, *, graph: Graph, authenticate: Authenticate) -> Route:
    """The path on which `graph` answers those whom `authenticate` lets in."""

    async def handle(request: Request) -> Response:
        viewer = await authenticate(request)
        # Whoever belongs to another contract has no business here, not even with introspection.
        if viewer.contract is not graph.contract:
            raise Forbidden(f"This path serves {graph.contract.value}; your role has another one.")
        media_type = negotiate(request)
        answer = await _execute(request, graph, viewer, await _read(request))
        if answer.is_mutation_refused:
            raise MethodNotAllowed("A mutation needs POST.")
        is_refused = answer.is_request_error and media_type == GRAPHQL
        return json_response(answer.body, status=400 if is_refused else 200, media_type=f"{media_type}; charset=utf-8")

    return Route(path, handle, methods=["GET", "POST"])


async def staff_viewer(request: Request) -> Viewer:
    """The viewer of the contracts whose people come through the staff's door."""
    return (await authenticate_staff(request)).viewer


async def _execute(request: Request, graph: Graph, viewer: Viewer, asked: Asked) -> Answer:
    installation, note = installation_of(request), note_of(request)
    context = Context.make(
        viewer=viewer,
        database=installation.database,
        vault=installation.vault,
        access_log=installation.access_log,
        printer=installation.printer,
        settings=installation.settings,
        at=clock.now(),
        request_id=note.request_id,
    )
    answer = await graph.execute(
        query=asked.query,
        variables=asked.variables,
        operation_name=asked.operation_name,
        context=context,
        allow_mutation=request.method == "POST",
    )
    # Clients choose names as they like, so only ours are written down.
    note.operation = installation.metrics.known(context.operation_name or asked.operation_name)
    installation.metrics.operation(contract=graph.contract, name=note.operation, outcome=_outcome(answer))
    return answer


def _outcome(answer: Answer) -> str:
    if answer.is_mutation_refused or answer.is_request_error:
        return "REFUSED"
    return "ERRORS" if answer.body.get("errors") else "OK"


async def _read(request: Request) -> Asked:
    if request.method == "POST":
        return _asked(await read_json(request, largest_bytes=_LARGEST_BODY))
    if len(request.scope["query_string"]) > _LONGEST_QUERY_STRING:
        raise BadRequest(f"The query string is longer than {_LONGEST_QUERY_STRING} bytes; use POST.")
    return _asked(_parameters(request))


def _parameters(request: Request) -> dict[str, Any]:
    """The parameters of a GET request, of which `variables` and `extensions` are JSON."""
    found: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in found:
            raise BadRequest(f"The parameter '{name}' is given twice.")
        if name in _PARAMETERS:
            is_json = name in {"variables", "extensions"} and value
            found[name] = parse_json(value.encode(errors="replace")) if is_json else value
    return found


def _asked(body: Any) -> Asked:
    """The parameters of a request; raises BadRequest for what has the wrong type, batches included."""
    if not isinstance(body, dict):
        raise BadRequest('Send one object: {"query": …, "variables": …, "operationName": …}.')
    query, variables, operation_name, extensions = (body.get(name) for name in _PARAMETERS)
    if not isinstance(query, str) or not query:
        raise BadRequest("'query' must be the text of a document.", field="query")
    if not (variables is None or isinstance(variables, dict)):
        raise BadRequest("'variables' must be an object.", field="variables")
    if not (operation_name is None or isinstance(operation_name, str)):
        raise BadRequest("'operationName' must be a text.", field="operationName")
    if not (extensions is None or isinstance(extensions, dict)):
        raise BadRequest("'extensions' must be an object.", field="extensions")
    return Asked(query=query, variables=variables, operation_name=operation_name or None)


# Subscribers have a door of their own.
_DOORS: dict[Contract, Authenticate] = {Contract.STAFF: staff_viewer, Contract.ANALYST: staff_viewer}
