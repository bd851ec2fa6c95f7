"""What the search box and the directory do with texts that no row can have."""

import pytest

from backoffice.database import Database
from backoffice.models import DirectoryKind
from backoffice.permissions import Capability, Role
from backoffice.services import directory, search
from backoffice.services.search import Hit, MatchedBy
from tests import factories
from tests.graphs import VAULT, asking

_SEARCH = "query($text: String!) { search(text: $text) { matchedBy } }"


class TestFind:
    async def test_ranks_exact_keys_before_names(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            named = await factories.create_subscriber(session)
            await factories.create_holder(session, named, "Zoé", "01776108")
            numbered = await factories.create_subscriber(session, number="S01776108")
            await factories.create_holder(session, numbered, "S01776108", "Zoé")

        async with database.reading() as session:
            hits = await search.find(session, viewer=factories.viewer(), vault=VAULT, text="s01776108", first=10)

        assert hits == [Hit(MatchedBy.NUMBER, "Subscriber", numbered.id, numbered.id)]

    async def test_gives_at_most_as_many_as_asked(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            for _ in range(5):
                await factories.create_holder(session, await factories.create_subscriber(session), "Zoé", "Lefèvre")

        async with database.reading() as session:
            hits = await search.find(session, viewer=factories.viewer(), vault=VAULT, text="zoe", first=3)

        assert [hit.matched_by for hit in hits] == [MatchedBy.NAME] * 3

    async def test_counts_a_row_once_however_many_of_its_keys_match(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            owners = [await factories.create_subscriber(session) for _ in range(3)]
            for owner in owners:
                factories.enter(session, DirectoryKind.EMAIL, "a@example.net", owner.id)
            # Only one of them can have it as a login: the first, before whom the others must not be cut off.
            factories.enter(session, DirectoryKind.LOGIN, "a@example.net", min(owner.id for owner in owners))

        async with database.reading() as session:
            hits = await search.find(
                session, viewer=factories.viewer(), vault=VAULT, text="a@example.net", first=len(owners)
            )

        assert hits == [
            Hit(MatchedBy.EMAIL, "Subscriber", owner_id, owner_id) for owner_id in sorted(owner.id for owner in owners)
        ]

    async def test_is_not_crowded_out_by_what_the_viewer_may_not_read(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            first, second = [await factories.create_subscriber(session) for _ in range(2)]
            factories.enter(session, DirectoryKind.TICKET, "01776108", min(first.id, second.id), 1)
            factories.enter(session, DirectoryKind.NUMBER, "01776108", max(first.id, second.id))

        async with database.reading() as session:
            found = await search.find(
                session, viewer=factories.viewer(Role.ADMIN), vault=VAULT, text="01776108", first=1
            )
            viewer = factories.viewer(capabilities=frozenset({Capability.SUBSCRIBER_READ}))
            some = await search.find(session, viewer=viewer, vault=VAULT, text="01776108", first=1)

        assert found == []
        assert [hit.matched_by for hit in some] == [MatchedBy.NUMBER]

    async def test_hides_what_the_viewer_may_not_read(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            ticket = await factories.create_ticket(session, await factories.create_subscriber(session), number="T1")
            await session.flush()

        found = []
        for role in (Role.AGENT, Role.ADMIN):
            async with database.reading() as session:
                found.append(
                    await search.find(session, viewer=factories.viewer(role), vault=VAULT, text="t1", first=10)
                )

        assert found == [[Hit(MatchedBy.TICKET, "Ticket", ticket.subscriber_id, ticket.id)], []]

    async def test_refuses_a_text_that_no_row_can_have(self, database: Database) -> None:
        codes = await asking(database).codes(_SEARCH, text="lef\x00evre")

        assert codes == ["BAD_INPUT"]


class TestDirectory:
    @pytest.mark.parametrize("by", ["number", "email", "phone", "invoiceNumber", "deviceSerial"])
    async def test_finds_nobody_by_a_key_that_no_row_can_have(self, database: Database, by: str) -> None:
        data = await asking(database).data(
            "query($by: SubscriberBy!) { subscriber(by: $by) { id } }", by={by: "0177\x006108"}
        )

        assert data == {"subscriber": None}

    async def test_finds_all_who_share_an_email(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            owners = [await factories.create_subscriber(session) for _ in range(2)]
            for owner in owners:
                directory.enter(
                    session, kind=DirectoryKind.EMAIL, key="a@example.net", subscriber_id=owner.id, target_id=owner.id
                )

        async with database.reading() as session:
            found = await directory.find(session, kind=DirectoryKind.EMAIL, key="a@example.net")

        assert [each.subscriber_id for each in found] == sorted(owner.id for owner in owners)
