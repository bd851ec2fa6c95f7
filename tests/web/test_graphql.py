"""GraphQL over HTTP: who may ask, in which form, and what is refused before anything runs."""

import gzip
import json
from typing import Any

import pytest

from backoffice.permissions import Contract, Role
from backoffice.schema.execution import Answer, Graph
from backoffice.web.negotiation import GRAPHQL
from tests.people import add_person
from tests.web.conftest import OWN_PAGE, Site, codes

PATH = "/staff/graphql"
ASKED = {"query": "{ __typename }"}
REQUEST_ERROR = Answer({"errors": [{"message": "no", "extensions": {"code": "SYNTAX_ERROR"}}]}, is_request_error=True)


class TestViewer:
    async def test_is_known_by_token(self, site: Site) -> None:
        person = await add_person(site.database)
        token = await site.token(person)

        answered = await site.client.post(PATH, json=ASKED, headers={"Authorization": f"Bearer {token}"})

        assert answered.json() == {"data": {"__typename": "Query"}}
        assert site.graph.contexts[0].viewer.id == person.row.id

    async def test_is_known_by_cookie_from_our_own_page(self, site: Site) -> None:
        cookie = await site.cookie(await add_person(site.database))

        answered = await site.client.post(PATH, json=ASKED, headers={**OWN_PAGE, "Cookie": cookie})

        assert answered.status_code == 200

    async def test_is_refused_by_cookie_from_elsewhere(self, site: Site) -> None:
        cookie = await site.cookie(await add_person(site.database))

        answered = await site.client.post(PATH, json=ASKED, headers={"Cookie": cookie})

        assert (answered.status_code, codes(answered)) == (403, ["CSRF_REFUSED"])
        assert site.graph.asked == []

    async def test_is_refused_without_session(self, quick_site: Site) -> None:
        answered = await quick_site.client.post(PATH, json=ASKED)

        assert (answered.status_code, codes(answered)) == (401, ["UNAUTHENTICATED"])
        assert answered.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        assert quick_site.graph.asked == []

    async def test_is_refused_on_the_path_of_another_contract(self, site: Site) -> None:
        token = await site.token(await add_person(site.database, role=Role.ANALYST))

        answered = await site.client.post(PATH, json=ASKED, headers={"Authorization": f"Bearer {token}"})

        assert (answered.status_code, codes(answered)) == (403, ["FORBIDDEN"])
        assert site.graph.asked == []


class TestPost:
    async def test_hands_the_parameters_on(self, signed_in: Site) -> None:
        body = {"query": "query Q($a: Int) { a }", "variables": {"a": 1}, "operationName": "Q", "extensions": {}}

        await signed_in.client.post(PATH, json=body)

        assert signed_in.graph.asked == [
            {"query": body["query"], "variables": {"a": 1}, "operation_name": "Q", "allow_mutation": True}
        ]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"null",
            b"42",
            b'"x"',
            b"[]",
            b'[{"query":"{__typename}"}]',
            b"{}",
            b'{"query":42}',
            b'{"query":null}',
            b'{"query":""}',
            b'{"query":["{__typename}"]}',
            b'{"query":"{__typename}","variables":[]}',
            b'{"query":"{__typename}","variables":"{}"}',
            b'{"query":"{__typename}","operationName":7}',
            b'{"query":"{__typename}","extensions":1}',
            b'{"query":"{__typename}","query":"{a:__typename}"}',
            b'{"query":"{__typename}","variables":{"a":1,"a":2}}',
            b'{"query":"{__typename}","variables":{"a":NaN}}',
            b'{"query":"{__typename}","variables":{"a":Infinity}}',
            b'{"query":"{__typename}","variables":{"a":1e400}}',
            b'{"query":"{__typename}","variables":{"a":"\\ud800"}}',
            b'{"query":"\xc3\x28{__typename}"}',
            b"\xff\xfe{}",
            b'\xef\xbb\xbf{"query":"{__typename}"}',
            b'{"query":"{__typename}","variables":{"a":' + b"9" * 5000 + b"}}",
            b'{"query":"{__typename}","variables":' + b'{"a":' * 65 + b"1" + b"}" * 65 + b"}",
            b'{"query":"{__typename}","variables":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        ],
    )
    async def test_refuses_a_body_that_is_no_request(self, signed_in: Site, body: bytes) -> None:
        answered = await signed_in.client.post(PATH, content=body, headers={"Content-Type": "application/json"})

        assert (answered.status_code, codes(answered)) == (400, ["BAD_REQUEST"])
        assert signed_in.graph.asked == []

    @pytest.mark.parametrize(
        "content_type",
        [
            None,
            "",
            "text/plain",
            "text/plain; application/json",
            "application/jsonx",
            "application/x-www-form-urlencoded;application/json",
            "multipart/form-data; boundary=x",
            "application/graphql",
            "application/json; charset=utf-16",
            "application/json; charset=utf-7",
        ],
    )
    async def test_refuses_what_does_not_claim_to_be_json(self, signed_in: Site, content_type: str | None) -> None:
        headers = {} if content_type is None else {"Content-Type": content_type}

        answered = await signed_in.client.post(PATH, content=json.dumps(ASKED).encode(), headers=headers)

        assert (answered.status_code, codes(answered)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])
        assert signed_in.graph.asked == []

    async def test_refuses_a_compressed_body(self, signed_in: Site) -> None:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

        answered = await signed_in.client.post(PATH, content=gzip.compress(json.dumps(ASKED).encode()), headers=headers)

        assert (answered.status_code, codes(answered)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])

    @pytest.mark.parametrize("is_announced", [True, False])
    async def test_refuses_a_large_body_announced_or_not(self, signed_in: Site, is_announced: bool) -> None:
        async def dribble() -> Any:
            for _ in range(17):
                yield b"a" * 65_536

        content = b"a" * 1_048_577 if is_announced else dribble()
        answered = await signed_in.client.post(PATH, content=content, headers={"Content-Type": "application/json"})

        assert (answered.status_code, codes(answered)) == (413, ["BODY_TOO_LARGE"])
        assert answered.headers["connection"] == "close"

    async def test_takes_text_with_brackets_for_no_nesting(self, signed_in: Site) -> None:
        body = {"query": "{" * 100 + '\\"', "variables": {"a": "[" * 100}}

        answered = await signed_in.client.post(PATH, json=body)

        assert answered.status_code == 200


