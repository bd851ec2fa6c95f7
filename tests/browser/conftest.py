"""A real browser for the console's tests.

The server under test comes from the fixture `served` in `tests/conftest.py`. It lives for the whole session and has
`.url` (the origin, without a slash at the end) and `.credentials` (what the demo writes: `{"staff": {"AGENT": {"login",
"password", "totp_secret"}, …}, "subscribers": [{"number", "phone", …}, …]}`).
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    StorageState,
    async_playwright,
    expect,
)

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")

# Nothing but the pages under test may cause a request.
CHROMIUM_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

REPORT_VIOLATIONS = """
  window.addEventListener('securitypolicyviolation', (event) =>
    console.error(`securitypolicyviolation: ${event.violatedDirective} ${event.blockedURI}`));
"""


class Served(Protocol):
    """What `tests/conftest.py` provides: a running server and the people who may sign in."""

    url: str
    credentials: dict[str, Any]


def is_operation(request: Request) -> bool:
    """Whether the agent's own operation is asked, and not what the editor asks of the schema for itself."""
    return request.url.endswith("/staff/graphql") and "IntrospectionQuery" not in (request.post_data or "")


@dataclass
class Visit:
    """One browser context, with everything it asked for and everything it complained about."""

    page: Page
    url: str
    hosts: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)

    async def open(self) -> None:
        await self.page.goto(f"{self.url}/console")

    async def sign_in(self, person: dict[str, str]) -> None:
        """This function will sign `person` in through the form and wait for the first operation."""
        await self.fill_form(person["login"], person["password"], await one_time_code(person["totp_secret"]))
        await expect(self.editor("Subscriber360")).to_be_visible(timeout=30_000)

    async def fill_form(self, login: str, password: str, code: str) -> None:
        await self.page.get_by_label("Identifiant").fill(login)
        await self.page.get_by_label("Mot de passe").fill(password)
        await self.page.get_by_label("Code à usage unique").fill(code)
        await self.page.get_by_role("button", name="Se connecter").click()

    def editor(self, text: str) -> Locator:
        return self.page.locator(".graphiql-query-editor .view-line", has_text=text).first

    def answer(self) -> Locator:
        return self.page.locator(".graphiql-response .view-lines")

    async def run(self) -> dict[str, Any]:
        """This function will run the operation in front and return the server's answer."""
        async with self.page.expect_response(lambda answer: is_operation(answer.request)) as answered:
            await self.page.get_by_role("button", name="Execute query").click()
        answer: dict[str, Any] = await (await answered.value).json()
        return answer

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._note_request)
        context.on("console", self._note_message)
        context.on("weberror", lambda error: self.exceptions.append(str(error.error)))

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"}:
            self.hosts.add(parts.netloc)

    def _note_message(self, message: ConsoleMessage) -> None:
        said = message.text
        if "securitypolicyviolation" in said or "Content Security Policy" in said:
            self.violations.append(said)


@pytest.fixture(scope="session")
def chromium() -> str:
    """This fixture will give the path of a Chromium, and skip without one unless a browser is required."""
    wished = os.environ.get("TESTS_CHROMIUM")
    found = shutil.which(wished) if wished else next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found:
        return found
    missing = f"{wished} (from TESTS_CHROMIUM)" if wished else ", ".join(CHROMIUM_NAMES)
    message = f"no browser: {missing} not found; install Chromium or set TESTS_CHROMIUM to its path"
    if os.environ.get("TESTS_REQUIRE_BROWSER") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, served: Served) -> AsyncIterator[Visit]:
    """This fixture will give a stranger's visit, on the console's page."""
    async with await browser.new_context(locale="fr-FR") as context:
        yield await _visit(context, served)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def agent_cookies(browser: Browser, served: Served) -> StorageState:
    """This fixture will sign the agent in once: a one-time code is good for one session only."""
    async with await browser.new_context(locale="fr-FR") as context:
        visit = await _visit(context, served)
        await visit.sign_in(served.credentials["staff"]["AGENT"])
        return await context.storage_state()


@pytest_asyncio.fixture(loop_scope="session")
async def agent_visit(browser: Browser, served: Served, agent_cookies: StorageState) -> AsyncIterator[Visit]:
    """This fixture will give a signed-in agent's visit, with the first operation open."""
    async with await browser.new_context(locale="fr-FR", storage_state=agent_cookies) as context:
        visit = await _visit(context, served)
        await expect(visit.editor("Subscriber360")).to_be_visible(timeout=30_000)
        yield visit


async def _visit(context: BrowserContext, served: Served) -> Visit:
    await context.add_init_script(REPORT_VIOLATIONS)
    visit = Visit(page=await context.new_page(), url=served.url)
    visit.watch(context)
    await visit.open()
    return visit


STEP_SECONDS = 30

_last_steps: dict[str, int] = {}


async def one_time_code(secret: str) -> str:
    """This function will return a code that was not used yet, waiting until there is one.

    A server takes each code once, in rising order, and tolerates one step of 30 seconds either way.
    """
    step = max(_last_steps.get(secret, 0) + 1, _now_step())
    await asyncio.sleep(max(0, (step - 1) * STEP_SECONDS - time.time()))
    _last_steps[secret] = step
    return pyotp.TOTP(secret).at(step * STEP_SECONDS)


def _now_step() -> int:
    return int(time.time() // STEP_SECONDS)
