"""The agents' console in a real browser, against the real server."""

import json
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, Page, expect

from .conftest import Served, Visit, is_operation, one_time_code

pytestmark = pytest.mark.asyncio(loop_scope="session")


class TestSignIn:
    async def test_shows_why_a_wrong_password_is_refused(self, visit: Visit, served: Served) -> None:
        login = served.credentials["staff"]["SUPERVISOR"]["login"]

        await visit.fill_form(login, "not-the-password", "000000")

        await expect(visit.page.get_by_role("alert")).to_have_text(
            "Identifiant, mot de passe ou code refusé. Vérifiez-les, puis saisissez un nouveau code."
        )
        await expect(visit.page.get_by_label("Mot de passe")).to_be_focused()
        await expect(visit.page.get_by_label("Identifiant")).to_have_value(login)
        await expect(visit.page.get_by_label("Code à usage unique")).to_have_value("")

    async def test_asks_for_what_is_missing_without_asking_the_server(self, visit: Visit) -> None:
        asked: list[str] = []
        visit.page.on("request", lambda request: asked.append(urlsplit(request.url).path))

        await visit.page.get_by_label("Identifiant").fill("someone")
        await visit.page.get_by_role("button", name="Se connecter").click()

        await expect(visit.page.get_by_role("alert")).to_be_visible()
        await expect(visit.page.get_by_label("Mot de passe")).to_be_focused()
        assert "/staff/sign-in" not in asked

    async def test_speaks_english_when_asked(self, visit: Visit) -> None:
        await visit.page.get_by_role("button", name="EN").click()

        await expect(visit.page.get_by_role("heading", name="Sign in")).to_be_visible()
        await expect(visit.page.locator("html")).to_have_attribute("lang", "en")

    async def test_opens_the_console_with_a_one_time_code(self, visit: Visit, served: Served) -> None:
        await visit.sign_in(served.credentials["staff"]["BILLING"])

        await expect(visit.page.get_by_role("navigation", name="Opérations")).to_be_visible()
        await expect(visit.page.locator(".role")).to_have_text("Facturation")
        await expect(visit.page.get_by_role("button", name="Se déconnecter")).to_be_visible()


class TestOperations:
    async def test_opens_and_runs_the_subscriber_at_360_degrees(self, agent_visit: Visit) -> None:
        answer = await agent_visit.run()

        assert "errors" not in answer
        assert answer["data"]
        await expect(agent_visit.answer()).to_contain_text('"data"')
        await expect(_in_list(agent_visit.page, "Subscriber360")).to_have_attribute("aria-current", "true")

    async def test_finds_a_subscriber_by_phone(self, agent_visit: Visit, served: Served) -> None:
        phone = served.credentials["subscribers"][0]["phone"]

        await _open(agent_visit, "FindSubscriber")
        await agent_visit.page.keyboard.insert_text(phone)  # opening put the cursor over the text to replace
        answer = await agent_visit.run()

        assert "errors" not in answer
        assert served.credentials["subscribers"][0]["number"] in json.dumps(answer)
        await expect(agent_visit.answer()).to_contain_text('"data"')

    async def test_runs_with_the_variables_typed_last(self, agent_visit: Visit) -> None:
        await _open(agent_visit, "FindSubscriber")

        await agent_visit.page.keyboard.insert_text("typed by hand")
        async with agent_visit.page.expect_request(is_operation) as sent:
            await agent_visit.page.keyboard.press("Control+Enter")

        request = await sent.value
        asked = json.loads(request.post_data or "")
        assert asked["operationName"] == "FindSubscriber"
        assert asked["variables"] == {"text": "typed by hand"}
        assert request.headers["x-backoffice"] == "1"

    async def test_returns_to_an_open_tab_instead_of_opening_it_twice(self, agent_visit: Visit) -> None:
        await _open(agent_visit, "FindSubscriber")
        await _open(agent_visit, "Subscriber360")
        await _open(agent_visit, "FindSubscriber")

        await expect(_tabs(agent_visit.page)).to_have_text(["Subscriber360", "FindSubscriber"])

    async def test_keeps_the_variables_when_the_page_is_loaded_again(self, agent_visit: Visit) -> None:
        before = await _variables(agent_visit.page).inner_text()
        await agent_visit.page.wait_for_timeout(1000)  # the editor saves its tabs half a second late

        await agent_visit.page.reload()

        await expect(agent_visit.editor("Subscriber360")).to_be_visible()
        await expect(_variables(agent_visit.page)).to_have_text(before, use_inner_text=True)
        assert '"' in before

    async def test_keeps_the_tabs_when_the_page_is_loaded_again(self, agent_visit: Visit) -> None:
        await _open(agent_visit, "FindSubscriber")
        await agent_visit.page.wait_for_timeout(1000)  # the editor saves its tabs half a second late

        await agent_visit.page.reload()

        await expect(agent_visit.editor("FindSubscriber")).to_be_visible()
        await expect(_tabs(agent_visit.page)).to_have_text(["Subscriber360", "FindSubscriber"])


