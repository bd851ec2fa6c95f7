"""A worker that is killed with −9 loses nothing and doubles nothing, whatever it was doing."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process

import pytest

from backoffice.jobs.leases import LENGTH
from tests.factories import NOW
from tests.jobs.banking import CENTS, Desk
from tests.jobs.dying import MOMENTS
from tests.jobs.handling import eventually, messages

COUNT = 6


async def start(desk: Desk, *words: str) -> Process:
    """A process of the product over the desk's database, whose clock begins when the refunds were asked for."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")},
        "PYTHONPATH": os.pathsep.join(sys.path),
        "BACKOFFICE_DATA_DIR": str(desk.path.parent),
        "BACKOFFICE_DATABASE_URL": desk.database.url,
        "BACKOFFICE_CLOCK": NOW.isoformat(),
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "backoffice", *words), env=environment, stdout=PIPE
    )


class TestKilledWorker:
    @pytest.mark.parametrize("moment", MOMENTS)
    async def test_leaves_its_messages_to_the_next(self, desk: Desk, moment: str) -> None:
        asked = [await desk.ask_refund("CA00FF") for _ in range(COUNT)]
        dying = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.jobs.dying", moment, desk.database.url, str(desk.path)),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        status = await dying.wait()
        left = [message for message in await messages(desk.database) if message.state == "PENDING"]
        held = [message for message in left if message.lease]
        moved = len(await desk.moved())

        at_once = await desk.work()
        later = await desk.work(later=LENGTH)

        assert status == -signal.SIGKILL
        assert held
        assert moved >= 1 or moment == "before the bank"
        assert (at_once, later) == (len(left) - len(held), len(held))
        assert sorted(await desk.moved()) == [(f"refund:{refund_id}", CENTS) for refund_id in asked]
        assert {(await desk.refund(refund_id)).state for refund_id in asked} == {"SETTLED"}
        assert {message.state for message in await messages(desk.database)} == {"DONE"}


class TestTwoProcesses:
    async def test_share_the_work_and_one_may_be_killed(self, desk: Desk) -> None:
        asked = [await desk.ask_refund("CA00FF") for _ in range(24)]
        killed, stopped = [await start(desk, "work") for _ in range(2)]

        async def has_begun() -> bool:
            return len(await desk.moved()) >= 3

        async def has_emptied() -> bool:
            return all(message.lease or message.state == "DONE" for message in await messages(desk.database))

        await eventually(has_begun)
        killed.kill()
        await killed.wait()
        await eventually(has_emptied)
        stopped.terminate()
        status = await stopped.wait()
        await desk.work(later=10 * LENGTH)

        assert (killed.returncode, status) == (-signal.SIGKILL, 0)
        assert sorted(await desk.moved()) == [(f"refund:{refund_id}", CENTS) for refund_id in asked]
        assert {(await desk.refund(refund_id)).state for refund_id in asked} == {"SETTLED"}
        assert {message.state for message in await messages(desk.database)} == {"DONE"}


class TestOneProcess:
    async def test_works_beside_its_requests(self, desk: Desk) -> None:
        serving = await start(desk, "serve", "--port", "0")
        assert serving.stdout is not None
        assert (await serving.stdout.readline()).startswith(b"The console is at ")
        refund_id = await desk.ask_refund("tok_timeout_after_1")
        other_id = await desk.ask_refund("tok_twice_1")

        async def has_settled() -> bool:
            return {(await desk.refund(each)).state for each in (refund_id, other_id)} == {"SETTLED"}

        await eventually(has_settled)
        serving.terminate()

        assert await serving.wait() == 0
        assert sorted(await desk.moved()) == [(f"refund:{each}", CENTS) for each in (refund_id, other_id)]

    async def test_works_off_what_is_due_and_ends(self, desk: Desk) -> None:
        refund_ids = [await desk.ask_refund(reference) for reference in ("CA00FF", "tok_declined_1")]

        working = await start(desk, "work", "--once")
        told, _ = await working.communicate()

        assert (working.returncode, told) == (0, b"Attempts made: 2.\n")
        assert [(await desk.refund(each)).state for each in refund_ids] == ["SETTLED", "FAILED"]
