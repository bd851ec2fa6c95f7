"""Documents rendered in processes of their own: a render is pure computation and would hold the server up.

The processes start with the first render, print a page to be warm, and end with the server, however it ends.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from types import ModuleType, TracebackType

from backoffice.documents.native import PdfUnavailable
from backoffice.documents.pages import Document, to_html
from backoffice.documents.printing import print_html
from backoffice.errors import BackofficeError

WARMING = (
    "<!DOCTYPE html><html lang='fr'><title>0</title><table><tr><th>Facture</th><td><b>1 234,56 €</b></td></tr></table>"
)
ATTEMPTS = 2


class RenderingFailed(BackofficeError):
    """The process that rendered a document died or did not end, and did so again when it was tried once more."""

    code = "PDF_FAILED"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"The PDF of {number} could not be made: its process ended or took too long, twice. "
            "Nothing was changed; try again later, and report the number if it happens again."
        )
        self.number = number


class Renderer:
    """At most `processes` renders at a time; more wait for their turn. Use it as an async context manager.

    A render that takes longer than `timeout_seconds`, its waiting not counted, ends its processes.
    """

    def __init__(self, *, processes: int = 2, timeout_seconds: int = 60) -> None:
        self._processes = processes
        self._timeout_seconds = timeout_seconds
        self._turns = asyncio.Semaphore(processes)
        self._pool: ProcessPoolExecutor | None = None

    async def __aenter__(self) -> "Renderer":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.close()

    async def render(self, document: Document) -> bytes:
        """The PDF of a document; the same document gives the same bytes.

        Raises `PdfUnavailable`, `FetchRefused`, `UnknownLocale` or, where processes keep failing, `RenderingFailed`.
        """
        html = to_html(document)
        async with self._turns:
            for _ in range(ATTEMPTS):
                pool = self._started()
                try:
                    with _main_hidden():
                        turn = pool.submit(print_html, html)
                    return await asyncio.wait_for(asyncio.wrap_future(turn), self._timeout_seconds)
                except (BrokenProcessPool, TimeoutError):
                    # A neighbour's crash breaks the pool for all who use it: they too try once more.
                    self._discard(pool)
        raise RenderingFailed(document.heading.number)

    async def close(self) -> None:
        """End the processes once they are idle; a later render starts new ones."""
        pool, self._pool = self._pool, None
        if pool:
            await asyncio.to_thread(pool.shutdown, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(self._processes, mp_context=context, initializer=warm)
        return self._pool

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        if self._pool is pool:
            self._pool = None
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def warm() -> None:
    """Make a process ready: it prints a page, leaves Ctrl-C to the server, and ends when the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(PdfUnavailable):
        # A render says so itself; here it would only break the pool.
        print_html(WARMING)


@contextlib.contextmanager
def _main_hidden() -> Iterator[None]:
    """A process that starts reads the main module again, which imports the whole server: show it an empty one."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(0)
