"""Our own operations are listed with what their comments say."""

from pathlib import Path

import pytest

from backoffice.web import published
from backoffice.web.published import BadOperationFile, parse
from tests.people import add_person
from tests.web.conftest import OWN_PAGE, Site, codes

FILE = """\
# Title: One subscriber, whole
# Everything an agent needs
# Variables: {"number": "S00000001"}
# in the first minute.

query Subscriber360($number: String!) {
  # inside
  subscriber(by: {number: $number}) { id }
}
"""


class TestParse:
    def test_reads_title_description_variables_and_document(self) -> None:
        operation = parse(FILE, source="x.graphql")

        assert operation.name == "Subscriber360"
        assert operation.title == "One subscriber, whole"
        assert operation.description == "Everything an agent needs in the first minute."
        assert operation.variables == {"number": "S00000001"}
        assert operation.document.startswith("query Subscriber360($number: String!) {\n  # inside\n")

    def test_takes_the_name_for_a_missing_title(self) -> None:
        operation = parse("mutation TicketReply { a }", source="x.graphql")

        assert (operation.title, operation.description, operation.variables) == ("TicketReply", "", {})

    @pytest.mark.parametrize("text", ["", "{ a }", "# Variables: {\nquery A { a }", "# Variables: []\nquery A { a }"])
    def test_names_the_file_that_cannot_be_published(self, text: str) -> None:
        with pytest.raises(BadOperationFile, match=r"^x\.graphql"):
            parse(text, source="x.graphql")


class TestFolder:
    def test_is_beside_the_package_in_a_checkout(self) -> None:
        assert published.folder() == Path(published.__file__).parents[2] / "frontend_queries"

    def test_is_inside_the_package_of_a_wheel(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "frontend_queries").mkdir()
        monkeypatch.setattr(published.backoffice, "__file__", str(tmp_path / "__init__.py"))

        assert published.folder() == tmp_path / "frontend_queries"


class TestOperations:
    @pytest.mark.parametrize("audience", ["staff", "analyst", "subscriber"])
    def test_can_all_be_published(self, audience: str) -> None:
        operations = published.operations(audience)

        names = [operation.name for operation in operations]
        assert len(set(names)) == len(names)


class TestListing:
    async def test_shows_the_operations_to_whoever_is_signed_in(self, signed_in: Site) -> None:
        answered = await signed_in.client.get("/console/operations")

        assert answered.json() == {
            "operations": [
                {
                    "name": "MyOperation",
                    "title": "Title",
                    "description": "What it tells",
                    "document": "query MyOperation { __typename }\n",
                    "variables": {"first": 2},
                }
            ]
        }

    async def test_is_read_with_the_cookie_of_the_console(self, quick_site: Site) -> None:
        cookie = await quick_site.cookie(await add_person(quick_site.database))

        answered = await quick_site.client.get("/console/operations", headers={**OWN_PAGE, "Cookie": cookie})

        assert answered.status_code == 200

    async def test_is_refused_to_strangers(self, quick_site: Site) -> None:
        answered = await quick_site.client.get("/console/operations")

        assert (answered.status_code, codes(answered)) == (401, ["UNAUTHENTICATED"])
