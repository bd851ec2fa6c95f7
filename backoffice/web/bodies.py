"""Reading a JSON body that may be hostile: bounded in size, time and depth, strict in what it takes for JSON."""

import asyncio
import json
import re
from typing import Any

import orjson
from starlette.requests import Request

from backoffice.web.refusals import JSON, BadRequest, BodyTooLarge, BodyTooSlow, UnsupportedMediaType

_SECONDS_FOR_BODY = 10
_DEEPEST = 64
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_OPENED_AND_CLOSED = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


async def read_json(request: Request, *, largest_bytes: int) -> Any:
    """The JSON value that the body holds; raises an HttpRefusal that says what is wrong with it."""
    require_json(request)
    return parse_json(await _read(request, largest_bytes))


def require_json(request: Request) -> None:
    """Raise UnsupportedMediaType unless the body claims to be plain JSON in UTF-8.

    The type is compared as a whole: a form of another site can send "text/plain; application/json" without asking us.
    """
    media_type, parameters = parse_media_type(",".join(request.headers.getlist("content-type")))
    if media_type != JSON or parameters.get("charset", "utf-8") not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType("Send the body as application/json in UTF-8.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("Send the body without compression.")


def parse_media_type(text: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters, in lower case."""
    media_type, *parts = (part.strip().lower() for part in text.split(";"))
    pairs = (part.partition("=") for part in parts if part)
    return media_type, {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def parse_json(text: bytes) -> Any:
    """A JSON value without duplicated keys, lone surrogates, NaN or deep nesting; raises BadRequest.

    Two parsers agree before anything is believed: orjson refuses what is no JSON, the standard one tells of duplicates.
    """
    if _is_deep(text):
        raise BadRequest(f"The JSON is nested deeper than {_DEEPEST} levels.")
    try:
        orjson.loads(text)
        return json.loads(text, object_pairs_hook=_without_duplicates)
    except ValueError as malformed:
        raise BadRequest("The body is not JSON, or has a key twice in one object.") from malformed


def _is_deep(text: bytes) -> bool:
    """Whether brackets nest too deep: told without a parser, which deep nesting would make costly."""
    brackets = _STRING.sub(b"", text).translate(_OPENED_AND_CLOSED, _NO_BRACKETS)
    for _ in range(_DEEPEST):
        inner = brackets.replace(b"[]", b"")
        if len(inner) == len(brackets):
            # What never closes is for the parser to refuse, unless it would have to descend too far to see it.
            return len(brackets) > _DEEPEST
        brackets = inner
    return bool(brackets)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key occurs twice")
    return made


async def _read(request: Request, largest_bytes: int) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > largest_bytes:
        raise BodyTooLarge(f"The body is larger than {largest_bytes} bytes.")
    try:
        async with asyncio.timeout(_SECONDS_FOR_BODY):
            return await _collect(request, largest_bytes)
    except TimeoutError as slow:
        raise BodyTooSlow(f"The body did not arrive within {_SECONDS_FOR_BODY} s.") from slow


async def _collect(request: Request, largest_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest_bytes:
            raise BodyTooLarge(f"The body is larger than {largest_bytes} bytes.")
    return bytes(body)
