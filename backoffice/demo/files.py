"""One subscriber's file while it is written: the plan, the ids, the random choices, and where the rows go."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from backoffice.demo.agreements import Levels
from backoffice.demo.catalogue import Catalogue
from backoffice.demo.crew import Actor, Crew
from backoffice.demo.identifiers import Ids
from backoffice.demo.names import Names
from backoffice.demo.numbering import Numbering
from backoffice.demo.plans import Plan
from backoffice.demo.rows import Row, Rows
from backoffice.demo.window import Window
from backoffice.models import DirectoryKind
from backoffice.permissions import ActorKind
from backoffice.vault import Vault


@dataclass(frozen=True, slots=True)
class Operator:
    """What all files share."""

    seed: int
    window: Window
    names: Names
    catalogue: Catalogue
    crew: Crew
    levels: Levels
    numbering: Numbering
    vault: Vault


@dataclass(slots=True)
class File:
    """What is known of one subscriber so far. `number` is printed as S and eight digits."""

    operator: Operator
    plan: Plan
    rows: Rows
    rng: random.Random
    ids: Ids
    subscriber_id: int
    created_at: datetime
    number: str = ""
    full_name: str = ""
    email: str = ""
    phone: str = ""
    login: str = ""
    city: str = ""
    contracts: list[Row] = field(default_factory=list)
    items: dict[tuple[int, str], Row] = field(default_factory=dict)
    devices: list[Row] = field(default_factory=list)
    account: Row = field(default_factory=dict)
    tickets: list[Row] = field(default_factory=list)

    @property
    def window(self) -> Window:
        """The time that the demo covers."""
        return self.operator.window

    @property
    def subscriber(self) -> Actor:
        """The subscriber as the one who acts."""
        return Actor(ActorKind.SUBSCRIBER, self.subscriber_id, self.full_name)

    def at(self, day: date, first_hour: int = 9, last_hour: int = 18) -> datetime:
        """A random instant of a day's hours, the last one not included."""
        second = self.rng.randrange(first_hour * 3600, last_hour * 3600)
        return self.window.at(day, second // 3600, second // 60 % 60, second % 60)

    def add(self, table: str, at: datetime, /, **values: Any) -> Row:
        """Add a row of this subscriber that came about at an instant."""
        return self.rows.add(table, subscriber_id=self.subscriber_id, id=self.ids.make(at), **values)

    def enter(self, kind: DirectoryKind, key: str, target_id: int) -> None:
        """Write a key of this file into the directory."""
        self.rows.add("directory", kind=kind, key=key, subscriber_id=self.subscriber_id, target_id=target_id)
