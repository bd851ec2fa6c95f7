"""The one place that turns a viewer into the rows they may see.

Every read takes its predicate from here: roots, edges, ids, searches, links, compiled statements.
"""

from typing import Any

from sqlalchemy import ColumnElement, false, true

from backoffice.models.base import Base
from backoffice.permissions import ActorKind, Contract, Viewer


def rows(viewer: Viewer, model: type[Base]) -> ColumnElement[bool]:
    """The condition under which a row of `model` is the viewer's to see."""
    owner: Any = getattr(model, "subscriber_id", None)
    if owner is None:
        return true()
    if viewer.kind is ActorKind.SUBSCRIBER:
        return owner == viewer.subscriber_id if viewer.subscriber_id is not None else false()
    # Analysts see aggregates, never a person's row.
    return false() if viewer.contract is Contract.ANALYST else true()
