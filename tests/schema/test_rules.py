"""Every field of the graph states who may see it, and keeps the promises of its description."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from strawberry.types.base import StrawberryObjectDefinition

from backoffice.fields import ENTITIES, entity
from backoffice.fields.declare import Entity, Relation, UndeclaredField
from backoffice.permissions import GRANTS, Capability
from backoffice.resolvers.roots import ROOTS
from backoffice.schema import access
from backoffice.schema.access import Field, UnruledField, require_rules, see
from backoffice.schema.nodes import Node
from tests.graphs import STAFF

_GRANTED = frozenset[Capability]().union(*GRANTS.values())


def _types() -> Iterator[StrawberryObjectDefinition]:
    for kind in STAFF.schema.schema_converter.type_map.values():
        definition = kind.definition
        if isinstance(definition, StrawberryObjectDefinition) and not definition.is_input:
            yield definition


def _fields() -> Iterator[tuple[str, Any]]:
    for definition in _types():
        for made in definition.fields:
            yield f"{definition.name}.{made.python_name}", made


FIELDS = dict(_fields())
RULED = {name: made for name, made in FIELDS.items() if not made.is_value}


def _relation(made: Field) -> Relation | None:
    declared = ROOTS[made.python_name] if made.is_root_list else made.declared
    return declared if isinstance(declared, Relation) and not declared.is_one else None


LISTS = {name: relation for name, made in FIELDS.items() if (relation := _relation(made))}
FILTERED = {name: FIELDS[name].metadata["where"] for name in LISTS if FIELDS[name].metadata.get("where")}
SORTED = {name: FIELDS[name].metadata["sort"] for name in LISTS if FIELDS[name].metadata.get("sort")}


def _schema(queried: Any, *others: Any) -> strawberry.Schema:
    def resolve() -> Any: ...

    resolve.__annotations__["return"] = queried

    @strawberry.type
    class Query:
        root: queried = see(Capability.SIGN_IN, "Something.", by=resolve)  # type: ignore[valid-type]

    return strawberry.Schema(query=Query, types=others)


class TestRequireRules:
    def test_breaks_the_build_for_a_field_made_without_see(self) -> None:
        @strawberry.type
        class Broken:
            name: str = strawberry.field(description="Seen by anyone.")

        with pytest.raises(UnruledField, match=r"Broken\.name says nothing"):
            require_rules(_schema(Broken))

    def test_breaks_the_build_for_a_bare_field(self) -> None:
        @strawberry.type
        class Broken:
            name: str

        with pytest.raises(UnruledField, match=r"Broken\.name says nothing"):
            require_rules(_schema(Broken))

    def test_breaks_the_build_for_a_field_of_ours_without_a_rule(self) -> None:
        @strawberry.type
        class Broken:
            name: str = Field(type_annotation=None)  # type: ignore[assignment]

        with pytest.raises(UnruledField, match=r"Broken\.name says nothing"):
            require_rules(_schema(Broken))

    def test_breaks_the_build_for_a_resolver_without_see(self) -> None:
        @strawberry.type
        class Broken:
            @strawberry.field
            def name(self) -> str:
                return "seen by anyone"

        with pytest.raises(UnruledField, match=r"Broken\.name says nothing"):
            require_rules(_schema(Broken))

    def test_breaks_the_build_for_a_bare_field_of_an_entity(self) -> None:
        @access.of(Entity("Broken", entity("Offer").model, needs=Capability.SIGN_IN))
        class Broken(Node):
            """An offer with a column that nobody thought of."""

            code: str = see(Capability.SIGN_IN, "The code.")
            name_fr: str

        ENTITIES.pop("Broken")
        with pytest.raises(UnruledField, match=r"Broken\.name_fr says nothing"):
            require_rules(_schema(Broken))

    def test_breaks_the_build_for_a_root_without_see(self) -> None:
        @strawberry.type
        class Query:
            @strawberry.field
            def everything(self) -> str:
                return "seen by anyone"

        with pytest.raises(UnruledField, match=r"Query\.everything says nothing"):
            require_rules(strawberry.Schema(query=Query))

    def test_looks_into_types_that_only_an_interface_leads_to(self) -> None:
        @strawberry.interface
        class Thing:
            name: str = access.plain("The name.")

        @strawberry.type
        class Broken(Thing):
            secret: str

        with pytest.raises(UnruledField, match=r"Broken\.secret says nothing"):
            require_rules(_schema(Thing, Broken))

    def test_accepts_fields_with_rules_and_values(self) -> None:
        @access.value
        class Sound:
            """A value."""

            name: str = access.plain("The name.")
            other: str

        require_rules(_schema(Sound))

    def test_breaks_the_import_for_a_field_that_nothing_declares(self) -> None:
        with pytest.raises(UndeclaredField, match=r"Offer\.colour is neither declared"):

            @access.of(entity("Offer"))
            class Broken(Node):
                """An offer with a field that no column explains."""

                colour: str = see(Capability.SIGN_IN, "The colour.")


class TestStaffSchema:
    def test_knows_what_it_tests(self) -> None:
        assert len(RULED) > 200
        assert len(LISTS) > 30
        assert {name.rpartition(".")[2] for name in FILTERED} == set(ROOTS)
        assert {name.rpartition(".")[2] for name in SORTED} == set(ROOTS) - {"approvals", "bulk_corrections", "offers"}

    @pytest.mark.parametrize("name", sorted(RULED))
    def test_says_in_its_description_what_each_field_requires(self, name: str) -> None:
        made = RULED[name]

        assert made.rule is not None
        assert made.description is not None
        assert made.description.endswith(f"\n\nRequires: {made.rule.needs.value}")
        assert len(made.description.split("\n\n")[0]) > 2

    @pytest.mark.parametrize("name", sorted(RULED))
    def test_asks_for_what_some_role_holds(self, name: str) -> None:
        assert RULED[name].rule.needs in _GRANTED

    def test_has_types_that_are_wholly_values_or_wholly_ruled(self) -> None:
        mixed = {kind.name for kind in _types() if len({made.is_value for made in kind.fields}) != 1}

        assert mixed == set()

    def test_has_values_without_declarations(self) -> None:
        declared = {name for name, made in FIELDS.items() if made.is_value and (made.rule or made.declared)}

        assert declared == set()

    def test_shows_the_type_of_each_entity(self) -> None:
        shown = {definition.name for definition in _types()}

        assert set(ENTITIES) - shown == set()

    def test_reads_each_field_of_an_entity_from_that_entity(self) -> None:
        wrong = {
            f"{definition.name}.{made.python_name}"
            for definition in _types()
            if definition.name in ENTITIES
            for made in definition.fields
            if made.base_resolver is None and made.entity is not entity(definition.name)
        }

        assert wrong == set()


class TestLists:
    @pytest.mark.parametrize("name", sorted(LISTS))
    def test_state_the_largest_page_that_they_give(self, name: str) -> None:
        stated = re.search(r"At most (\d+) a page\.", FIELDS[name].description)

        assert stated is not None
        assert int(stated[1]) == LISTS[name].page.largest

    @pytest.mark.parametrize("name", sorted(LISTS))
    def test_are_of_a_type_of_the_graph(self, name: str) -> None:
        target = LISTS[name].target

        assert target in ENTITIES
        assert FIELDS[name].type is not None
        assert target in {definition.name for definition in _types()}

    @pytest.mark.parametrize("name", sorted(FILTERED))
    def test_can_be_filtered_by_what_is_declared(self, name: str) -> None:
        offered = {field.name for field in dataclasses.fields(FILTERED[name])}

        assert {"and_", "or_", "not_"} < offered
        assert offered - {"and_", "or_", "not_"} <= set(entity(LISTS[name].target).filters)

    @pytest.mark.parametrize("name", sorted(SORTED))
    def test_can_be_sorted_by_what_is_declared(self, name: str) -> None:
        assert set(SORTED[name].__members__) <= set(entity(LISTS[name].target).orders)
