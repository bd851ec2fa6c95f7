"""A write is done once for its key, wholly or not at all, whatever is retried, raced or killed."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from backoffice import models
from backoffice.database import Database
from backoffice.services import idempotency, tickets
from tests import acts, factories
from tests.graphs import asking

_SEVERAL = 6


@pytest.fixture
async def subscriber(database: Database) -> models.Subscriber:
    async with database.unit_of_work() as session:
        return await factories.create_subscriber(session)


@pytest.fixture
async def ticket(database: Database, subscriber: models.Subscriber) -> models.Ticket:
    async with database.unit_of_work() as session:
        return await factories.create_ticket(session, subscriber)


async def counted(database: Database) -> dict[str, int]:
    """How many rows an act has written, by table; tables without any are left out."""
    told = ("tickets", "ticket_events", "outbox", "audit_entries", "idempotent_answers")
    rows = await acts.everything(database)
    return {name: len(rows[name]) for name in told if rows[name]}


class TestRetry:
    async def test_gets_the_first_answer(self, database: Database, subscriber: models.Subscriber) -> None:
        given = acts.opening(subscriber)

        first = await acts.open_ticket(asking(database), **given)
        after_first = await acts.everything(database)
        second = await acts.open_ticket(asking(database), **given)

        assert (first["replayed"], second["replayed"]) == (False, True)
        assert second | {"replayed": False} == first
        # Each answer shows the file anew, which the access log tells; nothing else was written.
        assert await acts.everything(database) | {"access_log": after_first["access_log"]} == after_first

    async def test_gets_the_first_answer_after_the_revision_has_moved_on(
        self, database: Database, ticket: models.Ticket
    ) -> None:
        given = acts.replying(ticket)

        first = await acts.reply(asking(database), **given)
        await acts.reply(asking(database), **acts.replying(ticket, expectedRevision=2))
        again = await acts.reply(asking(database), **given)

        assert (first["ticket"]["revision"], first["replayed"]) == (2, False)
        assert (again["ticket"]["revision"], again["replayed"], again["userErrors"]) == (3, True, [])
        assert await counted(database) == {
            "tickets": 1,
            "ticket_events": 2,
            "outbox": 2,
            "audit_entries": 2,
            "idempotent_answers": 2,
        }

    async def test_gets_the_first_answer_after_the_ticket_was_finished(
        self, database: Database, ticket: models.Ticket
    ) -> None:
        given = acts.replying(ticket)
        await acts.reply(asking(database), **given)
        async with database.unit_of_work() as session:
            row = await session.get_one(models.Ticket, acts.key_of(ticket))
            row.state = models.TicketState.CLOSED

        again = await acts.reply(asking(database), **given)

        assert (again["replayed"], again["userErrors"]) == (True, [])

    async def test_gets_the_first_answer_after_the_file_was_erased(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        given = acts.opening(subscriber)
        first = await acts.open_ticket(asking(database), **given)
        async with database.unit_of_work() as session:
            row = await session.get_one(models.Subscriber, subscriber.id)
            row.state = models.SubscriberState.ERASED

        again = await acts.open_ticket(asking(database), **given)

        assert again["ticket"]["id"] == first["ticket"]["id"]
        assert (again["replayed"], again["userErrors"]) == (True, [])

    async def test_may_succeed_where_the_first_was_refused(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        given = acts.opening(subscriber, body="")

        refused = await acts.open_ticket(asking(database), **given)
        mended = await acts.open_ticket(asking(database), **given | {"body": "Voici."})

        assert acts.refusal(refused) == ("BAD_INPUT", "body")
        assert (mended["replayed"], mended["userErrors"]) == (False, [])
        assert await counted(database) == {
            "tickets": 1,
            "ticket_events": 1,
            "audit_entries": 2,
            "idempotent_answers": 1,
        }

    @pytest.mark.parametrize("length", [8, 255])
    async def test_is_known_by_a_key_of_any_length_allowed(
        self, database: Database, subscriber: models.Subscriber, length: int
    ) -> None:
        given = acts.opening(subscriber, idempotencyKey="é" * length)

        answers = [await acts.open_ticket(asking(database), **given) for _ in range(2)]

        assert [answer["replayed"] for answer in answers] == [False, True]


class TestSameKey:
    @pytest.mark.parametrize(
        "other", [{"body": "Autre chose."}, {"body": "Je ne comprends pas cette ligne. "}, {"priority": "LOW"}]
    )
    async def test_is_refused_with_other_input(
        self, database: Database, subscriber: models.Subscriber, other: dict[str, str]
    ) -> None:
        given = acts.opening(subscriber)
        await acts.open_ticket(asking(database), **given)
        before = await acts.everything(database)

        payload = await acts.open_ticket(asking(database), **given | other)

        assert acts.refusal(payload) == ("IDEMPOTENCY_CONFLICT", "idempotencyKey")
        assert await acts.refusals_since(before, database) == [("ticketOpen", "IDEMPOTENCY_CONFLICT")]

    async def test_is_refused_for_another_subscriber(self, database: Database, subscriber: models.Subscriber) -> None:
        async with database.unit_of_work() as session:
            other = await factories.create_subscriber(session)
        given = acts.opening(subscriber)
        await acts.open_ticket(asking(database), **given)

        payload = await acts.open_ticket(
            asking(database), **acts.opening(other, idempotencyKey=given["idempotencyKey"])
        )

        assert acts.refusal(payload) == ("IDEMPOTENCY_CONFLICT", "idempotencyKey")

    async def test_is_another_key_for_another_actor(self, database: Database, subscriber: models.Subscriber) -> None:
        given = acts.opening(subscriber)
        colleague = factories.viewer(id=8, display_name="Bo Back")

        payloads = [await acts.open_ticket(asking(database, by), **given) for by in (factories.viewer(), colleague)]

        assert [payload["replayed"] for payload in payloads] == [False, False]
        assert (await counted(database))["tickets"] == 2

    async def test_is_another_key_for_another_operation(
        self, database: Database, subscriber: models.Subscriber, ticket: models.Ticket
    ) -> None:
        key = acts.new_key()

        opened = await acts.open_ticket(asking(database), **acts.opening(subscriber, idempotencyKey=key))
        replied = await acts.reply(asking(database), **acts.replying(ticket, idempotencyKey=key))

        assert [opened["replayed"], replied["replayed"]] == [False, False]
        assert [opened["userErrors"], replied["userErrors"]] == [[], []]


class TestAtOnce:
    async def test_one_key_opens_one_ticket(self, database: Database, subscriber: models.Subscriber) -> None:
        given = acts.opening(subscriber)

        payloads = await asyncio.gather(*(acts.open_ticket(asking(database), **given) for _ in range(_SEVERAL)))

        assert sorted(payload["replayed"] for payload in payloads) == [False] + [True] * (_SEVERAL - 1)
        assert len({payload["ticket"]["id"] for payload in payloads}) == 1
        assert {payload["ticket"]["number"] for payload in payloads} == {"T2026-0000001"}
        assert await counted(database) == {
            "tickets": 1,
            "ticket_events": 1,
            "audit_entries": 1,
            "idempotent_answers": 1,
        }

    async def test_one_key_says_one_thing(self, database: Database, ticket: models.Ticket) -> None:
        given = acts.replying(ticket)

        payloads = await asyncio.gather(*(acts.reply(asking(database), **given) for _ in range(_SEVERAL)))

        assert [payload["userErrors"] for payload in payloads] == [[]] * _SEVERAL
        assert sorted(payload["replayed"] for payload in payloads) == [False] + [True] * (_SEVERAL - 1)
        assert await counted(database) == {
            "tickets": 1,
            "ticket_events": 1,
            "outbox": 1,
            "audit_entries": 1,
            "idempotent_answers": 1,
        }

    async def test_one_key_with_two_inputs_does_one_of_them(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        given = acts.opening(subscriber)
        other = given | {"body": "Autre chose."}

        payloads = await asyncio.gather(*(acts.open_ticket(asking(database), **each) for each in (given, other)))

        assert sorted(len(payload["userErrors"]) for payload in payloads) == [0, 1]
        [lost] = [payload for payload in payloads if payload["userErrors"]]
        assert acts.refusal(lost) == ("IDEMPOTENCY_CONFLICT", "idempotencyKey")
        assert (await counted(database))["tickets"] == 1

    async def test_the_trail_of_a_file_stays_whole(self, database: Database, subscriber: models.Subscriber) -> None:
        inputs = [acts.opening(subscriber, body="" if count % 2 else "Allô ?") for count in range(_SEVERAL)]

        await asyncio.gather(*(acts.open_ticket(asking(database), **given) for given in inputs))

        outcomes = [entry.outcome.value for entry in await acts.chain(database, subscriber.id)]
        assert sorted(outcomes) == ["DONE"] * 3 + ["REFUSED"] * 3


async def _break(*_: Any, **__: Any) -> None:
    raise RuntimeError("killed in the middle")


def _break_now(*_: Any, **__: Any) -> None:
    raise RuntimeError("killed in the middle")


class TestKilled:
    @pytest.mark.parametrize(
        ("where", "name", "instead"),
        [
            (tickets.directory, "enter", _break_now),
            (tickets.audit, "append", _break),
            (idempotency, "keep_answer", _break_now),
        ],
    )
    async def test_an_opening_leaves_nothing(
        self,
        database: Database,
        subscriber: models.Subscriber,
        monkeypatch: pytest.MonkeyPatch,
        where: Any,
        name: str,
        instead: Any,
    ) -> None:
        given = acts.opening(subscriber)
        before = await acts.everything(database)

        with monkeypatch.context() as patched:
            patched.setattr(where, name, instead)
            answer = await asking(database).ask(acts.OPEN, input=given)
        after = await acts.everything(database)
        retried = await acts.open_ticket(asking(database), **given)

        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["INTERNAL"]
        assert "killed" not in repr(answer.body)
        assert after == before
        assert (retried["replayed"], retried["ticket"]["number"]) == (False, "T2026-0000001")

    async def test_a_reply_leaves_nothing(
        self, database: Database, ticket: models.Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = await acts.everything(database)
        monkeypatch.setattr(tickets.outbox, "mail", _break_now)

        codes = await asking(database).codes(acts.REPLY, input=acts.replying(ticket))

        assert codes == ["INTERNAL"]
        assert await acts.everything(database) == before

    async def test_whoever_hangs_up_in_the_middle_leaves_nothing(
        self, database: Database, subscriber: models.Subscriber, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reached = asyncio.Event()
        given = acts.opening(subscriber)
        before = await acts.everything(database)

        async def wait(*_: Any, **__: Any) -> None:
            reached.set()
            await asyncio.Event().wait()

        with monkeypatch.context() as patched:
            patched.setattr(tickets.audit, "append", wait)
            asked = asyncio.create_task(asking(database).ask(acts.OPEN, input=given))
            await reached.wait()
            asked.cancel()
            await asyncio.wait([asked])
        after = await acts.everything(database)
        retried = await acts.open_ticket(asking(database), **given)

        assert asked.cancelled()
        assert after == before
        assert retried["replayed"] is False


class TestSeveralInOneDocument:
    async def test_are_done_in_order_each_with_its_key(self, database: Database, subscriber: models.Subscriber) -> None:
        query = """
        mutation($a: TicketOpenInput!, $b: TicketOpenInput!) {
          a: ticketOpen(input: $a) { replayed ticket { number } userErrors { code } }
          b: ticketOpen(input: $b) { replayed ticket { number } userErrors { code } }
          c: ticketOpen(input: $a) { replayed ticket { number } userErrors { code } }
        }"""

        data = await asking(database).data(query, a=acts.opening(subscriber), b=acts.opening(subscriber, body=""))

        assert data == {
            "a": {"replayed": False, "ticket": {"number": "T2026-0000001"}, "userErrors": []},
            "b": {"replayed": False, "ticket": None, "userErrors": [{"code": "BAD_INPUT"}]},
            "c": {"replayed": True, "ticket": {"number": "T2026-0000001"}, "userErrors": []},
        }


class TestWhatIsKept:
    async def test_holds_neither_the_key_nor_the_texts(self, database: Database, subscriber: models.Subscriber) -> None:
        await acts.open_ticket(
            asking(database), **acts.opening(subscriber, body="a secret body", idempotencyKey="a secret key")
        )

        rows = await acts.everything(database)
        assert "a secret key" not in repr(rows)
        assert [name for name, table in rows.items() if "a secret body" in repr(table)] == ["ticket_events"]

    async def test_points_to_the_ticket(self, database: Database, subscriber: models.Subscriber) -> None:
        await acts.open_ticket(asking(database), **acts.opening(subscriber))

        async with database.reading() as session:
            kept = (await session.execute(select(models.IdempotentAnswer))).scalar_one()
            ticket = (await session.execute(select(models.Ticket))).scalar_one()
        assert kept.answer == {"subscriber_id": subscriber.id, "id": ticket.id, "type": "Ticket"}
        assert (kept.subscriber_id, kept.operation) == (subscriber.id, "ticketOpen")
