"""Opening a subscriber's file leaves an entry in the access log, once a request, before the answer leaves."""

from backoffice.permissions import ActorKind
from backoffice.resolvers.context import Context


async def opened(context: Context, subscriber_id: int) -> None:
    """Log that the viewer opened a file; a subscriber's own is not logged."""
    is_own = context.viewer.kind is ActorKind.SUBSCRIBER
    if is_own or subscriber_id in context.logged_subscribers:
        return
    context.logged_subscribers.add(subscriber_id)
    await context.access_log.file(
        viewer=context.viewer, subscriber_id=subscriber_id, operation=context.operation_name, at=context.at
    )


async def searched(context: Context, query: str, hits: int) -> None:
    """Log what was looked for, whatever was found."""
    await context.access_log.search(
        viewer=context.viewer, query=query, hits=hits, operation=context.operation_name, at=context.at
    )
