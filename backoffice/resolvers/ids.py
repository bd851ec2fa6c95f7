"""Global ids that come in: malformed, unknown and foreign ones take the same path and get the same answer."""

from typing import Any

from backoffice.errors import NotFound
from backoffice.fields.declare import ENTITIES, Entity, entity
from backoffice.ids import GlobalId
from backoffice.resolvers.context import Context


async def row(context: Context, text: str, *, of: str | None = None, field: str | None = None) -> Any:
    """The row that a global id stands for; raises NotFound unless the viewer may see one, of the type `of` if said."""
    found = await row_or_none(context, text, of=of)
    if found is None:
        raise not_found(of, field)
    return found


def not_found(of: str | None, field: str | None) -> NotFound:
    """The one refusal of an id: it never says whether there is such a row for someone else."""
    return NotFound(f"There is no such {(of or 'object').lower()}; check the id.", field=field)


async def row_or_none(context: Context, text: str, *, of: str | None = None) -> Any:
    """The row that a global id stands for, or None. A lookup is made whatever the id, so that all take the same path."""
    given = GlobalId.decode(text)
    target = _target(given, of)
    is_sought = given is not None and _fits(given, target, of) and context.viewer.may(target.needs)
    key = (given.subscriber_id, given.id) if given and is_sought else (0, 0)
    return await context.loaders.row(target).load(key)


def _target(given: GlobalId | None, of: str | None) -> Entity:
    if of is not None:
        return entity(of)
    return ENTITIES.get(given.type_name, entity("Subscriber")) if given else entity("Subscriber")


def _fits(given: GlobalId, target: Entity, of: str | None) -> bool:
    """Whether the id is of the right type, with the halves of its key where they belong."""
    if given.type_name != target.name or (of is not None and given.type_name != of):
        return False
    if target.name == "Subscriber":
        return given.subscriber_id == given.id
    return (given.subscriber_id != 0) is target.is_of_subscriber
