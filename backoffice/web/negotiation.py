"""Which form of a GraphQL answer a client prefers, as its Accept header says."""

from starlette.requests import Request

from backoffice.web.bodies import parse_media_type
from backoffice.web.refusals import JSON, NotAcceptable

GRAPHQL = "application/graphql-response+json"


def negotiate(request: Request) -> str:
    """GRAPHQL or JSON; raises NotAcceptable when the client takes neither.

    Whoever names both alike gets GRAPHQL, whose statuses tell more; who names none gets JSON, as old clients expect.
    """
    header = ",".join(request.headers.getlist("accept")) or "*/*"
    ranges = [parse_media_type(part) for part in header.split(",") if part.strip()]
    chosen = max((_wish(ranges, offered), offered) for offered in (GRAPHQL, JSON))
    if chosen[0][0] <= 0:
        raise NotAcceptable(f"This path answers with {GRAPHQL} or {JSON}.")
    return chosen[1]


def _wish(ranges: list[tuple[str, dict[str, str]]], offered: str) -> tuple[float, int, bool]:
    """The weight that the most specific range gives to `offered`, how specific it is, and which of two equals wins."""
    for specificity, pattern in ((2, offered), (1, "application/*"), (0, "*/*")):
        for media_type, parameters in ranges:
            if media_type == pattern and parameters.get("charset", "utf-8") in {"utf-8", "utf8"}:
                return _weight(parameters.get("q", "1")), specificity, (offered == GRAPHQL) == (specificity == 2)
    return 0.0, 0, False


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
