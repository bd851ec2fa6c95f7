"""How the console's files are served, without a browser."""

import gzip
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice.web import console

SCRIPT = b"export const answer = 42;\n"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the build leaves it, beside a file that must stay private."""
    static = tmp_path / "static"
    assets = static / "assets"
    assets.mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>backoffice</title>")
    (assets / "index-abc.js").write_bytes(SCRIPT)
    (assets / "index-abc.js.br").write_bytes(b"as brotli would write it")
    (assets / "index-abc.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "plain-abc.css").write_text("body {}")
    (tmp_path / "secret.js").write_text("private")
    return static


@pytest.fixture
def client(built: Path) -> TestClient:
    return _client(built)


class TestPage:
    @pytest.mark.parametrize("path", ["/console", "/console/"])
    def test_is_never_stored_and_may_load_only_its_own(self, client: TestClient, path: str) -> None:
        answer = client.get(path, follow_redirects=False)

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
            "font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"

    def test_says_how_to_build_what_is_not_built(self, tmp_path: Path) -> None:
        answer = _client(tmp_path / "nothing").get("/console")

        assert answer.status_code == 503
        assert answer.text == ("The console is not built yet: run `python3 dev.py run`.\n")


class TestAsset:
    @pytest.mark.parametrize(
        ("accepted", "encoding"),
        [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("GZIP;q=0.5", "gzip"),
            ("br;q=0, gzip", "gzip"),
            ("br;q=0.000, gzip; q=0", None),
            ("identity", None),
            ("", None),
        ],
    )
    def test_comes_in_the_best_encoding_accepted(self, client: TestClient, accepted: str, encoding: str | None) -> None:
        answer = client.head("/console/assets/index-abc.js", headers={"accept-encoding": accepted})

        assert answer.status_code == 200
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"

    def test_is_the_same_file_compressed_or_not(self, client: TestClient) -> None:
        compressed = client.get("/console/assets/index-abc.js", headers={"accept-encoding": "gzip"})
        plain = client.get("/console/assets/index-abc.js", headers={"accept-encoding": "identity"})

        assert compressed.content == plain.content == SCRIPT

    def test_is_kept_for_good_by_the_browser(self, client: TestClient) -> None:
        answer = client.get("/console/assets/plain-abc.css")

        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"

    @pytest.mark.parametrize(
        "name",
        [
            "absent-abc.js",
            "index-abc.js.br",
            "index-abc.js.gz",
            "..%2F..%2Fsecret.js",
            "%2e%2e/%2e%2e/secret.js",
            "..%5C..%5Csecret.js",
            "index-abc.js%00",
            ".hidden.js",
            "",
        ],
    )
    def test_is_nothing_but_what_the_build_wrote(self, client: TestClient, name: str) -> None:
        answer = client.get(f"/console/assets/{name}")

        assert answer.status_code == 404
        assert "private" not in answer.text


def _client(static: Path) -> TestClient:
    return TestClient(Starlette(routes=console.routes(static)))
