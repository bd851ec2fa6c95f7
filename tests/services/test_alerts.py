"""Alerts: a card that ends, a promotion that ends, each told of once and in time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from backoffice import models
from backoffice.database import Database
from backoffice.services import alerts
from tests import factories, subscriptions
from tests.factories import TODAY

_AT = datetime(2026, 11, 21, 5, tzinfo=UTC)


async def asked(database: Database) -> list[str]:
    """The templates of all mails."""
    async with database.reading() as session:
        return [payload["template"] for payload in await session.scalars(select(models.OutboxMessage.payload))]


class TestAsk:
    @pytest.mark.parametrize(("days", "templates"), [(0, []), (1, ["card_ends"]), (30, ["card_ends"]), (31, [])])
    async def test_tells_of_a_card_before_it_ends(self, database: Database, days: int, templates: list[str]) -> None:
        async with database.unit_of_work() as session:
            account = await factories.create_account(session, await factories.create_subscriber(session))
            await factories.create_method(
                session,
                account,
                kind=models.PaymentMethodKind.CARD,
                is_default=True,
                expires_on=TODAY + timedelta(days=days),
            )

        await alerts.ask(database, on=TODAY, at=_AT)

        assert await asked(database) == templates

    @pytest.mark.parametrize(
        ("ends_on", "templates"),
        [
            (date(2026, 11, 29), []),
            (date(2026, 11, 28), ["promotion_ends"]),
            (date(2026, 11, 22), ["promotion_ends"]),
            (date(2026, 11, 21), []),
        ],
    )
    async def test_tells_of_a_promotion_a_week_before_it_ends(
        self, database: Database, ends_on: date, templates: list[str]
    ) -> None:
        async with database.unit_of_work() as session:
            offer = await subscriptions.create_offer(session, "TV", 3499)
            account = await factories.create_account(session, await factories.create_subscriber(session))
            contract = await subscriptions.create_contract(session, account, offer)
            item = await subscriptions.create_item(session, contract, offer)
            session.add(
                models.Promotion(
                    subscriber_id=account.subscriber_id,
                    id=factories.new_id(),
                    contract_id=contract.id,
                    contract_item_id=item.id,
                    label="Un an à −10",
                    discount_cents=1000,
                    starts_on=date(2025, 11, 28),
                    ends_on=ends_on,
                    reminder_on=ends_on - timedelta(days=7),
                )
            )

        first = await alerts.ask(database, on=TODAY, at=_AT)
        second = await alerts.ask(database, on=TODAY, at=_AT)

        assert await asked(database) == templates
        assert (first, second) == (len(templates), 0)
