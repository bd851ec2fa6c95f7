"""The only files that a document may be made of: those that are bundled with it, by their names."""

from functools import cache
from pathlib import Path

from backoffice.errors import BackofficeError

ASSETS = Path(__file__).parent / "assets"
SCHEME = "asset:"
STYLE = f"{SCHEME}document.css"
MEDIA_TYPES = {
    STYLE: "text/css",
    f"{SCHEME}fonts/IBMPlexSans-Regular.woff2": "font/woff2",
    f"{SCHEME}fonts/IBMPlexSans-SemiBold.woff2": "font/woff2",
}


class FetchRefused(BackofficeError):
    """A document asked for something outside of the bundle; it is not made at all, as somebody tampered with it."""

    code = "DOCUMENT_FETCH_REFUSED"

    def __init__(self, url: str) -> None:
        super().__init__(f"A document asked for {url[:200]!r}: only {', '.join(MEDIA_TYPES)} may be fetched.")
        self.url = url

    def __reduce__(self) -> tuple[type["FetchRefused"], tuple[str]]:
        # It crosses the border of the rendering process.
        return type(self), (self.url,)


@cache
def read_asset(url: str) -> bytes:
    """A bundled file by its exact address. Raises `FetchRefused` for everything else, whatever it is."""
    if url not in MEDIA_TYPES:
        raise FetchRefused(url)
    return (ASSETS / url.removeprefix(SCHEME)).read_bytes()
