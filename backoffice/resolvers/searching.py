"""The one search box."""

from dataclasses import dataclass
from typing import Any

from backoffice.errors import BadInput
from backoffice.fields import entity
from backoffice.resolvers import files
from backoffice.resolvers.context import Info
from backoffice.resolvers.refusals import PageTooLarge
from backoffice.services import search as searches

_MOST = 50
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A row that the text leads to, whose it is, and the key that matched."""

    matched_by: searches.MatchedBy
    node: Any
    subscriber: Any


async def search(info: Info, text: str, first: int = 20) -> list[SearchHit]:
    """What `text` leads to, exact keys first. Every use is logged."""
    context = info.context
    if not 1 <= first <= _MOST:
        raise PageTooLarge(first, _MOST)
    if not 1 <= len(text.strip()) <= _LONGEST:
        raise BadInput(f"Type 1 to {_LONGEST} characters of what the customer says.", field="text")
    async with context.database.reading() as session:
        hits = await searches.find(session, viewer=context.viewer, vault=context.vault, text=text, first=first)
    shown = await _shown(info, hits)
    await files.listed(context, text, [hit.subscriber.id for hit in shown])
    return shown


async def _shown(info: Info, hits: list[searches.Hit]) -> list[SearchHit]:
    loaders = info.context.loaders
    nodes: dict[searches.Hit, Any] = {}
    for type_name in sorted({hit.type_name for hit in hits}):
        of_type = [hit for hit in hits if hit.type_name == type_name]
        rows = await loaders.row(entity(type_name)).load_many([(hit.subscriber_id, hit.id) for hit in of_type])
        nodes.update(zip(of_type, rows, strict=True))
    owners = [(hit.subscriber_id, hit.subscriber_id) for hit in hits]
    subscribers = await loaders.row(entity("Subscriber")).load_many(owners)
    shown = [SearchHit(hit.matched_by, nodes[hit], owner) for hit, owner in zip(hits, subscribers, strict=True)]
    return [hit for hit in shown if hit.node is not None and hit.subscriber is not None]
