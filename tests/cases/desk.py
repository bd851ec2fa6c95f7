"""A desk: an installation at work, met as its people meet it – over HTTP, and by its commands.

    async def test_credits_a_line(desk: Desk) -> None:
        await desk.clock("2026-11-21T10:00+01:00")             # restarts the process, the case goes on then
        async with desk.database.unit_of_work() as session:    # rows that were there before: tests/factories.py, goods.py
            …
        shown = await desk.preview("creditNote", who="billing", invoiceId=…, reason="BILLING_ERROR")
        await desk.step_up("billing")                          # a fresh one-time code
        done = await desk.confirm("creditNote", shown["quote"], who="billing", fields="number total { cents }")
        assert done["creditNote"] == {"number": "A2026-0000001", "total": 8200}
        await desk.verify()

The server starts with the first question. People are named by their role, with a number for another person of the same
role: "agent", "billing", "supervisor", "agent-2". Money that is asked for as `{ cents }` is given as the number.
"""

import os
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import graphql
import httpx
from sqlalchemy import delete

import backoffice
from backoffice import models
from backoffice.database import Database
from backoffice.permissions import Role
from backoffice.vault import Vault
from tests.cases.commands import Command, Ended
from tests.factories import NOW
from tests.people import Person, add_person

_KEY = "a key for the desks of the worked cases"
_ERRORS = """userErrors {
  __typename code message field
  ... on AmountProblem { minimum { cents } maximum { cents } }
  ... on StaleProblem { currentRevision }
}"""
_PREVIEW = """preview {
  amount { cents }
  document {
    nature reason totalExcludingVat { cents } vat { cents } total { cents }
    lines { label startsOn endsOn vatRate amountExcludingVat { cents } vat { cents } amount { cents } explanation }
    rates { vatRate totalExcludingVat { cents } vat { cents } total { cents } }
  }
  postings { kind entries { account amount { cents } } }
  disposition { offset { cents } refunds { means amount { cents } } balance { cents } }
  allocations { amount { cents } invoice { number } }
  balanceBefore { cents } balanceAfter { cents }
  warnings { code } requirements { requirement isMet } facts
}"""


