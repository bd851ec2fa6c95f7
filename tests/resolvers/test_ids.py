"""Ids that come in are believed only in the form in which they were given out."""

import pytest

from backoffice import models
from backoffice.database import Database
from backoffice.errors import NotFound
from backoffice.ids import GlobalId
from backoffice.permissions import Role
from backoffice.resolvers import ids
from tests import factories
from tests.acts import global_id
from tests.graphs import context


@pytest.fixture
async def ticket(database: Database) -> models.Ticket:
    async with database.unit_of_work() as session:
        return await factories.create_ticket(session, await factories.create_subscriber(session))


class TestRow:
    async def test_is_what_the_id_was_given_out_for(self, database: Database, ticket: models.Ticket) -> None:
        asked = context(database, factories.viewer())

        found = [await ids.row(asked, global_id(ticket), of=of) for of in ("Ticket", None)]

        assert [row.id for row in found] == [ticket.id, ticket.id]

    @pytest.mark.parametrize("of", ["Ticket", None])
    async def test_is_not_found_by_its_number_under_another_type(
        self, database: Database, ticket: models.Ticket, of: str | None
    ) -> None:
        owner = ticket.subscriber_id
        forged = [
            GlobalId("Invoice", owner, ticket.id),
            GlobalId("ticket", owner, ticket.id),
            GlobalId("Ticket", ticket.id, owner),
            GlobalId("Ticket", 0, ticket.id),
            GlobalId("Ticket", owner + 1, ticket.id),
            GlobalId("Subscriber", owner, ticket.id),
            GlobalId("Subscriber", 0, owner),
            GlobalId("Offer", owner, ticket.id),
        ]

        found = [await ids.row_or_none(context(database, factories.viewer()), each.encode(), of=of) for each in forged]

        assert found == [None] * len(forged)

    @pytest.mark.parametrize("text", ["", "é", "=", "VGlja2V0", "\x00", "x" * 4000])
    async def test_is_refused_alike_for_any_text(self, database: Database, text: str) -> None:
        with pytest.raises(NotFound) as refused:
            await ids.row(context(database, factories.viewer()), text, of="Ticket", field="ticketId")

        assert (refused.value.message, refused.value.field) == ("There is no such ticket; check the id.", "ticketId")

    async def test_is_refused_alike_when_it_is_not_the_viewers_to_see(
        self, database: Database, ticket: models.Ticket
    ) -> None:
        with pytest.raises(NotFound) as refused:
            await ids.row(context(database, factories.viewer(Role.ANALYST)), global_id(ticket), of="Ticket")

        assert refused.value.message == "There is no such ticket; check the id."
