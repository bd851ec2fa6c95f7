"""The agents' console, as files: one page and its assets. What it may do is decided at the paths it calls."""

import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        # The code editor positions what it draws with style attributes and sheets of its own.
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

ASSET_HEADERS = {
    # The name carries a hash of the content, so a name never means something else.
    "Cache-Control": "public, max-age=31536000, immutable",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}

# What the build writes; any other suffix, .br and .gz included, is not served by its own name.
MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".md": "text/markdown",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}

# Smallest first.
ENCODINGS = {"br": ".br", "gzip": ".gz"}

ASSET_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", re.ASCII)

NOT_BUILT = "The console is not built yet: run `python3 dev.py run`.\n"


def routes(static: Path) -> list[Route]:
    """This function will return the routes that serve the console built into `static`."""

    def page(_: Request) -> Response:
        index = static / "index.html"
        if not index.is_file():
            return PlainTextResponse(NOT_BUILT, status_code=503, headers=PAGE_HEADERS)
        return FileResponse(index, media_type="text/html", headers=PAGE_HEADERS)

    def asset(request: Request) -> Response:
        file = _asset_file(static / "assets", request.path_params["name"])
        headers = dict(ASSET_HEADERS)
        encoding = _encoding(file, request.headers.get("accept-encoding", ""))
        if encoding:
            headers["Content-Encoding"] = encoding
        stored = file.with_name(file.name + ENCODINGS.get(encoding, ""))
        return FileResponse(stored, media_type=MEDIA_TYPES[file.suffix], headers=headers)

    return [
        Route("/console", page),
        Route("/console/", page),
        # Without `:path` a name holds no slash, so it cannot leave the folder.
        Route("/console/assets/{name}", asset),
    ]


def _asset_file(folder: Path, name: str) -> Path:
    file = folder / name
    if not ASSET_NAME.fullmatch(name) or file.suffix not in MEDIA_TYPES or not file.is_file():
        raise HTTPException(404)
    return file


def _encoding(file: Path, accepted: str) -> str:
    """This function will return the best encoding the client takes and the build wrote, or ''."""
    taken = _accepted_encodings(accepted)
    for encoding, suffix in ENCODINGS.items():
        if encoding in taken and file.with_name(file.name + suffix).is_file():
            return encoding
    return ""


def _accepted_encodings(header: str) -> set[str]:
    accepted = set()
    for part in header.lower().split(","):
        encoding, *parameters = (piece.strip() for piece in part.split(";"))
        if not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters):
            accepted.add(encoding)
    return accepted
