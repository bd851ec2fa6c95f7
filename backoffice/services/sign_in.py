"""Sign-in of the staff: password and one-time code. Every refusal has one answer and one cost, whatever the reason.

The steps run apart because what must survive a refusal – the throttle, the trail – is written in units of its own:
`throttles.charge` → `judge` → `accept`, or `record_refusal`.
"""

import hmac
import re
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.models import AuditOutcome, SessionKind, SpentCode, Staff
from backoffice.permissions import SYSTEM, Viewer
from backoffice.services import audit, passwords, staff_sessions
from backoffice.services.staff import global_id, totp_binding, viewer_of
from backoffice.services.staff_sessions import Opened
from backoffice.vault import Vault

_STEP_SECONDS = 30
# A telephone's clock may be one step off, and no more.
_TOLERATED_STEPS = (0, -1, 1)
STEPPED_UP = timedelta(minutes=10)
"""How long a fresh code counts for acts that ask for one."""
_NOBODYS_SECRET = pyotp.random_base32()


class Why(StrEnum):
    """Why a sign-in was refused; the trail keeps it, the answer never tells."""

    UNKNOWN_LOGIN = "UNKNOWN_LOGIN"
    DISABLED = "DISABLED"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - the name of a reason
    WRONG_CODE = "WRONG_CODE"
    SPENT_CODE = "SPENT_CODE"


class SignInRefused(BackofficeError):
    """The login, the password or the code is wrong; which one stays between `why` and the trail."""

    code = "SIGN_IN_REFUSED"

    def __init__(self, why: Why, *, staff: Staff | None) -> None:
        super().__init__("The login, the password or the one-time code is not right; a code works only once.")
        self.why = why
        self.staff = staff


class StepUpRefused(SignInRefused):
    """The fresh code is wrong, or was used before."""

    code = "STEP_UP_REFUSED"


async def judge(staff: Staff | None, *, vault: Vault, password: str, otp: str, now: datetime) -> int:
    """The time step that `otp` belongs to; raises SignInRefused. No session: the hash takes some 30 ms.

    `now` is real time, whatever the clock of a rehearsal says: the telephone that makes the codes knows nothing of it.
    """
    secret = _NOBODYS_SECRET
    if staff is not None:
        secret = vault.decrypt(staff.totp_sealed, binding=totp_binding(staff.id))
    # All is computed before anything is decided, so that the time taken tells nothing.
    has_password = await passwords.matches(password, None if staff is None else staff.password_hash)
    time_step = _time_step(secret, otp, now)
    if staff is None:
        raise SignInRefused(Why.UNKNOWN_LOGIN, staff=None)
    if not staff.is_active:
        raise SignInRefused(Why.DISABLED, staff=staff)
    if not has_password:
        raise SignInRefused(Why.WRONG_PASSWORD, staff=staff)
    if time_step is None:
        raise SignInRefused(Why.WRONG_CODE, staff=staff)
    return time_step


async def accept(session: AsyncSession, *, staff: Staff, time_step: int, kind: SessionKind, at: datetime) -> Opened:
    """Spend the code and open a session; raises SignInRefused when the code was spent, by whoever came first."""
    await _spend(session, staff=staff, time_step=time_step)
    opened = staff_sessions.open_for(session, staff=staff, kind=kind, at=at)
    await audit.append(
        session,
        viewer=viewer_of(staff, session_id=opened.id),
        operation="staffSignIn",
        outcome=AuditOutcome.DONE,
        at=at,
        target=global_id(staff),
        after={"kind": kind.value},
    )
    return opened


async def step_up(
    session: AsyncSession, *, vault: Vault, viewer: Viewer, person: Staff, otp: str, at: datetime, now: datetime
) -> datetime:
    """Spend a fresh code of the viewer's, the `person` who is signed in already, and return until when it counts.

    `now` is real time, as in `judge`. Raises StepUpRefused for a code that is wrong or spent.
    """
    time_step = _time_step(vault.decrypt(person.totp_sealed, binding=totp_binding(person.id)), otp, now)
    if time_step is None:
        raise StepUpRefused(Why.WRONG_CODE, staff=person)
    try:
        await _spend(session, staff=person, time_step=time_step)
    except SignInRefused as spent:
        raise StepUpRefused(spent.why, staff=person) from spent
    until = at + STEPPED_UP
    assert viewer.session_id is not None, "only a session can be stepped up"
    await staff_sessions.step_up(session, session_id=viewer.session_id, until=until)
    await audit.append(
        session,
        viewer=viewer,
        operation="staffStepUp",
        outcome=AuditOutcome.DONE,
        at=at,
        target=global_id(person),
    )
    return until


async def record_refusal(
    session: AsyncSession, *, refusal: SignInRefused, at: datetime, operation: str = "staffSignIn"
) -> None:
    """Leave the refusal in the trail; who it was is not proven, so the system tells it. Never what was typed."""
    await audit.append(
        session,
        viewer=SYSTEM,
        operation=operation,
        outcome=AuditOutcome.REFUSED,
        at=at,
        reason=refusal.why.value,
        target=None if refusal.staff is None else global_id(refusal.staff),
    )


async def sign_out(session: AsyncSession, *, viewer: Viewer, session_id: int, at: datetime) -> None:
    """End the session that the viewer came with."""
    await staff_sessions.end(session, session_id=session_id, at=at)
    await audit.append(session, viewer=viewer, operation="staffSignOut", outcome=AuditOutcome.DONE, at=at)


def _time_step(secret: str, otp: str, now: datetime) -> int | None:
    # pyotp takes other digits than ASCII, and forgets what it has seen.
    is_code = re.fullmatch(r"[0-9]{6}", otp, re.ASCII) is not None
    current = int(now.timestamp()) // _STEP_SECONDS
    totp = pyotp.TOTP(secret)
    expected = {current + offset: totp.generate_otp(current + offset) for offset in _TOLERATED_STEPS}
    matching = [step for step, code in expected.items() if hmac.compare_digest(code.encode(), otp.encode())]
    return matching[0] if is_code and matching else None


async def _spend(session: AsyncSession, *, staff: Staff, time_step: int) -> None:
    """The row is unique: of two sign-ins with one code, the database lets one through."""
    session.add(SpentCode(staff_id=staff.id, time_step=time_step))
    try:
        await session.flush()  # the refusal must come before a session is opened
    except IntegrityError as spent:
        raise SignInRefused(Why.SPENT_CODE, staff=staff) from spent
    too_old = time_step - 2 * len(_TOLERATED_STEPS)
    await session.execute(delete(SpentCode).where(SpentCode.staff_id == staff.id, SpentCode.time_step < too_old))
