"""Credits of lines whose days a change of the contract gave back already."""

from datetime import date

import pytest
from sqlalchemy import select

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.database import Database
from tests import agreed, books
from tests.acts import global_id
from tests.money_acts import preview

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


async def _changed(database: Database) -> models.Invoice:
    """October at 74.99, paid; from the 11th on another offer, so that 50.80 waits to be given back."""
    async with database.unit_of_work() as session:
        catalogue = await agreed.create_catalogue(session)
        made = await agreed.conclude(session, catalogue, "TOUT-INCLUS", on=date(2026, 1, 1))
        invoice = await agreed.bill(session, made, OCTOBER)
    await agreed.do(
        agreed.staff(database, on=date(2026, 10, 11)),
        "offerChange",
        contractId=made.contract_id,
        offerId=made.offer_id("PACK-SPORT"),
    )
    return invoice


class TestCreditNote:
    async def test_credits_the_days_that_no_change_gave_back(self, database: Database) -> None:
        invoice = await _changed(database)

        previewed = await preview(
            agreed.staff(database, on=date(2026, 10, 21)),
            "creditNote",
            invoiceId=global_id(invoice),
            reason="BILLING_ERROR",
        )

        assert previewed["preview"]["amount"]["cents"] == 7499 - 5080
        assert {"code": "PERIOD_ALREADY_CREDITED"} in previewed["preview"]["warnings"]

    @pytest.mark.parametrize(
        ("starts_on", "ends_on", "cents"), [("2026-10-01", "2026-10-11", 2419), ("2026-10-06", "2026-10-16", 1210)]
    )
    async def test_counts_the_days_of_the_change(
        self, database: Database, starts_on: str, ends_on: str, cents: int
    ) -> None:
        invoice = await _changed(database)

        previewed = await preview(
            agreed.staff(database, on=date(2026, 10, 21)),
            "creditNote",
            invoiceId=global_id(invoice),
            startsOn=starts_on,
            endsOn=ends_on,
            reason="SERVICE_FAILURE",
        )

        assert previewed["preview"]["amount"]["cents"] == cents

    async def test_refuses_days_that_a_change_gave_back(self, database: Database) -> None:
        invoice = await _changed(database)

        previewed = await preview(
            agreed.staff(database, on=date(2026, 10, 21)),
            "creditNote",
            invoiceId=global_id(invoice),
            startsOn="2026-10-11",
            endsOn="2026-10-21",
            reason="SERVICE_FAILURE",
        )

        assert [error["code"] for error in previewed["userErrors"]] == ["NOTHING_TO_CREDIT"]


class TestRefund:
    async def test_refuses_more_than_the_days_that_no_change_gave_back(self, database: Database) -> None:
        invoice = await _changed(database)

        previewed = await preview(
            agreed.staff(database, on=date(2026, 10, 21)),
            "refund",
            invoiceId=global_id(invoice),
            amount=2420,
            reason="BILLING_ERROR",
        )

        [error] = previewed["userErrors"]
        assert error["maximum"]["cents"] == 2419


class TestBilled:
    async def test_counts_what_a_later_invoice_gave_back(self, database: Database) -> None:
        invoice = await _changed(database)
        async with database.unit_of_work() as session:
            account = await session.get_one(
                models.BillingAccount, {"subscriber_id": invoice.subscriber_id, "id": invoice.billing_account_id}
            )
            waiting = (await session.scalars(select(models.ExtraCharge))).all()
            november = await books.bill(session, account, books.Article(9000), books.Article(-5080, label="Avoir"))
            lines = await books.lines_of(session, november)
            next(each for each in waiting if each.ttc_cents < 0).invoice_line_id = lines[1].id

        previewed = await preview(
            agreed.staff(database, on=date(2026, 11, 21)),
            "creditNote",
            invoiceId=global_id(invoice),
            reason="BILLING_ERROR",
        )

        assert previewed["preview"]["amount"]["cents"] == 2419
