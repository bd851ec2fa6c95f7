"""The staff are added once, keep their secrets sealed, and leave traces in the trail."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from backoffice.database import Database
from backoffice.errors import NotFound
from backoffice.models import AuditEntry, Staff
from backoffice.permissions import SYSTEM, Contract, Role
from backoffice.services import passwords, staff
from backoffice.services.staff import BadStaff, LoginTaken
from tests.people import VAULT, add_person

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
GIVEN = {"login": "alix", "full_name": "Alix Agent", "role": Role.AGENT, "password": "long enough"}


async def create(database: Database, **given: object) -> staff.Created:
    async with database.unit_of_work() as session:
        return await staff.create(session, viewer=SYSTEM, vault=VAULT, at=NOW, **{**GIVEN, **given})


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return (await session.scalar(select(func.count()).select_from(table))) or 0


class TestCreate:
    async def test_stores_no_secret_in_clear(self, database: Database) -> None:
        created = await create(database, password="a long password")

        async with database.reading() as session:
            row = await staff.find(session, login="alix")

        assert row is not None
        assert "a long password" not in row.password_hash
        assert created.totp_secret.encode() not in row.totp_sealed
        assert VAULT.decrypt(row.totp_sealed, binding=f"staff:{row.id}") == created.totp_secret
        assert await passwords.matches("a long password", row.password_hash)

    async def test_says_in_the_trail_who_was_added(self, database: Database) -> None:
        created = await create(database, password="a long password")

        async with database.reading() as session:
            entry = (await session.scalars(select(AuditEntry))).one()

        assert (entry.operation, entry.target) == ("staffAdd", staff.global_id(created.staff))
        assert entry.after == {"login": "alix", "role": "AGENT"}

    async def test_refuses_a_login_that_differs_by_case_only(self, database: Database) -> None:
        await add_person(database, login="alix")

        with pytest.raises(LoginTaken):
            await create(database, login=" ALIX ", password="a long password")

        assert (await count(database, Staff), await count(database, AuditEntry)) == (1, 1)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"login": "a"}, "login"),
            ({"login": "two words"}, "login"),
            ({"login": "nul\0"}, "login"),
            ({"full_name": " "}, "name"),
            ({"full_name": "line\nbreak"}, "name"),
            ({"password": "too short"}, "password"),
        ],
    )
    async def test_refuses_what_describes_nobody(
        self, database: Database, given: dict[str, object], field: str
    ) -> None:
        with pytest.raises(BadStaff) as refused:
            await create(database, **{"password": "a long password", **given})

        assert refused.value.field == field
        assert await count(database, Staff) == 0


class TestCreated:
    async def test_tells_an_authenticator_what_it_needs(self, database: Database) -> None:
        created = await create(database, password="a long password")

        uri = created.totp_uri

        assert uri == f"otpauth://totp/backoffice:alix?secret={created.totp_secret}&issuer=backoffice"


class TestViewerOf:
    @pytest.mark.parametrize(
        ("role", "contract"),
        [(Role.AGENT, Contract.STAFF), (Role.ADMIN, Contract.STAFF), (Role.ANALYST, Contract.ANALYST)],
    )
    async def test_has_the_contract_of_the_role(self, database: Database, role: Role, contract: Contract) -> None:
        person = await add_person(database, role=role)

        viewer = staff.viewer_of(person.row, session_id=5)

        assert (viewer.contract, viewer.role, viewer.session_id, viewer.subscriber_id) == (contract, role, 5, None)


class TestDisable:
    async def test_says_who_is_unknown(self, database: Database) -> None:
        with pytest.raises(NotFound) as refused:
            async with database.unit_of_work() as session:
                await staff.disable(session, viewer=SYSTEM, login="nobody", at=NOW)

        assert refused.value.message == "Nobody has the login 'nobody'; 'backoffice staff list' shows all."

    async def test_leaves_one_trace_however_often_it_is_done(self, database: Database) -> None:
        await add_person(database)

        for _ in range(2):
            async with database.unit_of_work() as session:
                person = await staff.disable(session, viewer=SYSTEM, login="alix", at=NOW)

        assert (person.is_active, person.revision) == (False, 2)
        async with database.reading() as session:
            entries = list(await session.scalars(select(AuditEntry.operation).order_by(AuditEntry.sequence)))
        assert entries == ["staffAdd", "staffDisable"]
