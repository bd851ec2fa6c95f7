"""Nobody reads rows of another subscriber: staff sees all, a subscriber their own, an analyst none."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Engine, LargeBinary, create_engine, event, insert, select

from backoffice import models, scope
from backoffice.database import Database
from backoffice.fields import entity
from backoffice.fields.declare import Moment, complete
from backoffice.models.base import Base, Code, Instant, Rate
from backoffice.permissions import ActorKind, Capability, Contract, Role, Viewer
from backoffice.resolvers.loaders import Loaders
from backoffice.resolvers.pages import PageQuery
from backoffice.resolvers.roots import ROOTS
from tests import factories
from tests.factories import NOW, TODAY

OWN, OTHER = 11, 22
MODELS = {mapper.class_.__name__: mapper.class_ for mapper in Base.registry.mappers}
OF_SUBSCRIBER = {name: model for name, model in MODELS.items() if hasattr(model, "subscriber_id")}
SHARED = {name: model for name, model in MODELS.items() if not hasattr(model, "subscriber_id")}

STAFF = [factories.viewer(role) for role in Role if role is not Role.ANALYST]
ANALYST = factories.viewer(Role.ANALYST)


def subscriber_viewer(subscriber_id: int | None) -> Viewer:
    return Viewer(
        kind=ActorKind.SUBSCRIBER,
        id=subscriber_id or 0,
        display_name="Zoé",
        contract=Contract.SUBSCRIBER,
        capabilities=frozenset(Capability),
        subscriber_id=subscriber_id,
    )


def _anything(column: Column[Any]) -> Any:
    """A value that fits the column, whatever the rules of the table say about its sense."""
    kind: Any = column.type
    if isinstance(kind, Code):
        return next(iter(kind.values))
    examples = {Instant: NOW, Rate: Decimal("0.2"), Date: TODAY, Boolean: False, LargeBinary: b"x", JSON: {}}
    for known, example in examples.items():
        if isinstance(kind, known):
            return example
    return {int: 1, str: "x"}[kind.python_type]


def _row(model: Any, subscriber_id: int) -> dict[str, Any]:
    table = model.__table__
    owner = "id" if model is models.Subscriber else "subscriber_id"
    row = {column.name: _anything(column) for column in table.columns}
    key = {column.name: subscriber_id for column in table.primary_key if isinstance(row[column.name], int)}
    return {**row, **key, owner: subscriber_id}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A database with one row of each of two subscribers in every table; the rules of the tables are off."""
    made = create_engine("sqlite://")

    @event.listens_for(made, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.execute("PRAGMA ignore_check_constraints = ON")

    Base.metadata.create_all(made)
    with made.begin() as connection:
        for model in OF_SUBSCRIBER.values():
            connection.execute(insert(model.__table__), [_row(model, OWN)])
            another = {**_row(model, OTHER), **({"key": "y"} if model is models.DirectoryEntry else {})}
            connection.execute(insert(model.__table__), [another])
    yield made
    made.dispose()


def seen(engine: Engine, viewer: Viewer, model: Any) -> list[int]:
    with engine.connect() as connection:
        return sorted(connection.execute(select(model.subscriber_id).where(scope.rows(viewer, model))).scalars())


class TestRows:
    def test_are_those_of_all_tables(self) -> None:
        assert len(OF_SUBSCRIBER) > 30
        assert {"Subscriber", "AuditEntry", "AccessEntry", "DirectoryEntry", "IdempotentAnswer"} <= set(OF_SUBSCRIBER)

    @pytest.mark.parametrize("name", sorted(OF_SUBSCRIBER))
    def test_are_all_seen_by_the_staff(self, engine: Engine, name: str) -> None:
        assert [seen(engine, viewer, OF_SUBSCRIBER[name]) for viewer in STAFF] == [[OWN, OTHER]] * len(STAFF)

    @pytest.mark.parametrize("name", sorted(OF_SUBSCRIBER))
    def test_are_a_subscribers_own(self, engine: Engine, name: str) -> None:
        assert seen(engine, subscriber_viewer(OWN), OF_SUBSCRIBER[name]) == [OWN]

    @pytest.mark.parametrize("name", sorted(OF_SUBSCRIBER))
    def test_are_none_for_an_analyst(self, engine: Engine, name: str) -> None:
        assert seen(engine, ANALYST, OF_SUBSCRIBER[name]) == []

    @pytest.mark.parametrize("name", sorted(OF_SUBSCRIBER))
    def test_are_none_for_a_subscriber_whose_file_is_not_known(self, engine: Engine, name: str) -> None:
        assert seen(engine, subscriber_viewer(None), OF_SUBSCRIBER[name]) == []

    @pytest.mark.parametrize("name", sorted(SHARED))
    @pytest.mark.parametrize(
        "viewer", [STAFF[0], subscriber_viewer(OWN), ANALYST], ids=["staff", "subscriber", "analyst"]
    )
    def test_of_nobody_are_not_narrowed(self, name: str, viewer: Viewer) -> None:
        assert str(scope.rows(viewer, SHARED[name])) == "true"


class Two:
    """Two subscribers with the same things, and loaders for one of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.subscribers: list[models.Subscriber] = []
        self.tickets: list[models.Ticket] = []
        self.invoices: list[models.Invoice] = []

    async def fill(self) -> "Two":
        async with self.database.unit_of_work() as session:
            for _ in range(2):
                subscriber = await factories.create_subscriber(session)
                await factories.create_holder(session, subscriber, "Zoé", "Lefèvre")
                account = await factories.create_account(session, subscriber)
                self.subscribers.append(subscriber)
                self.tickets.append(await factories.create_ticket(session, subscriber))
                self.invoices.append(await factories.create_invoice(session, account))
        return self

    def loaders(self, viewer: Viewer) -> Loaders:
        return Loaders(self.database, viewer, Moment(at=NOW, today=TODAY))


@pytest.fixture
async def two(database: Database) -> Two:
    return await Two(database).fill()


def _query(target: str) -> PageQuery:
    return PageQuery(first=10, order=complete(entity(target), ()))


class TestLoaders:
    async def test_give_a_subscriber_their_own_rows_alone(self, two: Two) -> None:
        own, other = two.subscribers
        loaders = two.loaders(subscriber_viewer(own.id))

        subscribers = await loaders.row(entity("Subscriber")).load_many([(own.id, own.id), (other.id, other.id)])
        tickets = await loaders.row(entity("Ticket")).load_many(
            [
                (own.id, two.tickets[0].id),
                (other.id, two.tickets[1].id),
                (own.id, two.tickets[1].id),
                (other.id, two.tickets[0].id),
                (0, two.tickets[0].id),
            ]
        )

        assert [row and row.id for row in subscribers] == [own.id, None]
        assert [row and row.id for row in tickets] == [two.tickets[0].id, None, None, None, None]

    async def test_give_a_subscriber_their_own_values_alone(self, two: Two) -> None:
        own, other = two.subscribers
        full_name: Any = entity("Subscriber").declared("full_name")
        due: Any = entity("Invoice").declared("due")
        loaders = two.loaders(subscriber_viewer(own.id))

        names = await loaders.value(entity("Subscriber"), "full_name", full_name).load_many(
            [(own.id, own.id), (other.id, other.id)]
        )
        amounts = await loaders.value(entity("Invoice"), "due", due).load_many(
            [(row.subscriber_id, row.id) for row in two.invoices]
        )

        assert names == ["Zoé Lefèvre", None]
        assert amounts == [3000, None]

    @pytest.mark.parametrize("name", ["tickets", "invoices", "holders", "billing_accounts"])
    async def test_give_a_subscriber_their_own_pages_and_counts_alone(self, two: Two, name: str) -> None:
        relation: Any = entity("Subscriber").declared(name)
        query = _query(relation.target)
        loaders = two.loaders(subscriber_viewer(two.subscribers[0].id))
        keys = [(row.id, row.id) for row in two.subscribers]

        together = await loaders.page(relation, query).load_many(keys)
        counts = await loaders.count(relation, query).load_many(keys)
        alone = await two.loaders(subscriber_viewer(two.subscribers[0].id)).page(relation, query).load(keys[1])

        assert [[row.subscriber_id for row in page.rows] for page in together] == [[two.subscribers[0].id], []]
        assert [count.value for count in counts] == [1, 0]
        assert alone.rows == []

    async def test_narrow_the_roots(self, two: Two) -> None:
        loaders = two.loaders(subscriber_viewer(two.subscribers[0].id))
        found = {}
        for name in ("subscribers", "tickets", "invoices"):
            page = await loaders.page(ROOTS[name], _query(ROOTS[name].target)).load((0, 0))
            found[name] = ([row.id for row in page.rows], (await page.count()).value)

        assert found == {
            "subscribers": ([two.subscribers[0].id], 1),
            "tickets": ([two.tickets[0].id], 1),
            "invoices": ([two.invoices[0].id], 1),
        }

    async def test_give_the_staff_all(self, two: Two) -> None:
        loaders = two.loaders(STAFF[0])
        keys = [(row.subscriber_id, row.id) for row in two.tickets]

        rows = await loaders.row(entity("Ticket")).load_many(keys)

        assert [row.id for row in rows] == [row.id for row in two.tickets]

    async def test_give_an_analyst_nothing(self, two: Two) -> None:
        loaders = two.loaders(ANALYST)
        relation: Any = entity("Subscriber").declared("tickets")
        own = two.subscribers[0]

        assert await loaders.row(entity("Subscriber")).load((own.id, own.id)) is None
        assert (await loaders.page(relation, _query("Ticket")).load((own.id, own.id))).rows == []
        assert (await loaders.count(relation, _query("Ticket")).load((own.id, own.id))).value == 0
