"""Rendering beside an asyncio server: at once, bounded, and none the worse for a process that dies."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backoffice.billing.formats import UnknownLocale
from backoffice.documents import native, rendering
from backoffice.documents.pages import Document
from backoffice.documents.rendering import Renderer, RenderingFailed, warm
from tests.documents import samples

Printed = Callable[[Document], bytes]
# A server whose main module says each time that it is read.
LOUD = """
import asyncio
from backoffice.documents.rendering import Renderer
from tests.documents import samples
print("read")

async def main():
    async with Renderer(processes=1) as renderer:
        pdf = await renderer.render(samples.english_invoice())
    print(pdf[:5].decode())

if __name__ == "__main__":
    asyncio.run(main())
"""
# A server that is killed while it has a rendering process.
KILLED = """
import asyncio, os, signal
from backoffice.documents.rendering import Renderer
from tests.documents import samples

async def main():
    renderer = Renderer(processes=1)
    await renderer.render(samples.english_invoice())
    print(*renderer._pool._processes, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.fixture(scope="module")
def renderer(printed: Printed) -> Iterator[Renderer]:
    """One for all tests of this file, because each start of a process takes as long as many renders."""
    shared = Renderer(processes=1)
    yield shared
    asyncio.run(shared.close())


class TestRender:
    async def test_makes_the_bytes_that_this_process_would_make(self, renderer: Renderer, printed: Printed) -> None:
        document = samples.credit_note()

        assert await renderer.render(document) == printed(document)

    async def test_lets_the_server_answer_meanwhile(self, renderer: Renderer) -> None:
        await renderer.render(samples.reversal())
        longest, started = asyncio.create_task(_longest_pause()), time.monotonic()

        await renderer.render(samples.long_invoice())

        took = time.monotonic() - started
        longest.cancel()
        assert await longest < took / 2

    async def test_starts_no_more_processes_than_it_may(self, printed: Printed) -> None:
        before = set(multiprocessing.active_children())
        async with Renderer(processes=2) as renderer:
            documents = [samples.credit_note(), samples.reversal(), samples.english_invoice()]
            rendered = await asyncio.gather(*map(renderer.render, documents))
            started = set(multiprocessing.active_children()) - before

        assert rendered == [printed(document) for document in documents]
        assert 1 <= len(started) <= 2
        assert not any(process.is_alive() for process in started)

    def test_does_not_read_the_servers_main_module_again(self, printed: Printed, tmp_path: Path) -> None:
        (tmp_path / "server.py").write_text(LOUD)
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

        command = [sys.executable, tmp_path / "server.py"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

        assert done.stdout.split() == ["read", "%PDF-"]

    async def test_makes_the_next_document_after_its_process_was_killed(
        self, renderer: Renderer, printed: Printed
    ) -> None:
        document = samples.credit_note()
        await renderer.render(document)
        before = _process_of(renderer)

        os.kill(before, signal.SIGKILL)

        assert await renderer.render(document) == printed(document)
        assert _process_of(renderer) != before

    async def test_gives_up_on_what_kills_its_process_twice_and_goes_on(
        self, renderer: Renderer, printed: Printed, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        document = samples.credit_note()
        monkeypatch.setattr(rendering, "print_html", _die)

        with pytest.raises(RenderingFailed) as failure:
            await renderer.render(document)

        monkeypatch.undo()
        assert (failure.value.code, failure.value.number) == ("PDF_FAILED", "A-2026-0003108")
        assert await renderer.render(document) == printed(document)

    async def test_ends_a_process_that_takes_too_long(self, printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rendering, "print_html", _never_end)
        async with Renderer(processes=1, timeout_seconds=1) as renderer:
            before = set(multiprocessing.active_children())

            with pytest.raises(RenderingFailed):
                await renderer.render(samples.credit_note())

        left = set(multiprocessing.active_children()) - before
        for process in left:
            process.join(timeout=10)
        assert not any(process.is_alive() for process in left)

    async def test_passes_on_what_a_document_was_refused_for(self, renderer: Renderer) -> None:
        document = samples.credit_note()
        spanish = replace(document, heading=replace(document.heading, locale="es"))

        with pytest.raises(UnknownLocale, match="'es'"):
            await renderer.render(spanish)

    async def test_passes_on_that_the_machine_makes_no_pdfs(
        self, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rendering, "print_html", _be_unavailable)

        with pytest.raises(native.PdfUnavailable, match="no Pango") as refusal:
            await renderer.render(samples.credit_note())

        assert refusal.value.code == "PDF_UNAVAILABLE"


class TestClose:
    async def test_ends_the_processes_and_a_later_render_starts_new_ones(
        self, renderer: Renderer, printed: Printed
    ) -> None:
        document = samples.credit_note()
        await renderer.render(document)
        process = _process_of(renderer)

        await renderer.close()

        assert not _is_alive(process)
        assert await renderer.render(document) == printed(document)

    async def test_does_nothing_where_nothing_was_rendered(self) -> None:
        before = set(multiprocessing.active_children())

        await Renderer().close()

        assert set(multiprocessing.active_children()) == before

    def test_comes_by_itself_when_the_server_is_killed(self, printed: Printed) -> None:
        done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, check=False)

        assert done.returncode == -signal.SIGKILL
        deadline = time.monotonic() + 10
        while _is_alive(int(done.stdout)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _is_alive(int(done.stdout))


class TestWarm:
    def test_leaves_it_to_a_render_to_say_that_there_are_no_pdfs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []

        def unavailable(html: str) -> bytes:
            asked.append(html)
            raise native.PdfUnavailable("no Pango")

        monkeypatch.setattr(rendering, "print_html", unavailable)
        before = signal.getsignal(signal.SIGINT)
        try:
            warm()
        finally:
            signal.signal(signal.SIGINT, before)

        assert asked == [rendering.WARMING]


def _die(html: str) -> bytes:
    os._exit(3)


def _never_end(html: str) -> bytes:
    while True:
        time.sleep(1)


def _be_unavailable(html: str) -> bytes:
    raise native.PdfUnavailable("no Pango")


def _process_of(renderer: Renderer) -> int:
    assert renderer._pool is not None
    (process,) = renderer._pool._processes
    return process


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    # In a container nobody may collect the orphan: it is dead all the same.
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


async def _longest_pause() -> float:
    longest = 0.0
    try:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
    except asyncio.CancelledError:
        return longest
