"""Waiting for what the outbox does in its own time."""

import asyncio
from typing import Any

from tests.cases.desk import Desk

_TRIES, _PAUSE_SECONDS = 200, 0.1


async def until(desk: Desk, row_id: str, type_name: str, fields: str, *, state: str) -> Any:
    """`fields` of a row once it is in a state, such as a payment that the worker is collecting."""
    query = f"query Wait($id: ID!) {{ node(id: $id) {{ ... on {type_name} {{ state {fields} }} }} }}"
    found: Any = None
    for _ in range(_TRIES):
        found = (await desk.data(query, id=row_id))["node"]
        if found["state"] == state:
            return found
        await asyncio.sleep(_PAUSE_SECONDS)
    raise AssertionError(f"It never was {state}: {found}")
