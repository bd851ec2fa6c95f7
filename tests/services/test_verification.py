"""The books of the demo are proven, and each planted fault is named."""

import pytest

from backoffice.database import Database
from backoffice.models import AuditOutcome
from backoffice.services import audit, verification
from tests import factories
from tests.forced import force


async def _found(database: Database) -> list[verification.Fault]:
    async with database.snapshot() as session:
        return [fault async for fault in verification.faults(session)]


class TestFaults:
    async def test_are_none_in_the_demo(self, demo: Database) -> None:
        assert await _found(demo) == []

    @pytest.mark.parametrize(
        "edit",
        [
            "UPDATE audit_entries SET note = 'another' WHERE sequence = 2",
            "DELETE FROM audit_entries WHERE sequence = 2",
            "UPDATE audit_entries SET sequence = 9 WHERE sequence = 3",
            "UPDATE audit_entries SET outcome = 'REFUSED' WHERE sequence = 1",
        ],
    )
    async def test_name_an_edited_trail(self, database: Database, edit: str) -> None:
        async with database.unit_of_work() as session:
            for note in ("one", "two", "three"):
                await audit.append(
                    session,
                    viewer=factories.viewer(),
                    operation="test",
                    outcome=AuditOutcome.DONE,
                    at=factories.NOW,
                    note=note,
                )
        assert await _found(database) == []
        async with database.unit_of_work() as session:
            await force(session, edit)

        assert {fault.check for fault in await _found(database)} == {"audit"}
