"""The native libraries of WeasyPrint: found in the system, unpacked by `dev.py`, or missing with a clear message."""

import os
from pathlib import Path
from types import ModuleType

import pytest

from backoffice.documents import native


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The libraries that were opened on a machine whose system has none; pango opens once glib is open."""
    recorded: list[str] = []

    def opens(library: str) -> bool:
        name = Path(library).name
        missing = library in native.NEEDED or (name == "libpango.so.0" and "libzglib.so.0" not in recorded)
        if not missing:
            recorded.append(name)
        return not missing and name != "libbroken.so.1"

    monkeypatch.setattr(native, "_opens", opens)
    monkeypatch.setenv("FONTCONFIG_FILE", "mine")
    return recorded


def _unpack(natives: Path, *names: str) -> Path:
    (natives / "root").mkdir(parents=True)
    for name in names:
        (natives / "root" / name).touch()
    return natives


class TestLoad:
    def test_opens_a_library_after_those_that_it_needs(self, opened: list[str], tmp_path: Path) -> None:
        natives = _unpack(tmp_path / ".natives", "libpango.so.0", "libzglib.so.0")

        native.load(natives)

        assert opened == ["libzglib.so.0", "libpango.so.0"]

    def test_ends_when_a_library_never_opens(self, opened: list[str], tmp_path: Path) -> None:
        natives = _unpack(tmp_path / ".natives", "libbroken.so.1", "libzglib.so.0")

        native.load(natives)

        assert opened.count("libzglib.so.0") == 1

    def test_does_nothing_where_the_system_has_the_libraries(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        asked: list[str] = []

        def opens(library: str) -> bool:
            asked.append(library)
            return True

        monkeypatch.setattr(native, "_opens", opens)

        native.load(_unpack(tmp_path / ".natives", "libpango.so.0"))

        assert asked == list(native.NEEDED)

    def test_does_nothing_where_nothing_was_unpacked(self, opened: list[str], tmp_path: Path) -> None:
        native.load(tmp_path / ".natives")

        assert opened == []


class TestWeasyprint:
    def test_renders_a_line_of_text(self) -> None:
        document = _weasyprint_or_skip().HTML(string="<p>Facture réglée : 12,34 €</p>").write_pdf()

        assert document.startswith(b"%PDF-")
        assert b"%%EOF" in document[-10:]

    def test_says_what_to_install_where_the_libraries_are_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(name: str) -> ModuleType:
            raise OSError("cannot load library 'libpango-1.0-0'")

        monkeypatch.setattr("importlib.import_module", fail)

        with pytest.raises(native.PdfUnavailable, match="libharfbuzz-subset0"):
            native.weasyprint()


def _weasyprint_or_skip() -> ModuleType:
    """WeasyPrint; skips without its libraries, except in CI, where `dev.py test` sets TESTS_REQUIRE_PDF."""
    try:
        return native.weasyprint()
    except native.PdfUnavailable as missing:
        if os.environ.get("TESTS_REQUIRE_PDF"):
            raise
        pytest.skip(str(missing))
