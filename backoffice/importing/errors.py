"""The refusals that end an import before anything is written; a row that is refused is reported instead."""

import difflib
from collections.abc import Iterable

from backoffice.errors import BadInput


class BadMapping(BadInput):
    """The mapping cannot be used: bad TOML, an unknown field or column, a value of the wrong type."""

    code = "IMPORT_MAPPING"


class BadFile(BadInput):
    """The file to import, or the report, cannot be read or written."""

    code = "IMPORT_FILE"


class BadEncoding(BadInput):
    """The file is not in the encoding that the mapping states."""

    code = "IMPORT_ENCODING"


class BadCsv(BadInput):
    """The file is no well-formed CSV, or its header cannot be used."""

    code = "IMPORT_CSV"


class Unexpected(BadInput):
    """The file does not add up to what the mapping expects: a failed check, not bad input."""

    code = "IMPORT_UNEXPECTED"
    exit_status = 1


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that ends a message about an unknown name: the nearest known one, else all of them."""
    choices = sorted(known)
    folded = {choice.casefold(): choice for choice in choices}
    near = difflib.get_close_matches(name.casefold(), folded, n=1)
    return f"did you mean {folded[near[0]]}?" if near else f"known are {', '.join(choices) or 'none'}."
