"""Any object by its global id."""

from typing import Any

import strawberry

from backoffice.ids import GlobalId
from backoffice.resolvers import files, ids
from backoffice.resolvers.context import Info


async def node(info: Info, id: strawberry.ID) -> Any:  # noqa: A002 - the name of the argument in the graph
    """The object, or null: malformed, unknown and foreign ids are answered alike."""
    found = await ids.row_or_none(info.context, id)
    given = GlobalId.decode(id)
    if found is None and given is None:
        await files.looked_up(info.context, "node", id, 0)
    elif found is None:
        await files.searched(info.context, f"node {id}", 0)  # what looks like a number in an id is none
    elif given is not None:
        await files.opened(info.context, given.subscriber_id)
    return found
