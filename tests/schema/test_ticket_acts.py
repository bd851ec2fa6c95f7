"""What an agent does with tickets: opening one, answering on it, and what is refused."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice import models
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.models import TicketChannel, TicketPriority, TicketState
from backoffice.permissions import Role
from backoffice.services import audit
from tests import acts, factories
from tests.factories import NOW
from tests.graphs import asking

CARD = "4111 1111 1111 1111"
REMOVED = "[card number removed]"
FOREIGN_IDS = [
    "",
    "nonsense",
    GlobalId("Subscriber", 1, 1).encode(),
    GlobalId("Subscriber", 1, 2).encode(),
    GlobalId("Ticket", 1, 1).encode(),
    GlobalId("Ticket", 0, 1).encode(),
    GlobalId("Invoice", 1, 1).encode(),
    GlobalId("Nothing", 1, 1).encode(),
    "x" * 4000,
]
FINISHED = [TicketState.CLOSED, TicketState.REJECTED, TicketState.CANCELLED]


@pytest.fixture
async def subscriber(database: Database) -> models.Subscriber:
    async with database.unit_of_work() as session:
        return await factories.create_subscriber(session, contact_email="zoe@example.net")


@pytest.fixture
async def ticket(database: Database, subscriber: models.Subscriber) -> models.Ticket:
    async with database.unit_of_work() as session:
        return await factories.create_ticket(session, subscriber)


async def create_ticket(database: Database, of: models.Subscriber, **given: Any) -> models.Ticket:
    async with database.unit_of_work() as session:
        return await factories.create_ticket(session, of, **given)


async def stored(database: Database, model: Any, *conditions: Any) -> list[Any]:
    async with database.reading() as session:
        return list((await session.execute(select(model).where(*conditions))).scalars())


class TestOpen:
    async def test_makes_a_ticket_with_its_first_message(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        payload = await acts.open_ticket(asking(database), **acts.opening(subscriber, priority="HIGH", channel="EMAIL"))

        ticket = payload["ticket"]
        assert payload["userErrors"] == []
        assert payload["replayed"] is False
        assert ticket | {"id": None} == {
            "id": None,
            "number": "T2026-0000001",
            "subject": "Ma facture",
            "topic": "BILLING",
            "channel": "EMAIL",
            "priority": "HIGH",
            "state": "OPEN",
            "revision": 1,
            "concernsFrom": None,
            "concernsUntil": None,
            "openedAt": "2026-11-21T09:00:00+00:00",
            "firstResponseDueAt": None,
            "firstResponseAt": None,
            "resolutionDueAt": None,
            "resolvedAt": None,
            "waitingSince": None,
            "invoice": None,
            "device": None,
            "can": [{"action": "TICKET_REPLY", "allowed": True}],
            "events": {
                "nodes": [
                    {
                        "kind": "OPENED",
                        "body": "Je ne comprends pas cette ligne.",
                        "authorName": "Alix Agent",
                        "state": "OPEN",
                        "isPublic": True,
                    }
                ]
            },
        }

    async def test_is_found_by_its_number(self, database: Database, subscriber: models.Subscriber) -> None:
        payload = await acts.open_ticket(asking(database), **acts.opening(subscriber))

        [row] = await stored(database, models.Ticket)
        entries = await stored(
            database, models.DirectoryEntry, models.DirectoryEntry.kind == models.DirectoryKind.TICKET
        )
        assert acts.global_id(row) == payload["ticket"]["id"]
        assert [(entry.key, entry.subscriber_id, entry.target_id) for entry in entries] == [
            ("T2026-0000001", subscriber.id, row.id)
        ]

    async def test_is_kept_in_the_audit_trail(self, database: Database, subscriber: models.Subscriber) -> None:
        by = factories.viewer(Role.SUPERVISOR, id=9, display_name="Sam Supervisor")

        for _ in range(3):
            payload = await acts.open_ticket(asking(database, by), **acts.opening(subscriber))

        entries = await acts.chain(database, subscriber.id)
        assert len(entries) == 3
        last = entries[-1]
        assert (last.operation, last.outcome, last.at) == ("ticketOpen", models.AuditOutcome.DONE, NOW)
        assert (last.actor_id, last.actor_name, last.role) == (9, "Sam Supervisor", Role.SUPERVISOR)
        assert last.target == payload["ticket"]["id"]
        assert (last.before, last.after) == (None, {"state": "OPEN", "revision": 1})

    async def test_sends_no_mail(self, database: Database, subscriber: models.Subscriber) -> None:
        await acts.open_ticket(asking(database), **acts.opening(subscriber))

        assert await stored(database, models.OutboxMessage) == []

    async def test_can_be_about_what_the_subscriber_has(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        async with database.unit_of_work() as session:
            account = await factories.create_account(session, subscriber)
            invoice = await factories.create_invoice(session, account, number="F2026-1")
            device = await factories.create_device(session, subscriber, serial="DEC0001")

        payload = await acts.open_ticket(
            asking(database),
            **acts.opening(
                subscriber,
                invoiceId=acts.global_id(invoice),
                deviceId=acts.global_id(device),
                concernsFrom="2026-11-01",
                concernsUntil="2026-11-02",
            ),
        )

        ticket = payload["ticket"]
        assert (ticket["invoice"], ticket["device"]) == ({"number": "F2026-1"}, {"serial": "DEC0001"})
        assert (ticket["concernsFrom"], ticket["concernsUntil"]) == ("2026-11-01", "2026-11-02")


class TestNumber:
    async def test_goes_on_after_the_last_one_of_the_year(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        async with database.unit_of_work() as session:
            session.add(models.NumberSeries(code="T2026", last_number=41))

        numbers = [
            (await acts.open_ticket(asking(database), **acts.opening(subscriber)))["ticket"]["number"] for _ in range(2)
        ]

        assert numbers == ["T2026-0000042", "T2026-0000043"]

    async def test_is_given_back_by_a_refused_act(self, database: Database, subscriber: models.Subscriber) -> None:
        await acts.open_ticket(asking(database), **acts.opening(subscriber, body=" "))
        payload = await acts.open_ticket(asking(database), **acts.opening(subscriber))

        assert payload["ticket"]["number"] == "T2026-0000001"

    @pytest.mark.parametrize(
        ("at", "number"),
        [
            (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), "T2026-0000001"),
            (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "T2027-0000001"),
        ],
    )
    async def test_has_the_civil_year(
        self, database: Database, subscriber: models.Subscriber, at: datetime, number: str
    ) -> None:
        payload = await acts.open_ticket(asking(database, at=at), **acts.opening(subscriber))

        assert payload["ticket"]["number"] == number

    async def test_has_no_gap_and_no_double_when_many_open_at_once(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        inputs = [acts.opening(subscriber, body=" " if count % 3 == 0 else "Allô ?") for count in range(9)]

        payloads = await asyncio.gather(*(acts.open_ticket(asking(database), **given) for given in inputs))

        numbers = sorted(payload["ticket"]["number"] for payload in payloads if payload["ticket"])
        assert numbers == [f"T2026-000000{number}" for number in range(1, 7)]
        assert len(await acts.chain(database, subscriber.id)) == 9


class TestDueDates:
    @pytest.fixture(autouse=True)
    async def policies(self, database: Database) -> None:
        rows = [
            (TicketChannel.PHONE, TicketPriority.NORMAL, date(2025, 1, 1), 8, 72),
            (TicketChannel.PHONE, TicketPriority.NORMAL, date(2026, 11, 21), 4, 48),
            (TicketChannel.PHONE, TicketPriority.NORMAL, date(2026, 11, 22), 1, 2),
            (TicketChannel.PHONE, TicketPriority.URGENT, date(2026, 11, 1), 1, 12),
            (TicketChannel.EMAIL, TicketPriority.NORMAL, date(2026, 11, 1), 24, 240),
            (TicketChannel.LETTER, TicketPriority.NORMAL, date(2026, 11, 22), 24, 240),
        ]
        async with database.unit_of_work() as session:
            for channel, priority, starts_on, first, solved in rows:
                session.add(
                    models.SlaPolicy(
                        id=factories.new_id(),
                        channel=channel,
                        priority=priority,
                        starts_on=starts_on,
                        first_response_hours=first,
                        resolution_hours=solved,
                    )
                )

    @pytest.mark.parametrize(
        ("given", "at", "first", "solved"),
        [
            ({}, NOW, timedelta(hours=4), timedelta(hours=48)),
            ({"priority": "URGENT"}, NOW, timedelta(hours=1), timedelta(hours=12)),
            ({"channel": "EMAIL"}, NOW, timedelta(hours=24), timedelta(hours=240)),
            # Half past midnight in Paris is still the day before in UTC.
            ({}, datetime(2026, 11, 20, 23, 30, tzinfo=UTC), timedelta(hours=4), timedelta(hours=48)),
            ({}, datetime(2026, 11, 20, 22, 30, tzinfo=UTC), timedelta(hours=8), timedelta(hours=72)),
        ],
    )
    async def test_come_from_the_policy_in_force(
        self,
        database: Database,
        subscriber: models.Subscriber,
        given: dict[str, str],
        at: datetime,
        first: timedelta,
        solved: timedelta,
    ) -> None:
        payload = await acts.open_ticket(asking(database, at=at), **acts.opening(subscriber, **given))

        assert datetime.fromisoformat(payload["ticket"]["firstResponseDueAt"]) == at + first
        assert datetime.fromisoformat(payload["ticket"]["resolutionDueAt"]) == at + solved

    @pytest.mark.parametrize("given", [{"channel": "LETTER"}, {"channel": "WEB"}, {"priority": "LOW"}])
    async def test_are_none_without_a_policy(
        self, database: Database, subscriber: models.Subscriber, given: dict[str, str]
    ) -> None:
        payload = await acts.open_ticket(asking(database), **acts.opening(subscriber, **given))

        assert payload["ticket"]["firstResponseDueAt"] is None
        assert payload["ticket"]["resolutionDueAt"] is None


class TestRefusedOpening:
    @pytest.mark.parametrize(
        ("given", "code", "field"),
        [
            ({"subject": ""}, "BAD_INPUT", "subject"),
            ({"subject": " \n\t "}, "BAD_INPUT", "subject"),
            ({"subject": "x" * 201}, "BAD_INPUT", "subject"),
            ({"subject": "a\x00b"}, "BAD_INPUT", "subject"),
            ({"body": ""}, "BAD_INPUT", "body"),
            ({"body": " "}, "BAD_INPUT", "body"),
            ({"body": "x" * 10_001}, "BAD_INPUT", "body"),
            ({"body": "\x00"}, "BAD_INPUT", "body"),
            ({"concernsFrom": "2026-11-02", "concernsUntil": "2026-11-02"}, "BAD_INPUT", "concernsUntil"),
            ({"concernsFrom": "2026-11-02", "concernsUntil": "2026-11-01"}, "BAD_INPUT", "concernsUntil"),
            ({"idempotencyKey": "seven77"}, "BAD_IDEMPOTENCY_KEY", "idempotencyKey"),
            ({"idempotencyKey": ""}, "BAD_IDEMPOTENCY_KEY", "idempotencyKey"),
            ({"idempotencyKey": "x" * 256}, "BAD_IDEMPOTENCY_KEY", "idempotencyKey"),
            ({"invoiceId": GlobalId("Invoice", 1, 1).encode()}, "NOT_FOUND", "invoiceId"),
            ({"deviceId": "nonsense"}, "NOT_FOUND", "deviceId"),
            ({"contractId": ""}, "NOT_FOUND", "contractId"),
            ({"invoiceLineId": GlobalId("Invoice", 1, 1).encode()}, "NOT_FOUND", "invoiceLineId"),
        ],
    )
    async def test_leaves_only_its_trace(
        self, database: Database, subscriber: models.Subscriber, given: dict[str, str], code: str, field: str
    ) -> None:
        before = await acts.everything(database)

        payload = await acts.open_ticket(asking(database), **acts.opening(subscriber, **given))

        assert acts.refusal(payload) == (code, field)
        assert await acts.refusals_since(before, database) == [("ticketOpen", code)]
        assert len(await acts.chain(database, subscriber.id)) == 1

    async def test_comes_of_what_belongs_to_another(self, database: Database, subscriber: models.Subscriber) -> None:
        async with database.unit_of_work() as session:
            other = await factories.create_subscriber(session)
            invoice = await factories.create_invoice(session, await factories.create_account(session, other))
        before = await acts.everything(database)

        payload = await acts.open_ticket(
            asking(database), **acts.opening(subscriber, invoiceId=acts.global_id(invoice))
        )

        # As for an id of nothing: nobody learns that there is such an invoice elsewhere.
        assert acts.refusal(payload) == ("NOT_FOUND", "invoiceId")
        assert await acts.refusals_since(before, database) == [("ticketOpen", "NOT_FOUND")]
        assert len(await acts.chain(database, subscriber.id)) == 1

    @pytest.mark.parametrize("subscriber_id", FOREIGN_IDS)
    async def test_answers_alike_for_ids_of_nobody(
        self, database: Database, subscriber: models.Subscriber, subscriber_id: str
    ) -> None:
        before = await acts.everything(database)

        payload = await acts.open_ticket(asking(database), **acts.opening(subscriber, subscriberId=subscriber_id))

        assert acts.refusal(payload) == ("NOT_FOUND", "subscriberId")
        assert await acts.refusals_since(before, database) == [("ticketOpen", "NOT_FOUND")]
        # There is no file whose trail could tell of it: the staff's does.
        [entry] = await acts.chain(database, audit.STAFF_CHAIN)
        assert (entry.target, entry.actor_name) == (None, "Alix Agent")

    async def test_comes_of_an_erased_file(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            erased = await factories.create_subscriber(session, state=models.SubscriberState.ERASED)
        before = await acts.everything(database)

        payload = await acts.open_ticket(asking(database), **acts.opening(erased))

        assert acts.refusal(payload) == ("SUBSCRIBER_ERASED", "subscriberId")
        assert await acts.refusals_since(before, database) == [("ticketOpen", "SUBSCRIBER_ERASED")]

    @pytest.mark.parametrize("role", [Role.DPO, Role.ADMIN, Role.ANALYST])
    async def test_is_an_error_for_roles_that_write_no_tickets(
        self, database: Database, subscriber: models.Subscriber, role: Role
    ) -> None:
        before = await acts.everything(database)

        answer = await asking(database, factories.viewer(role)).ask(acts.OPEN, input=acts.opening(subscriber))

        assert answer.body["data"] is None
        assert [(error["extensions"]["code"], error["path"]) for error in answer.body["errors"]] == [
            ("FORBIDDEN", ["ticketOpen"])
        ]
        assert await acts.everything(database) == before


class TestTexts:
    @pytest.mark.parametrize("length", [1, 200])
    async def test_may_be_as_long_as_they_say(
        self, database: Database, subscriber: models.Subscriber, length: int
    ) -> None:
        payload = await acts.open_ticket(
            asking(database), **acts.opening(subscriber, subject="é" * length, body="😀" * length * 50)
        )

        assert payload["ticket"]["subject"] == "é" * length
        assert payload["ticket"]["events"]["nodes"][0]["body"] == "😀" * length * 50

    async def test_lose_outer_blanks_and_card_numbers(self, database: Database, subscriber: models.Subscriber) -> None:
        payload = await acts.open_ticket(
            asking(database),
            **acts.opening(
                subscriber, subject=f"  Carte {CARD}\n", body="4111-1111-1111-1111, pas 4111 1111 1111 1112"
            ),
        )

        assert payload["ticket"]["subject"] == f"Carte {REMOVED}"
        assert payload["ticket"]["events"]["nodes"][0]["body"] == f"{REMOVED}, pas 4111 1111 1111 1112"
        assert "4111 1111 1111 1111" not in repr(await acts.everything(database))


class TestReply:
    async def test_takes_an_open_ticket_in_progress(self, database: Database, ticket: models.Ticket) -> None:
        payload = await acts.reply(asking(database), **acts.replying(ticket))

        after = payload["ticket"]
        assert (payload["userErrors"], payload["replayed"]) == ([], False)
        assert (after["state"], after["revision"]) == ("IN_PROGRESS", 2)
        assert after["firstResponseAt"] == "2026-11-21T09:00:00+00:00"
        assert after["events"]["nodes"] == [
            {
                "kind": "MESSAGE",
                "body": "Voici le détail.",
                "authorName": "Alix Agent",
                "state": "IN_PROGRESS",
                "isPublic": True,
            }
        ]

    async def test_is_kept_in_the_audit_trail(self, database: Database, ticket: models.Ticket) -> None:
        await acts.reply(asking(database), **acts.replying(ticket, state="RESOLVED"))

        [entry] = await acts.chain(database, ticket.subscriber_id)
        assert (entry.operation, entry.outcome) == ("ticketReply", models.AuditOutcome.DONE)
        assert entry.target == acts.global_id(ticket)
        assert entry.before == {"state": "OPEN", "revision": 1}
        assert entry.after == {"state": "RESOLVED", "revision": 2}

    async def test_asks_for_one_mail_without_personal_data(self, database: Database, ticket: models.Ticket) -> None:
        await acts.reply(asking(database), **acts.replying(ticket))

        [message] = await stored(database, models.OutboxMessage)
        [event] = await stored(database, models.TicketEvent)
        assert (message.kind, message.state) == (models.OutboxKind.MAIL, models.OutboxState.PENDING)
        assert (message.subscriber_id, message.available_at) == (ticket.subscriber_id, NOW)
        assert message.payload == {"template": "ticket_reply", "about": event.id}
        assert message.dedupe_key == f"mail:ticket_reply:{event.id}"
        assert "zoe" not in json.dumps(message.payload)

    async def test_keeps_the_first_answer_as_the_first(self, database: Database, ticket: models.Ticket) -> None:
        first = await acts.reply(asking(database), **acts.replying(ticket))
        second = await acts.reply(
            asking(database, at=NOW + timedelta(hours=1)), **acts.replying(ticket, expectedRevision=2)
        )

        assert first["ticket"]["firstResponseAt"] == "2026-11-21T09:00:00+00:00"
        assert second["ticket"]["firstResponseAt"] == "2026-11-21T09:00:00+00:00"

    @pytest.mark.parametrize("state", ["IN_PROGRESS", "WAITING_SUBSCRIBER", "WAITING_THIRD_PARTY", "RESOLVED"])
    async def test_leaves_the_ticket_as_asked(self, database: Database, ticket: models.Ticket, state: str) -> None:
        payload = await acts.reply(asking(database), **acts.replying(ticket, state=state))

        assert payload["ticket"]["state"] == state
        assert payload["ticket"]["events"]["nodes"][0]["state"] == state

    @pytest.mark.parametrize("state", ["IN_PROGRESS", "WAITING_SUBSCRIBER", "WAITING_THIRD_PARTY", "RESOLVED"])
    async def test_leaves_a_ticket_that_is_not_new_where_it_stands(
        self, database: Database, subscriber: models.Subscriber, state: str
    ) -> None:
        ticket = await create_ticket(database, subscriber, state=TicketState(state))

        payload = await acts.reply(asking(database), **acts.replying(ticket))

        assert payload["ticket"]["state"] == state


class TestNote:
    async def test_is_for_the_staff_alone(self, database: Database, ticket: models.Ticket) -> None:
        payload = await acts.reply(asking(database), **acts.replying(ticket, isNote=True))

        after = payload["ticket"]
        assert (after["state"], after["revision"], after["firstResponseAt"]) == ("OPEN", 2, None)
        assert [(event["kind"], event["isPublic"]) for event in after["events"]["nodes"]] == [("NOTE", False)]
        assert await stored(database, models.OutboxMessage) == []

    async def test_can_move_the_ticket(self, database: Database, ticket: models.Ticket) -> None:
        payload = await acts.reply(asking(database), **acts.replying(ticket, isNote=True, state="WAITING_THIRD_PARTY"))

        assert payload["ticket"]["state"] == "WAITING_THIRD_PARTY"
        assert payload["ticket"]["firstResponseAt"] is None


class TestClock:
    async def test_stands_still_while_we_wait_for_the_subscriber(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        ticket = await create_ticket(
            database,
            subscriber,
            first_response_due_at=NOW + timedelta(hours=4),
            resolution_due_at=NOW + timedelta(hours=48),
        )
        waited = timedelta(days=3, hours=5, minutes=7, seconds=11, microseconds=13)

        await acts.reply(asking(database), **acts.replying(ticket, state="WAITING_SUBSCRIBER"))
        waiting = await acts.reply(
            asking(database, at=NOW + timedelta(hours=1)), **acts.replying(ticket, expectedRevision=2)
        )
        left = await acts.reply(
            asking(database, at=NOW + waited), **acts.replying(ticket, expectedRevision=3, state="IN_PROGRESS")
        )

        assert waiting["ticket"]["waitingSince"] == NOW.isoformat()
        assert waiting["ticket"]["resolutionDueAt"] == (NOW + timedelta(hours=48)).isoformat()
        assert left["ticket"]["waitingSince"] is None
        assert left["ticket"]["firstResponseDueAt"] == (NOW + timedelta(hours=4) + waited).isoformat()
        assert left["ticket"]["resolutionDueAt"] == (NOW + timedelta(hours=48) + waited).isoformat()

    async def test_stops_again_with_what_was_added(self, database: Database, subscriber: models.Subscriber) -> None:
        ticket = await create_ticket(database, subscriber, resolution_due_at=NOW)
        states = ["WAITING_SUBSCRIBER", "IN_PROGRESS", "WAITING_SUBSCRIBER", "RESOLVED"]

        for revision, state in enumerate(states, start=1):
            payload = await acts.reply(
                asking(database, at=NOW + timedelta(hours=revision**2)),
                **acts.replying(ticket, expectedRevision=revision, state=state),
            )

        # Waited from 1 to 4 and from 9 to 16.
        assert payload["ticket"]["resolutionDueAt"] == (NOW + timedelta(hours=10)).isoformat()
        assert payload["ticket"]["firstResponseDueAt"] is None
        assert payload["ticket"]["resolvedAt"] == (NOW + timedelta(hours=16)).isoformat()

    async def test_runs_while_we_wait_for_a_third_party(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        ticket = await create_ticket(database, subscriber, resolution_due_at=NOW)

        await acts.reply(asking(database), **acts.replying(ticket, state="WAITING_THIRD_PARTY"))
        payload = await acts.reply(
            asking(database, at=NOW + timedelta(hours=1)),
            **acts.replying(ticket, expectedRevision=2, state="IN_PROGRESS"),
        )

        assert payload["ticket"]["waitingSince"] is None
        assert payload["ticket"]["resolutionDueAt"] == NOW.isoformat()

    async def test_remembers_when_it_was_solved_until_it_is_reopened(
        self, database: Database, ticket: models.Ticket
    ) -> None:
        solved = await acts.reply(asking(database), **acts.replying(ticket, state="RESOLVED"))
        noted = await acts.reply(
            asking(database, at=NOW + timedelta(hours=1)), **acts.replying(ticket, expectedRevision=2, isNote=True)
        )
        reopened = await acts.reply(
            asking(database, at=NOW + timedelta(hours=2)),
            **acts.replying(ticket, expectedRevision=3, state="IN_PROGRESS"),
        )

        assert solved["ticket"]["resolvedAt"] == NOW.isoformat()
        assert noted["ticket"]["resolvedAt"] == NOW.isoformat()
        assert reopened["ticket"]["resolvedAt"] is None


class TestRefusedReply:
    @pytest.mark.parametrize(
        ("given", "code", "field"),
        [
            ({"body": ""}, "BAD_INPUT", "body"),
            ({"body": "\u00a0\n"}, "BAD_INPUT", "body"),
            ({"body": "x" * 10_001}, "BAD_INPUT", "body"),
            ({"body": "a\x00"}, "BAD_INPUT", "body"),
            ({"state": "OPEN"}, "BAD_INPUT", "state"),
            ({"state": "CLOSED"}, "BAD_INPUT", "state"),
            ({"state": "REJECTED"}, "BAD_INPUT", "state"),
            ({"state": "CANCELLED", "isNote": True}, "BAD_INPUT", "state"),
            ({"expectedRevision": 0}, "STALE", "expectedRevision"),
            ({"expectedRevision": 2}, "STALE", "expectedRevision"),
            ({"idempotencyKey": "seven77"}, "BAD_IDEMPOTENCY_KEY", "idempotencyKey"),
        ],
    )
    async def test_leaves_only_its_trace(
        self, database: Database, ticket: models.Ticket, given: dict[str, Any], code: str, field: str
    ) -> None:
        before = await acts.everything(database)

        payload = await acts.reply(asking(database), **acts.replying(ticket, **given))

        assert acts.refusal(payload) == (code, field)
        assert await acts.refusals_since(before, database) == [("ticketReply", code)]
        assert len(await acts.chain(database, ticket.subscriber_id)) == 1

    @pytest.mark.parametrize("state", FINISHED)
    @pytest.mark.parametrize("is_note", [True, False])
    async def test_comes_of_a_finished_ticket(
        self, database: Database, subscriber: models.Subscriber, state: TicketState, is_note: bool
    ) -> None:
        ticket = await create_ticket(database, subscriber, state=state)
        before = await acts.everything(database)

        payload = await acts.reply(asking(database), **acts.replying(ticket, isNote=is_note, state="IN_PROGRESS"))

        assert acts.refusal(payload) == ("TICKET_FINISHED", "ticketId")
        assert await acts.refusals_since(before, database) == [("ticketReply", "TICKET_FINISHED")]

    async def test_comes_of_an_erased_file(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            erased = await factories.create_subscriber(session, state=models.SubscriberState.ERASED)
        ticket = await create_ticket(database, erased)
        before = await acts.everything(database)

        payload = await acts.reply(asking(database), **acts.replying(ticket))

        assert acts.refusal(payload) == ("SUBSCRIBER_ERASED", "ticketId")
        assert await acts.refusals_since(before, database) == [("ticketReply", "SUBSCRIBER_ERASED")]

    @pytest.mark.parametrize("ticket_id", FOREIGN_IDS)
    async def test_answers_alike_for_ids_of_nothing(
        self, database: Database, ticket: models.Ticket, ticket_id: str
    ) -> None:
        before = await acts.everything(database)

        payload = await acts.reply(asking(database), **acts.replying(ticket, ticketId=ticket_id))

        assert acts.refusal(payload) == ("NOT_FOUND", "ticketId")
        assert await acts.refusals_since(before, database) == [("ticketReply", "NOT_FOUND")]
        assert len(await acts.chain(database, audit.STAFF_CHAIN)) == 1

    async def test_answers_alike_for_halves_of_ids_that_do_not_belong_together(
        self, database: Database, ticket: models.Ticket
    ) -> None:
        async with database.unit_of_work() as session:
            other = await factories.create_subscriber(session)
        mixed = GlobalId("Ticket", other.id, ticket.id).encode()

        payload = await acts.reply(asking(database), **acts.replying(ticket, ticketId=mixed))

        assert acts.refusal(payload) == ("NOT_FOUND", "ticketId")

    async def test_is_an_error_for_roles_that_write_no_tickets(self, database: Database, ticket: models.Ticket) -> None:
        before = await acts.everything(database)

        codes = await asking(database, factories.viewer(Role.DPO)).codes(acts.REPLY, input=acts.replying(ticket))

        assert codes == ["FORBIDDEN"]
        assert await acts.everything(database) == before

    async def test_names_the_ticket_in_the_audit_trail(self, database: Database, ticket: models.Ticket) -> None:
        await acts.reply(asking(database), **acts.replying(ticket, body=""))

        [entry] = await acts.chain(database, ticket.subscriber_id)
        assert (entry.outcome, entry.target) == (models.AuditOutcome.REFUSED, acts.global_id(ticket))

    async def test_tells_the_revision_to_repeat_with(self, database: Database, ticket: models.Ticket) -> None:
        await acts.reply(asking(database), **acts.replying(ticket))

        payload = await acts.reply(asking(database), **acts.replying(ticket))

        assert payload["userErrors"] == [
            {"__typename": "StaleProblem", "code": "STALE", "field": "expectedRevision", "currentRevision": 2}
        ]

    async def test_is_for_all_but_one_of_those_who_read_the_same(
        self, database: Database, ticket: models.Ticket
    ) -> None:
        inputs = [acts.replying(ticket, body=f"Réponse {count}") for count in range(5)]

        payloads = await asyncio.gather(*(acts.reply(asking(database), **given) for given in inputs))

        won = [payload for payload in payloads if payload["ticket"]]
        lost = [payload["userErrors"] for payload in payloads if not payload["ticket"]]
        assert [payload["ticket"]["revision"] for payload in won] == [2]
        stale = {"__typename": "StaleProblem", "code": "STALE", "field": "expectedRevision", "currentRevision": 2}
        assert lost == [[stale]] * 4
        async with database.reading() as session:
            assert (await session.execute(select(func.count()).select_from(models.TicketEvent))).scalar_one() == 1
        outcomes = [entry.outcome for entry in await acts.chain(database, ticket.subscriber_id)]
        assert sorted(outcomes) == [models.AuditOutcome.DONE, *[models.AuditOutcome.REFUSED] * 4]


_CAN = """
query($id: ID!) {
  node(id: $id) {
    ... on Subscriber { can { action allowed reason stepUp secondPerson } }
    ... on Ticket { can { action allowed reason stepUp secondPerson } }
    ... on Invoice { can { action allowed reason stepUp secondPerson } }
    ... on Device { can { action allowed reason stepUp secondPerson } }
  }
}"""


class TestCan:
    @pytest.mark.parametrize("subscriber_state", list(models.SubscriberState))
    async def test_agrees_with_what_happens_to_an_opening(
        self, database: Database, subscriber_state: models.SubscriberState
    ) -> None:
        async with database.unit_of_work() as session:
            subscriber = await factories.create_subscriber(session, state=subscriber_state)
            account = await factories.create_account(session, subscriber)
            invoice = await factories.create_invoice(session, account)
            device = await factories.create_device(session, subscriber)
        ids = [acts.global_id(row) for row in (subscriber, invoice, device)]

        said = [(await asking(database).data(_CAN, id=global_id))["node"]["can"] for global_id in ids]
        payload = await acts.open_ticket(asking(database), **acts.opening(subscriber))

        happened = payload["ticket"] is not None
        assert happened is (subscriber_state is not models.SubscriberState.ERASED)
        on_tickets = [[each for each in can if each["action"].startswith("TICKET")] for can in said]
        assert [[(each["action"], each["allowed"]) for each in can] for can in on_tickets] == [
            [("TICKET_OPEN", happened)]
        ] * 3

    @pytest.mark.parametrize("state", list(TicketState))
    async def test_agrees_with_what_happens_to_a_reply(
        self, database: Database, subscriber: models.Subscriber, state: TicketState
    ) -> None:
        ticket = await create_ticket(database, subscriber, state=state)

        said = (await asking(database).data(_CAN, id=acts.global_id(ticket)))["node"]["can"]
        payload = await acts.reply(asking(database), **acts.replying(ticket))

        happened = payload["ticket"] is not None
        assert happened is (state not in FINISHED)
        assert [(each["action"], each["allowed"]) for each in said] == [("TICKET_REPLY", happened)]

    async def test_agrees_with_what_happens_to_a_reply_on_an_erased_file(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            erased = await factories.create_subscriber(session, state=models.SubscriberState.ERASED)
        ticket = await create_ticket(database, erased)

        said = (await asking(database).data(_CAN, id=acts.global_id(ticket)))["node"]["can"]

        assert said == [
            {
                "action": "TICKET_REPLY",
                "allowed": False,
                "reason": "The subscriber's personal data has been erased.",
                "stepUp": False,
                "secondPerson": False,
            }
        ]

    async def test_tells_a_role_that_only_reads_why_not(self, database: Database, ticket: models.Ticket) -> None:
        dpo = asking(database, factories.viewer(Role.DPO))
        owner = GlobalId("Subscriber", ticket.subscriber_id, ticket.subscriber_id).encode()

        said = [(await dpo.data(_CAN, id=global_id))["node"]["can"] for global_id in (acts.global_id(ticket), owner)]

        on_tickets = [each for can in said for each in can if each["action"].startswith("TICKET")]
        assert [(each["action"], each["allowed"], each["reason"]) for each in on_tickets] == [
            ("TICKET_REPLY", False, "Your role reads tickets but does not write them."),
            ("TICKET_OPEN", False, "Your role reads tickets but does not write them."),
        ]
