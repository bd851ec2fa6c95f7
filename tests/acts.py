"""Acts on tickets through the graph, and everything that they leave in the database."""

import uuid
from typing import Any

from sqlalchemy import select

from backoffice import models
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.services import audit
from tests.graphs import Asked

_PAYLOAD = """{
  replayed
  ticket {
    id number subject topic channel priority state revision concernsFrom concernsUntil
    openedAt firstResponseDueAt firstResponseAt resolutionDueAt resolvedAt waitingSince
    invoice { number } device { serial }
    can { action allowed }
    events { nodes { kind body authorName state isPublic } }
  }
  userErrors { __typename code field ... on StaleProblem { currentRevision } }
}"""
OPEN = f"mutation Open($input: TicketOpenInput!) {{ ticketOpen(input: $input) {_PAYLOAD} }}"
REPLY = f"mutation Reply($input: TicketReplyInput!) {{ ticketReply(input: $input) {_PAYLOAD} }}"

Everything = dict[str, list[tuple[Any, ...]]]


def new_key() -> str:
    """An idempotency key for one act."""
    return str(uuid.uuid4())


def global_id(row: Any) -> str:
    """The id of a subscriber's row in the graph."""
    return GlobalId(type(row).__name__, row.subscriber_id, row.id).encode()


def key_of(row: Any) -> dict[str, int]:
    """The primary key of a subscriber's row, whatever the order of its columns."""
    return {"subscriber_id": row.subscriber_id, "id": row.id}


def opening(of: Any, **given: Any) -> dict[str, Any]:
    """What opens a ticket for a subscriber."""
    known = {
        "subscriberId": global_id(of),
        "subject": "Ma facture",
        "body": "Je ne comprends pas cette ligne.",
        "topic": "BILLING",
        "idempotencyKey": new_key(),
    }
    return {**known, **given}


def replying(to: Any, **given: Any) -> dict[str, Any]:
    """What answers on a ticket that was just read."""
    known = {
        "ticketId": global_id(to),
        "body": "Voici le détail.",
        "expectedRevision": to.revision,
        "idempotencyKey": new_key(),
    }
    return {**known, **given}


async def open_ticket(asked: Asked, **given: Any) -> Any:
    """The payload of `ticketOpen` for the whole input."""
    return (await asked.data(OPEN, input=given))["ticketOpen"]


async def reply(asked: Asked, **given: Any) -> Any:
    """The payload of `ticketReply` for the whole input."""
    return (await asked.data(REPLY, input=given))["ticketReply"]


def refusal(payload: Any) -> tuple[str, str | None]:
    """The code and the field of the one refusal of an act."""
    assert payload["ticket"] is None
    assert payload["replayed"] is False
    [error] = payload["userErrors"]
    return error["code"], error["field"]


async def everything(database: Database) -> Everything:
    """All rows of all tables."""
    async with database.reading() as session:
        return {
            name: sorted((tuple(row) for row in await session.execute(select(table))), key=repr)
            for name, table in models.Base.metadata.tables.items()
        }


async def refusals_since(before: Everything, database: Database) -> list[tuple[str, str | None]]:
    """The operation and reason of each refusal in the audit trail; fails when anything else was written since."""
    after = await everything(database)
    assert {name for name, rows in after.items() if rows != before[name]} <= {"audit_entries"}
    place = models.AuditEntry.__table__.columns.keys().index("hash")
    known = {row[place] for row in before["audit_entries"]}
    async with database.reading() as session:
        newest = select(models.AuditEntry).order_by(models.AuditEntry.at.desc(), models.AuditEntry.sequence.desc())
        entries = [entry for entry in (await session.execute(newest)).scalars() if entry.hash not in known]
    assert {entry.outcome for entry in entries} <= {models.AuditOutcome.REFUSED}
    return [(entry.operation, entry.reason) for entry in entries]


async def chain(database: Database, subscriber_id: int) -> list[models.AuditEntry]:
    """The audit entries of a subscriber, in order; fails when the chain is broken."""
    entry = models.AuditEntry
    async with database.reading() as session:
        found = select(entry).where(entry.subscriber_id == subscriber_id).order_by(entry.sequence)
        entries = list((await session.execute(found)).scalars())
    previous_hash = "0" * 64
    for sequence, link in enumerate(entries, start=1):
        assert (link.sequence, link.previous_hash) == (sequence, previous_hash)
        assert link.hash == audit.digest(link)
        previous_hash = link.hash
    return entries
