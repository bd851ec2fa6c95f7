"""What the viewer may do with an object."""

from typing import Any

import strawberry

from backoffice.fields import entity
from backoffice.models import Subscriber
from backoffice.resolvers.context import Info
from backoffice.services import abilities


async def can(root: strawberry.Parent[Any], info: Info) -> list[abilities.Ability]:
    """The actions on this object; what they are depends on the subscriber whose it is, too."""
    owner = root
    if not isinstance(root, Subscriber):
        key = (root.subscriber_id, root.subscriber_id)
        owner = await info.context.loaders.row(entity("Subscriber")).load(key)
    return abilities.of(info.context.viewer, root, owner=owner)
