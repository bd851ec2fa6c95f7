"""The operations that the console offers to whoever is signed in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from backoffice.permissions import Contract
from backoffice.web.authentication import authenticate_staff
from backoffice.web.published import Operation
from backoffice.web.refusals import json_response


def routes(published: Mapping[Contract, Sequence[Operation]]) -> list[Route]:
    """The path that lists the operations of the viewer's contract."""

    async def listing(request: Request) -> Response:
        signed_in = await authenticate_staff(request)
        operations = published.get(signed_in.viewer.contract, ())
        return json_response({"operations": [asdict(operation) for operation in operations]})

    return [Route("/console/operations", listing)]
