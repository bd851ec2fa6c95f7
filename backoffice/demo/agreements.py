"""Service levels: how soon a ticket is answered and solved, by channel and priority, by date."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backoffice.billing.periods import add_months
from backoffice.demo.catalogue import OPENED_ON
from backoffice.demo.identifiers import Ids
from backoffice.demo.rows import Rows
from backoffice.demo.window import Window
from backoffice.models import TicketChannel, TicketPriority

_HOURS = {
    TicketPriority.LOW: (48, 240),
    TicketPriority.NORMAL: (24, 120),
    TicketPriority.HIGH: (8, 48),
    TicketPriority.URGENT: (2, 24),
}
_SLOWNESS = {
    TicketChannel.WEB: 1,
    TicketChannel.EMAIL: 1,
    TicketChannel.CHAT: 1,
    TicketChannel.PHONE: 1,
    TicketChannel.LETTER: 3,
}


@dataclass(frozen=True, slots=True)
class Level:
    """Hours to the first answer and to the solution, from a day on."""

    starts_on: date
    first_response_hours: int
    resolution_hours: int


Levels = dict[tuple[TicketChannel, TicketPriority], list[Level]]


def write(rows: Rows, *, seed: int, window: Window) -> None:
    """Add the policies."""
    ids = Ids(random.Random(f"{seed}:service levels"))
    for (channel, priority), agreed in levels(window).items():
        for level in agreed:
            rows.add(
                "sla_policies",
                id=ids.make(window.at(OPENED_ON, 10)),
                channel=channel,
                priority=priority,
                starts_on=level.starts_on,
                first_response_hours=level.first_response_hours,
                resolution_hours=level.resolution_hours,
            )


def levels(window: Window) -> Levels:
    """Every level, oldest first; e-mails are answered sooner since four months ago."""
    made: Levels = {}
    for channel in TicketChannel:
        for priority in TicketPriority:
            first, solved = (hours * _SLOWNESS[channel] for hours in _HOURS[priority])
            made[channel, priority] = [Level(OPENED_ON, first, solved)]
            if channel is TicketChannel.EMAIL:
                sooner = Level(add_months(window.on.replace(day=1), -4), first // 2, solved)
                made[channel, priority].append(sooner)
    return made


def due(
    levels: Levels, channel: TicketChannel, priority: TicketPriority, opened_on: date, opened_at: datetime
) -> tuple[datetime, datetime]:
    """When the first answer and the solution of a ticket are due."""
    level = next(level for level in reversed(levels[channel, priority]) if level.starts_on <= opened_on)
    return (
        opened_at + timedelta(hours=level.first_response_hours),
        opened_at + timedelta(hours=level.resolution_hours),
    )
