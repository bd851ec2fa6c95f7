"""Mails that are due on a day before something happens: a card that ends, a promotion that ends. Each is asked for once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import String, and_, cast, exists, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy as policies
from backoffice.database import Database
from backoffice.models import (
    Contract,
    ContractState,
    OutboxMessage,
    PaymentMethod,
    PaymentMethodKind,
    PaymentMethodState,
    Promotion,
)
from backoffice.services import outbox

CARD_ENDS, PROMOTION_ENDS = "card_ends", "promotion_ends"
_AT_ONCE = 500


async def ask(database: Database, *, on: date, at: datetime) -> int:
    """Ask for every alert that is due by a day; returns how many. A second call finds them asked for."""
    days = policies.in_force(on).dunning.card_alert_days
    asked = 0
    for template, due in ((PROMOTION_ENDS, _promotions(on)), (CARD_ENDS, _cards(on, days))):
        while batch := await _ask(database, template, due, at):
            asked += batch
    return asked


async def _ask(database: Database, template: str, due: Any, at: datetime) -> int:
    async with database.unit_of_work() as session:
        found = await _unasked(session, template, due)
        for subscriber_id, about in found:
            outbox.mail(session, subscriber_id=subscriber_id, template=template, about=about, at=at)
    return len(found)


async def _unasked(session: AsyncSession, template: str, due: Any) -> Sequence[Any]:
    subscriber_id, about = due.selected_columns
    message = OutboxMessage
    key = literal(outbox.mail_key(template, "")).concat(cast(about, String))
    is_asked = exists(select(message.id).where(message.subscriber_id == subscriber_id, message.dedupe_key == key))
    found = await session.execute(due.where(~is_asked).order_by(subscriber_id, about).limit(_AT_ONCE))
    return found.all()


def _promotions(on: date) -> Any:
    """Promotions of running contracts whose reminder day has come and whose last day has not."""
    row, contract = Promotion, Contract
    return (
        select(row.subscriber_id, row.id)
        .join(contract, and_(contract.subscriber_id == row.subscriber_id, contract.id == row.contract_id))
        .where(row.reminder_on <= on, row.ends_on > on, contract.state == ContractState.ACTIVE)
    )


def _cards(on: date, days: int) -> Any:
    """Cards that are charged by default and end soon; one that has ended was told of before."""
    row = PaymentMethod
    return select(row.subscriber_id, row.id).where(
        row.kind == PaymentMethodKind.CARD,
        row.state == PaymentMethodState.ACTIVE,
        row.is_default,
        row.expires_on > on,
        row.expires_on <= on + timedelta(days=days),
    )
