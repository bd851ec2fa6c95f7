"""Who stands behind an index: name, home and telephones, drawn alike each time, so that neighbours can be looked up."""

import random
from dataclasses import dataclass

from backoffice.demo.names import Names, Town
from backoffice.services import keys

FIRST_NUMBER = 1_000_001
HOUSEHOLD_TURN, HOUSEHOLD_PLACE = 37, 20
_HOME_PREFIXES = {1: "019900", 2: "026191", 3: "035301", 4: "046571", 5: "053649"}
_RESERVED = 10_000
"""Numbers that the French numbering plan keeps for fiction, in each of the ranges that we use."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What one index draws: always the same, so that a neighbour can look it up."""

    is_woman: bool
    first_name: str
    last_name: str
    town: Town
    street: str
    mobile: str
    home: str


def number_of(index: int) -> str:
    """The printed number: S and eight digits, most with a leading zero, some from an older system without."""
    return f"S{FIRST_NUMBER + index + (40_000_000 if index % 10 == 8 else 0):08d}"


def identity(names: Names, *, seed: int, index: int) -> Identity:
    """The person of an index; now and then one who shares the home of the index before."""
    rng = random.Random(f"{seed}:{index}:person")
    is_woman = rng.random() < 0.51
    first_name = rng.choice(names.women if is_woman else names.men)
    if index % HOUSEHOLD_TURN == HOUSEHOLD_PLACE:
        other = identity(names, seed=seed, index=index - 1)
        return Identity(is_woman, first_name, other.last_name, other.town, other.street, _mobile(index), other.home)
    town = rng.choice(names.towns)
    street = f"{rng.randrange(1, 180)} {rng.choice(names.streets)}"
    return Identity(is_woman, first_name, rng.choice(names.families), town, street, _mobile(index), _home(index, town))


def company(who: Identity) -> str:
    """The firm that bears the name."""
    return f"Établissements {who.last_name}"


def local_part(who: Identity) -> str:
    """The name as it begins a login and an e-mail address."""
    return f"{keys.fold(who.first_name)}.{keys.fold(who.last_name)}".replace(" ", "")


def _mobile(index: int) -> str:
    # Beyond the reserved numbers: a range that no operator was given.
    return f"063998{index:04d}" if index < _RESERVED else f"071{index:07d}"


def _home(index: int, town: Town) -> str:
    return f"{_HOME_PREFIXES[town.zone]}{index:04d}" if index < _RESERVED else f"0{town.zone}00{index % 1_000_000:06d}"
