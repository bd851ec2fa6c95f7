"""`dev.py`: what it refuses, what it skips, and in which order it calls the programs."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

import dev

SOURCE = Path(dev.__file__).read_text()
LOCKED = sorted(dev.REQUIREMENTS.glob("*.txt"))

Calls = list[tuple[str, ...]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The programs that a command called, none of which ran; all of them succeed."""
    recorded: Calls = []

    def record(program: str, arguments: list[str], *, environment: dict[str, str] | None = None) -> int:
        settings = tuple(f"{name}={value}" for name, value in (environment or {}).items())
        recorded.append((*settings, program, *arguments))
        return 0

    monkeypatch.setattr(dev, "call", record)
    monkeypatch.setattr(dev, "become", record)
    monkeypatch.setattr(dev, "set_up", lambda name: recorded.append(("set up", name)))
    monkeypatch.setattr(dev, "install_browser", lambda: recorded.append(("browser",)))
    monkeypatch.setattr(dev, "install_pdf_reader", lambda: recorded.append(("pdf reader",)))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(dev, "VENV", Path("nowhere"))
    return recorded


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Calls:
    """What would have been installed into an environment whose stamps and requirements are in `tmp_path`."""
    recorded: Calls = []
    monkeypatch.setattr(dev, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(dev, "REQUIREMENTS", tmp_path)
    monkeypatch.setattr(dev, "install", lambda *arguments: recorded.append(arguments[-1:]))
    for name in ("console", "dev"):
        (tmp_path / f"{name}.txt").write_text(f"six==1 # {name}")
    return recorded


class TestMachine:
    def test_is_refused_with_an_old_python(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(sys, "version_info", (3, 10, 9))

        assert dev.main(["run"]) == 2
        assert "needs Python 3.11 or newer" in capsys.readouterr().err

    def test_is_refused_without_the_venv_module(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "ensurepip" else find_spec(name))

        assert dev.main(["run"]) == 2
        assert "apt-get install python3-venv" in capsys.readouterr().err

    def test_lets_an_old_python_read_the_script_that_refuses_it(self) -> None:
        ast.parse(SOURCE, feature_version=(3, 8))

    def test_needs_nothing_but_the_standard_library(self) -> None:
        tree = ast.walk(ast.parse(SOURCE))
        imports = [node for node in tree if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {(getattr(node, "module", None) or node.names[0].name).split(".")[0] for node in imports}

        assert names <= sys.stdlib_module_names
        assert "argparse" in names


class TestCommands:
    @pytest.mark.parametrize("words", [["nonsense"], [], ["check", "this"], ["lock", "--downgrade"]])
    def test_that_are_unknown_end_with_2_before_anything_is_set_up(self, words: list[str], calls: Calls) -> None:
        assert dev.main(words) == 2
        assert calls == []

    def test_that_are_unknown_are_answered_with_the_list(self, capsys: pytest.CaptureFixture[str]) -> None:
        dev.main(["nonsense"])

        message = capsys.readouterr().err
        assert "Unknown command: nonsense" in message
        assert "python3 dev.py run [--port N]" in message

    def test_of_the_project_pass_on_with_their_arguments(self, calls: Calls) -> None:
        assert dev.main(["backoffice", "staff", "--help"]) == 0
        assert calls == [("set up", "console"), ("backoffice", "staff", "--help")]

    def test_that_fail_in_the_set_up_end_with_1_and_invite_to_repeat(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fail(name: str) -> None:
            dev.attempt([sys.executable, "-c", "print('no route to host'); raise SystemExit(4)"])

        monkeypatch.setattr(dev, "set_up", fail)

        assert dev.main(["run"]) == 1
        message = capsys.readouterr().err
        assert "no route to host" in message
        assert "The same command continues from here" in message


class TestRun:
    def test_migrates_fills_an_empty_database_and_serves(self, calls: Calls) -> None:
        assert dev.main(["run"]) == 0
        assert calls[0] == ("set up", "console")
        assert calls[1][:3] == ("python", "-c", dev.ONE_AFTER_ANOTHER)
        assert ast.literal_eval(calls[1][3]) == [
            ["migrate"],
            ["demo", "--if-empty", *dev.DEMO_SIZE],
            ["serve"],
        ]

    def test_listens_where_it_was_told(self, calls: Calls) -> None:
        dev.main(["run", "--port", "8123"])

        assert ast.literal_eval(calls[1][3])[-1] == ["serve", "--port", "8123"]

    def test_ends_before_anything_is_set_up_when_the_port_is_no_number(self, calls: Calls) -> None:
        with pytest.raises(SystemExit, match="2"):
            dev.main(["run", "--port", "http"])

        assert calls == []


class TestOneAfterAnother:
    @pytest.mark.parametrize(
        ("failing", "code", "seen"), [("none", 0, "migrate\nserve\n"), ("migrate", 3, "migrate\n")]
    )
    def test_stops_at_the_first_command_that_fails(self, tmp_path: Path, failing: str, code: int, seen: str) -> None:
        program = f"import sys\ndef main(): print(sys.argv[1]); sys.exit(3 if sys.argv[1] == '{failing}' else 0)\n"
        (tmp_path / "backoffice").mkdir()
        (tmp_path / "backoffice/__init__.py").touch()
        (tmp_path / "backoffice/cli.py").write_text(program)

        command = [sys.executable, "-c", dev.ONE_AFTER_ANOTHER, "[['migrate'], ['serve']]"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

        assert (done.returncode, done.stdout) == (code, seen)


class TestTest:
    def test_checks_the_sources_and_then_tests(self, calls: Calls) -> None:
        assert dev.main(["test", "-k", "refund"]) == 0
        assert calls == [
            ("set up", "dev"),
            ("browser",),
            ("pdf reader",),
            *dev.GATES,
            ("pytest", "-k", "refund"),
        ]

    @pytest.mark.parametrize("failing", [*dev.GATES, ("pytest",)], ids=" ".join)
    def test_goes_on_after_a_failure_and_names_it(
        self,
        failing: tuple[str, ...],
        calls: Calls,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        recording = dev.call

        def fail_once(program: str, arguments: list[str], **options: dict[str, str]) -> int:
            return recording(program, arguments, **options) or int((program, *arguments) == failing)

        monkeypatch.setattr(dev, "call", fail_once)

        assert dev.main(["test"]) == 1
        assert calls[3:] == [*dev.GATES, ("pytest",)]
        assert f"Failed: {' '.join(failing)}\n" in capsys.readouterr().err

    def test_accepts_no_skip_in_ci(self, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CI", "true")

        dev.main(["test"])

        assert calls[-1] == ("TESTS_REQUIRE_BROWSER=1", "TESTS_REQUIRE_PDF=1", "pytest")


class TestInstallRequirements:
    def test_is_skipped_while_the_file_is_unchanged(self, installed: Calls) -> None:
        dev.install_requirements("console")
        dev.install_requirements("console")

        assert len(installed) == 1

    def test_installs_again_after_a_change(self, installed: Calls, tmp_path: Path) -> None:
        dev.install_requirements("console")
        (tmp_path / "console.txt").write_text("six==2")
        dev.install_requirements("console")

        assert len(installed) == 2

    def test_is_satisfied_with_the_larger_set(self, installed: Calls, tmp_path: Path) -> None:
        dev.install_requirements("dev")
        dev.install_requirements("console")

        assert installed == [(str(tmp_path / "dev.txt"),)]

    def test_is_not_satisfied_with_the_smaller_set(self, installed: Calls, tmp_path: Path) -> None:
        dev.install_requirements("console")
        dev.install_requirements("dev")

        assert installed == [(str(tmp_path / "console.txt"),), (str(tmp_path / "dev.txt"),)]

    def test_forgets_what_was_there_when_it_is_interrupted(
        self, installed: Calls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        def fail(*arguments: str) -> None:
            raise dev.SetupFailed("interrupted")

        dev.install_requirements("dev")
        (tmp_path / "dev.txt").write_text("six==2")
        monkeypatch.setattr(dev, "install", fail)

        with pytest.raises(dev.SetupFailed):
            dev.install_requirements("dev")

        assert dev.read_stamp("requirements") == ""


class TestInstallNatives:
    @pytest.fixture
    def machine(self, installed: Calls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
        """What was asked of a machine on which WeasyPrint loads once Pango was unpacked."""
        asked: list[str] = []
        natives = tmp_path / ".natives"

        def weasyprint_loads() -> bool:
            asked.append("load")
            return natives.is_dir()

        def get_pango() -> bool:
            asked.append("get")
            natives.mkdir()
            return True

        monkeypatch.setattr(dev, "NATIVES", natives)
        monkeypatch.setattr(dev, "weasyprint_loads", weasyprint_loads)
        monkeypatch.setattr(dev, "get_pango", get_pango)
        return asked

    def test_gets_pango_once(self, machine: list[str]) -> None:
        dev.install_natives()
        dev.install_natives()

        assert machine == ["load", "get", "load"]

    def test_gets_pango_again_when_it_was_removed(self, machine: list[str]) -> None:
        dev.install_natives()
        dev.NATIVES.rmdir()
        dev.install_natives()

        assert machine == ["load", "get", "load"] * 2

    def test_goes_on_without_pango_and_says_so(
        self, machine: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(dev, "get_pango", lambda: False)

        dev.install_natives()

        assert machine == ["load"]
        assert "everything works except PDFs" in capsys.readouterr().out
        assert dev.read_stamp("natives") == ""


class TestInstallPdfReader:
    @pytest.fixture
    def machine(self, monkeypatch: pytest.MonkeyPatch) -> set[str]:
        """The programs of a machine whose root can install more."""
        programs = {"apt-get"}

        def install(package: str) -> None:
            programs.update({"poppler-utils": {"pdftotext"}}[package])

        monkeypatch.setattr("shutil.which", lambda name: name if name in programs else None)
        monkeypatch.setattr(dev, "is_root", lambda: True)
        monkeypatch.setattr(dev, "apt_install", install)
        return programs

    def test_gets_pdftotext_once(self, machine: set[str], capsys: pytest.CaptureFixture[str]) -> None:
        dev.install_pdf_reader()
        dev.install_pdf_reader()

        assert "pdftotext" in machine
        assert capsys.readouterr().out.count("Installing poppler-utils") == 1

    def test_goes_on_without_it_and_says_so(
        self, machine: set[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(dev, "is_root", lambda: False)

        dev.install_pdf_reader()

        assert machine == {"apt-get"}
        assert "tests that read PDFs will be skipped" in capsys.readouterr().out


class TestInstall:
    @pytest.fixture
    def attempts(self, monkeypatch: pytest.MonkeyPatch) -> Calls:
        """The commands that were attempted; those of uv fail."""
        attempted: Calls = []

        def attempt(command: list[str | Path], **options: object) -> None:
            attempted.append(tuple(map(str, command)))
            if Path(command[0]).name == "uv":
                raise dev.SetupFailed("uv does not reach the package index")

        monkeypatch.setattr(dev, "attempt", attempt)
        monkeypatch.setattr(dev, "install_uv", lambda: None)
        monkeypatch.setattr(dev, "uv_environment", dict)
        return attempted

    def test_falls_back_to_pip(self, attempts: Calls) -> None:
        dev.install("--require-hashes", "-r", "dev.txt")

        assert [Path(command[0]).name for command in attempts] == ["uv", "python"]
        assert attempts[1][1:4] == ("-m", "pip", "install")
        assert attempts[1][-3:] == ("--require-hashes", "-r", "dev.txt")


class TestUvEnvironment:
    @pytest.fixture
    def configure(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        """Pretends that `pip config list` answers so, and that no variable for uv is set."""
        for name in ("UV_DEFAULT_INDEX", "UV_SYSTEM_CERTS", "SSL_CERT_FILE"):
            monkeypatch.delenv(name, raising=False)

        def answer(text: str) -> None:
            done = subprocess.CompletedProcess([], 0, stdout=text)
            monkeypatch.setattr("subprocess.run", lambda *arguments, **options: done)

        return answer

    def test_asks_for_the_certificates_of_the_system(self, configure: Callable[[str], None]) -> None:
        configure("")

        assert dev.uv_environment() == {"UV_SYSTEM_CERTS": "1"}

    def test_hands_on_what_pip_was_told(self, configure: Callable[[str], None]) -> None:
        configure(":env:.index-url='file:///here'\nglobal.cert='/ca.pem'\nglobal.index-url='file:///there'\n")

        environment = dev.uv_environment()

        assert environment["UV_DEFAULT_INDEX"] == "file:///here"
        assert environment["SSL_CERT_FILE"] == "/ca.pem"

    def test_leaves_alone_what_uv_was_told(
        self, configure: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        configure("global.index-url='file:///there'\n")
        monkeypatch.setenv("UV_DEFAULT_INDEX", "file:///mine")

        assert "UV_DEFAULT_INDEX" not in dev.uv_environment()


class TestRequirements:
    def test_exist_for_each_set(self) -> None:
        assert [path.stem for path in LOCKED] == ["console", "dev", "runtime", "uv"]

    @pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.stem)
    def test_are_pinned_and_hashed_and_name_no_address(self, path: Path) -> None:
        text = path.read_text()
        blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]

        assert blocks
        assert [block for block in blocks if not re.match(r"[\w.\-]+(\[.+?\])?==\S+", block)] == []
        assert [block for block in blocks if "--hash=sha256:" not in block] == []
        assert "://" not in text

    @pytest.mark.parametrize("smaller", ["runtime", "console"])
    def test_for_development_contain_the_smaller_sets_with_the_same_pins(self, smaller: str) -> None:
        pins, all_pins = (_pins(dev.REQUIREMENTS / f"{name}.txt") for name in (smaller, "dev"))

        assert pins
        assert pins - all_pins == set()


def _pins(path: Path) -> set[str]:
    return set(re.findall(r"^[^\s#]+==[^\s;]+", path.read_text(), flags=re.MULTILINE))
