"""What an agent does with devices: naming, removing, revoking, restoring, and what is refused."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backoffice import models
from backoffice.database import Database
from backoffice.models import ContractState, DeviceState, RevocationReason
from backoffice.permissions import Role
from tests import acts, factories
from tests.acts import global_id, new_key
from tests.cases import books, goods
from tests.factories import NOW
from tests.graphs import asking

_PAYLOAD = """{
  replayed
  device { id name state revision revocationReason endedAt can { action allowed reason } events { nodes { kind details } } }
  userErrors {
    __typename code field
    ... on StaleProblem { currentRevision }
    ... on DeviceLimitProblem { used limit inactive { name } }
  }
}"""
LINKED = [DeviceState.PENDING, DeviceState.ACTIVE, DeviceState.BLOCKED]
ACTS = {"Rename": {"name": "TV du salon"}, "Remove": {}, "Revoke": {"reason": "LOST"}, "Restore": {}}


@pytest.fixture
async def owner(database: Database) -> models.Subscriber:
    """A subscriber whose offer has five slots."""
    async with database.unit_of_work() as session:
        owner = await factories.create_subscriber(session)
        account = await factories.create_account(session, owner)
        television = await goods.sell(session, "TV-ESSENTIEL")
        await books.subscribe(session, account, television, starts_on=date(2026, 1, 1))
        return owner


async def link(database: Database, of: models.Subscriber, **given: Any) -> models.Device:
    async with database.unit_of_work() as session:
        return await factories.create_device(session, of, **given)


async def act(
    database: Database, name: str, device: models.Device, /, *, role: Role = Role.AGENT, **given: Any
) -> dict[str, Any]:
    """The payload of an act on a device that was just read."""
    known = {"deviceId": global_id(device), "expectedRevision": device.revision, "idempotencyKey": new_key()}
    query = f"mutation Act($input: Device{name}Input!) {{ device{name}(input: $input) {_PAYLOAD} }}"
    data = await asking(database, factories.viewer(role)).data(query, input={**known, **ACTS[name], **given})
    payload: dict[str, Any] = data[f"device{name}"]
    return payload


def refusal(payload: dict[str, Any]) -> tuple[str, str | None]:
    """The code and the field of the one refusal."""
    assert payload["device"] is None
    [error] = payload["userErrors"]
    return error["code"], error["field"]


class TestRename:
    async def test_gives_the_device_its_new_name(self, database: Database, owner: models.Subscriber) -> None:
        device = await link(database, owner, name="TV")

        payload = await act(database, "Rename", device, name="  TV du salon ")

        assert (payload["device"]["name"], payload["device"]["revision"]) == ("TV du salon", 2)
        assert payload["device"]["events"]["nodes"] == [{"kind": "RENAMED", "details": "TV → TV du salon"}]
        [entry] = await acts.chain(database, owner.id)
        assert (entry.operation, entry.before, entry.after) == (
            "deviceRename",
            {"state": "ACTIVE", "revision": 1},
            {"state": "ACTIVE", "revision": 2},
        )

    @pytest.mark.parametrize("name", ["", "  ", "x" * 81, "TV\x00"])
    async def test_refuses_what_is_no_name(self, database: Database, owner: models.Subscriber, name: str) -> None:
        device = await link(database, owner)
        before = await acts.everything(database)

        payload = await act(database, "Rename", device, name=name)

        assert refusal(payload) == ("BAD_INPUT", "name")
        assert await acts.refusals_since(before, database) == [("deviceRename", "BAD_INPUT")]


class TestRemove:
    async def test_ends_the_sessions_and_frees_the_slot(self, database: Database, owner: models.Subscriber) -> None:
        device, other = await link(database, owner), await link(database, owner)
        async with database.unit_of_work() as session:
            for of, ended_at in ((device, None), (device, NOW - timedelta(days=1)), (other, None)):
                session.add(
                    models.DeviceSession(
                        subscriber_id=owner.id,
                        id=factories.new_id(),
                        device_id=of.id,
                        opened_at=NOW - timedelta(days=2),
                        last_seen_at=NOW - timedelta(days=1),
                        ended_at=ended_at,
                    )
                )

        payload = await act(database, "Remove", device)

        assert (payload["device"]["state"], payload["device"]["endedAt"]) == ("REMOVED", "2026-11-21T09:00:00+00:00")
        async with database.reading() as session:
            ended = select(models.DeviceSession.ended_at).order_by(models.DeviceSession.id)
            assert list(await session.scalars(ended)) == [NOW, NOW - timedelta(days=1), None]

    async def test_leaves_a_lent_device_to_be_given_back(self, database: Database, owner: models.Subscriber) -> None:
        device = await link(database, owner, is_lent=True)

        assert refusal(await act(database, "Remove", device)) == ("DEVICE_LENT", "deviceId")

    async def test_does_not_undo_a_block(self, database: Database, owner: models.Subscriber) -> None:
        device = await link(database, owner, state=DeviceState.BLOCKED)

        assert refusal(await act(database, "Remove", device)) == ("DEVICE_BLOCKED", "deviceId")


class TestRevoke:
    @pytest.mark.parametrize("state", [*LINKED, DeviceState.REMOVED])
    async def test_keeps_the_reason(self, database: Database, owner: models.Subscriber, state: DeviceState) -> None:
        device = await link(database, owner, state=state)

        payload = await act(database, "Revoke", device, reason="STOLEN", note="Plainte déposée.")

        assert payload["device"]["state"] == "REVOKED"
        assert payload["device"]["revocationReason"] == "STOLEN"
        assert payload["device"]["events"]["nodes"] == [{"kind": "REVOKED", "details": "STOLEN"}]
        [entry] = await acts.chain(database, owner.id)
        assert (entry.operation, entry.reason, entry.note) == ("deviceRevoke", "STOLEN", "Plainte déposée.")


class TestRestore:
    @pytest.mark.parametrize("reason", [None, *RevocationReason])
    async def test_is_the_inverse_of_a_removal_and_of_a_revocation_but_not_for_fraud(
        self, database: Database, owner: models.Subscriber, reason: RevocationReason | None
    ) -> None:
        device = await link(database, owner, name="TV salon")
        gone = await (act(database, "Revoke", device, reason=reason) if reason else act(database, "Remove", device))
        ended = gone["device"]

        payload = await act(database, "Restore", device, expectedRevision=2)

        if reason is RevocationReason.FRAUD:
            assert refusal(payload) == ("DEVICE_REVOKED_FOR_FRAUD", "deviceId")
            return
        back = payload["device"]
        assert (back["id"], back["name"], back["state"]) == (ended["id"], "TV salon", "ACTIVE")
        assert (back["revocationReason"], back["endedAt"], back["revision"]) == (None, None, 3)
        assert back["events"]["nodes"][0]["kind"] == "RESTORED"

    async def test_tells_what_takes_the_slots(self, database: Database, owner: models.Subscriber) -> None:
        device = await link(database, owner, state=DeviceState.REMOVED)
        for name, days in (("Vieille", 31), ("Plus vieille", 300), ("Jeune", 29), ("Hier", 1)):
            await link(database, owner, name=name, last_seen_at=NOW - timedelta(days=days))
        await link(database, owner, name="Bloquée", state=DeviceState.BLOCKED)
        await link(database, owner, name="Décodeur", is_lent=True, last_seen_at=NOW - timedelta(days=900))
        before = await acts.everything(database)

        payload = await act(database, "Restore", device)

        assert payload["userErrors"] == [
            {
                "__typename": "DeviceLimitProblem",
                "code": "DEVICE_LIMIT_REACHED",
                "field": "deviceId",
                "used": 5,
                "limit": 5,
                "inactive": [{"name": "Plus vieille"}, {"name": "Vieille"}],
            }
        ]
        after = await acts.everything(database)
        assert {name for name, rows in after.items() if rows != before[name]} == {"audit_entries", "access_log"}

    async def test_takes_no_slot_for_what_is_lent(self, database: Database, owner: models.Subscriber) -> None:
        for _ in range(5):
            await link(database, owner)
        stolen = await link(
            database, owner, is_lent=True, state=DeviceState.REVOKED, revocation_reason=RevocationReason.STOLEN
        )

        assert (await act(database, "Restore", stolen))["device"]["state"] == "ACTIVE"

    @pytest.mark.parametrize("state", list(ContractState))
    async def test_counts_the_slots_of_contracts_in_force(
        self, database: Database, owner: models.Subscriber, state: ContractState
    ) -> None:
        device = await link(database, owner, state=DeviceState.REMOVED)
        async with database.unit_of_work() as session:
            [contract] = await session.scalars(select(models.Contract))
            contract.state = state

        payload = await act(database, "Restore", device)

        has_slots = state in (ContractState.ACTIVE, ContractState.SUSPENDED, ContractState.TERMINATING)
        assert (payload["device"] is not None) is has_slots
        if not has_slots:
            assert (payload["userErrors"][0]["used"], payload["userErrors"][0]["limit"]) == (0, 0)

    async def test_refuses_to_replace_what_makes_no_room(self, database: Database, owner: models.Subscriber) -> None:
        async with database.unit_of_work() as session:
            stranger = await factories.create_subscriber(session)
        device = await link(database, owner, state=DeviceState.REMOVED)
        lent = await link(database, owner, is_lent=True)
        gone = await link(database, owner, state=DeviceState.REMOVED)
        foreign = await link(database, stranger)
        before = await acts.everything(database)

        refused = [
            refusal(await act(database, "Restore", device, replacingId=global_id(other)))
            for other in (lent, gone, foreign, device)
        ]

        assert refused == [
            ("DEVICE_LENT", "replacingId"),
            ("DEVICE_NOT_LINKED", "replacingId"),
            ("NOT_FOUND", "replacingId"),
            ("DEVICE_NOT_LINKED", "replacingId"),
        ]
        assert len(await acts.refusals_since(before, database)) == 4

    async def test_lets_one_of_two_have_the_last_slot(self, database: Database, owner: models.Subscriber) -> None:
        for _ in range(4):
            await link(database, owner)
        wanted = [await link(database, owner, state=DeviceState.REMOVED) for _ in range(4)]

        payloads = await asyncio.gather(*[act(database, "Restore", device) for device in wanted])

        codes = sorted(error["code"] for payload in payloads for error in payload["userErrors"])
        assert codes == ["DEVICE_LIMIT_REACHED"] * 3
        async with database.reading() as session:
            taken = select(models.Device.id).where(models.Device.state == DeviceState.ACTIVE)
            assert len((await session.scalars(taken)).all()) == 5


class TestEveryAct:
    @pytest.mark.parametrize("name", list(ACTS))
    async def test_is_refused_on_another_revision(
        self, database: Database, owner: models.Subscriber, name: str
    ) -> None:
        state = DeviceState.REMOVED if name == "Restore" else DeviceState.ACTIVE
        device = await link(database, owner, state=state, revision=3)
        before = await acts.everything(database)

        payload = await act(database, name, device, expectedRevision=2)

        assert payload["userErrors"][0] == {
            "__typename": "StaleProblem",
            "code": "STALE",
            "field": "expectedRevision",
            "currentRevision": 3,
        }
        assert await acts.refusals_since(before, database) == [(f"device{name}", "STALE")]

    @pytest.mark.parametrize("name", list(ACTS))
    async def test_is_done_once_for_its_key(self, database: Database, owner: models.Subscriber, name: str) -> None:
        state = DeviceState.REMOVED if name == "Restore" else DeviceState.ACTIVE
        device, key = await link(database, owner, state=state), new_key()

        first = await act(database, name, device, idempotencyKey=key)
        again = await act(database, name, device, idempotencyKey=key)

        assert (first["replayed"], again["replayed"]) == (False, True)
        assert again["device"] == first["device"]
        assert len(await acts.chain(database, owner.id)) == 1

    @pytest.mark.parametrize("name", list(ACTS))
    async def test_is_refused_on_an_erased_file(self, database: Database, owner: models.Subscriber, name: str) -> None:
        device = await link(database, owner)
        async with database.unit_of_work() as session:
            (await session.get_one(models.Subscriber, owner.id)).state = models.SubscriberState.ERASED

        assert refusal(await act(database, name, device)) == ("SUBSCRIBER_ERASED", "deviceId")

    @pytest.mark.parametrize("name", list(ACTS))
    async def test_is_not_for_a_role_that_only_reads(
        self, database: Database, owner: models.Subscriber, name: str
    ) -> None:
        device = await link(database, owner)
        before = await acts.everything(database)
        query = f"mutation Act($input: Device{name}Input!) {{ device{name}(input: $input) {_PAYLOAD} }}"
        given = {"deviceId": global_id(device), "expectedRevision": 1, "idempotencyKey": new_key(), **ACTS[name]}

        codes = await asking(database, factories.viewer(Role.DPO)).codes(query, input=given)

        assert codes == ["FORBIDDEN"]
        assert await acts.everything(database) == before

    @pytest.mark.parametrize("is_lent", [False, True])
    @pytest.mark.parametrize("state", list(DeviceState))
    async def test_agrees_with_the_ability(
        self, database: Database, owner: models.Subscriber, state: DeviceState, is_lent: bool
    ) -> None:
        happened = {}
        said: dict[str, bool] = {}
        for name in ACTS:
            device = await link(database, owner, state=state, is_lent=is_lent)
            can = (await asking(database).data(_CAN, id=global_id(device)))["node"]["can"]
            said = {each["action"]: each["allowed"] for each in can}
            happened[f"DEVICE_{name.upper()}"] = (await act(database, name, device))["device"] is not None

        assert {action: allowed for action, allowed in said.items() if action in happened} == happened


_CAN = "query($id: ID!) { node(id: $id) { ... on Device { can { action allowed reason } } } }"
