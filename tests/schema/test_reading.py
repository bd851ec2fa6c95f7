"""What an agent reads: a file by any key, its lists as pages, and nothing that they may not see."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from backoffice import models
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.permissions import Role
from tests import factories
from tests.graphs import VAULT, asking

_BY = "query($by: SubscriberBy!) { subscriber(by: $by) { number } }"


@pytest.fixture
async def subscriber(database: Database) -> models.Subscriber:
    async with database.unit_of_work() as session:
        row = await factories.create_subscriber(session, number="S01776108", contact_email="Zoe@example.net")
        await factories.create_holder(session, row, "Zoé", "Lefèvre")
        await factories.create_address(session, row, postcode="68000")
        factories.enter(session, models.DirectoryKind.PHONE, "+33639980001", row.id)
        factories.enter(session, models.DirectoryKind.EMAIL, "zoe@example.net", row.id)
        account = await factories.create_account(session, row)
        for month in range(1, 6):
            issued = date(2026, month, 1)
            await factories.create_invoice(
                session, account, number=f"F2026-{month}", issued_on=issued, due_on=issued, ttc_cents=3000
            )
        await factories.create_ticket(session, row, number="T2026-0000009")
        await factories.create_device(session, row, serial="DEC0001")
        await factories.create_method(
            session, account, iban_last_four="7B12", iban_index=VAULT.blind_index("FR7630006000011234567890189")
        )
    return row


class TestSubscriber:
    @pytest.mark.parametrize(
        "by",
        [
            {"number": "S01776108"},
            {"number": "01776108"},
            {"number": "s 01776108"},
            {"email": "ZOE@example.net"},
            {"phone": "06 39 98 00 01"},
            {"phone": "+33 (0)6.39.98.00.01"},
            {"invoiceNumber": "f2026-3"},
            {"ticketNumber": "T2026-0000009"},
            {"deviceSerial": "dec0001"},
        ],
    )
    async def test_is_found_by_any_key(
        self, database: Database, subscriber: models.Subscriber, by: dict[str, str]
    ) -> None:
        data = await asking(database).data(_BY, by=by)

        assert data == {"subscriber": {"number": "S01776108"}}

    @pytest.mark.parametrize("by", [{"number": "99999999"}, {"phone": "not a phone"}, {"id": "!!!"}, {"email": ""}])
    async def test_is_null_for_a_key_that_leads_nowhere(
        self, database: Database, subscriber: models.Subscriber, by: dict[str, str]
    ) -> None:
        data = await asking(database).data(_BY, by=by)

        assert data == {"subscriber": None}

    async def test_refuses_two_keys(self, database: Database) -> None:
        codes = await asking(database).codes(_BY, by={"number": "1", "email": "a@example.net"})

        assert codes == ["BAD_VARIABLES"]

    async def test_refuses_a_telephone_that_a_household_shares(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        async with database.unit_of_work() as session:
            other = await factories.create_subscriber(session)
            factories.enter(session, models.DirectoryKind.PHONE, "+33639980001", other.id)

        codes = await asking(database).codes(_BY, by={"phone": "0639980001"})

        assert codes == ["AMBIGUOUS_KEY"]

    async def test_is_logged_once_a_request(self, database: Database, subscriber: models.Subscriber) -> None:
        query = 'query Twice { a: subscriber(by: {number: "01776108"}) { id } b: subscriber(by: {number: "01776108"}) { id } }'

        await asking(database).data(query)

        async with database.reading() as session:
            entries = (await session.execute(select(models.AccessEntry))).scalars().all()
        assert [(entry.subscriber_id, entry.kind, entry.actor_name, entry.operation) for entry in entries] == [
            (subscriber.id, models.AccessKind.FILE, "Alix Agent", "Twice")
        ]

    async def test_shows_the_first_holder_and_the_address_in_force(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        async with database.unit_of_work() as session:
            await factories.create_holder(session, subscriber, "Marc", "Second", position=1)
            await factories.create_address(session, subscriber, city="Ancienneville", starts_on=date(2020, 1, 1))

        data = await asking(database).data(
            '{ subscriber(by: {number: "01776108"}) { fullName installationAddress { city } billingAddress { city } } }'
        )

        assert data["subscriber"] == {
            "fullName": "Zoé Lefèvre",
            "installationAddress": {"city": "Colmar"},
            "billingAddress": None,
        }


class TestNode:
    async def test_finds_what_its_id_stands_for(self, database: Database, subscriber: models.Subscriber) -> None:
        found = await asking(database).data('{ subscriber(by: {number: "01776108"}) { invoices { nodes { id } } } }')
        global_id = found["subscriber"]["invoices"]["nodes"][0]["id"]

        data = await asking(database).data(
            "query($id: ID!) { node(id: $id) { __typename id ... on Invoice { number } } }", id=global_id
        )

        assert data["node"] == {"__typename": "Invoice", "id": global_id, "number": "F2026-5"}

    @pytest.mark.parametrize(
        "global_id",
        [
            "",
            "é",
            "SW52b2ljZToxOjE",
            GlobalId("Nothing", 1, 1).encode(),
            GlobalId("Invoice", 0, 1).encode(),
            GlobalId("Offer", 1, 1).encode(),
            GlobalId("Subscriber", 1, 2).encode(),
            "x" * 4000,
        ],
    )
    async def test_answers_null_alike_for_malformed_unknown_and_foreign_ids(
        self, database: Database, global_id: str
    ) -> None:
        data = await asking(database).data("query($id: ID!) { node(id: $id) { id } }", id=global_id)

        assert data == {"node": None}


_PAGE = """
query($first: Int, $after: String, $where: InvoiceWhere, $sort: InvoiceSort) {
  subscriber(by: {number: "01776108"}) {
    invoices(first: $first, after: $after, where: $where, sort: $sort) {
      nodes { number } edges { cursor } count { value isFloor } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }
}"""


class TestPages:
    async def test_follow_each_other_without_gap_or_repetition(
        self, database: Database, subscriber: models.Subscriber
    ) -> None:
        seen, after = [], None
        for _ in range(3):
            page = (await asking(database).data(_PAGE, first=2, after=after))["subscriber"]["invoices"]
            seen += [node["number"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]

        assert seen == ["F2026-5", "F2026-4", "F2026-3", "F2026-2", "F2026-1"]
        assert page["pageInfo"]["hasNextPage"] is False
        assert page["pageInfo"]["hasPreviousPage"] is True
        assert page["count"] == {"value": 5, "isFloor": False}

    async def test_keep_rows_with_the_same_date_apart(self, database: Database, subscriber: models.Subscriber) -> None:
        async with database.unit_of_work() as session:
            account = await factories.create_account(session, subscriber)
            for _ in range(4):
                await factories.create_invoice(session, account, issued_on=date(2026, 5, 1))

        seen, after = [], None
        for _ in range(9):
            page = (await asking(database).data(_PAGE, first=1, after=after))["subscriber"]["invoices"]
            seen += [node["number"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]

        assert len(set(seen)) == 9

    @pytest.mark.parametrize(
        ("where", "numbers"),
        [
            ({"issued": {"from": "2026-02-01", "to": "2026-04-01"}}, ["F2026-3", "F2026-2"]),
            ({"state": ["PAID"]}, []),
            ({"not": {"issued": {"from": "2026-02-01"}}}, ["F2026-1"]),
            ({"or": [{"issued": {"to": "2026-02-01"}}, {"issued": {"from": "2026-05-01"}}]}, ["F2026-5", "F2026-1"]),
            ({"and": [{"issued": {"from": "2026-02-01"}}, {"issued": {"to": "2026-03-01"}}]}, ["F2026-2"]),
            ({"total": {"from": 3001}}, []),
            ({"isUnpaid": False}, []),
        ],
    )
    async def test_are_filtered(
        self, database: Database, subscriber: models.Subscriber, where: dict[str, object], numbers: list[str]
    ) -> None:
        data = await asking(database).data(_PAGE, where=where)

        assert [node["number"] for node in data["subscriber"]["invoices"]["nodes"]] == numbers
        assert data["subscriber"]["invoices"]["count"]["value"] == len(numbers)

    async def test_are_sorted(self, database: Database, subscriber: models.Subscriber) -> None:
        data = await asking(database).data(_PAGE, sort="OLDEST", first=2)

        assert [node["number"] for node in data["subscriber"]["invoices"]["nodes"]] == ["F2026-1", "F2026-2"]

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ({"first": 0}, "PAGE_TOO_LARGE"),
            ({"first": -1}, "PAGE_TOO_LARGE"),
            ({"first": 101}, "PAGE_TOO_LARGE"),
            ({"first": 2**40}, "BAD_VARIABLES"),
            ({"after": "nonsense"}, "BAD_CURSOR"),
            ({"after": "WzFd"}, "BAD_CURSOR"),
            ({"after": "WyIyMDI2LTA1LTAxIiwgInRleHQiXQ"}, "BAD_CURSOR"),
            ({"where": {"state": ["UNKNOWN"]}}, "BAD_VARIABLES"),
        ],
    )
    async def test_refuse_arguments_that_cannot_be_used(
        self, database: Database, subscriber: models.Subscriber, arguments: dict[str, object], code: str
    ) -> None:
        codes = await asking(database).codes(_PAGE, **arguments)

        assert codes == [code]

    async def test_refuse_a_filter_nested_without_end(self, database: Database, subscriber: models.Subscriber) -> None:
        where: dict[str, object] = {"isUnpaid": True}
        for _ in range(10):
            where = {"not": where}

        codes = await asking(database).codes(_PAGE, where=where)

        assert codes == ["BAD_INPUT"]


_SEARCH = "query($text: String!) { search(text: $text) { matchedBy node { __typename } subscriber { number } } }"


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "matched", "typename"),
        [
            ("S01776108", "NUMBER", "Subscriber"),
            ("01776108", "NUMBER", "Subscriber"),
            ("lefevre", "NAME", "Subscriber"),
            ("Zoé Lefè", "NAME", "Subscriber"),
            ("LEFEVRE zoe 68000", "NAME", "Subscriber"),
            ("zoe@EXAMPLE.net", "EMAIL", "Subscriber"),
            ("06.39.98.00.01", "PHONE", "Subscriber"),
            ("0033639980001", "PHONE", "Subscriber"),
            ("F2026-3", "INVOICE", "Invoice"),
            ("T2026-0000009", "TICKET", "Ticket"),
            ("DEC0001", "SERIAL", "Device"),
            ("7b12", "IBAN", "Subscriber"),
            ("FR76 3000 6000 0112 3456 7890 189", "IBAN", "Subscriber"),
        ],
    )
    async def test_finds_by_whatever_the_customer_says(
        self, database: Database, subscriber: models.Subscriber, text: str, matched: str, typename: str
    ) -> None:
        data = await asking(database).data(_SEARCH, text=text)

        assert data["search"] == [
            {"matchedBy": matched, "node": {"__typename": typename}, "subscriber": {"number": "S01776108"}}
        ]

    @pytest.mark.parametrize("text", ["lefevre 67000", "nobody", "%", "z'--", "1", "F2026-", "\U0010ffff"])
    async def test_finds_nothing_where_nothing_is(
        self, database: Database, subscriber: models.Subscriber, text: str
    ) -> None:
        data = await asking(database).data(_SEARCH, text=text)

        assert data["search"] == []

    async def test_is_logged_with_what_was_looked_for(self, database: Database, subscriber: models.Subscriber) -> None:
        await asking(database).data(_SEARCH, text="lefevre")
        await asking(database).data(_SEARCH, text="nobody")

        async with database.reading() as session:
            found = select(models.AccessEntry).order_by(models.AccessEntry.id)
            entries = (await session.execute(found.where(models.AccessEntry.kind == "SEARCH"))).scalars()
            logged = [(entry.kind, entry.query, entry.hits, entry.actor_id) for entry in entries]
        assert logged == [(models.AccessKind.SEARCH, "lefevre", 1, 7), (models.AccessKind.SEARCH, "nobody", 0, 7)]

    @pytest.mark.parametrize("text", ["", "   ", "x" * 201])
    async def test_refuses_a_text_that_cannot_be_searched(self, database: Database, text: str) -> None:
        codes = await asking(database).codes(_SEARCH, text=text)

        assert codes == ["BAD_INPUT"]


class TestRules:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.ANALYST])
    async def test_keep_files_from_roles_that_need_none(
        self, database: Database, subscriber: models.Subscriber, role: Role
    ) -> None:
        answer = await asking(database, factories.viewer(role)).ask(_BY, by={"number": "01776108"})

        assert answer.body["data"] == {"subscriber": None}
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"]
        async with database.reading() as session:
            assert (await session.execute(select(models.AccessEntry))).first() is None

    async def test_answer_null_where_a_field_says_so(self, database: Database, subscriber: models.Subscriber) -> None:
        query = '{ subscriber(by: {number: "01776108"}) { accessEntries { nodes { actorName } } } }'

        for_agent = await asking(database).data(query)
        for_dpo = await asking(database, factories.viewer(Role.DPO, display_name="Dora DPO", id=8)).data(query)

        assert for_agent["subscriber"]["accessEntries"] is None
        # The officer's own opening of the file is in the log before the log is read.
        assert [node["actorName"] for node in for_dpo["subscriber"]["accessEntries"]["nodes"]] == [
            "Dora DPO",
            "Alix Agent",
        ]


class TestExpressions:
    async def test_tell_what_is_late_as_of_the_clock(self, database: Database, subscriber: models.Subscriber) -> None:
        late, punctual = factories.NOW - timedelta(minutes=1), factories.NOW + timedelta(minutes=1)
        async with database.unit_of_work() as session:
            other = await factories.create_subscriber(session)
            for number, due in (("L", late), ("P", punctual)):
                await factories.create_ticket(session, other, number=number, resolution_due_at=due)
            await factories.create_ticket(
                session, other, number="W", resolution_due_at=late, waiting_since=factories.NOW
            )

        data = await asking(database).data("{ tickets { nodes { number isLate } } }")

        assert {node["number"]: node["isLate"] for node in data["tickets"]["nodes"]} == {
            "L": True,
            "P": False,
            "W": False,
            "T2026-0000009": False,
        }

    async def test_tell_what_is_due_and_overdue(self, database: Database, subscriber: models.Subscriber) -> None:
        async with database.unit_of_work() as session:
            account = await factories.create_account(session, subscriber)
            for due_on in (factories.TODAY - timedelta(days=1), factories.TODAY):
                await factories.create_invoice(session, account, paid_cents=1000, due_on=due_on, number=f"X{due_on}")

        data = await asking(database).data(
            '{ invoices(where: {issued: {from: "2026-11-01"}}) { nodes { number isOverdue due { cents decimal currency } } } }'
        )

        due = {"cents": 2000, "decimal": "20.00", "currency": "EUR"}
        assert sorted(data["invoices"]["nodes"], key=lambda node: node["number"]) == [
            {"number": "X2026-11-20", "isOverdue": True, "due": due},
            {"number": "X2026-11-21", "isOverdue": False, "due": due},
        ]