class TestGet:
    async def test_asks_a_query(self, signed_in: Site) -> None:
        params = {"query": "{a}", "variables": '{"a":1}', "operationName": "Q", "extensions": "{}"}

        answered = await signed_in.client.get(PATH, params=params)

        assert answered.status_code == 200
        assert signed_in.graph.asked == [
            {"query": "{a}", "variables": {"a": 1}, "operation_name": "Q", "allow_mutation": False}
        ]

    async def test_answers_405_to_a_mutation(self, signed_in: Site) -> None:
        signed_in.graph.answer = Answer({"errors": []}, is_request_error=True, is_mutation_refused=True)

        answered = await signed_in.client.get(PATH, params={"query": "mutation{a}"})

        assert (answered.status_code, codes(answered)) == (405, ["METHOD_NOT_ALLOWED"])
        assert answered.headers["allow"] == "POST"

    @pytest.mark.parametrize(
        "query_string",
        [
            "",
            "query=",
            "query={a}&query={b}",
            "query={a}&variables=[]",
            "query={a}&variables={",
            "query={a}&extensions=1",
            "query=" + "a" * 16_384,
        ],
    )
    async def test_refuses_what_is_no_request(self, signed_in: Site, query_string: str) -> None:
        answered = await signed_in.client.get(f"{PATH}?{query_string}")

        assert (answered.status_code, codes(answered)) == (400, ["BAD_REQUEST"])
        assert signed_in.graph.asked == []

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
    async def test_is_with_post_the_only_method(self, signed_in: Site, method: str) -> None:
        answered = await signed_in.client.request(method, PATH, json=ASKED)

        assert (answered.status_code, codes(answered)) == (405, ["METHOD_NOT_ALLOWED"])
        assert signed_in.graph.asked == []


class TestAnswer:
    @pytest.mark.parametrize(
        ("accept", "media_type"),
        [
            (None, "application/json"),
            ("*/*", "application/json"),
            ("application/*", "application/json"),
            ("application/json", "application/json"),
            (GRAPHQL, GRAPHQL),
            (f"{GRAPHQL}, application/json", GRAPHQL),
            (f"application/json, {GRAPHQL}", GRAPHQL),
            (f"{GRAPHQL};q=0.5, application/json;q=0.9", "application/json"),
            (f"{GRAPHQL};q=0, */*", "application/json"),
            (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
            ("text/html, */*;q=0.1", "application/json"),
            ("APPLICATION/JSON", "application/json"),
        ],
    )
    async def test_has_the_form_that_the_client_prefers(
        self, signed_in: Site, accept: str | None, media_type: str
    ) -> None:
        del signed_in.client.headers["accept"]
        headers = {} if accept is None else {"Accept": accept}

        answered = await signed_in.client.post(PATH, json=ASKED, headers=headers)

        assert (answered.status_code, answered.headers["content-type"]) == (200, f"{media_type}; charset=utf-8")

    @pytest.mark.parametrize(
        "accept", ["text/html", "image/*", "application/json;q=0", "application/json;q=x", "nonsense"]
    )
    async def test_is_refused_to_whoever_accepts_none_of_its_forms(self, signed_in: Site, accept: str) -> None:
        answered = await signed_in.client.post(PATH, json=ASKED, headers={"Accept": accept})

        assert (answered.status_code, codes(answered)) == (406, ["NOT_ACCEPTABLE"])
        assert signed_in.graph.asked == []

    @pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (GRAPHQL, 400)])
    async def test_has_the_status_of_its_form_for_a_request_error(
        self, signed_in: Site, accept: str, status: int
    ) -> None:
        signed_in.graph.answer = REQUEST_ERROR

        answered = await signed_in.client.post(PATH, json=ASKED, headers={"Accept": accept})

        assert (answered.status_code, answered.json()) == (status, REQUEST_ERROR.body)

    async def test_is_a_success_when_there_is_data_beside_errors(self, signed_in: Site) -> None:
        signed_in.graph.answer = Answer({"data": {"a": None}, "errors": [{"message": "no", "path": ["a"]}]})

        answered = await signed_in.client.post(PATH, json=ASKED, headers={"Accept": GRAPHQL})

        assert answered.status_code == 200

    async def test_comes_from_the_real_graph(self, signed_in: Site) -> None:
        graph = Graph(Contract.STAFF)
        signed_in.graph.execute = graph.execute  # type: ignore[method-assign]

        answered = await signed_in.client.post(PATH, json={"query": "{ viewer { displayName } }"})

        assert answered.json()["data"] == {"viewer": {"displayName": "Alix Agent"}}
