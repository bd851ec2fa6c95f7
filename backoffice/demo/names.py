"""Pools of invented French names, streets and towns, drawn once: Faker is too slow to be asked for each subscriber."""

import random
from dataclasses import dataclass

from faker import Faker

_SIZE = 400

_DEPARTMENTS = (
    # department, region, first digit of its telephone numbers
    ("75", "Île-de-France", 1),
    ("78", "Île-de-France", 1),
    ("93", "Île-de-France", 1),
    ("14", "Normandie", 2),
    ("29", "Bretagne", 2),
    ("35", "Bretagne", 2),
    ("44", "Pays de la Loire", 2),
    ("37", "Centre-Val de Loire", 2),
    ("59", "Hauts-de-France", 3),
    ("67", "Grand Est", 3),
    ("68", "Grand Est", 3),
    ("21", "Bourgogne-Franche-Comté", 3),
    ("69", "Auvergne-Rhône-Alpes", 4),
    ("38", "Auvergne-Rhône-Alpes", 4),
    ("13", "Provence-Alpes-Côte d'Azur", 4),
    ("06", "Provence-Alpes-Côte d'Azur", 4),
    ("31", "Occitanie", 5),
    ("33", "Nouvelle-Aquitaine", 5),
    ("64", "Nouvelle-Aquitaine", 5),
)


@dataclass(frozen=True, slots=True)
class Town:
    """An invented town; `zone` is the first digit of its telephone numbers after the 0."""

    postcode: str
    city: str
    region: str
    zone: int


@dataclass(frozen=True)
class Names:
    """What persons and addresses are combined from."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[Town, ...]


def draw(seed: int) -> Names:
    """The pools of one seed."""
    faker = Faker("fr_FR")
    faker.seed_instance(seed)
    rng = random.Random(f"{seed}:towns")
    return Names(
        women=tuple(faker.first_name_female() for _ in range(_SIZE)),
        men=tuple(faker.first_name_male() for _ in range(_SIZE)),
        families=tuple(faker.last_name() for _ in range(_SIZE)),
        streets=tuple(faker.street_name() for _ in range(_SIZE)),
        towns=tuple(_town(faker.city(), rng) for _ in range(_SIZE)),
    )


def _town(city: str, rng: random.Random) -> Town:
    department, region, zone = rng.choice(_DEPARTMENTS)
    return Town(f"{department}{rng.randrange(1, 90) * 10:03d}", city, region, zone)
