"""Whoever sees a row of a subscriber opens that file: an entry in the access log, once a request, before the row leaves."""

import asyncio
from collections.abc import Iterable

from backoffice.permissions import ActorKind
from backoffice.resolvers.context import Context
from backoffice.services.access_log import scrubbed


async def opened(context: Context, subscriber_id: int) -> None:
    """Log that the viewer opened a file; a subscriber's own is not logged."""
    await all_opened(context, [subscriber_id])


async def all_opened(context: Context, subscriber_ids: Iterable[int]) -> None:
    """Log that the viewer opened these files, together; raises what the write raised, to every reader of the file."""
    if context.viewer.kind is ActorKind.SUBSCRIBER:
        return
    asked = {each for each in subscriber_ids if each}
    writes = context.logged_subscribers
    unwritten = sorted(asked - writes.keys())
    if unwritten:
        writes.update(dict.fromkeys(unwritten, asyncio.create_task(_write(context, unwritten))))
    for write in {writes[each] for each in asked}:
        # Shielded: one reader who gives up must not fail the others who wait for the same write.
        await asyncio.shield(write)


async def listed(context: Context, query: str, subscriber_ids: list[int]) -> None:
    """Log what was looked for, and that the file of every row that was found is open."""
    await asyncio.gather(searched(context, query, len(subscriber_ids)), all_opened(context, subscriber_ids))


async def searched(context: Context, query: str, hits: int) -> None:
    """Log what was looked for, whatever was found."""
    await context.access_log.search(
        viewer=context.viewer, query=query, hits=hits, operation=context.operation_name, at=context.at
    )


async def looked_up(context: Context, kind: str, key: str, hits: int) -> None:
    """Log a key that led to no one file."""
    # Scrubbed by itself: beside another word an account number cannot be told from a text.
    await searched(context, f"{kind} {scrubbed(key)}", hits)


async def _write(context: Context, subscriber_ids: list[int]) -> None:
    try:
        await context.access_log.files(
            viewer=context.viewer, subscriber_ids=subscriber_ids, operation=context.operation_name, at=context.at
        )
    except BaseException:
        # What was not written must be written by whoever reads the file next.
        for each in subscriber_ids:
            context.logged_subscribers.pop(each, None)
        raise