@dataclass
class Desk:
    """An installation with its own data folder and database; `folder` also keeps what its processes said."""

    database: Database
    folder: Path
    _start: datetime = NOW
    _since: float = field(default_factory=time.monotonic)
    _server: Command | None = None
    _client: httpx.AsyncClient | None = None
    _people: dict[str, Person] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The instant that the installation's clock shows."""
        return self._start + timedelta(seconds=time.monotonic() - self._since)

    async def clock(self, at: datetime | str) -> None:
        """Let the installation's clock show `at`; everybody has to sign in again."""
        await self.stop()
        self._start = datetime.fromisoformat(at) if isinstance(at, str) else at
        self._since = time.monotonic()
        self._tokens.clear()

    async def data(self, query: str, /, *, who: str = "agent", **variables: Any) -> Any:
        """The data of an answer that must have no errors."""
        answer = await self.ask(query, who=who, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def ask(self, query: str, /, *, who: str = "agent", **variables: Any) -> Any:
        """The whole answer of the staff's graph."""
        return _plain(await self._post("/staff/graphql", {"query": query, "variables": variables}, who=who))

    async def preview(self, act: str, /, *, who: str = "agent", **given: Any) -> Any:
        """What `actPreview` shows, with its quote; it must not be refused."""
        payload = await self._preview(act, who, given)
        assert payload["userErrors"] == [], payload
        return payload

    async def confirm(self, act: str, quote: str, /, *, who: str = "agent", fields: str = "id", **more: Any) -> Any:
        """The payload of `actConfirm`: `fields` of the row that it made; it must not be refused."""
        payload = await self._confirm(act, quote, who, fields, **more)
        assert payload["userErrors"] == [], payload
        return payload

    async def refusal(self, act: str, /, *, who: str = "agent", quote: str | None = None, **given: Any) -> Any:
        """The one refusal of a preview or, when a `quote` is given, of its confirmation."""
        made = self._preview(act, who, given) if quote is None else self._confirm(act, quote, who, "id", **given)
        [error] = (await made)["userErrors"]
        return error

    async def do(self, act: str, /, *, who: str = "agent", fields: str = "id", **given: Any) -> Any:
        """Preview and confirm an act for which a fresh code was given if it needs one; `fields` of the row it made."""
        shown = await self.preview(act, who=who, **given)
        done = await self.confirm(act, shown["quote"], who=who, fields=fields)
        assert done["approval"] is None, done
        return done[_noun(act)]

    async def write(self, mutation: str, /, *, who: str = "agent", fields: str, **given: Any) -> Any:
        """The payload of an act that is not quoted; a key is added where one is needed and none is given."""
        kind = _argument(mutation)
        key = {"idempotencyKey": str(uuid.uuid4())} if "idempotencyKey" in _types()[kind] else {}
        text = f"mutation Act($input: {kind}!) {{ {mutation}(input: $input) {{ {fields} {_ERRORS} }} }}"
        told = await self.data(text, who=who, input={**key, **given})
        return told[mutation]

    async def get(self, path: str, /, *, who: str = "agent") -> httpx.Response:
        """What a path answers."""
        token, client = await self._token(who), await self._served()
        return await client.get(path, headers={"Authorization": f"Bearer {token}"})

    async def step_up(self, who: str) -> None:
        """Give a fresh one-time code for the next ten minutes."""
        await self._token(who)
        await self._give_codes_back(who)
        await self._post("/staff/step-up", {"otp": self._people[who].code()}, who=who)

    async def person(self, who: str) -> models.Staff:
        """The row of somebody, who is hired when first asked for."""
        if who not in self._people:
            role = Role(who.partition("-")[0].upper())
            self._people[who] = await add_person(self.database, login=who, role=role, vault=Vault([_KEY.encode()]))
        return self._people[who].row

    async def verify(self) -> None:
        """The books must be proven."""
        await self.run("verify")

    async def run(self, *words: str, code: int = 0) -> Ended:
        """Run a command to its end, which must be the exit code `code`."""
        ended = await self.begin(*words).ended()
        assert ended.code == code, ended
        return ended

    def begin(self, *words: str) -> Command:
        """Start a command, to wait for or to kill."""
        return Command.begin(words, environment=self._environment(), folder=self.folder)

    async def stop(self) -> None:
        """Stop the server; the next question starts another."""
        if self._client is not None:
            await self._client.aclose()
        if self._server is not None:
            await self._server.stop()
        self._client = self._server = None

    async def kill(self) -> None:
        """End the server at once, as a power cut does."""
        if self._server is not None:
            await self._server.kill()
        await self.stop()

    async def close(self) -> None:
        """Leave the desk."""
        await self.stop()

    async def _preview(self, act: str, who: str, given: dict[str, Any]) -> Any:
        name = f"{act}Preview"
        kind = _argument(name)
        text = (
            f"mutation Preview($input: {kind}!) {{ {name}(input: $input) {{ {_PREVIEW} quote expiresAt {_ERRORS} }} }}"
        )
        return (await self.data(text, who=who, input=given))[name]

    async def _confirm(self, act: str, quote: str, who: str, fields: str, *, key: str | None = None) -> Any:
        name = f"{act}Confirm"
        wanted = f"{_noun(act)} {{ {fields} }} approval {{ id state revision }} replayed {_ERRORS}"
        text = f"mutation Confirm($input: ConfirmInput!) {{ {name}(input: $input) {{ {wanted} }} }}"
        given = {"quote": quote, "idempotencyKey": key or str(uuid.uuid4())}
        return (await self.data(text, who=who, input=given))[name]

    async def _post(self, path: str, body: dict[str, Any], *, who: str) -> Any:
        token = await self._token(who)
        client = await self._served()
        answered = await client.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
        assert answered.status_code == 200, answered.text
        return answered.json()

    async def _token(self, who: str) -> str:
        if who not in self._tokens:
            await self.person(who)
            await self._give_codes_back(who)
            client = await self._served()
            answered = await client.post("/staff/tokens", json=self._people[who].typed())
            assert answered.status_code == 200, answered.text
            self._tokens[who] = answered.json()["token"]
        return self._tokens[who]

    async def _give_codes_back(self, who: str) -> None:
        """A case spends weeks in seconds, but one-time codes follow real time and work once in thirty of its seconds."""
        spent = models.SpentCode
        async with self.database.unit_of_work() as session:
            await session.execute(delete(spent).where(spent.staff_id == self._people[who].row.id))

    async def _served(self) -> httpx.AsyncClient:
        if self._client is None:
            self._server = self.begin("serve", "--port", "0")
            said = await self._server.said()
            address = said.removeprefix("The console is at ").split("/console")[0]
            self._client = httpx.AsyncClient(base_url=address, timeout=60)
        return self._client

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
        return {
            **inherited,
            "BACKOFFICE_DATA_DIR": str(self.folder),
            "BACKOFFICE_DATABASE_URL": self.database.url,
            "BACKOFFICE_SECRET_KEYS": _KEY,
            "BACKOFFICE_CLOCK": self.now.isoformat(),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return value["cents"] if set(value) == {"cents"} else {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


@cache
def _types() -> dict[str, dict[str, Any]]:
    """The fields of each object and of each input, by their names."""
    text = (Path(backoffice.__file__).parent / "schema" / "staff.graphql").read_text(encoding="utf-8")
    defined = graphql.parse(text).definitions
    return {
        each.name.value: {one.name.value: one for one in each.fields}
        for each in defined
        if isinstance(each, (graphql.ObjectTypeDefinitionNode, graphql.InputObjectTypeDefinitionNode))
    }


def _argument(mutation: str) -> str:
    """The type of the input of a mutation."""
    return _named(_types()["Mutation"][mutation].arguments[0].type)


def _noun(act: str) -> str:
    """The field of a confirmation that holds what the act made."""
    payload = _types()[_named(_types()["Mutation"][f"{act}Confirm"].type)]
    [noun] = set(payload) - {"approval", "replayed", "userErrors"}
    return noun


def _named(kind: Any) -> str:
    return kind.name.value if isinstance(kind, graphql.NamedTypeNode) else _named(kind.type)
