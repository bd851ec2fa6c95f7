"""Whether all contenders give the same text: their bytes, read and written again by orjson, whatever blanks they had."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from benchmarks.contenders import Contender

_AT_ONCE = 8


@dataclass(slots=True)
class Equality:
    """How many answers of a contender are those of the normal executor, and where the first other one differs."""

    equal: int = 0
    asked: int = 0
    difference: str | None = None

    def add(self, number: str, normal: bytes, other: bytes) -> None:
        """Compare the answers for a subscriber."""
        self.asked += 1
        expected, given = orjson.loads(normal), orjson.loads(other)
        if orjson.dumps(expected) == orjson.dumps(given):
            self.equal += 1
        elif self.difference is None:
            self.difference = f"{number}: {first_difference(expected, given)}"


class FailedAnswer(Exception):
    """The normal executor itself has errors: there is nothing to compare with."""


async def compare(others: Sequence[Contender], normal: Contender, numbers: Sequence[str]) -> dict[str, Equality]:
    """Ask for every subscriber; the equality of each contender by its name. Raises FailedAnswer."""
    found = {other.name: Equality() for other in others}
    for start in range(0, len(numbers), _AT_ONCE):
        asked = numbers[start : start + _AT_ONCE]
        expected = await asyncio.gather(*map(normal.answer, asked))
        for body in expected:
            if b'"errors":' in body and "errors" in orjson.loads(body):
                raise FailedAnswer(body[:1000].decode())
        for other in others:
            given = await asyncio.gather(*map(other.answer, asked))
            for compared in zip(asked, expected, given, strict=True):
                found[other.name].add(*compared)
    return found


def first_difference(expected: Any, given: Any, path: str = "") -> str:
    """The path of the first place where two JSON values differ, with both values; empty when none does."""
    if isinstance(expected, dict) and isinstance(given, dict):
        if list(expected) != list(given):
            return f"{path}: the keys {list(expected)} against {list(given)}"
        pairs: list[tuple[str, Any, Any]] = [(f"{path}.{key}", expected[key], given[key]) for key in expected]
    elif isinstance(expected, list) and isinstance(given, list):
        if len(expected) != len(given):
            return f"{path}: {len(expected)} against {len(given)} elements"
        pairs = [(f"{path}[{at}]", *both) for at, both in enumerate(zip(expected, given, strict=True))]
    else:
        is_same = type(expected) is type(given) and expected == given
        return "" if is_same else f"{path}: {expected!r} against {given!r}"
    return next((found for found in (first_difference(one, two, at) for at, one, two in pairs) if found), "")
