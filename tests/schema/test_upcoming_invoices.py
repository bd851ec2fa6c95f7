"""The next invoice in the graph, and what waits for it."""

from datetime import date

import pytest

from backoffice import models
from backoffice.database import Database
from backoffice.permissions import Role
from tests import factories, subscriptions
from tests.acts import global_id
from tests.factories import NOW, TODAY, viewer
from tests.graphs import asking
from tests.subscriptions import NETWORK

_LINES = """lines {
  kind label startsOn endsOn quantity unitPrice { cents } vatRate amount { cents } vat { cents } explanation
  contract { number }
}"""
_UPCOMING = f"""upcomingInvoice {{
  issuedOn dueOn startsOn endsOn runType total {{ cents }} totalExcludingVat {{ cents }} vat {{ cents }}
  carriedCredit {{ cents }} due {{ cents }} leftOver {{ cents }} {_LINES}
  rates {{ vatRate totalExcludingVat {{ cents }} vat {{ cents }} total {{ cents }} }}
}}"""
_ACCOUNT = f"""query Account($id: ID!) {{ node(id: $id) {{ ... on BillingAccount {{
  {_UPCOMING} extraCharges {{ nodes {{ label amount {{ cents }} billableFrom contract {{ number }} }} }}
}} }} }}"""
_CONTRACT = """query Contract($id: ID!) { node(id: $id) { ... on Contract { upcomingInvoice { total { cents } } } } }"""


async def create_contract(database: Database) -> tuple[models.BillingAccount, models.Contract]:
    """Internet at 31.99 on the first of each month, of which November is billed."""
    async with database.unit_of_work() as session:
        net = await subscriptions.create_offer(session, "NET", 3199, NETWORK)
        account = await factories.create_account(session, await factories.create_subscriber(session))
        contract = await subscriptions.create_contract(
            session, account, net, starts_on=date(2026, 1, 1), billed_until=date(2026, 12, 1)
        )
        return account, contract


class TestUpcomingInvoice:
    async def test_tells_the_next_invoice_line_by_line(self, database: Database) -> None:
        account, contract = await create_contract(database)
        async with database.unit_of_work() as session:
            await subscriptions.create_waiting(session, account, billable_from=TODAY)

        shown = (await asking(database).data(_ACCOUNT, id=global_id(account)))["node"]["upcomingInvoice"]

        assert (shown["issuedOn"], shown["dueOn"]) == ("2026-12-01", "2027-01-05")
        assert (shown["startsOn"], shown["endsOn"], shown["runType"]) == ("2026-12-01", "2027-01-01", "ON_CYCLE")
        assert shown["total"]["cents"] == 3949
        assert [line["amount"]["cents"] for line in shown["lines"]] == [3199, 750]
        assert shown["lines"][0]["contract"] == {"number": contract.number}
        assert shown["lines"][0]["explanation"][0] == "Le prix de la période entière est de 31,99 € (NET 2020-01-01)."
        assert [(rate["vatRate"], rate["vat"]["cents"], rate["total"]["cents"]) for rate in shown["rates"]] == [
            ("0.20", 533, 3199),
            (None, 0, 750),
        ]
        assert (shown["carriedCredit"]["cents"], shown["due"]["cents"], shown["leftOver"]["cents"]) == (0, 3949, 0)

    async def test_tells_what_credit_pays_and_what_is_left_over(self, database: Database) -> None:
        account, _ = await create_contract(database)
        async with database.unit_of_work() as session:
            row = await session.get_one(
                models.BillingAccount, {"subscriber_id": account.subscriber_id, "id": account.id}
            )
            row.balance_cents = -1000
            await subscriptions.create_waiting(session, account, ttc_cents=-3000, billable_from=TODAY)
            await subscriptions.create_waiting(session, account, ttc_cents=-200, billable_from=date(2026, 11, 30))

        shown = (await asking(database).data(_ACCOUNT, id=global_id(account)))["node"]["upcomingInvoice"]

        assert (shown["total"]["cents"], shown["leftOver"]["cents"]) == (199, 200)
        assert (shown["carriedCredit"]["cents"], shown["due"]["cents"]) == (199, 0)

    async def test_is_none_when_nothing_will_be_billed(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await factories.create_account(session, await factories.create_subscriber(session))

        shown = await asking(database).data(_ACCOUNT, id=global_id(account))

        assert shown["node"] == {"upcomingInvoice": None, "extraCharges": {"nodes": []}}

    async def test_is_told_on_a_contract_that_stands_on_it(self, database: Database) -> None:
        account, contract = await create_contract(database)
        async with database.unit_of_work() as session:
            offer = await subscriptions.create_offer(session, "ENDED", 1000)
            ended = await subscriptions.create_contract(
                session, account, offer, state=models.ContractState.TERMINATED, ends_on=date(2026, 11, 15)
            )
        asked = asking(database)

        shown = [await asked.data(_CONTRACT, id=global_id(each)) for each in (contract, ended)]

        assert shown == [{"node": {"upcomingInvoice": {"total": {"cents": 3199}}}}, {"node": {"upcomingInvoice": None}}]

    async def test_is_not_shown_to_whoever_reads_no_bills(self, database: Database) -> None:
        account, _ = await create_contract(database)

        shown = await asking(database, viewer(Role.ADMIN)).data(_ACCOUNT, id=global_id(account))

        assert shown == {"node": None}


class TestExtraCharges:
    async def test_are_those_that_still_wait(self, database: Database) -> None:
        account, contract = await create_contract(database)
        async with database.unit_of_work() as session:
            line = await factories.create_line(session, await factories.create_invoice(session, account))
            await subscriptions.create_waiting(session, account, label="Facturé", invoice_line_id=line.id)
            await subscriptions.create_waiting(session, account, label="Annulé", cancelled_at=NOW)
            await subscriptions.create_waiting(session, account, label="En attente", contract_id=contract.id)

        shown = await asking(database).data(_ACCOUNT, id=global_id(account))

        assert shown["node"]["extraCharges"]["nodes"] == [
            {
                "label": "En attente",
                "amount": {"cents": 750},
                "billableFrom": "2026-11-01",
                "contract": {"number": contract.number},
            }
        ]


class TestDunningSteps:
    @pytest.mark.parametrize("skipped", [None, "FRAGILE"])
    async def test_stand_on_the_invoice(self, database: Database, skipped: str | None) -> None:
        async with database.unit_of_work() as session:
            account = await factories.create_account(session, await factories.create_subscriber(session))
            invoice = await factories.create_invoice(session, account)
            session.add(
                models.DunningStep(
                    subscriber_id=account.subscriber_id,
                    id=factories.new_id(),
                    invoice_id=invoice.id,
                    kind=models.DunningStepKind.FEE,
                    due_on=TODAY,
                    taken_at=NOW,
                    skipped_because=skipped,
                )
            )
        query = """query Invoice($id: ID!) { node(id: $id) { ... on Invoice {
          dunningSteps { nodes { kind dueOn skippedBecause invoice { number } } }
        } } }"""

        shown = await asking(database).data(query, id=global_id(invoice))

        assert shown["node"]["dunningSteps"]["nodes"] == [
            {"kind": "FEE", "dueOn": "2026-11-21", "skippedBecause": skipped, "invoice": {"number": invoice.number}}
        ]
