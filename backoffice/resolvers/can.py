"""What the viewer may do with an object."""

from typing import Any

import strawberry

from backoffice.fields import entity
from backoffice.fields.declare import Expression
from backoffice.models import CreditNote, InvoiceLine, Refund, Subscriber
from backoffice.resolvers import quoted_acts
from backoffice.resolvers.context import Context, Info
from backoffice.services import abilities, money_abilities

_NO_TICKETS = (InvoiceLine, CreditNote, Refund)
"""What no ticket is about by itself."""


async def can(root: strawberry.Parent[Any], info: Info) -> list[abilities.Ability]:
    """The actions on this object; what they are depends on the subscriber whose it is, too."""
    context, owner = info.context, root
    if not isinstance(root, Subscriber):
        owner = await context.loaders.row(entity("Subscriber")).load((root.subscriber_id, root.subscriber_id))
    tickets = [] if isinstance(root, _NO_TICKETS) else abilities.of(context.viewer, root, owner=owner)
    is_reversed = isinstance(root, CreditNote) and await _is_reversed(context, root)
    money = money_abilities.of(quoted_acts.situation(context), root, owner=owner, is_reversed=is_reversed)
    return [*tickets, *money]


async def _is_reversed(context: Context, note: CreditNote) -> bool:
    notes = entity("CreditNote")
    declared = notes.declared("is_reversed")
    assert isinstance(declared, Expression), "whether a note was taken back is read by an expression"
    return bool(await context.loaders.value(notes, "is_reversed", declared).load((note.subscriber_id, note.id)))
