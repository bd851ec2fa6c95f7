"""PDFs of the sample documents, and how a test reads them."""

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache

import pytest

from backoffice.documents import native
from backoffice.documents.pages import Document
from backoffice.documents.printing import to_pdf


@pytest.fixture(scope="session")
def printed() -> Callable[[Document], bytes]:
    """Prints a document, the same one once; skips where WeasyPrint cannot be used, unless TESTS_REQUIRE_PDF is set."""
    try:
        native.weasyprint()
    except native.PdfUnavailable as missing:
        if os.environ.get("TESTS_REQUIRE_PDF"):
            raise
        pytest.skip(str(missing))
    return cache(to_pdf)


@pytest.fixture(scope="session")
def read(printed: Callable[[Document], bytes]) -> Callable[[Document], str]:
    """The text of a printed document as it stands on the page, with ordinary spaces; skips without pdftotext."""
    if not shutil.which("pdftotext"):
        if os.environ.get("TESTS_REQUIRE_PDF"):
            raise RuntimeError("pdftotext is missing: install poppler-utils.")
        pytest.skip("pdftotext is missing: install poppler-utils to read PDFs.")

    def text_of(document: Document) -> str:
        return text_of_pdf(printed(document))

    return text_of


def text_of_pdf(pdf: bytes) -> str:
    """What pdftotext reads, each run of spaces as one."""
    command = ["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"]
    text = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
    return "\n".join(" ".join(line.split()) for line in text.splitlines() if line.strip())
