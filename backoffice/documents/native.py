"""The native libraries that WeasyPrint calls: the system's, or those that `dev.py` unpacked into `.natives/`."""

import ctypes
import importlib
import os
from pathlib import Path
from types import ModuleType

from backoffice.errors import BackofficeError

NATIVES = Path(__file__).resolve().parents[2] / ".natives"
NEEDED = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")


class PdfUnavailable(BackofficeError):
    """WeasyPrint cannot be used on this machine because its native libraries are missing."""

    code = "PDF_UNAVAILABLE"


def weasyprint() -> ModuleType:
    """WeasyPrint, ready to render; raises PdfUnavailable where its native libraries are missing."""
    load()
    try:
        return importlib.import_module("weasyprint")
    except OSError as missing:
        raise PdfUnavailable(
            "PDFs cannot be made on this machine: install the Pango libraries (on Debian and Ubuntu: "
            "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0) and start again."
        ) from missing


def load(natives: Path = NATIVES) -> None:
    """Open the unpacked libraries, so that WeasyPrint finds them by name; does nothing where the system has them.

    To be called before WeasyPrint is imported.
    """
    if not natives.is_dir() or all(map(_opens, NEEDED)):
        return
    if not Path("/etc/fonts/fonts.conf").exists():
        os.environ.setdefault("FONTCONFIG_FILE", str(natives / "fonts.conf"))
    waiting = sorted(map(str, (natives / "root").rglob("*.so.*")))
    # A library opens once those that it needs are open: go round until nothing more does.
    while waiting:
        closed = [library for library in waiting if not _opens(library)]
        if closed == waiting:
            return
        waiting = closed


def _opens(library: str) -> bool:
    """Open a library for the whole process; false where it, or one that it needs, is missing."""
    try:
        ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False
    return True