class TestSession:
    async def test_asks_again_without_losing_what_was_typed(self, visit: Visit, served: Served) -> None:
        person = served.credentials["staff"]["SUPERVISOR"]
        await visit.sign_in(person)
        await _open(visit, "FindSubscriber")
        await visit.page.keyboard.insert_text("half a name")
        await visit.page.context.clear_cookies()

        await visit.page.keyboard.press("Control+Enter")
        dialog = visit.page.get_by_role("dialog", name="Session terminée")
        await expect(dialog).to_be_visible()
        await visit.fill_form(person["login"], person["password"], await one_time_code(person["totp_secret"]))
        await expect(dialog).to_have_count(0)
        answer = await visit.run()

        assert "errors" not in answer
        await expect(_variables(visit.page)).to_contain_text("half a name")

    async def test_is_over_after_signing_out(self, visit: Visit, served: Served) -> None:
        await visit.sign_in(served.credentials["staff"]["ADMIN"])
        before = await visit.page.context.cookies()

        await visit.page.get_by_role("button", name="Se déconnecter").click()
        await expect(visit.page.get_by_role("heading", name="Connexion")).to_be_visible()

        assert await _stored(visit.page) == {"local": [], "session": []}
        await visit.page.context.add_cookies(before)  # type: ignore[arg-type]  # what cookies() gives, as it came
        assert (await visit.page.request.get(f"{visit.url}/staff/session")).status == 401


class TestPrivacy:
    async def test_talks_to_no_other_host(self, agent_visit: Visit) -> None:
        await agent_visit.run()
        await _open(agent_visit, "FindSubscriber")
        await agent_visit.page.get_by_role("button", name="Show Documentation Explorer").click()
        await agent_visit.page.get_by_role("button", name="Prettify query").click()
        await expect(agent_visit.page.locator(".graphiql-doc-explorer-title")).to_have_text("Docs")
        await agent_visit.page.wait_for_timeout(1000)  # time for whatever the editors' workers would ask for

        assert agent_visit.hosts == {urlsplit(agent_visit.url).netloc}
        assert agent_visit.violations == []
        assert agent_visit.exceptions == []

    async def test_leaves_nothing_that_outlives_the_window(self, agent_visit: Visit) -> None:
        await agent_visit.run()
        await _open(agent_visit, "FindSubscriber")
        await agent_visit.page.wait_for_timeout(1000)  # the editor saves its tabs half a second late

        stored = await _stored(agent_visit.page)

        assert stored["local"] == []
        assert stored["session"]
        assert all(key.startswith("backoffice:agent:") for key in stored["session"])

    async def test_is_served_with_its_headers(self, visit: Visit) -> None:
        page = await visit.page.request.get(f"{visit.url}/console/")

        assert page.headers["cache-control"] == "no-store"
        assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
        assert page.headers["cross-origin-opener-policy"] == "same-origin"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-content-type-options"] == "nosniff"


async def _open(visit: Visit, name: str) -> None:
    await _in_list(visit.page, name).click()
    await expect(visit.editor(name)).to_be_visible()
    await expect(_in_list(visit.page, name)).to_have_attribute("aria-current", "true")


def _in_list(page: Page, name: str) -> Locator:
    return page.locator(f'[data-operation="{name}"]')


def _tabs(page: Page) -> Locator:
    return page.get_by_role("tablist").locator('[id^="graphiql-session-tab-"]')


def _variables(page: Page) -> Locator:
    return page.locator(".graphiql-editor-tool .view-lines")


async def _stored(page: Page) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = await page.evaluate(
        "({local: Object.keys(localStorage), session: Object.keys(sessionStorage)})"
    )
    return keys
