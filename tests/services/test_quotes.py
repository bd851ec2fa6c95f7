"""Quotes: what is signed is what is read back, for one person and one act, once, for ten minutes."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.permissions import Role
from backoffice.services import quotes
from backoffice.services.quotes import BadQuote, Quote, QuoteExpired, QuoteSpent
from backoffice.vault import Vault
from tests.factories import NOW, create_subscriber, viewer
from tests.graphs import VAULT

GIVEN = {"subscriber_id": 5, "amount_cents": 1250, "note": "Où est passé le café ?"}
TARGET = GlobalId("Invoice", 5, 6)


def sealed(**instead: Any) -> str:
    known = {"viewer": viewer(), "operation": "refund", "given": GIVEN, "figures_hash": "f" * 64, "target": TARGET}
    return quotes.seal(VAULT, **{**known, "at": NOW, "minutes": 10, **instead})[0]


def unsealed(text: str, **instead: Any) -> Quote:
    return quotes.unseal(VAULT, text, **{"viewer": viewer(), "operation": "refund", **instead})


class TestUnseal:
    def test_gives_back_what_was_sealed(self) -> None:
        quote = unsealed(sealed())

        assert quote.given == GIVEN
        assert quote.figures_hash == "f" * 64
        assert quote.target == TARGET
        assert quote.subscriber_id == 5
        assert quote.expires_at == NOW + timedelta(minutes=10)

    def test_gives_each_quote_an_id_of_its_own(self) -> None:
        assert unsealed(sealed()).id != unsealed(sealed()).id

    def test_refuses_somebody_else_and_another_act(self) -> None:
        text = sealed()

        for instead in ({"viewer": viewer(id=8)}, {"operation": "creditNote"}):
            with pytest.raises(BadQuote):
                unsealed(text, **instead)

    def test_takes_it_from_the_same_person_in_another_role(self) -> None:
        assert unsealed(sealed(), viewer=viewer(Role.SUPERVISOR)).given == GIVEN

    @pytest.mark.parametrize("place", [0, 10, 200, -1])
    def test_refuses_an_altered_one(self, place: int) -> None:
        text = sealed()
        altered = list(text)
        altered[place] = "A" if altered[place] != "A" else "B"

        with pytest.raises(BadQuote):
            unsealed("".join(altered))

    @pytest.mark.parametrize("text", ["", ".", "a.b", "é.é", "x" * 30_000])
    def test_refuses_what_is_none(self, text: str) -> None:
        with pytest.raises(BadQuote):
            unsealed(text)

    def test_refuses_one_of_another_installation_and_takes_one_of_an_older_key(self) -> None:
        text = sealed()
        others = Vault([b"another key for tests, thirty-two"])
        rotated = Vault([b"a newer key for tests, thirty-two", b"a key for tests, thirty-two chars"])

        with pytest.raises(BadQuote):
            quotes.unseal(others, text, viewer=viewer(), operation="refund")
        assert quotes.unseal(rotated, text, viewer=viewer(), operation="refund").given == GIVEN


class TestSpend:
    async def quote(self, database: Database) -> Quote:
        async with database.unit_of_work() as session:
            subscriber = await create_subscriber(session)
        return unsealed(sealed(target=GlobalId("Invoice", subscriber.id, 6)))

    async def test_works_once(self, database: Database) -> None:
        quote = await self.quote(database)
        async with database.unit_of_work() as session:
            await quotes.spend(session, quote, at=NOW)

        async with database.unit_of_work() as session:
            with pytest.raises(QuoteSpent):
                await quotes.spend(session, quote, at=NOW)

    async def test_is_not_used_up_by_an_act_that_is_undone(self, database: Database) -> None:
        quote = await self.quote(database)

        async def undone() -> None:
            async with database.unit_of_work() as session:
                await quotes.spend(session, quote, at=NOW)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await undone()

        async with database.unit_of_work() as session:
            await quotes.spend(session, quote, at=NOW)

    async def test_expires_to_the_second(self, database: Database) -> None:
        quote = await self.quote(database)

        async with database.unit_of_work() as session:
            with pytest.raises(QuoteExpired):
                await quotes.spend(session, quote, at=NOW + timedelta(minutes=10))
            await quotes.spend(session, quote, at=NOW + timedelta(minutes=10, seconds=-1))
