"""Which rows a role can find by an id: none of an entity that it may not read, and it never learns that there are any."""

from typing import Any

import pytest
from sqlalchemy import delete, select

from backoffice import models
from backoffice.database import Database
from backoffice.fields import entity
from backoffice.fields.declare import ENTITIES
from backoffice.ids import GlobalId
from backoffice.models import AccessKind, AuditOutcome
from backoffice.permissions import Contract, Role
from backoffice.resolvers import read
from backoffice.schema.access import Field
from backoffice.services import audit, staff
from tests import factories
from tests.factories import NOW
from tests.graphs import STAFF, asking, context

_NODE = "query($id: ID!) { node(id: $id) { __typename id } }"


async def some_row(database: Database, name: str) -> Any:
    """A row of an entity; the demo has none of the trails, and nothing that waits for somebody's decision."""
    if name == "AuditEntry":
        async with database.unit_of_work() as session:
            await audit.append(
                session,
                viewer=factories.viewer(),
                subscriber_id=5,
                operation="x",
                outcome=AuditOutcome.DONE,
                at=NOW,
            )
    if name == "ChangeOrder":
        await _add_change_order(database)
    if name == "AccessEntry":
        log = context(database, factories.viewer()).access_log
        await log.file(viewer=factories.viewer(), subscriber_id=5, operation="x", at=NOW)
    found = await first_row(database, name)
    if found is None and name in MISSING:
        return await MISSING[name](database)
    return found


async def first_row(database: Database, name: str) -> Any:
    """Some row of an entity that belongs to nobody or to a subscriber, or None."""
    async with database.reading() as session:
        model: Any = entity(name).model
        statement = select(model)
        if entity(name).is_of_subscriber:
            statement = statement.where(model.subscriber_id != 0)
        return (await session.execute(statement.limit(1))).scalar_one_or_none()


async def add(database: Database, row: Any) -> Any:
    """Write a row."""
    async with database.unit_of_work() as session:
        session.add(row)
    return row


async def approval(database: Database) -> Any:
    """A request that waits."""
    account, person = await first_row(database, "BillingAccount"), await first_row(database, "StaffMember")
    return await add(
        database,
        models.Approval(
            subscriber_id=account.subscriber_id,
            id=factories.new_id(),
            operation="refund",
            amount_cents=1,
            given={},
            figures={},
            figures_hash="",
            target="",
            requested_by_id=person.id,
            requested_by_role=person.role,
            requested_at=NOW,
            expires_at=NOW,
        ),
    )


async def dunning_step(database: Database) -> Any:
    """A reminder."""
    invoice = await first_row(database, "Invoice")
    return await add(
        database,
        models.DunningStep(
            subscriber_id=invoice.subscriber_id,
            id=factories.new_id(),
            invoice_id=invoice.id,
            kind=models.DunningStepKind.REMINDER,
            due_on=factories.TODAY,
            taken_at=NOW,
        ),
    )


async def goodwill_credit(database: Database) -> Any:
    """A gift."""
    account = await first_row(database, "BillingAccount")
    return await add(
        database,
        models.GoodwillCredit(
            subscriber_id=account.subscriber_id,
            id=factories.new_id(),
            billing_account_id=account.id,
            amount_cents=1,
            granted_on=factories.TODAY,
            granted_at=NOW,
        ),
    )


async def bulk_correction(database: Database) -> Any:
    """A plan for many subscribers."""
    person = await first_row(database, "StaffMember")
    return await add(
        database,
        models.BulkCorrection(
            id=factories.new_id(),
            reason=models.CreditReason.BILLING_ERROR,
            note="",
            rule={},
            plan_hash="",
            subscribers=1,
            total_cents=1,
            planned_by_id=person.id,
            planned_at=NOW,
        ),
    )


async def bulk_credit(database: Database) -> Any:
    """A credit of such a plan."""
    correction = await some_row(database, "BulkCorrection")
    line = await first_row(database, "InvoiceLine")
    return await add(
        database,
        models.BulkCredit(
            subscriber_id=line.subscriber_id,
            id=factories.new_id(),
            bulk_correction_id=correction.id,
            invoice_line_id=line.id,
            amount_cents=1,
            derivation={},
        ),
    )


MISSING = {
    "Approval": approval,
    "DunningStep": dunning_step,
    "GoodwillCredit": goodwill_credit,
    "BulkCredit": bulk_credit,
    "BulkCorrection": bulk_correction,
}
"""What makes a row of an entity of which the demo has none; in the order in which they can be deleted."""


async def _add_change_order(database: Database) -> None:
    async with database.unit_of_work() as session:
        contract = (await session.execute(select(models.Contract).limit(1))).scalar_one()
        session.add(
            models.ChangeOrder(
                subscriber_id=contract.subscriber_id,
                id=factories.new_id(),
                contract_id=contract.id,
                kind=models.ChangeKind.SUSPENSION,
                state=models.OrderState.CANCELLED,
                effective_on=NOW.date(),
                given={},
                requested_by_id=7,
                requested_by_name="Alix Agent",
                requested_at=NOW,
            )
        )


class TestNode:
    @pytest.mark.parametrize("name", sorted(ENTITIES))
    async def test_is_found_by_those_alone_who_may_read_it(self, demo: Database, name: str) -> None:
        empty = [each for each in MISSING if await first_row(demo, each) is None]
        row_id = read.global_id(entity(name), await some_row(demo, name))

        for role in Role:
            viewer = factories.viewer(role)
            data = await asking(demo, viewer).data(_NODE, id=row_id)

            is_hidden = viewer.contract is Contract.ANALYST and entity(name).is_of_subscriber
            may_read = viewer.may(entity(name).needs) and not is_hidden
            assert data["node"] == ({"__typename": name, "id": row_id} if may_read else None), role
        async with demo.unit_of_work() as session:
            for each in empty:  # others count the statements that the demo takes
                await session.execute(delete(entity(each).model))

    async def test_is_what_the_trail_of_the_staff_names(self, demo: Database) -> None:
        target = staff.global_id(await some_row(demo, "StaffMember"))

        data = await asking(demo, factories.viewer(Role.SUPERVISOR)).data(_NODE, id=target)

        assert data == {"node": {"__typename": "StaffMember", "id": target}}

    @pytest.mark.parametrize("name", sorted(ENTITIES))
    def test_needs_what_a_field_of_its_type_needs(self, name: str) -> None:
        definition: Any = STAFF.schema.get_type_by_name(name)

        rules = [made.rule for made in definition.fields if isinstance(made, Field) and made.name != "id" and made.rule]

        assert entity(name).needs in {rule.needs for rule in rules}

    @pytest.mark.parametrize(
        ("role", "name"), [(Role.ADMIN, "Invoice"), (Role.AGENT, "AuditEntry"), (Role.AGENT, "AccessEntry")]
    )
    async def test_is_for_others_as_if_there_were_none(self, database: Database, role: Role, name: str) -> None:
        async with database.unit_of_work() as session:
            account = await factories.create_account(session, await factories.create_subscriber(session))
            await factories.create_invoice(session, account)
        row_id = read.global_id(entity(name), await some_row(database, name))
        asked = asking(database, factories.viewer(role, id=4242))

        answers = [await asked.data(_NODE, id=each) for each in (row_id, GlobalId(name, 6, 6).encode())]

        assert answers == [{"node": None}] * 2
        async with database.reading() as session:
            entry = models.AccessEntry
            statement = select(entry.kind, entry.subscriber_id, entry.hits).where(entry.actor_id == 4242)
            logged = (await session.execute(statement)).all()
        assert logged == [(AccessKind.SEARCH, 0, 0)] * 2
