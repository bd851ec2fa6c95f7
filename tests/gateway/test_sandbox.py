"""The sandbox answers as a bank does, forgets nothing, and moves each thing once."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from backoffice.errors import BadInput
from backoffice.gateway import Answer, Gateway, GatewayTimeout, GatewayUnavailable, KeyReused, Outcome
from backoffice.gateway.sandbox import SETTLED_AFTER, Sandbox
from tests.factories import NOW


@dataclass
class Bank:
    """A sandbox whose clock a test moves."""

    path: Path
    at: datetime = NOW

    @property
    def gateway(self) -> Sandbox:
        """Opened anew each time, as by a process that was killed in between."""
        return Sandbox(self.path, now=lambda: self.at)

    async def charge(self, token: str, key: str = "charge:1", cents: int = 2999) -> Answer:
        gateway: Gateway = self.gateway
        return await gateway.charge(key=key, token=token, amount_cents=cents, currency="EUR", description="Facture F1")

    async def refund(self, reference: str, key: str = "refund:1", cents: int = 2999) -> Answer:
        gateway: Gateway = self.gateway
        return await gateway.refund(key=key, original_reference=reference, amount_cents=cents, currency="EUR")

    async def moved(self) -> list[tuple[str, str, int]]:
        return [(effect.kind, effect.key, effect.amount_cents) for effect in await self.gateway.effects()]


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path / "sandbox.sqlite3")


class TestCharge:
    @pytest.mark.parametrize("token", ["tok_ok_1", "tok_3f9a0c", "tok_refund_declined_1", "FR76", ""])
    async def test_moves_the_money_of_an_ordinary_token(self, bank: Bank, token: str) -> None:
        answer = await bank.charge(token)

        assert (answer.outcome, answer.code, answer.at, answer.is_final) == (Outcome.ACCEPTED, None, NOW, True)
        assert await bank.moved() == [("CHARGE", "charge:1", 2999)]

    @pytest.mark.parametrize(
        ("token", "outcome", "code"), [("tok_declined_1", "DECLINED", "51"), ("tok_expired_1", "EXPIRED", "54")]
    )
    async def test_moves_nothing_when_it_refuses(self, bank: Bank, token: str, outcome: str, code: str) -> None:
        answer = await bank.charge(token)

        assert (answer.outcome, answer.code, answer.is_final) == (outcome, code, True)
        assert await bank.moved() == []

    @pytest.mark.parametrize("token", ["tok_ok_1", "tok_declined_1", "tok_delayed_1"])
    async def test_answers_the_same_key_as_the_first_time(self, bank: Bank, token: str) -> None:
        first = await bank.charge(token)
        moved = await bank.moved()
        bank.at += timedelta(seconds=1)

        assert await bank.charge(token) == first
        assert await bank.gateway.find("charge:1") == first
        assert await bank.moved() == moved

    @pytest.mark.parametrize(("token", "cents"), [("tok_ok_1", 2998), ("tok_ok_2", 2999)])
    async def test_refuses_a_key_with_other_figures(self, bank: Bank, token: str, cents: int) -> None:
        await bank.charge("tok_ok_1")

        with pytest.raises(KeyReused) as refused:
            await bank.charge(token, cents=cents)

        assert refused.value.key == "charge:1"
        assert await bank.moved() == [("CHARGE", "charge:1", 2999)]

    async def test_refuses_a_key_of_the_other_direction(self, bank: Bank) -> None:
        answer = await bank.charge("tok_ok_1")

        with pytest.raises(KeyReused):
            await bank.refund(answer.reference, key="charge:1")

        assert await bank.moved() == [("CHARGE", "charge:1", 2999)]

    @pytest.mark.parametrize("cents", [0, -1])
    async def test_refuses_an_amount_that_is_none(self, bank: Bank, cents: int) -> None:
        with pytest.raises(BadInput):
            await bank.charge("tok_ok_1", cents=cents)

        assert await bank.moved() == []

    async def test_moves_once_for_many_at_once(self, bank: Bank) -> None:
        await bank.charge("tok_ok_0", key="charge:0")

        answers = await asyncio.gather(*(bank.charge("tok_ok_1") for _ in range(8)))

        assert len({answer.reference for answer in answers}) == 1
        assert [key for _, key, _ in await bank.moved()] == ["charge:0", "charge:1"]


class TestTimeout:
    async def test_after_has_done_the_thing_and_tells_the_next_who_asks(self, bank: Bank) -> None:
        with pytest.raises(GatewayTimeout):
            await bank.charge("tok_timeout_after_1")
        moved = await bank.moved()
        found = await bank.gateway.find("charge:1")

        assert found is not None
        assert await bank.charge("tok_timeout_after_1") == found
        assert found.outcome is Outcome.ACCEPTED
        assert await bank.moved() == moved == [("CHARGE", "charge:1", 2999)]

    async def test_before_has_done_nothing_and_the_next_request_does_it(self, bank: Bank) -> None:
        with pytest.raises(GatewayTimeout):
            await bank.charge("tok_timeout_before_1")
        moved, found = await bank.moved(), await bank.gateway.find("charge:1")

        answer = await bank.charge("tok_timeout_before_1")

        assert (moved, found) == ([], None)
        assert answer.outcome is Outcome.ACCEPTED
        assert await bank.moved() == [("CHARGE", "charge:1", 2999)]


class TestUnavailable:
    async def test_does_nothing_however_often_it_is_asked(self, bank: Bank) -> None:
        for _ in range(3):
            with pytest.raises(GatewayUnavailable):
                await bank.charge("tok_unavailable_1")

        assert await bank.moved() == []
        assert await bank.gateway.find("charge:1") is None

    async def test_is_what_a_broken_file_amounts_to(self, bank: Bank) -> None:
        bank.path.write_text("no database " * 100)

        with pytest.raises(GatewayUnavailable):
            await bank.charge("tok_ok_1")


class TestDelay:
    async def test_settles_when_its_time_has_come(self, bank: Bank) -> None:
        first = await bank.charge("tok_delayed_1")
        bank.at = NOW + SETTLED_AFTER - timedelta(microseconds=1)
        early, moved_early = await bank.gateway.find("charge:1"), await bank.moved()
        bank.at = NOW + SETTLED_AFTER
        late = await bank.gateway.find("charge:1")
        bank.at += timedelta(days=1)

        assert (first.outcome, first.is_final, early, moved_early) == (Outcome.PENDING, False, first, [])
        assert late == Answer(Outcome.ACCEPTED, first.reference, None, NOW + SETTLED_AFTER)
        assert await bank.charge("tok_delayed_1") == late
        assert await bank.moved() == [("CHARGE", "charge:1", 2999)]

    async def test_may_end_in_a_refusal(self, bank: Bank) -> None:
        await bank.charge("tok_delayed_declined_1")
        bank.at += SETTLED_AFTER

        late = await bank.gateway.find("charge:1")

        assert late is not None
        assert (late.outcome, late.code) == (Outcome.DECLINED, "05")
        assert await bank.moved() == []


class TestTwice:
    async def test_tells_a_listener_the_same_key_two_times(self, bank: Bank) -> None:
        heard: list[str] = []
        told = asyncio.Event()

        def listen(key: str) -> None:
            heard.append(key)
            if len(heard) == 2:
                told.set()

        gateway = bank.gateway
        gateway.listen(listen)
        first = await gateway.charge(
            key="charge:1", token="tok_twice_1", amount_cents=2999, currency="EUR", description="F1"
        )
        async with asyncio.timeout(5):
            await told.wait()
        late = await bank.gateway.find("charge:1")

        assert late is not None
        assert (first.outcome, late.outcome, heard) == (Outcome.PENDING, Outcome.ACCEPTED, ["charge:1", "charge:1"])
        assert await bank.moved() == [("CHARGE", "charge:1", 2999)]


class TestRefund:
    @pytest.mark.parametrize(
        ("reference", "outcome", "code"),
        [
            ("CA00FF", "ACCEPTED", None),
            ("tok_ok_1", "ACCEPTED", None),
            ("tok_declined_1", "DECLINED", "51"),
            ("tok_refund_expired_1", "EXPIRED", "54"),
            ("tok_delayed_1", "PENDING", None),
        ],
    )
    async def test_reads_an_unknown_reference_as_a_token(
        self, bank: Bank, reference: str, outcome: str, code: str | None
    ) -> None:
        answer = await bank.refund(reference)

        assert (answer.outcome, answer.code) == (outcome, code)

    async def test_follows_the_token_of_the_charge(self, bank: Bank) -> None:
        charge = await bank.charge("tok_refund_declined_1")

        refund = await bank.refund(charge.reference)

        assert (charge.outcome, refund.outcome) == (Outcome.ACCEPTED, Outcome.DECLINED)
        assert await bank.moved() == [("CHARGE", "charge:1", 2999)]

    async def test_gives_back_no_more_than_was_charged(self, bank: Bank) -> None:
        charge = await bank.charge("tok_ok_1", cents=1000)

        part = await bank.refund(charge.reference, key="refund:1", cents=600)
        more = await bank.refund(charge.reference, key="refund:2", cents=401)
        rest = await bank.refund(charge.reference, key="refund:3", cents=400)

        assert [part.outcome, more.outcome, rest.outcome] == ["ACCEPTED", "DECLINED", "ACCEPTED"]
        assert more.code == "refund_too_large"
        assert [cents for _, _, cents in await bank.moved()] == [1000, 600, 400]

    async def test_gives_back_nothing_of_a_charge_that_was_refused(self, bank: Bank) -> None:
        charge = await bank.charge("tok_delayed_declined_1")

        refund = await bank.refund(charge.reference)

        assert (refund.outcome, refund.code) == (Outcome.DECLINED, "refund_too_large")


class TestFind:
    async def test_knows_nothing_of_a_key_that_was_never_used(self, bank: Bank) -> None:
        assert await bank.gateway.find("charge:9") is None
