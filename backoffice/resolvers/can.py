"""What the viewer may do with an object."""

from typing import Any

import strawberry

from backoffice.resolvers.context import Info
from backoffice.services import abilities


def can(root: strawberry.Parent[Any], info: Info) -> list[abilities.Ability]:
    """The actions on this object."""
    return abilities.of(info.context.viewer, root)
