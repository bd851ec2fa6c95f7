"""Structured logs, one JSON object a line on stderr; a last step keeps personal data and secrets out."""

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import orjson
import structlog

Event = MutableMapping[str, Any]

_NEVER_LOGGED = frozenset(
    {"variables", "query", "document", "body", "password", "otp", "token", "cookie", "authorization", "headers", "url"}
)
# In this order: an IBAN or a card number may contain what looks like a telephone number.
_SCRUBBED = (
    (re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']{1,255}"), "[e-mail]"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"), "[iban]"),
    (re.compile(r"\b(?:\d[ -]?){12,18}\d\b"), "[number]"),
    (re.compile(r"(?<!\w)(?:(?:\+|00)\d{1,3}[ .-]?\(?0?\)?|0)[1-9](?:[ .-]?\d{2}){4}(?!\w)"), "[phone]"),
    (re.compile(r"[A-Za-z0-9_-]{40,}"), "[token]"),
)
_PACKAGE = "backoffice"


def set_up(level: int = logging.INFO) -> None:
    """Send every log of this process, our own and the libraries', through the same steps to stderr."""
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        without_messages,
        redact,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*steps, structlog.processors.JSONRenderer(serializer=_dumps)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(["request_id"]), *steps],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_dumps),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)


def redact(_: object, __: str, event: Event) -> Event:
    """Drop what is never logged and scrub texts of what looks like a person's or a secret."""
    return {key: _scrubbed(value) for key, value in event.items() if key not in _NEVER_LOGGED}


def without_messages(_: object, __: str, event: Event) -> Event:
    """Tell an exception by its type and the places it passed: its message may quote a row, a name or a secret."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
        event["places"] = _places(error.__traceback__)
        if error.__cause__ is not None:
            event["cause"] = type(error.__cause__).__qualname__
    return event


def _places(begin: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(begin)
    return [f"{frame.filename.rpartition(f'/{_PACKAGE}/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, instead in _SCRUBBED:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {key: _scrubbed(inner) for key, inner in value.items() if key not in _NEVER_LOGGED}
    if isinstance(value, list | tuple):
        return [_scrubbed(inner) for inner in value]
    return value


def _dumps(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()
