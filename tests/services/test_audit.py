"""The audit trail is one chain a subscriber, whoever writes at once, and tells when it was edited."""

import asyncio
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backoffice import models
from backoffice.database import Database
from backoffice.models import AuditOutcome
from backoffice.permissions import SYSTEM
from backoffice.services import audit
from tests import acts, factories
from tests.factories import NOW

_SUBSCRIBER = 77


async def append(database: Database, subscriber_id: int = _SUBSCRIBER, *, undone: bool = False, **given: Any) -> None:
    known = {"viewer": factories.viewer(), "operation": "ticketOpen", "outcome": AuditOutcome.DONE, "at": NOW}
    async with database.unit_of_work() as session:
        await audit.append(session, **{**known, "subscriber_id": subscriber_id, **given})
        if undone:
            raise RuntimeError


class TestAppend:
    async def test_links_each_entry_to_the_one_before(self, database: Database) -> None:
        for operation in ("ticketOpen", "ticketReply", "ticketReply"):
            await append(database, operation=operation)

        entries = await acts.chain(database, _SUBSCRIBER)
        assert [entry.operation for entry in entries] == ["ticketOpen", "ticketReply", "ticketReply"]
        assert entries[0].previous_hash == "0" * 64
        assert len({entry.hash for entry in entries}) == 3

    async def test_keeps_a_chain_for_each_subscriber_and_one_for_the_staff(self, database: Database) -> None:
        for subscriber_id in (1, 2, audit.STAFF_CHAIN, 1):
            await append(database, subscriber_id)

        assert [len(await acts.chain(database, subscriber_id)) for subscriber_id in (1, 2, 0)] == [2, 1, 1]

    async def test_links_several_entries_of_one_transaction(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            for _ in range(3):
                await audit.append(session, viewer=SYSTEM, operation="import", outcome=AuditOutcome.DONE, at=NOW)

        assert len(await acts.chain(database, audit.STAFF_CHAIN)) == 3

    async def test_goes_with_the_transaction(self, database: Database) -> None:
        await append(database)
        with pytest.raises(RuntimeError):
            await append(database, undone=True)
        await append(database)

        assert [entry.sequence for entry in await acts.chain(database, _SUBSCRIBER)] == [1, 2]

    @pytest.mark.parametrize("chains", [[_SUBSCRIBER], [1, 2, 0]])
    async def test_stays_one_chain_when_many_write_at_once(self, database: Database, chains: list[int]) -> None:
        await asyncio.gather(*(append(database, subscriber_id) for subscriber_id in chains for _ in range(12)))

        assert [len(await acts.chain(database, subscriber_id)) for subscriber_id in chains] == [12] * len(chains)


class TestDigest:
    @pytest.mark.parametrize(
        "given",
        [
            {"at": datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=ZoneInfo("Europe/Paris"))},
            {"before": {"b": 1, "a": [1, None, True, "é", {"z": -(2**53)}]}, "after": {}},
            {"before": {"état": "OPEN"}, "after": {"state": models.TicketState.OPEN}},
            {"viewer": SYSTEM, "note": "« Ça »\n\u2028", "reason": "BILLING", "target": "VGlja2V0OjE6MQ"},
        ],
    )
    async def test_is_the_same_once_stored(self, database: Database, given: dict[str, Any]) -> None:
        await append(database, **given)

        assert len(await acts.chain(database, _SUBSCRIBER)) == 1

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("subscriber_id", 78),
            ("sequence", 2),
            ("at", NOW.replace(microsecond=1)),
            ("actor_kind", SYSTEM.kind),
            ("actor_id", 8),
            ("actor_name", "Somebody else"),
            ("role", None),
            ("operation", "ticketReply"),
            ("outcome", AuditOutcome.REFUSED),
            ("reason", "OTHER"),
            ("note", "Another note"),
            ("target", "other"),
            ("before", {"state": "CLOSED"}),
            ("after", None),
            ("previous_hash", "1" * 64),
        ],
    )
    async def test_changes_with_everything_that_an_entry_says(self, database: Database, name: str, value: Any) -> None:
        await append(database, reason="BILLING", note="A note", target="t", before={"state": "OPEN"}, after={"n": 1})
        [entry] = await acts.chain(database, _SUBSCRIBER)

        setattr(entry, name, value)

        assert audit.digest(entry) != entry.hash

    def test_covers_every_column_but_itself(self) -> None:
        entry = models.AuditEntry.__table__

        assert set(audit._HASHED) == {column.name for column in entry.columns} - {"hash"}
