"""Logs hold no personal data and no secret, whoever wrote them."""

import json
import logging
import warnings
from collections.abc import Iterator

import pytest
import structlog

from backoffice.web import logs
from backoffice.web.logs import redact, without_messages


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, show = root.handlers[:], root.level, warnings.showwarning
    logs.set_up()
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    warnings.showwarning = show
    root.handlers[:] = handlers
    root.setLevel(level)


class TestRedact:
    @pytest.mark.parametrize(
        ("written", "logged"),
        [
            ("from marie.dupont@example.org today", "from [e-mail] today"),
            ("FR76 3000 6000 0112 3456 7890 189", "[iban]"),
            ("FR7630006000011234567890189", "[iban]"),
            ("card 4970 1012 3456 7890 used", "card [number] used"),
            ("call 06 12 34 56 78", "call [phone]"),
            ("call 0612345678", "call [phone]"),
            ("call +33 6 12 34 56 78", "call [phone]"),
            ("Bearer " + "aB3_" * 11, "Bearer [token]"),
            ("2026-11-21T09:00:00 at port 8000", "2026-11-21T09:00:00 at port 8000"),
        ],
    )
    def test_scrubs_what_looks_like_a_person_or_a_secret(self, written: str, logged: str) -> None:
        assert redact(None, "info", {"event": "x", "said": written, "list": [written]}) == {
            "event": "x",
            "said": logged,
            "list": [logged],
        }

    @pytest.mark.parametrize(
        "key", ["variables", "query", "password", "otp", "token", "cookie", "authorization", "url"]
    )
    def test_drops_what_is_never_logged(self, key: str) -> None:
        event = {"event": "x", key: "Marie", "inner": {key: "Marie", "kept": 1}}

        assert redact(None, "info", event) == {"event": "x", "inner": {"kept": 1}}


class TestWithoutMessages:
    def test_tells_type_and_place_but_not_the_message(self) -> None:
        try:
            raise KeyError("Marie") from ValueError("Dupont")
        except KeyError as error:
            told = without_messages(None, "error", {"event": "x", "exc_info": error})

        assert (told["error"], told["cause"]) == ("KeyError", "ValueError")
        assert told["places"][0].endswith("test_tells_type_and_place_but_not_the_message")
        assert "Marie" not in str(told)


class TestSetUp:
    @pytest.mark.usefixtures("set_up")
    def test_writes_one_json_object_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        logs.set_up()  # again, now that stderr is captured
        structlog.get_logger().info("ours", viewer_id=7, password="secret")
        logging.getLogger("library").warning("theirs of %s", "marie@example.org", extra={"request_id": "r1"})

        ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())

        assert (ours["event"], ours["viewer_id"], "password" in ours) == ("ours", 7, False)
        assert (theirs["event"], theirs["logger"], theirs["request_id"]) == ("theirs of [e-mail]", "library", "r1")
