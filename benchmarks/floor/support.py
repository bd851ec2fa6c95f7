"""The floor "rows": devices, sessions and tickets as dicts."""

from typing import Any

from benchmarks.floor.values import Lists, Reading, Row, global_id, grouped

_FINISHED = frozenset({"RESOLVED", "CLOSED", "REJECTED", "CANCELLED"})
_EVENTS = 50


def device(owner: int, row: Row, reading: Reading) -> dict[str, Any]:
    """A device."""
    return {
        "id": global_id("Device", owner, row[0]),
        "kind": row[1],
        "state": row[2],
        "name": row[3],
        "model": row[4],
        "serial": row[5],
        "isLent": bool(row[6]),
        "lastSeenAt": reading.instant(row[7]),
        "revocationReason": row[8],
    }


def session(owner: int, row: Row, reading: Reading) -> dict[str, Any]:
    """A session with its device, if it is known."""
    return {
        "id": global_id("DeviceSession", owner, row[0]),
        "openedAt": reading.instant(row[1]),
        "lastSeenAt": reading.instant(row[2]),
        "endedAt": reading.instant(row[3]),
        "city": row[4],
        "isNewDevice": bool(row[5]),
        "device": {"id": global_id("Device", owner, row[6]), "name": row[7]} if row[6] is not None else None,
    }


def tickets(owner: int, lists: Lists, reading: Reading) -> list[dict[str, Any]]:
    """The tickets with their events."""
    events = grouped(lists["events"])
    return [
        {
            "id": global_id("Ticket", owner, row[0]),
            "number": row[1],
            "subject": row[2],
            "topic": row[3],
            "state": row[4],
            "priority": row[5],
            "openedAt": reading.instant(row[6]),
            "resolutionDueAt": reading.instant(row[7]),
            "isLate": _is_late(row, reading),
            "events": {"nodes": [_event(owner, event, reading) for event in events[row[0]][:_EVENTS]]},
        }
        for row in lists["tickets"]
    ]


def _is_late(row: Row, reading: Reading) -> bool:
    due, waiting_since, answered_at, answer_due, resolved_at = row[7:12]
    if waiting_since is not None or row[4] in _FINISHED:
        return False
    is_answer_late = answered_at is None and answer_due is not None and answer_due < reading.at
    return bool(is_answer_late or (resolved_at is None and due is not None and due < reading.at))


def _event(owner: int, row: Row, reading: Reading) -> dict[str, Any]:
    return {
        "id": global_id("TicketEvent", owner, row[0]),
        "kind": row[1],
        "at": reading.instant(row[2]),
        "authorName": row[3],
        "body": row[4],
        "state": row[5],
        "isPublic": bool(row[6]),
    }
