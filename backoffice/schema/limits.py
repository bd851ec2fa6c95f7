"""What a document may ask for: bounds on its shape and on the values of its answer, known before anything runs.

A kilobyte of text can spread a fragment into a million fields, or nest pages into more values than there is memory. Each
fragment is therefore measured once and its size added wherever it is spread: measuring is linear in the text.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLSchema,
    IntValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.type.introspection import SchemaMetaFieldDef, TypeMetaFieldDef

from backoffice.errors import BackofficeError
from backoffice.fields.declare import PageSize, Relation
from backoffice.resolvers.roots import ROOTS
from backoffice.schema.access import Field

LONGEST_TEXT = 65_536
"""The longest text of a document, in characters: it is refused before it is read."""
_DEEPEST = 20
_MOST_FIELDS = 600
_MOST_FIELDS_IN_ALL = 3_000
_MOST_SELECTED = 200
_MOST_PAIRS = 6_000
_MOST_FRAGMENTS = 60
_MOST_VALUES = 2_000_000
_MOST_DOCUMENTS = 5

_SEARCH_PAGE = PageSize(default=20, largest=50)
# Lists without pages are short: what may be done to a row, the lines of an explanation, the fields of a type.
_SHORT_LIST = 10
_INTROSPECTION = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}

_Selecting = OperationDefinitionNode | FragmentDefinitionNode

Variables = Mapping[str, Any]


class DocumentTooLarge(BackofficeError):
    """The document is too long, or holds too much once its fragments are spread."""

    code = "DOCUMENT_TOO_LARGE"

    def __init__(self, what: str, found: int, most: int) -> None:
        super().__init__(f"The document has {found:,} {what}; at most {most:,} are answered. Ask in several requests.")


class DocumentTooDeep(BackofficeError):
    """The document nests deeper than any question about a subscriber."""

    code = "DOCUMENT_TOO_DEEP"

    def __init__(self, found: int | None = None) -> None:
        deep = f"{found} levels of fields" if found else "too many levels to be read"
        super().__init__(f"The document has {deep}; at most {_DEEPEST} are answered. Ask for the inner rows by id.")


class DocumentTooCostly(BackofficeError):
    """The pages of the document, one inside the other, could hold more values than one answer may."""

    code = "DOCUMENT_TOO_COSTLY"

    def __init__(self, found: int) -> None:
        super().__init__(
            f"The answer could have {found:,} values; at most {_MOST_VALUES:,} are answered."
            " Ask for smaller pages with 'first', or for fewer lists inside each other."
        )


class TooManyDocuments(BackofficeError):
    """The answer could make more PDFs than one request should keep the printer busy with."""

    code = "TOO_MANY_DOCUMENTS"

    def __init__(self, found: int) -> None:
        super().__init__(
            f"The answer could have {found:,} documents; at most {_MOST_DOCUMENTS} are made for one request."
            " Ask for smaller pages with 'first', or for each document by the id of its invoice."
        )


def require_short(query: str) -> None:
    """Raise DocumentTooLarge for a text that is not even worth parsing."""
    if len(query) > LONGEST_TEXT:
        raise DocumentTooLarge("characters", len(query), LONGEST_TEXT)


def require_small(document: DocumentNode) -> None:
    """Raise DocumentTooLarge or DocumentTooDeep for a shape that would keep validation itself busy.

    No fragment of the document may contain itself.
    """
    shapes = _Shapes(document)
    if len(shapes.fragments) > _MOST_FRAGMENTS:
        raise DocumentTooLarge("fragments", len(shapes.fragments), _MOST_FRAGMENTS)
    defined = [each.selection_set for each in document.definitions if isinstance(each, _Selecting)]
    for each in defined:
        _require_small(shapes.of(each))
    if (fields := sum(shapes.of(each).fields for each in defined)) > _MOST_FIELDS_IN_ALL:
        raise DocumentTooLarge("fields in all its operations and fragments", fields, _MOST_FIELDS_IN_ALL)
    if (pairs := sum(shapes.pairs([each]) for each in defined)) > _MOST_PAIRS:
        raise DocumentTooLarge("pairs of fields under one name", pairs, _MOST_PAIRS)


def _require_small(found: "_Shape") -> None:
    if found.fields > _MOST_FIELDS:
        raise DocumentTooLarge("fields once its fragments are spread", found.fields, _MOST_FIELDS)
    if found.depth > _DEEPEST:
        raise DocumentTooDeep(found.depth)


def require_bearable(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Variables | None
) -> None:
    """Raise DocumentTooCostly or TooManyDocuments when the answer could have too much. The document must be valid.

    Without `variables` a page sized by a variable counts as one row: what is refused then is refused whatever they hold.
    """
    sizes, root = _sizes(operation, variables), schema.get_root_type(operation.operation)
    found = _Costs(schema, document, sizes).of(operation.selection_set, root)
    if found > _MOST_VALUES:
        raise DocumentTooCostly(found)
    documents = _Documents(schema, document, sizes).of(operation.selection_set, root)
    if documents > _MOST_DOCUMENTS:
        raise TooManyDocuments(documents)


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The fragments of a document by name."""
    return {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}


@dataclass(frozen=True, slots=True)
class _Shape:
    """How deep and how wide a selection is once its fragments are spread."""

    depth: int = 0
    fields: int = 0


