"""Reading TOML tables: each key with its type, and an unknown key is an error that names the nearest known one."""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from backoffice.importing.errors import BadMapping, nearest

Kind = TypeVar("Kind")
_NAMES: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
}


class Table:
    """A table and its place in the file, such as `statement.amount`."""

    def __init__(self, data: Mapping[str, Any], *, path: str, file_name: str) -> None:
        self.path = path
        self.file_name = file_name
        self._left = dict(data)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def place(self, key: str) -> str:
        """The full name of a key."""
        return f"{self.path}.{key}" if self.path else key

    def fail(self, key: str, reason: str) -> NoReturn:
        """Raise BadMapping about a key."""
        raise BadMapping(f"{self.file_name}: {self.place(key)}: {reason}", field=self.place(key))

    def raw(self, key: str) -> Any:
        """A value of any type, None when the key is absent."""
        return self._left.pop(key, None)

    def take(self, key: str, kind: type[Kind]) -> Kind:
        """A value that must be there. Raises BadMapping when it is absent or of another type."""
        value = self.optional(key, kind)
        if value is None:
            self.fail(key, f"is missing; write {_NAMES.get(kind, f'a {kind.__name__}')}.")
        return value

    def optional(self, key: str, kind: type[Kind]) -> Kind | None:
        """A value that may be absent. Raises BadMapping when it is of another type."""
        value = self.raw(key)
        # A boolean is an integer to Python, and a date and time is a date.
        if value is not None and type(value) is not kind:
            self.fail(key, f"{value!r} is not {_NAMES.get(kind, f'a {kind.__name__}')}.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of them; empty when the key is absent."""
        value = self.raw(key)
        listed = [value] if isinstance(value, str) else value or []
        if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
            self.fail(key, f"{value!r} is not a text or a list of texts.")
        return tuple(listed)

    def table(self, key: str) -> "Table":
        """A table within this one; empty when the key is absent."""
        return Table(self.optional(key, dict) or {}, path=self.place(key), file_name=self.file_name)

    def left(self) -> list[str]:
        """The keys that nobody has taken yet."""
        return list(self._left)

    def only(self, known: Collection[str]) -> None:
        """Raise BadMapping for a key that is not known: a misspelled one is better told so than called missing."""
        for key in self._left:
            if key not in known:
                self.fail(key, f"is not known here; {nearest(key, known)}")


def parse(path: Path) -> Table:
    """The root table of a TOML file. Raises BadMapping, with the line for what is no TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return Table(tomllib.loads(text), path="", file_name=path.name)
    except OSError as missing:
        raise BadMapping(f"The mapping {path} cannot be read ({missing.strerror}); check its path.") from missing
    except UnicodeDecodeError as foreign:
        raise BadMapping(f"{path.name} is not UTF-8; save the mapping as UTF-8.") from foreign
    except tomllib.TOMLDecodeError as broken:
        raise BadMapping(f"{path.name} is no valid TOML: {broken}. Correct that line.") from broken
