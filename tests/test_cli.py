"""The command line: refusals are one line and an exit code, secrets are shown once, a stop is no failure."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest

import backoffice
from backoffice.cli import main


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BACKOFFICE_")}
    return {**inherited, "BACKOFFICE_DATA_DIR": str(tmp_path / "var")}


@pytest.fixture
def run(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str, **settings: str) -> Done:
        chosen = {f"BACKOFFICE_{name.upper()}": value for name, value in settings.items()}
        monkeypatch.setattr(os, "environ", {**environment, **chosen})
        monkeypatch.setattr(sys, "argv", ["backoffice", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Done(int(ended.value.code or 0), told.out, told.err)

    return call


@pytest.fixture
def migrated(run: Run, migrated_file: Path, environment: dict[str, str]) -> Run:
    folder = Path(environment["BACKOFFICE_DATA_DIR"])
    folder.mkdir()
    (folder / "backoffice.sqlite3").write_bytes(migrated_file.read_bytes())
    return run


_PRODUCTION = {
    "environment": "production",
    "secret_keys": "k" * 32,
    "public_origin": "https://help.example",
    "operator": str(Path(backoffice.__file__).parent / "documents" / "assets" / "operator.toml"),
}


def refusal(done: Done) -> tuple[int, str]:
    """The exit code and the code of the one line that a refusal is."""
    told = re.fullmatch(r"error ([A-Z_]+): [^\n]+\n", done.stderr)
    assert told, done.stderr
    return done.returncode, told[1]


class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "settings", "code"),
        [
            (["migrate"], {"prot": "1"}, "BAD_SETTING"),
            (["migrate"], {"time_zone": "Mars"}, "BAD_SETTING"),
            (["migrate"], {"database_url": "mysql://nowhere/x"}, "BAD_SETTING"),
            (["migrate"], {"database_url": "postgresql+asyncpg://x@127.0.0.1:1/x"}, "DATABASE_UNREACHABLE"),
            (["demo"], {}, "MIGRATION_PENDING"),
            (["demo"], _PRODUCTION, "ONLY_IN_DEVELOPMENT"),
            (["credentials"], _PRODUCTION, "ONLY_IN_DEVELOPMENT"),
            (["credentials"], {}, "NO_DEMO_CREDENTIALS"),
        ],
    )
    def test_are_one_line_without_a_traceback(
        self, run: Run, words: list[str], settings: dict[str, str], code: str
    ) -> None:
        done = run(*words, **settings)

        assert refusal(done) == (2, code)
        assert done.stdout == ""

    @pytest.mark.parametrize(
        "words",
        [
            ["nonsense"],
            ["demo", "--subscribers", "0"],
            ["demo", "--on", "21/11/2026"],
            ["serve", "--port", "70000"],
            ["migrate", "--check", "--down", "base"],
            ["schema", "--contract", "everyone"],
            ["staff", "add", "--login", "x", "--name", "X", "--role", "boss"],
            ["import", "only-one.toml"],
        ],
    )
    def test_of_wrong_words_have_the_exit_code_of_bad_input(self, run: Run, words: list[str]) -> None:
        done = run(*words)

        assert done.returncode == 2
        assert "Traceback" not in done.stderr


class TestMigrate:
    def test_brings_a_database_up_checks_it_and_takes_it_down(self, run: Run) -> None:
        up, check, down = run("migrate"), run("migrate", "--check"), run("migrate", "--down", "base")
        after = run("migrate", "--check")

        assert [done.returncode for done in (up, check, down)] == [0, 0, 0]
        assert check.stdout.endswith("The database is current.\n")
        assert refusal(after) == (2, "MIGRATION_PENDING")

    def test_refuses_a_revision_that_is_unknown(self, migrated: Run) -> None:
        assert refusal(migrated("migrate", "--down", "nonsense")) == (2, "BAD_INPUT")

    def test_refuses_a_file_that_is_no_database(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("not a database " * 100)

        done = run("migrate", database_url=f"sqlite+aiosqlite:///{tmp_path / 'notes.txt'}")

        assert refusal(done) == (2, "DATABASE_UNREACHABLE")

    def test_refuses_a_database_that_does_not_exist(self, run: Run, postgresql_server: str) -> None:
        done = run("migrate", database_url=postgresql_server.replace("/postgres?", "/nope?"))

        assert refusal(done) == (2, "DATABASE_UNREACHABLE")


class TestStaff:
    def test_is_added_listed_and_disabled(self, migrated: Run) -> None:
        words = ["--login", "Bela", "--name", "Bela Roux", "--role", "billing"]
        added = migrated("staff", "add", *words)
        again = migrated("staff", "add", *words)
        disabled = migrated("staff", "disable", "--login", "bela")
        listed = migrated("staff", "list")

        told = dict(line.split(maxsplit=1) for line in added.stdout.splitlines())
        assert told["login"] == "bela"
        assert len(told["password"]) == 20
        assert len(pyotp.parse_uri(told["TOTP"]).secret) == 32
        assert refusal(again) == (2, "LOGIN_TAKEN")
        assert disabled.returncode == 0
        assert listed.stdout.splitlines()[1].split() == ["bela", "Bela", "Roux", "BILLING", "disabled"]
        assert told["password"] not in listed.stdout

    def test_is_not_disabled_when_unknown(self, migrated: Run) -> None:
        assert refusal(migrated("staff", "disable", "--login", "nobody")) == (2, "NOT_FOUND")


class TestSchema:
    def test_prints_the_sdl(self, run: Run) -> None:
        done = run("schema", "--contract", "staff")

        assert done.returncode == 0
        assert "type Query" in done.stdout


class TestDemo:
    def test_fills_once_and_tells_who_can_sign_in(self, migrated: Run) -> None:
        size = ["--subscribers", "3", "--months", "2", "--on", "2026-11-21"]

        first = migrated("demo", *size)
        second = migrated("demo", *size, "--if-empty")
        third = migrated("demo", *size)
        credentials = migrated("credentials")

        assert (first.returncode, first.stdout[:22]) == (0, "Filled: 3 subscribers,")
        assert (second.returncode, second.stdout) == (0, "The database is not empty: nothing was done.\n")
        assert refusal(third) == (2, "DEMO_NOT_EMPTY")
        rows = [line.split() for line in credentials.stdout.splitlines()]
        assert rows[0] == ["ROLE", "LOGIN", "PASSWORD", "CODE"]
        assert {"AGENT", "SUPERVISOR", "BILLING", "ANALYST", "DPO", "ADMIN"} <= {row[0] for row in rows}
        assert all(re.fullmatch(r"\d{6}", row[3]) for row in rows[1:])


class TestServe:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_tells_its_real_address_and_stops_as_a_success(
        self, migrated: Run, environment: dict[str, str], number: int
    ) -> None:
        (Path(environment["BACKOFFICE_DATA_DIR"]) / "demo-credentials.json").write_text("{}")
        command = [sys.executable, "-m", "backoffice", "serve", "--port", "0"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            line = server.stdout.readline()
            told = re.match(r"The console is at (http://127\.0\.0\.1:\d+)/console; demo credentials: (\S+), ", line)
            assert told, line
            answer = _get(f"{told[1]}/ready")
            missing = _get(f"{told[1]}/unknown")
            server.send_signal(number)
            rest, logged = server.communicate(timeout=30)

        assert answer == (200, {"status": "ready"})
        assert missing[0] == 404
        assert told[2] == f"{environment['BACKOFFICE_DATA_DIR']}/demo-credentials.json"
        assert (server.returncode, rest) == (0, "")
        assert [json.loads(entry)["status"] for entry in logged.splitlines()] == [404]

    @pytest.mark.parametrize(
        ("is_migrated", "words", "code"),
        [(False, ["--port", "0"], "MIGRATION_PENDING"), (True, ["--host", "203.0.113.1"], "ADDRESS_UNUSABLE")],
    )
    def test_refuses_what_it_cannot_serve(
        self,
        request: pytest.FixtureRequest,
        environment: dict[str, str],
        is_migrated: bool,
        words: list[str],
        code: str,
    ) -> None:
        if is_migrated:
            request.getfixturevalue("migrated")
        command = [sys.executable, "-m", "backoffice", "serve", *words]

        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

        assert refusal(Done(done.returncode, done.stdout, done.stderr)) == (2, code)


class TestWork:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_stops_as_a_success(self, migrated: Run, environment: dict[str, str], number: int) -> None:
        command = [sys.executable, "-m", "backoffice", "work"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as worker:
            assert worker.stdout is not None
            said = worker.stdout.readline()
            worker.send_signal(number)
            rest, logged = worker.communicate(timeout=30)

        assert said == "Working; SIGTERM or SIGINT ends it.\n"
        assert (worker.returncode, rest, logged) == (0, "", "")

    def test_refuses_other_tables_than_it_needs(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "backoffice", "work", "--once"]

        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)

        assert refusal(Done(done.returncode, done.stdout, done.stderr)) == (2, "MIGRATION_PENDING")


def _get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answered:  # noqa: S310 - our own server
            return answered.status, json.load(answered)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)
