"""Commands of the product in processes of their own, forked from one that has imported it: importing takes seconds."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import current_process, get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_STEP_SECONDS = 0.02
_SECONDS_TO_END = 600
_forking = get_context("forkserver")
_forking.set_forkserver_preload(["__main__", "backoffice.cli"])


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said; below zero: the signal that ended it."""

    code: int
    out: str
    err: str


@dataclass
class Command:
    """A command that runs."""

    process: ForkServerProcess
    out: Path
    err: Path

    @classmethod
    def begin(cls, words: tuple[str, ...], *, environment: Mapping[str, str], folder: Path) -> "Command":
        """Start `backoffice WORDS`; what it says goes to files in `folder`."""
        name = f"{len(list(folder.glob('*.out'))):03}-{words[0]}"
        out, err = folder / f"{name}.out", folder / f"{name}.err"
        out.touch()
        process = _forking.Process(target=_become, args=(words, dict(environment), str(out), str(err)), daemon=True)
        process.start()
        return cls(process, out, err)

    async def said(self) -> str:
        """The first line that it says; fails when it ends without one."""
        while "\n" not in (told := self.out.read_text(encoding="utf-8")):
            assert self.process.is_alive(), self.err.read_text(encoding="utf-8")
            await asyncio.sleep(_STEP_SECONDS)
        return told.splitlines()[0]

    async def ended(self) -> Ended:
        """Wait until it ends."""
        for _ in range(int(_SECONDS_TO_END / _STEP_SECONDS)):
            if not self.process.is_alive():
                break
            await asyncio.sleep(_STEP_SECONDS)
        code = self.process.exitcode
        assert code is not None, f"it still runs after {_SECONDS_TO_END} s"
        return Ended(code, self.out.read_text(encoding="utf-8"), self.err.read_text(encoding="utf-8"))

    async def stop(self) -> Ended:
        """Ask it to stop, and wait."""
        self.process.terminate()
        return await self.ended()

    async def kill(self) -> Ended:
        """End it at once, as a power cut does."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        return await self.ended()


def _become(words: tuple[str, ...], environment: dict[str, str], out: str, err: str) -> None:
    from backoffice import cli

    # A process that ends with its parent may start none of its own; a command that prints documents does.
    current_process()._config["daemon"] = False
    for path, stream in ((out, sys.stdout), (err, sys.stderr)):
        with Path(path).open("ab") as file:
            os.dup2(file.fileno(), stream.fileno())
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["backoffice", *words]
    cli.main()
