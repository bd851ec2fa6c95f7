"""From a document to the bytes of its PDF, in this process: the same bytes for the same document, each time.

Nothing that is written depends on the clock or on chance: the dates are those of the issue, the identifier is a digest
of the contents, the fonts are those that are bundled.
"""

from functools import cache
from types import ModuleType
from typing import Any

from backoffice.documents import native
from backoffice.documents.fetching import MEDIA_TYPES, STYLE, FetchRefused, read_asset
from backoffice.documents.pages import Document, to_html

VARIANT = "pdf/ua-1"
"""Tagged for screen readers (Code de la consommation, L412-13: accessible services)."""


class Press:
    """WeasyPrint with the bundled style and fonts. Raises PdfUnavailable where it cannot be used."""

    def __init__(self) -> None:
        self._weasyprint: ModuleType = native.weasyprint()
        self._fetcher = AssetFetcher(self._weasyprint)
        self._fonts = self._weasyprint.text.fonts.FontConfiguration()
        self._style = self._weasyprint.CSS(url=STYLE, url_fetcher=self._fetcher, font_config=self._fonts)

    def print(self, html: str) -> bytes:
        """A tagged PDF. Raises `FetchRefused` where the HTML asks for what is not bundled."""
        page = self._weasyprint.HTML(string=html, url_fetcher=self._fetcher)
        try:
            pdf: bytes = page.write_pdf(
                stylesheets=[self._style], font_config=self._fonts, pdf_variant=VARIANT, pdf_identifier=True
            )
        except self._weasyprint.urls.FatalURLFetchingError as fatal:
            raise FetchRefused(self._fetcher.refused) from fatal
        return pdf


class AssetFetcher:
    """What WeasyPrint calls for each address that it meets."""

    # WeasyPrint reads this: a refusal ends the rendering, instead of leaving a gap in the document.
    _fail_on_errors = True

    def __init__(self, weasyprint: ModuleType) -> None:
        self._response = weasyprint.urls.URLFetcherResponse
        self.refused = ""

    def __call__(self, url: str, *_: Any) -> Any:
        try:
            return self._response(url, read_asset(url), {"Content-Type": MEDIA_TYPES[url]})
        except FetchRefused as refusal:
            self.refused = refusal.url
            raise


def to_pdf(document: Document) -> bytes:
    """Print a document; takes seconds for the first, tenths of a second for the next.

    Raises PdfUnavailable, `FetchRefused` or `UnknownLocale`.
    """
    return print_html(to_html(document))


def print_html(html: str) -> bytes:
    """Print what `to_html` wrote, with the one press of this process. Raises PdfUnavailable or `FetchRefused`."""
    return press().print(html)


@cache
def press() -> Press:
    """The press of this process, made once."""
    return Press()
