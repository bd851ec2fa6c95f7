"""The operations that we publish: the files of `frontend_queries/`, with what their first comment lines say."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import backoffice

_NAME = re.compile(r"^\s*(?:query|mutation|subscription)\s+([_A-Za-z][_0-9A-Za-z]*)", re.MULTILINE)


class BadOperationFile(Exception):
    """A file of `frontend_queries/` cannot be published: a mistake of ours, found when the process starts."""


@dataclass(frozen=True)
class Operation:
    """One operation, as the console lists it."""

    name: str
    title: str
    description: str
    document: str
    variables: dict[str, Any] = field(default_factory=dict)


def folder() -> Path:
    """Where the operations are: inside the package of a wheel, beside it in a checkout."""
    package = Path(backoffice.__file__).parent
    inside = package / "frontend_queries"
    return inside if inside.is_dir() else package.parent / "frontend_queries"


def operations(audience: str) -> list[Operation]:
    """The operations of one audience, such as "staff", by title."""
    files = (folder() / audience).glob("*.graphql")
    found = (parse(file.read_text(encoding="utf-8"), source=file.name) for file in files)
    return sorted(found, key=lambda operation: operation.title)


def parse(text: str, *, source: str) -> Operation:
    """Read one file: comment lines `# Title: …`, `# Variables: {json}` and a free description, then the document."""
    comments, document = _split(text)
    named = _NAME.search(document)
    if named is None:
        raise BadOperationFile(f"{source} names no operation.")
    title = _labelled(comments, "Title") or named[1]
    try:
        variables = json.loads(_labelled(comments, "Variables") or "{}")
    except ValueError as malformed:
        raise BadOperationFile(f"{source}: '# Variables:' is not JSON.") from malformed
    if not isinstance(variables, dict):
        raise BadOperationFile(f"{source}: '# Variables:' is not an object.")
    free = (line for line in comments if not line.startswith(("Title:", "Variables:")))
    return Operation(named[1], title, " ".join(line for line in free if line), document, variables)


def _split(text: str) -> tuple[list[str], str]:
    lines = text.splitlines()
    begin = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    comments = [line.removeprefix("#").strip() for line in lines[:begin] if line.startswith("#")]
    return comments, "\n".join(lines[begin:]).strip() + "\n"


def _labelled(comments: list[str], label: str) -> str:
    prefix = f"{label}:"
    return next((line.removeprefix(prefix).strip() for line in comments if line.startswith(prefix)), "")
