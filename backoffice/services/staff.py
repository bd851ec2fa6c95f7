"""The staff: who may sign in, and the viewer that each of them is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError, NotFound
from backoffice.ids import GlobalId, new_id
from backoffice.models import AuditOutcome, Staff
from backoffice.permissions import CONTRACT_OF_ROLE, GRANTS, ActorKind, Role, Viewer
from backoffice.services import audit, passwords, staff_sessions
from backoffice.vault import Vault

_LOGIN = re.compile(r"[^\s\x00-\x1f\x7f]{2,80}")
_SHORTEST_PASSWORD = 12


class LoginTaken(BackofficeError):
    """Somebody, perhaps disabled, already has this login; the trail must never confuse two persons."""

    code = "LOGIN_TAKEN"

    def __init__(self, login: str) -> None:
        super().__init__(f"The login '{login}' is taken; choose another one.", field="login")


class BadStaff(BackofficeError):
    """What was given cannot describe a member of the staff."""

    code = "BAD_STAFF"


@dataclass(frozen=True, slots=True)
class Created:
    """A new member of the staff; the secret is told once and kept sealed from then on."""

    staff: Staff
    totp_secret: str

    @property
    def totp_uri(self) -> str:
        """What an authenticator app reads, usually as a QR code."""
        return pyotp.TOTP(self.totp_secret).provisioning_uri(name=self.staff.login, issuer_name="backoffice")


def normalised(login: str) -> str:
    """A login as it is stored and compared: case and surrounding blanks do not count."""
    return login.strip().casefold()


def viewer_of(staff: Staff, *, session_id: int | None = None, stepped_up_until: datetime | None = None) -> Viewer:
    """The viewer that this member of the staff is."""
    return Viewer(
        kind=ActorKind.STAFF,
        id=staff.id,
        display_name=staff.full_name,
        contract=CONTRACT_OF_ROLE[staff.role],
        capabilities=GRANTS[staff.role],
        role=staff.role,
        session_id=session_id,
        stepped_up_until=stepped_up_until,
    )


def global_id(staff: Staff) -> str:
    """How the trail names this member of the staff."""
    return GlobalId("StaffMember", 0, staff.id).encode()


def totp_binding(staff_id: int) -> str:
    """What the sealed TOTP secret of a member of the staff is bound to."""
    return f"staff:{staff_id}"


async def create(
    session: AsyncSession,
    *,
    viewer: Viewer,
    vault: Vault,
    login: str,
    full_name: str,
    role: Role,
    password: str,
    at: datetime,
    totp_secret: str | None = None,
) -> Created:
    """Add a member of the staff; raises LoginTaken and BadStaff. Without `totp_secret` one is drawn."""
    _check(login=login, full_name=full_name, password=password)
    if await find(session, login=login) is not None:
        raise LoginTaken(normalised(login))
    secret = totp_secret or pyotp.random_base32()
    staff_id = new_id(at)
    staff = Staff(
        id=staff_id,
        login=normalised(login),
        full_name=full_name.strip(),
        role=role,
        is_active=True,
        password_hash=passwords.hash_now(password),
        totp_sealed=vault.encrypt(secret, binding=totp_binding(staff_id)),
        created_at=at,
    )
    session.add(staff)
    await session.flush()  # the audit entry tells of a row that exists
    await audit.append(
        session,
        viewer=viewer,
        operation="staffAdd",
        outcome=AuditOutcome.DONE,
        at=at,
        target=global_id(staff),
        after={"login": staff.login, "role": role.value},
    )
    return Created(staff=staff, totp_secret=secret)


async def find(session: AsyncSession, *, login: str) -> Staff | None:
    """The member of the staff with this login, active or not."""
    found = await session.execute(select(Staff).where(Staff.login == normalised(login)))
    return found.scalar_one_or_none()


async def by_id(session: AsyncSession, *, staff_id: int) -> Staff:
    """The member of the staff with this id, which a session names."""
    return await session.get_one(Staff, staff_id)


async def everyone(session: AsyncSession) -> Sequence[Staff]:
    """All the staff, by login."""
    return (await session.scalars(select(Staff).order_by(Staff.login))).all()


async def disable(session: AsyncSession, *, viewer: Viewer, login: str, at: datetime) -> Staff:
    """Take the right to sign in away and end every session at once; raises NotFound."""
    staff = await find(session, login=login)
    if staff is None:
        raise NotFound(f"Nobody has the login '{normalised(login)}'; 'backoffice staff list' shows all.", field="login")
    if staff.is_active:
        staff.is_active = False
        staff.revision += 1
        await staff_sessions.end_all(session, staff_id=staff.id, at=at)
        await audit.append(
            session,
            viewer=viewer,
            operation="staffDisable",
            outcome=AuditOutcome.DONE,
            at=at,
            target=global_id(staff),
            after={"isActive": False},
        )
    return staff


def _check(*, login: str, full_name: str, password: str) -> None:
    if not _LOGIN.fullmatch(normalised(login)):
        raise BadStaff("A login has 2 to 80 characters without blanks.", field="login")
    if not (1 <= len(full_name.strip()) <= 120 and full_name.isprintable()):
        raise BadStaff("A name has 1 to 120 characters.", field="name")
    if len(password) < _SHORTEST_PASSWORD:
        raise BadStaff(f"A password has at least {_SHORTEST_PASSWORD} characters.", field="password")
