"""What a document may be made of, and what refuses everything else."""

import pickle
from collections.abc import Callable

import pytest

from backoffice.documents import fetching, native
from backoffice.documents.fetching import FetchRefused, read_asset
from backoffice.documents.pages import Document
from backoffice.documents.printing import press

HOSTILE = [
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file://localhost/etc/passwd",
    "http://127.0.0.1:9/x.png",
    "https://example.org/x.css",
    "ftp://example.org/x",
    "data:text/css,@import url(file:///etc/passwd)",
    "data:image/svg+xml;base64,PHN2Zy8+",
    "asset:../native.py",
    "asset:fonts/../../native.py",
    "asset:base.html",
    "asset:fonts/OFL.txt",
    "asset:/etc/passwd",
    "ASSET:document.css",
    "asset:document.css?x",
    "asset:document.css#x",
    "document.css",
    "/etc/passwd",
    "",
]


class TestReadAsset:
    @pytest.mark.parametrize("url", sorted(fetching.MEDIA_TYPES))
    def test_reads_what_is_bundled(self, url: str) -> None:
        start = b"wOF2" if url.endswith(".woff2") else b"@font-face"

        assert read_asset(url).startswith(start)

    @pytest.mark.parametrize("url", HOSTILE)
    def test_refuses_every_other_address(self, url: str) -> None:
        with pytest.raises(FetchRefused) as refusal:
            read_asset(url)

        assert refusal.value.url == url
        assert refusal.value.code == "DOCUMENT_FETCH_REFUSED"

    def test_refuses_in_words_that_survive_another_process(self) -> None:
        refusal = pickle.loads(pickle.dumps(FetchRefused("file:///etc/passwd")))  # noqa: S301 - our own bytes

        assert (refusal.url, refusal.code) == ("file:///etc/passwd", "DOCUMENT_FETCH_REFUSED")
        assert "'file:///etc/passwd'" in refusal.message


class TestPress:
    """A template that somebody has tampered with: the document is not made at all."""

    @pytest.mark.parametrize(
        ("markup", "url"),
        [
            ("<img src='file:///etc/passwd'>", "file:///etc/passwd"),
            ("<img src='http://127.0.0.1:9/x.png'>", "http://127.0.0.1:9/x.png"),
            ("<img src='data:image/png;base64,AAAA'>", "data:image/png;base64,AAAA"),
            ("<style>@import url(http://127.0.0.1:9/x.css)</style>", "http://127.0.0.1:9/x.css"),
            ("<style>p { background: url(file:///etc/passwd) }</style><p>x</p>", "file:///etc/passwd"),
            ("<style>@font-face { font-family: x; src: url(file:///x.ttf) }</style>", "file:///x.ttf"),
            ("<link rel='stylesheet' href='file:///x.css'>", "file:///x.css"),
            ("<link rel='attachment' href='file:///etc/passwd'>", "file:///etc/passwd"),
            ("<a rel='attachment' href='file:///etc/passwd'>x</a>", "file:///etc/passwd"),
            ("<object data='file:///etc/passwd'></object>", "file:///etc/passwd"),
            ("<embed src='file:///etc/passwd'>", "file:///etc/passwd"),
        ],
    )
    def test_refuses_to_print_what_asks_for_more(
        self, printed: Callable[[Document], bytes], markup: str, url: str
    ) -> None:
        with pytest.raises(FetchRefused) as refusal:
            press().print(f"<!DOCTYPE html><html lang='fr'><title>x</title>{markup}")

        assert refusal.value.url == url

    def test_prints_again_after_a_refusal(self, printed: Callable[[Document], bytes]) -> None:
        page = "<!DOCTYPE html><html lang='fr'><title>x</title><p>x</p>"
        with pytest.raises(FetchRefused):
            press().print(f"{page}<img src='file:///x'>")

        assert press().print(page).startswith(b"%PDF-1.7")

    def test_is_unavailable_in_the_words_of_the_native_libraries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail() -> None:
            raise native.PdfUnavailable("no Pango")

        monkeypatch.setattr(native, "weasyprint", fail)
        press.cache_clear()

        with pytest.raises(native.PdfUnavailable, match="no Pango"):
            press()
