"""Reads an operation of the graph and tells its shape, from the declarations that stand behind each field."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    InlineFragmentNode,
    IntValueNode,
    SelectionSetNode,
    get_named_type,
)

from backoffice.compiled.converting import MONEY, SCALARS, enum, money
from backoffice.compiled.shapes import Constant, Id, Leaf, Many, Object, One, Part, Unsupported
from backoffice.fields.declare import Column, Expression, Identity, Relation, ToOne, complete, entity
from backoffice.permissions import Viewer
from backoffice.schema.access import Field

Fields = dict[str, list[FieldNode]]


class Shaper:
    """Works on one operation for viewers with the same capabilities."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], viewer: Viewer) -> None:
        self._fragments = fragments
        self._viewer = viewer

    def root(self, defined: GraphQLField, node: FieldNode) -> Object:
        """The shape of the object at the root, whose field has a rule of its own; raises Unsupported."""
        self._require(defined.extensions["strawberry-definition"])
        kind = get_named_type(defined.type)
        assert isinstance(kind, GraphQLObjectType)
        return self.object(kind, [node])

    def object(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Object:
        """The shape of an object whose fields these nodes select; raises Unsupported."""
        if kind.name in _WRITTEN_BY_READING:
            raise Unsupported("what reading itself writes must be read after it is written")
        selected = self._selected(kind, nodes)
        if len(selected) > _MOST_PARTS:
            raise Unsupported("more fields than a function of the database takes")
        made = Object(entity(kind.name))
        made.parts.extend(self._part(kind, key, same) for key, same in selected.items())
        return made

    def _part(self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Part:
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(key, kind.name)
        defined = kind.fields[name]
        made = defined.extensions["strawberry-definition"]
        self._require(made)
        is_nullable = not isinstance(defined.type, GraphQLNonNull)
        named = get_named_type(defined.type)
        match made.declared:
            case Identity():
                return Id(key)
            case Column() | Expression() as source:
                return self._leaf(key, source, defined.type, nodes, is_nullable)
            case (ToOne() | Relation(is_one=True)) as source if isinstance(named, GraphQLObjectType):
                return One(key, source, self.object(named, nodes), is_nullable)
            case Relation() as source if isinstance(named, GraphQLObjectType):
                return self._many(key, source, named, nodes)
        raise Unsupported(f"{kind.name}.{name} is behaviour")

    def _require(self, made: Any) -> None:
        """A denied field takes the normal way, so that refusals stay the same."""
        if not isinstance(made, Field) or made.rule is None or not self._viewer.may(made.rule.needs):
            raise Unsupported("a field without a rule, or denied")

    def _leaf(
        self, key: str, source: Column | Expression, kind: GraphQLOutputType, nodes: list[FieldNode], is_nullable: bool
    ) -> Leaf:
        named = get_named_type(kind)
        if isinstance(named, GraphQLEnumType):
            return Leaf(key, source, enum(named), is_nullable)
        if isinstance(named, GraphQLObjectType):
            if named.name != "Money":
                raise Unsupported(f"{named.name} is a value that is not known here")
            return Leaf(key, source, money(self._names(named, nodes, MONEY)), is_nullable)
        if named.name not in SCALARS:
            raise Unsupported(f"the scalar {named.name}")
        return Leaf(key, source, SCALARS[named.name], is_nullable, is_json=named.name == "JSON")

    def _many(self, key: str, source: Relation, kind: GraphQLObjectType, nodes: list[FieldNode]) -> Many:
        target = entity(source.target)
        parts: list[tuple[str, str, tuple[tuple[str, str], ...]]] = []
        rows: list[FieldNode] = []
        row_type = get_named_type(kind.fields["nodes"].type)
        for part_key, same in self._selected(kind, nodes).items():
            name = same[0].name.value
            if name == "nodes":
                if rows:
                    raise Unsupported("the rows of a page under two names")
                rows.extend(same)
                parts.append((part_key, name, ()))
            elif name == "pageInfo":
                info = get_named_type(kind.fields["pageInfo"].type)
                parts.append((part_key, name, self._names(info, same, _PAGE_INFO)))
            else:
                raise Unsupported(f"the field {name} of a page")
        assert isinstance(row_type, GraphQLObjectType)
        return Many(
            key=key,
            source=source,
            first=_first(source, nodes),
            order=complete(target, source.order),
            object=self.object(row_type, rows),
            parts=tuple(parts),
        )

    def _names(self, kind: Any, nodes: Sequence[FieldNode], known: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """The (key, field) pairs that are selected of a plain value."""
        pairs = tuple((key, same[0].name.value) for key, same in self._selected(kind, nodes).items())
        if any(name not in known for _, name in pairs):
            raise Unsupported(f"a field of {kind.name}")
        return pairs

    def _selected(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Fields:
        selected: Fields = {}
        for node in nodes:
            for chosen in self._flat(kind, node.selection_set):
                if chosen.directives:
                    raise Unsupported("directives")
                key = chosen.alias.value if chosen.alias else chosen.name.value
                selected.setdefault(key, []).append(chosen)
        return selected

    def _flat(self, kind: GraphQLObjectType, chosen: SelectionSetNode | None) -> Iterator[FieldNode]:
        for selection in chosen.selections if chosen else ():
            if isinstance(selection, FieldNode):
                yield selection
                continue
            fragment = self._fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
            if selection.directives or not isinstance(fragment, InlineFragmentNode | FragmentDefinitionNode):
                raise Unsupported("a fragment with directives")
            if fragment.type_condition is not None and fragment.type_condition.name.value != kind.name:
                raise Unsupported("a fragment on another type")
            yield from self._flat(kind, fragment.selection_set)


# PostgreSQL gives a function 100 arguments at most; the key and the order of a row take some of them.
_MOST_PARTS = 90
_WRITTEN_BY_READING = frozenset({"AccessEntry"})
_PAGE_INFO = ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")


def _first(source: Relation, nodes: Sequence[FieldNode]) -> int:
    """The size of a page: what is said in the document itself. Other arguments take the normal way."""
    said = [argument for node in nodes for argument in node.arguments or ()]
    if not said:
        return source.page.default
    value = said[0].value
    if len({argument.name.value for argument in said}) != 1 or said[0].name.value != "first":
        raise Unsupported("arguments other than 'first'")
    if not isinstance(value, IntValueNode) or not 1 <= int(value.value) <= source.page.largest:
        raise Unsupported("'first' as a variable or out of range")
    return int(value.value)
