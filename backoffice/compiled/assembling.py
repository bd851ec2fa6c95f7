"""Makes the answer of the arrays that a compiled statement gives, in the order in which the operation names its fields."""

from collections.abc import Callable
from typing import Any

from backoffice.compiled.converting import instant_text
from backoffice.compiled.shapes import Constant, Id, Leaf, Many, Object, One, Unsupported
from backoffice.ids import GlobalId
from backoffice.models.base import Instant
from backoffice.resolvers import cursors
from backoffice.resolvers.context import Context

Assemble = Callable[[list[Any], Context], dict[str, Any]]
_KEY_COLUMNS = 2


def assembler(shape: Object) -> Assemble:
    """A function that makes the answer's object of one array."""
    steps: list[tuple[str, Callable[[list[Any], Context], Any]]] = []
    index = _KEY_COLUMNS
    for part in shape.parts:
        match part:
            case Constant(key, value):
                steps.append((key, _constant(value)))
            case Id(key):
                steps.append((key, _global_id(shape.entity.name)))
            case Leaf() | One() | Many():
                steps.append((part.key, _PARTS[type(part)](part, index)))
                index += 1

    def assemble(row: list[Any], context: Context) -> dict[str, Any]:
        return {key: step(row, context) for key, step in steps}

    return assemble


def width(shape: Object) -> int:
    """How many values an array has before the hidden ones of its order."""
    return _KEY_COLUMNS + sum(not isinstance(part, Constant | Id) for part in shape.parts)


def _constant(value: str) -> Callable[[list[Any], Context], Any]:
    return lambda _, __: value


def _global_id(name: str) -> Callable[[list[Any], Context], Any]:
    return lambda row, _: GlobalId(name, row[0], row[1]).encode()


def _leaf(part: Leaf, index: int) -> Callable[[list[Any], Context], Any]:
    convert, is_nullable = part.convert, part.is_nullable

    def step(row: list[Any], context: Context) -> Any:
        value = row[index]
        if value is None:
            return _null(is_nullable)
        return convert(value, context)

    return step


def _one(part: One, index: int) -> Callable[[list[Any], Context], Any]:
    assemble, is_nullable = assembler(part.object), part.is_nullable

    def step(row: list[Any], context: Context) -> Any:
        value = row[index]
        return _null(is_nullable) if value is None else assemble(value, context)

    return step


def _many(part: Many, index: int) -> Callable[[list[Any], Context], Any]:
    assemble, cursor = assembler(part.object), _cursor(part)

    def step(row: list[Any], context: Context) -> Any:
        rows = row[index][: part.first]
        has_next = len(row[index]) > part.first
        shown: dict[str, Any] = {}
        for key, name, pairs in part.parts:
            if name == "nodes":
                shown[key] = [assemble(each, context) for each in rows]
            else:
                shown[key] = {inner: _page_info(field, rows, has_next, cursor) for inner, field in pairs}
        return shown

    return step


def _page_info(field: str, rows: list[Any], has_next: bool, cursor: Callable[[list[Any]], str]) -> Any:
    match field:
        case "hasNextPage":
            return has_next
        case "startCursor":
            return cursor(rows[0]) if rows else None
        case "endCursor":
            return cursor(rows[-1]) if rows else None
    return False  # hasPreviousPage: a page that is compiled begins at the beginning


def _cursor(part: Many) -> Callable[[list[Any]], str]:
    """The same text that `Page.cursor` writes."""
    start = width(part.object)
    instants = [isinstance(part.object.entity.attribute(step.attribute).type, Instant) for step in part.order]

    def cursor(row: list[Any]) -> str:
        values = zip(row[start:], instants, strict=True)
        return cursors.write([instant_text(value) if is_instant else value for value, is_instant in values])

    return cursor


def _null(is_nullable: bool) -> None:
    # What may not be null and is: the normal executor says so in its own words.
    if not is_nullable:
        raise Unsupported("null where the graph promises a value")


_PARTS: dict[type, Callable[[Any, int], Callable[[list[Any], Context], Any]]] = {Leaf: _leaf, One: _one, Many: _many}
