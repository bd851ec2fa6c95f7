"""What is declared about an entity exists in its table, and its pages can be cut."""

from typing import Any

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.dialects import postgresql, sqlite

from backoffice.fields import ENTITIES, entity
from backoffice.fields.declare import By, Direction, Expression, Holds, Moment, Relation, ToOne, complete, down, up
from backoffice.resolvers.roots import ROOTS
from tests.factories import NOW, TODAY

DECLARED = {
    f"{owner.name}.{name}": (owner, made) for owner in ENTITIES.values() for name, made in owner._fields.items()
}
TO_ONE = {name: (owner, made) for name, (owner, made) in DECLARED.items() if isinstance(made, ToOne)}
EXPRESSIONS = {name: (owner, made) for name, (owner, made) in DECLARED.items() if isinstance(made, Expression)}
RELATIONS: dict[str, Relation] = {
    **{name: made for name, (_, made) in DECLARED.items() if isinstance(made, Relation)},
    **{f"Query.{name}": made for name, made in ROOTS.items()},
}
ORDERS = {
    **{name: (made.target, made.order) for name, made in RELATIONS.items() if not made.is_one},
    **{
        f"{owner.name}:{name}": (owner.name, order)
        for owner in ENTITIES.values()
        for name, order in owner.orders.items()
    },
}
FILTERS = {f"{owner.name}.{name}": (owner, made) for owner in ENTITIES.values() for name, made in owner.filters.items()}


def columns(name: str) -> Any:
    return inspect(entity(name).model).columns


class TestRelations:
    @pytest.mark.parametrize("name", sorted(RELATIONS))
    def test_lead_to_an_entity_by_a_column_that_it_has(self, name: str) -> None:
        relation = RELATIONS[name]

        assert relation.target in ENTITIES
        assert not relation.by or relation.by in columns(relation.target)
        assert set(relation.only) <= set(columns(relation.target).keys())
        assert 1 <= relation.page.default <= relation.page.largest <= 200

    @pytest.mark.parametrize("name", sorted(TO_ONE))
    def test_to_one_row_have_its_key(self, name: str) -> None:
        owner, made = TO_ONE[name]

        assert made.target in ENTITIES
        assert made.key in inspect(owner.model).columns
        # The other half of the key of a subscriber's row is the owner's own subscriber.
        assert owner.is_of_subscriber or not entity(made.target).is_of_subscriber


class TestOrders:
    @pytest.mark.parametrize("name", sorted(ORDERS))
    def test_are_by_columns_that_are_never_null(self, name: str) -> None:
        target, order = ORDERS[name]

        steps = complete(entity(target), order)

        assert steps[-1].attribute == "id"
        for step in steps:
            [column] = entity(target).attribute(step.attribute).property.columns if step.attribute != "id" else [None]
            assert column is None or not column.nullable

    @pytest.mark.parametrize(
        ("order", "completed"),
        [
            ((), (By("id"),)),
            (up("number"), (By("number"), By("id"))),
            (down("at"), (By("at", Direction.DOWN), By("id", Direction.DOWN))),
            (down("id"), (By("id", Direction.DOWN),)),
        ],
    )
    def test_end_with_the_id(self, order: tuple[By, ...], completed: tuple[By, ...]) -> None:
        assert complete(entity("Ticket"), order) == completed


class TestFilters:
    @pytest.mark.parametrize("name", sorted(FILTERS))
    def test_are_about_what_the_table_has(self, name: str) -> None:
        owner, made = FILTERS[name]

        condition = made.sql(owner.model) if isinstance(made, Holds) else owner.attribute(made.attribute)

        assert str(select(owner.model).where(condition.is_not(None)))


class TestExpressions:
    @pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
    @pytest.mark.parametrize("name", sorted(EXPRESSIONS))
    def test_are_understood_by_both_databases(self, name: str, dialect: Any) -> None:
        owner, made = EXPRESSIONS[name]

        statement = select(made.sql(owner.model, Moment(at=NOW, today=TODAY)))

        assert str(statement.compile(dialect=dialect)).startswith("SELECT ")
