"""Slots of devices: how many of their own a subscriber may link, and which of those that take one are not used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.fields import subscribers
from backoffice.fields.declare import Moment
from backoffice.models import Device, Subscriber
from backoffice.policy import Policy
from backoffice.services.device_states import LINKED

_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Slots:
    """Slots that are taken, of those that the offers in force give."""

    used: int
    limit: int

    @property
    def has_free(self) -> bool:
        """Whether one more device can be linked; after a change to a smaller offer more are taken than there are."""
        return self.used < self.limit


class DeviceLimitReached(BackofficeError):
    """Every slot is taken; `inactive` are the linked devices that nobody has used lately, longest unused first."""

    code = "DEVICE_LIMIT_REACHED"

    def __init__(self, slots: Slots, inactive: Sequence[Device]) -> None:
        super().__init__(
            f"{slots.used} of {slots.limit} slots are taken: remove a device that is not used any more, "
            "or name it in 'replacingId'.",
            field="deviceId",
        )
        self.slots = slots
        self.inactive = inactive


async def read(session: AsyncSession, *, subscriber_id: int, moment: Moment) -> Slots:
    """The slots of a subscriber now."""
    found = await session.execute(
        select(
            subscribers.slots_used(Subscriber, moment).label("used"),
            subscribers.slots_allowed(Subscriber, moment).label("limit"),
        ).where(Subscriber.id == subscriber_id)
    )
    used, limit = found.one()
    return Slots(used, limit)


async def require_free(session: AsyncSession, *, subscriber_id: int, moment: Moment, policy: Policy) -> None:
    """Raise DeviceLimitReached unless a slot is free. The subscriber must be locked: a free slot then stays free."""
    slots = await read(session, subscriber_id=subscriber_id, moment=moment)
    if not slots.has_free:
        raise DeviceLimitReached(slots, await _inactive(session, subscriber_id, moment, policy))


async def _inactive(session: AsyncSession, subscriber_id: int, moment: Moment, policy: Policy) -> Sequence[Device]:
    used_at = func.coalesce(Device.last_seen_at, Device.linked_at)
    found = await session.execute(
        select(Device)
        .where(Device.subscriber_id == subscriber_id, Device.state.in_(LINKED), Device.is_lent.is_(False))
        .where(used_at < moment.at - timedelta(days=policy.device_inactive_days))
        .order_by(used_at, Device.id)
        .limit(_MOST_LISTED)
    )
    unused = found.scalars().all()
    for device in unused:
        session.expunge(device)  # the refusal outlives its transaction, and is shown with them
    return unused
