"""The staff of the demo. Passwords and second factors are random secrets, never drawn from the seed."""

import random
import secrets
from dataclasses import dataclass

import pyotp

from backoffice.demo.catalogue import OPENED_ON
from backoffice.demo.identifiers import Ids
from backoffice.demo.rows import Rows
from backoffice.demo.window import Window
from backoffice.permissions import ActorKind, Role
from backoffice.services import passwords
from backoffice.vault import Vault

_MEMBERS = (
    ("agent", "Maëlle Kerguelen", Role.AGENT),
    ("agent2", "Jordan Fauvel", Role.AGENT),
    ("agent3", "Inès Quentric", Role.AGENT),
    ("agent4", "Théo Marchandeau", Role.AGENT),
    ("superviseur", "Solène Arbogast", Role.SUPERVISOR),
    ("facturation", "Bastien Loubière", Role.BILLING),
    ("analyste", "Nadège Pontoizeau", Role.ANALYST),
    ("dpo", "Hugues Delorière", Role.DPO),
    ("admin", "Mathilde Ossart", Role.ADMIN),
)


@dataclass(frozen=True, slots=True)
class Access:
    """What one person signs in with."""

    role: Role
    login: str
    password: str
    totp_secret: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever did something, as histories write it."""

    kind: ActorKind
    id: int
    name: str


SYSTEM = Actor(ActorKind.SYSTEM, 0, "système")


@dataclass(frozen=True)
class Crew:
    """The staff as actors, and their secrets."""

    agents: tuple[Actor, ...]
    supervisor: Actor
    billing: Actor
    accesses: tuple[Access, ...]


def write(rows: Rows, *, seed: int, window: Window, vault: Vault) -> Crew:
    """Add the staff to `rows`; the secrets are known only here and in the file of credentials."""
    ids = Ids(random.Random(f"{seed}:staff"))
    actors: dict[Role, list[Actor]] = {}
    accesses = []
    for name, full_name, role in _MEMBERS:
        access = Access(role, f"{name}@demo.example", secrets.token_urlsafe(12), pyotp.random_base32())
        staff_id = ids.make(window.at(OPENED_ON, 8))
        _write_member(rows, staff_id, full_name, access, window, vault)
        actors.setdefault(role, []).append(Actor(ActorKind.STAFF, staff_id, full_name))
        accesses.append(access)
    return Crew(tuple(actors[Role.AGENT]), actors[Role.SUPERVISOR][0], actors[Role.BILLING][0], tuple(accesses))


def _write_member(rows: Rows, staff_id: int, full_name: str, access: Access, window: Window, vault: Vault) -> None:
    rows.add(
        "staff",
        id=staff_id,
        login=access.login,
        full_name=full_name,
        role=access.role,
        password_hash=passwords.hash_now(access.password),
        totp_sealed=vault.encrypt(access.totp_secret, binding=f"staff:{staff_id}"),
        created_at=window.at(OPENED_ON, 8),
    )
