"""Members of the staff with known secrets, for tests that sign in."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp

from backoffice.database import Database
from backoffice.models import Staff
from backoffice.permissions import SYSTEM, Role
from backoffice.services import staff
from backoffice.vault import Vault

VAULT = Vault([b"a key for tests, thirty-two chars"])
PASSWORD = "a password for tests"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    row: Staff
    totp_secret: str
    login: str
    password: str = PASSWORD

    def code(self, *, steps: int = 0) -> str:
        """The one-time code of now, or of so many steps later."""
        totp = pyotp.TOTP(self.totp_secret)
        return totp.at(datetime.now(UTC), counter_offset=steps)

    def typed(self, **instead: object) -> dict[str, object]:
        """What this person sends to sign in."""
        return {"login": self.login, "password": self.password, "otp": self.code(), **instead}


async def add_person(
    database: Database, *, login: str = "alix", role: Role = Role.AGENT, vault: Vault = VAULT
) -> Person:
    """A new member of the staff."""
    async with database.unit_of_work() as session:
        created = await staff.create(
            session,
            viewer=SYSTEM,
            vault=vault,
            login=login,
            full_name="Alix Agent",
            role=role,
            password=PASSWORD,
            at=datetime.now(UTC),
        )
    return Person(row=created.staff, totp_secret=created.totp_secret, login=login)
