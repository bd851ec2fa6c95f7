"""She removed "TV salon" by mistake, and a tablet took the slot: it comes back when a screen that nobody uses makes room."""

import asyncio
from datetime import date, timedelta
from typing import Any

from backoffice import models
from backoffice.models import DeviceKind, DeviceState, RevocationReason
from tests.acts import global_id
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.factories import NOW, create_account, create_device, create_subscriber, new_id

SEEN = NOW - timedelta(hours=3)
LONG_AGO = NOW - timedelta(days=97)

DEVICES = "query($by: SubscriberBy!) { subscriber(by: $by) { deviceSlotsUsed deviceSlotsAllowed } }"
DEVICE = """query($id: ID!) { node(id: $id) { ... on Device {
  id name state revision events { nodes { kind actorName details } } sessions { nodes { endedAt } }
} } }"""
FIELDS = """device { id name state revision revocationReason endedAt }
  userErrors { ... on DeviceLimitProblem { used limit inactive { id name } } }"""


async def living_room(desk: Desk, **removed: Any) -> dict[str, models.Device]:
    """An offer with five slots, all taken after "TV salon" was removed."""
    async with desk.database.unit_of_work() as session:
        owner = await create_subscriber(session, number="S00000015")
        account = await create_account(session, owner)
        television = await goods.sell(session, "TV-ESSENTIEL")
        await books.subscribe(session, account, television, starts_on=date(2026, 1, 5))
        facts: dict[str, dict[str, Any]] = {
            "TV salon": {"state": DeviceState.REMOVED, "ended_at": SEEN, "last_seen_at": SEEN, **removed},
            "TV chambre": {"last_seen_at": SEEN},
            "TV Airbnb Lisbonne": {"last_seen_at": LONG_AGO, "linked_at": LONG_AGO},
            "Téléphone de Léa": {"kind": DeviceKind.PHONE, "last_seen_at": SEEN},
            "Ordinateur": {"kind": DeviceKind.COMPUTER, "last_seen_at": SEEN},
            "Tablette": {"kind": DeviceKind.TABLET},
        }
        made = {}
        for name, given in facts.items():
            known = {"kind": DeviceKind.SMART_TV, **given}
            made[name] = await create_device(session, owner, name=name, **known)
        salon = made["TV salon"]
        session.add_all(
            models.DeviceEvent(
                subscriber_id=owner.id,
                id=new_id(),
                device_id=salon.id,
                kind=kind,
                at=at,
                actor_kind="SUBSCRIBER",
                actor_name="Zoé",
            )
            for kind, at in (("LINKED", LONG_AGO), ("REMOVED", SEEN))
        )
        return made


def chosen(device: models.Device, **more: Any) -> dict[str, Any]:
    """A device as it was read."""
    return {"deviceId": global_id(device), "expectedRevision": device.revision, **more}


async def test_comes_back_when_an_unused_one_makes_room(desk: Desk) -> None:
    devices = await living_room(desk)
    salon, lisbon = devices["TV salon"], devices["TV Airbnb Lisbonne"]

    full = await desk.write("deviceRestore", fields=FIELDS, **chosen(salon))
    gone = await desk.write("deviceRevoke", fields=FIELDS, **chosen(lisbon, reason="GUEST"))
    back = await desk.write("deviceRestore", fields=FIELDS, **chosen(salon))

    [limit] = full["userErrors"]
    assert (limit["code"], limit["used"], limit["limit"]) == ("DEVICE_LIMIT_REACHED", 5, 5)
    assert limit["inactive"] == [{"id": global_id(lisbon), "name": "TV Airbnb Lisbonne"}]
    assert (gone["device"]["state"], gone["device"]["revocationReason"]) == ("REVOKED", "GUEST")
    assert back["device"] == {
        "id": global_id(salon),
        "name": "TV salon",
        "state": "ACTIVE",
        "revision": 2,
        "revocationReason": None,
        "endedAt": None,
    }
    history = (await desk.data(DEVICE, id=global_id(salon)))["node"]["events"]["nodes"]
    assert [each["kind"] for each in history] == ["RESTORED", "REMOVED", "LINKED"]
    told = (await desk.data(DEVICES, by={"number": "S00000015"}))["subscriber"]
    assert told == {"deviceSlotsUsed": 5, "deviceSlotsAllowed": 5}
    await desk.verify()


async def test_comes_back_in_one_act_instead_of_another(desk: Desk) -> None:
    devices = await living_room(desk)
    salon, lisbon = devices["TV salon"], devices["TV Airbnb Lisbonne"]

    back = await desk.write("deviceRestore", fields=FIELDS, **chosen(salon, replacingId=global_id(lisbon)))

    assert back["device"]["state"] == "ACTIVE"
    replaced = (await desk.data(DEVICE, id=global_id(lisbon)))["node"]
    assert (replaced["state"], replaced["revision"]) == ("REMOVED", 2)
    history = (await desk.data(DEVICE, id=global_id(salon)))["node"]["events"]["nodes"]
    assert history[0] == {"kind": "RESTORED", "actorName": "Alix Agent", "details": "TV Airbnb Lisbonne"}


async def test_stays_away_when_it_was_revoked_for_fraud(desk: Desk) -> None:
    devices = await living_room(desk, state=DeviceState.REVOKED, revocation_reason=RevocationReason.FRAUD)

    refused = await desk.write("deviceRestore", who="supervisor", fields=FIELDS, **chosen(devices["TV salon"]))

    assert [error["code"] for error in refused["userErrors"]] == ["DEVICE_REVOKED_FOR_FRAUD"]


async def test_one_of_two_wins_the_last_slot(desk: Desk) -> None:
    devices = await living_room(desk)
    first, second = devices["TV salon"], devices["Tablette"]
    for name in ("Tablette", "TV Airbnb Lisbonne"):
        await desk.write("deviceRemove", fields=FIELDS, **chosen(devices[name]))
    await desk.write("deviceRename", who="agent-2", fields=FIELDS, **chosen(devices["Ordinateur"], name="Bureau"))
    await desk.write("deviceRestore", fields=FIELDS, **chosen(devices["TV Airbnb Lisbonne"], expectedRevision=2))

    answers = await asyncio.gather(
        desk.write("deviceRestore", who="agent", fields=FIELDS, **chosen(first)),
        desk.write("deviceRestore", who="agent-2", fields=FIELDS, **chosen(second, expectedRevision=2)),
    )

    assert sorted(len(answer["userErrors"]) for answer in answers) == [0, 1]
    [lost] = [error for answer in answers for error in answer["userErrors"]]
    assert (lost["code"], lost["used"], lost["limit"]) == ("DEVICE_LIMIT_REACHED", 5, 5)
    await desk.verify()