class _Shapes:
    """Measures the shapes of one document, valid or not, in which no fragment contains itself."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments = fragments_of(document)
        self._known: dict[str, _Shape] = {}

    def of(self, chosen: SelectionSetNode | None) -> _Shape:
        """The shape of a selection; raises DocumentTooLarge when it alone holds too much."""
        selections = chosen.selections if chosen else ()
        if len(selections) > _MOST_SELECTED:
            raise DocumentTooLarge("selections in one pair of braces", len(selections), _MOST_SELECTED)
        shapes = [self._one(each) for each in selections]
        return _Shape(max((each.depth for each in shapes), default=0), sum(each.fields for each in shapes))

    def _one(self, selection: SelectionNode) -> _Shape:
        if isinstance(selection, FragmentSpreadNode):
            return self._fragment(selection.name.value)
        inner = self.of(getattr(selection, "selection_set", None))
        return _Shape(inner.depth + 1, inner.fields + 1) if isinstance(selection, FieldNode) else inner

    def pairs(self, same: Iterable[SelectionSetNode | None]) -> int:
        """How often two fields have one name: validation compares every two of them, and what is inside them."""
        fields: dict[str, list[FieldNode]] = {}
        for chosen in same:
            for node in self._spread(chosen):
                fields.setdefault((node.alias or node.name).value, []).append(node)
        return sum(
            len(nodes) * (len(nodes) - 1) // 2 + self.pairs(node.selection_set for node in nodes)
            for nodes in fields.values()
        )

    def _spread(self, chosen: SelectionSetNode | None) -> Iterator[FieldNode]:
        for selection in chosen.selections if chosen else ():
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, FragmentSpreadNode):
                found = self.fragments.get(selection.name.value)
                yield from self._spread(found.selection_set if found else None)
            else:
                yield from self._spread(getattr(selection, "selection_set", None))

    def _fragment(self, name: str) -> _Shape:
        if name not in self._known:
            found = self.fragments.get(name)
            # A spread counts as a field, for one of an empty fragment costs validation as much.
            inner = self.of(found.selection_set) if found else _Shape()
            self._known[name] = _Shape(inner.depth, inner.fields + 1)
        return self._known[name]


class _Costs:
    """Counts the values that an answer could have at most, for one operation."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, sizes: Variables) -> None:
        self._schema = schema
        self._fragments = fragments_of(document)
        self._sizes = sizes
        self._known: dict[str, int] = {}

    def weight(self, _: Any) -> int:
        """What a field of this type counts by itself."""
        return 1

    def of(self, chosen: SelectionSetNode | None, kind: Any) -> int:
        """The values of one object of this kind."""
        return sum(self._one(each, kind) for each in (chosen.selections if chosen else ()))

    def _one(self, selection: Any, kind: Any) -> int:
        if isinstance(selection, FieldNode):
            return self._field(selection, kind)
        if not isinstance(selection, FragmentSpreadNode):
            return self._on(selection, kind)
        name = selection.name.value
        if name not in self._known:
            self._known[name] = self._on(self._fragments[name], kind)
        return self._known[name]

    def _on(self, fragment: Any, kind: Any) -> int:
        condition = fragment.type_condition
        return self.of(fragment.selection_set, self._schema.type_map[condition.name.value] if condition else kind)

    def _field(self, node: FieldNode, kind: Any) -> int:
        name = node.name.value
        defined = _INTROSPECTION.get(name) or getattr(kind, "fields", {}).get(name)
        if defined is None:  # __typename
            return self.weight(None)
        inner = get_named_type(defined.type)
        return self.weight(inner) + self._rows(node, defined, kind) * self.of(node.selection_set, inner)

    def _rows(self, node: FieldNode, defined: GraphQLField, kind: Any) -> int:
        page = _page(defined)
        if page is not None:
            first = next((each.value for each in node.arguments or () if each.name.value == "first"), None)
            return self._size(page, first)
        if not is_list_type(get_nullable_type(defined.type)) or kind.name.endswith("Connection"):
            return 1  # the rows of a page were counted with the page
        return len(self._schema.type_map) if kind.name == "__Schema" else _SHORT_LIST

    def _size(self, page: PageSize, first: ValueNode | None) -> int:
        said: Any = None
        if isinstance(first, VariableNode):
            said = self._sizes.get(first.name.value)
        elif first is not None and not isinstance(first, NullValueNode):
            said = _whole(first)
        if said is None:
            return page.default
        # More rows than the largest page are refused when the field is read.
        return min(max(said, 1), page.largest) if type(said) is int else page.largest


class _Documents(_Costs):
    """Counts the PDFs that an answer could have at most."""

    def weight(self, kind: Any) -> int:
        """One for a link to a document, which is made when it is not kept yet."""
        return int(kind is not None and kind.name == "DocumentLink")


def _page(defined: GraphQLField) -> PageSize | None:
    """The sizes of a page of this field, when it is a list with pages."""
    made = defined.extensions.get("strawberry-definition")
    if isinstance(made, Field) and made.is_root_list:
        return ROOTS[made.python_name].page
    if isinstance(made, Field) and isinstance(made.declared, Relation) and not made.declared.is_one:
        return made.declared.page
    return _SEARCH_PAGE if "first" in defined.args else None


def _sizes(operation: OperationDefinitionNode, variables: Variables | None) -> dict[str, Any]:
    """What each variable holds, as far as a page could be sized by it."""
    sizes: dict[str, Any] = {}
    for each in operation.variable_definitions or ():
        name = each.variable.name.value
        if variables is None:
            sizes[name] = 1
        elif name in variables:
            sizes[name] = variables[name]
        elif each.default_value is not None and not isinstance(each.default_value, NullValueNode):
            sizes[name] = _whole(each.default_value)
    return sizes


def _whole(literal: ValueNode) -> int | str:
    """A literal as a whole number; what is none stays text and counts as the largest page."""
    if isinstance(literal, IntValueNode) and len(literal.value) < 10:
        return int(literal.value)
    return "unreadable"
