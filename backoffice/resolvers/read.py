"""Reads a declared field of a row: the behaviour that all declarations of a kind share."""

from collections.abc import Awaitable
from typing import Any

from backoffice.fields.declare import Column, Declared, Entity, Expression, Identity, Relation, ToOne, complete, entity
from backoffice.ids import GlobalId
from backoffice.resolvers import files
from backoffice.resolvers.context import Context
from backoffice.resolvers.loaders import Key
from backoffice.resolvers.pages import Page, PageQuery, asked


def value(
    owner: Entity, declared: Declared, row: Any, *, name: str, context: Context, arguments: dict[str, Any]
) -> Any:
    """The value of a field for `row`, or something to await that gives it."""
    match declared:
        case Column(attribute):
            return getattr(row, attribute)
        case Identity():
            return global_id(owner, row)
        case ToOne():
            return _target(declared, row, context)
        case Expression():
            return context.loaders.value(owner, name, declared).load(_key(owner, row))
        case Relation(is_one=True):
            return _first(declared, owner, row, context)
        case Relation():
            target = entity(declared.target)
            loading = page(declared, asked(declared, target, arguments), _parent_key(declared, owner, row), context)
            return _all_opened(loading, target, context) if declared.of_all else loading


def global_id(owner: Entity, row: Any) -> str:
    """The opaque id of a row."""
    return GlobalId(owner.name, owner.subscriber_of(row), row.id).encode()


async def page(relation: Relation, query: PageQuery, key: Key, context: Context) -> Page:
    """A page of a relation."""
    return await context.loaders.page(relation, query).load(key)


async def root(relation: Relation, arguments: dict[str, Any], context: Context) -> Page:
    """A page of all rows that the viewer may see."""
    return await page(relation, asked(relation, entity(relation.target), arguments), (0, 0), context)


def _target(declared: ToOne, row: Any, context: Context) -> Any:
    target = entity(declared.target)
    row_id = getattr(row, declared.key)
    if row_id is None:
        return None
    if target.name == "Subscriber":
        # Asked for now and not when awaited: fields of one level must share one statement.
        return _opened(context.loaders.row(target).load((row_id, row_id)), context)
    return context.loaders.row(target).load((row.subscriber_id if target.is_of_subscriber else 0, row_id))


async def _opened(loading: Awaitable[Any], context: Context) -> Any:
    """The subscriber's row, once the opening of the file is logged."""
    subscriber = await loading
    if subscriber is not None:
        await files.opened(context, subscriber.id)
    return subscriber


async def _all_opened(loading: Awaitable[Page], target: Entity, context: Context) -> Page:
    """A page of rows of several subscribers, once the opening of their files is logged."""
    found = await loading
    await files.all_opened(context, {target.subscriber_of(row) for row in found.rows})
    return found


async def _first(declared: Relation, owner: Entity, row: Any, context: Context) -> Any:
    target = entity(declared.target)
    query = PageQuery(first=1, order=complete(target, declared.order))
    found = await page(declared, query, _parent_key(declared, owner, row), context)
    return found.rows[0] if found.rows else None


def _key(owner: Entity, row: Any) -> Key:
    return (owner.subscriber_of(row), row.id)


def _parent_key(declared: Relation, owner: Entity, row: Any) -> Key:
    """The key under which the relation's rows are found: their `by` column, within their subscriber if they have one."""
    subscriber = owner.subscriber_of(row)
    return (subscriber, subscriber if declared.by == "subscriber_id" else row.id)
