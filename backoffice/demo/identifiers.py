"""Ids of one subscriber's rows, made from the instants at which the rows came about."""

import random
from datetime import datetime

from backoffice.ids import IdMaker


class Ids:
    """Rows are made in any order of time, so each instant has a maker of its own: ids stay unique and in order."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._makers: dict[datetime, IdMaker] = {}

    def make(self, at: datetime) -> int:
        """An id for a row of the instant `at` (whole seconds), above those already made for that instant."""
        maker = self._makers.get(at)
        if maker is None:
            maker = self._makers[at] = IdMaker(self._rng)
        return maker.make(at)
