"""Sign-in tells nobody why it refused, costs the same whatever the reason, and takes a code once."""

import asyncio
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from backoffice.database import Database
from backoffice.models import AuditEntry, AuditOutcome, SessionKind, SpentCode, StaffSession
from backoffice.permissions import SYSTEM, Role
from backoffice.services import passwords, sign_in, staff
from backoffice.services.sign_in import SignInRefused, Why
from backoffice.services.staff_sessions import Opened
from tests.people import VAULT, Person, add_person

NOW = datetime(2026, 11, 21, 9, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


async def judge(person: Person | None, *, otp: str, password: str | None = None, now: datetime = NOW) -> int:
    return await sign_in.judge(
        None if person is None else person.row,
        vault=VAULT,
        password=password or (person.password if person else "x"),
        otp=otp,
        now=now,
    )


async def accept(database: Database, person: Person, step: int = STEP) -> Opened:
    async with database.unit_of_work() as session:
        return await sign_in.accept(session, staff=person.row, time_step=step, kind=SessionKind.TOKEN, at=NOW)


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return (await session.scalar(select(func.count()).select_from(table))) or 0


def code_of(person: Person, step: int) -> str:
    return pyotp.TOTP(person.totp_secret).generate_otp(step)


class TestJudge:
    @pytest.mark.parametrize("offset", [-1, 0, 1])
    async def test_takes_the_code_of_a_clock_one_step_off(self, database: Database, offset: int) -> None:
        person = await add_person(database)

        step = await judge(person, otp=code_of(person, STEP + offset))

        assert step == STEP + offset

    @pytest.mark.parametrize("offset", [-3, -2, 2, 3])
    async def test_refuses_the_code_of_a_clock_further_off(self, database: Database, offset: int) -> None:
        person = await add_person(database)

        with pytest.raises(SignInRefused) as refused:
            await judge(person, otp=code_of(person, STEP + offset))

        assert refused.value.why is Why.WRONG_CODE

    async def test_refuses_the_right_digits_in_another_writing(self, database: Database) -> None:
        person = await add_person(database)
        code = code_of(person, STEP)
        written = [
            "".join(chr(0xFF10 + int(digit)) for digit in code),
            "".join(chr(0x660 + int(digit)) for digit in code),
            f"+{code}",
            f" {code}",
            f"{code}\n",
            f"{code}0",
            code[:5],
            "",
        ]

        for otp in written:
            with pytest.raises(SignInRefused) as refused:
                await judge(person, otp=otp)
            assert refused.value.why is Why.WRONG_CODE

    async def test_gives_one_answer_for_every_reason(self, database: Database) -> None:
        person = await add_person(database)
        other = await add_person(database, login="bela")
        other.row.is_active = False
        attempts = [
            (None, "000000", None),
            (person, code_of(person, STEP), "wrong"),
            (person, "000000" if code_of(person, STEP) != "000000" else "000001", None),
            (other, code_of(other, STEP), None),
        ]

        refusals = []
        for someone, otp, password in attempts:
            with pytest.raises(SignInRefused) as refused:
                await judge(someone, otp=otp, password=password)
            refusals.append(refused.value)

        assert {(refusal.code, refusal.message) for refusal in refusals} == {
            ("SIGN_IN_REFUSED", "The login, the password or the one-time code is not right; a code works only once.")
        }
        assert [refusal.why for refusal in refusals] == [
            Why.UNKNOWN_LOGIN,
            Why.WRONG_PASSWORD,
            Why.WRONG_CODE,
            Why.DISABLED,
        ]

    async def test_computes_hash_and_codes_for_everybody(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person = await add_person(database)
        hashed: list[str | None] = []
        coded: list[int] = []
        matches, generate = passwords.matches, pyotp.TOTP.generate_otp

        async def spied_matches(password: str, stored: str | None) -> bool:
            hashed.append(stored)
            return await matches(password, stored)

        def spied_generate(totp: pyotp.TOTP, step: int) -> str:
            coded.append(step)
            return generate(totp, step)

        monkeypatch.setattr(passwords, "matches", spied_matches)
        monkeypatch.setattr(pyotp.TOTP, "generate_otp", spied_generate)

        for someone, password in ((None, "x"), (person, "wrong"), (person, person.password)):
            with pytest.raises(SignInRefused):
                await judge(someone, otp="not a code", password=password)

        assert hashed == [None, person.row.password_hash, person.row.password_hash]
        assert coded == [STEP, STEP - 1, STEP + 1] * 3


class TestMatches:
    async def test_computes_a_hash_for_an_unknown_user(self, monkeypatch: pytest.MonkeyPatch) -> None:
        verified: list[str] = []

        class Spy:
            def verify(self, stored: str, password: str) -> bool:
                verified.append(stored)
                return True

        monkeypatch.setattr(passwords, "_hasher", Spy())

        answer = await passwords.matches("anything", None)

        assert answer is False
        assert verified == [passwords._UNKNOWN_USER_HASH]


class TestAccept:
    async def test_opens_a_session_and_says_so_in_the_trail(self, database: Database) -> None:
        person = await add_person(database)

        opened = await accept(database, person)

        assert opened.expires_at == NOW + timedelta(hours=8)
        async with database.reading() as session:
            entry = (await session.scalars(select(AuditEntry).where(AuditEntry.operation == "staffSignIn"))).one()
        assert (entry.outcome, entry.actor_id, entry.role) == (AuditOutcome.DONE, person.row.id, Role.AGENT)
        assert entry.target == staff.global_id(person.row)

    async def test_refuses_a_spent_code_and_writes_nothing(self, database: Database) -> None:
        person = await add_person(database)
        await accept(database, person)
        before = await count(database, AuditEntry)

        with pytest.raises(SignInRefused) as refused:
            await accept(database, person)

        assert refused.value.why is Why.SPENT_CODE
        assert await count(database, StaffSession) == 1
        assert await count(database, AuditEntry) == before

    async def test_lets_one_of_ten_at_once_through(self, database: Database) -> None:
        person = await add_person(database)

        answers = await asyncio.gather(*(accept(database, person) for _ in range(10)), return_exceptions=True)

        assert sum(isinstance(answer, Opened) for answer in answers) == 1
        assert sum(isinstance(answer, SignInRefused) for answer in answers) == 9
        assert await count(database, StaffSession) == 1

    async def test_keeps_the_codes_of_two_persons_apart(self, database: Database) -> None:
        first = await add_person(database)
        second = await add_person(database, login="bela")

        await accept(database, first)
        await accept(database, second)

        assert await count(database, StaffSession) == 2

    async def test_forgets_codes_that_are_too_old_to_work(self, database: Database) -> None:
        person = await add_person(database)
        await accept(database, person, STEP - 100)

        await accept(database, person)

        async with database.reading() as session:
            assert list(await session.scalars(select(SpentCode.time_step))) == [STEP]


class TestRecordRefusal:
    async def test_names_the_reason_and_nothing_that_was_typed(self, database: Database) -> None:
        person = await add_person(database)
        refusal = SignInRefused(Why.WRONG_CODE, staff=person.row)

        async with database.unit_of_work() as session:
            await sign_in.record_refusal(session, refusal=refusal, at=NOW)

        async with database.reading() as session:
            entry = (await session.scalars(select(AuditEntry).where(AuditEntry.operation == "staffSignIn"))).one()
        assert (entry.outcome, entry.reason, entry.actor_id) == (AuditOutcome.REFUSED, "WRONG_CODE", SYSTEM.id)
        assert (entry.target, entry.note, entry.after) == (staff.global_id(person.row), None, None)


class TestSignOut:
    async def test_ends_the_session_and_says_so_in_the_trail(self, database: Database) -> None:
        person = await add_person(database)
        opened = await accept(database, person)
        viewer = staff.viewer_of(person.row, session_id=opened.id)

        async with database.unit_of_work() as session:
            await sign_in.sign_out(session, viewer=viewer, session_id=opened.id, at=NOW)

        async with database.reading() as session:
            assert await session.scalar(select(StaffSession.ended_at)) == NOW
            entry = (await session.scalars(select(AuditEntry).where(AuditEntry.operation == "staffSignOut"))).one()
        assert entry.actor_id == person.row.id
