"""Identifiers: 63-bit integers in order of time, and the opaque global ids made of them.

The application makes ids, not the database: a batch can be prepared with its references before anything is written,
and two databases can be merged. 43 bits count milliseconds since 2020 (until 2298), 20 bits tell one millisecond apart.
"""

import base64
import binascii
import random
from dataclasses import dataclass
from datetime import UTC, datetime

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_SEQUENCE_BITS = 20
_SEQUENCE = 1 << _SEQUENCE_BITS
_LARGEST = (1 << 63) - 1


class IdMaker:
    """Makes increasing ids; the start within a millisecond is drawn from `rng`, so that processes do not collide."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng or random.SystemRandom()
        self._last = 0

    def make(self, at: datetime) -> int:
        """The next id, not before `at` (an instant from 2020 on)."""
        milliseconds = int((at - _EPOCH).total_seconds() * 1000)
        if milliseconds < 0:
            raise ValueError("Ids cannot be made for an instant before 2020.")
        first = milliseconds << _SEQUENCE_BITS
        # Drawn once a millisecond: drawing costs more than counting.
        self._last = self._last + 1 if self._last >= first else first + self._rng.randrange(_SEQUENCE // 2)
        return self._last


_maker = IdMaker()


def new_id(at: datetime) -> int:
    """An id for a row that is made at the instant `at`."""
    return _maker.make(at)


@dataclass(frozen=True, slots=True)
class GlobalId:
    """The type and the whole key of a row; `subscriber_id` is 0 for what belongs to no subscriber."""

    type_name: str
    subscriber_id: int
    id: int

    def encode(self) -> str:
        """The opaque text that the graph shows: base64url of `Type:subscriber:id` without padding."""
        text = f"{self.type_name}:{self.subscriber_id}:{self.id}"
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> "GlobalId | None":
        """The id that `text` stands for, or None when it stands for none: only what `encode` writes is read."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
            type_name, subscriber_id, row_id = raw.split(":")
            made = cls(type_name, int(subscriber_id), int(row_id))
        except (binascii.Error, UnicodeError, ValueError):
            return None
        in_range = 0 <= made.subscriber_id <= _LARGEST and 0 < made.id <= _LARGEST
        return made if in_range and made.encode() == text else None
