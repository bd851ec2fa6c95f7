"""An embedded gateway for development, demos and tests: a bank in a file of its own, which remembers when we are killed.

No money moves. Tokens choose how it behaves (`behaviours.py`); its books are in `movements.py`.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from backoffice.errors import BadInput
from backoffice.gateway import behaviours, movements
from backoffice.gateway.behaviours import Behaviour, Fault
from backoffice.gateway.movements import Decision, Effect, Kind, Request
from backoffice.gateway.protocol import Answer, GatewayTimeout, GatewayUnavailable, KeyReused, Outcome

SETTLED_AFTER = timedelta(seconds=5)
"""How long a delayed movement is PENDING, by the sandbox's clock."""

REFUND_TOO_LARGE = "refund_too_large"
"""The code of a refund beyond what stands of a charge that the sandbox knows."""

_NOTICES_AFTER_SECONDS = (0.2, 0.3)


class Sandbox:
    """Implements `Gateway`, with `now` as its clock. Several processes may share one file."""

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._listener: Callable[[str], None] | None = None

    def listen(self, listener: Callable[[str], None]) -> None:
        """Tell `listener` the key of a movement that was decided after its answer.

        Twice, as providers do who repeat a notice until they are sure that it was heard.
        """
        self._listener = listener

    async def charge(self, *, key: str, token: str, amount_cents: int, currency: str, description: str) -> Answer:
        """Take money, as `token` says; `description` is not kept, for it may name a person."""
        asked = Request(key, Kind.CHARGE, token, _positive(amount_cents), currency)
        return await self._ask(asked)

    async def refund(self, *, key: str, original_reference: str, amount_cents: int, currency: str) -> Answer:
        """Give money back, as the token of the charge says; an unknown reference is read as if it were the token."""
        asked = Request(key, Kind.REFUND, original_reference, _positive(amount_cents), currency)
        return await self._ask(asked)

    async def find(self, key: str) -> Answer | None:
        """What is known about a key by now."""
        found = await asyncio.to_thread(self._find, key)
        return None if found is None else found[1]

    async def effects(self) -> list[Effect]:
        """What really moved, oldest first: the proof that a thing was done once."""
        return await asyncio.to_thread(self._effects)

    async def _ask(self, asked: Request) -> Answer:
        answer, behaviour = await asyncio.to_thread(self._decide, asked)
        if behaviour.is_told_twice and not answer.is_final and self._listener:
            for seconds in _NOTICES_AFTER_SECONDS:
                asyncio.get_running_loop().call_later(seconds, self._listener, asked.key)
        return answer

    def _decide(self, asked: Request) -> tuple[Answer, Behaviour]:
        at = self._now()
        with _reachable(), movements.opened(self._path) as books:
            movements.settle(books, at)
            behaviour = _behaviour(books, asked)
            found = movements.known(books, asked.key)
            if found is not None:
                return _same(asked, found), behaviour
            if behaviour.fault is Fault.UNAVAILABLE:
                raise GatewayUnavailable
            is_lost = behaviour.fault is Fault.TIMEOUT_BEFORE and movements.lose(books, asked.key)
            if not is_lost:
                answer = movements.write(books, asked, _decision(books, asked, behaviour, at), at)
        # Outside of the transaction: what was done, or lost, stays so.
        if is_lost or behaviour.fault is Fault.TIMEOUT_AFTER:
            raise GatewayTimeout
        return answer, behaviour

    def _find(self, key: str) -> tuple[Request, Answer] | None:
        with _reachable(), movements.opened(self._path) as books:
            movements.settle(books, self._now())
            return movements.known(books, key)

    def _effects(self) -> list[Effect]:
        with _reachable(), movements.opened(self._path) as books:
            movements.settle(books, self._now())
            return movements.effects(books)


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as fault:
        raise GatewayUnavailable from fault


def _behaviour(books: sqlite3.Connection, asked: Request) -> Behaviour:
    if asked.kind is Kind.CHARGE:
        return behaviours.of_charge(asked.source)
    return behaviours.of_refund(movements.token_of(books, asked.source) or asked.source)


def _decision(books: sqlite3.Connection, asked: Request, behaviour: Behaviour, at: datetime) -> Decision:
    is_known = asked.kind is Kind.REFUND and movements.token_of(books, asked.source) is not None
    if is_known and movements.standing_cents(books, asked.source) < asked.amount_cents:
        return Decision(Outcome.DECLINED, REFUND_TOO_LARGE)
    waits = timedelta(0) if behaviour.is_told_twice else SETTLED_AFTER
    return Decision(behaviour.outcome, behaviour.code, at + waits if behaviour.is_delayed else None)


def _same(asked: Request, found: tuple[Request, Answer]) -> Answer:
    before, answer = found
    if before != asked:
        raise KeyReused(asked.key)
    return answer


def _positive(amount_cents: int) -> int:
    if amount_cents <= 0:
        raise BadInput("A movement has an amount above zero, in whole cents.", field="amountCents")
    return amount_cents
