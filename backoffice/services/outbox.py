"""The outbox: what must happen outside is written down in the transaction that causes it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.ids import new_id
from backoffice.models import OutboxKind, OutboxMessage


def mail(session: AsyncSession, *, subscriber_id: int, template: str, about: int, at: datetime) -> None:
    """Ask for a mail to the subscriber, made of `template` and the row `about`; the same two are sent once."""
    session.add(
        OutboxMessage(
            subscriber_id=subscriber_id,
            id=new_id(at),
            kind=OutboxKind.MAIL,
            payload={"template": template, "about": about},
            dedupe_key=f"mail:{template}:{about}",
            created_at=at,
            available_at=at,
        )
    )
