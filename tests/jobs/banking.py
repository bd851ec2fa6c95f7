"""A subscriber who paid, a bank in a file, and what came of asking it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from backoffice import models
from backoffice.database import Database
from backoffice.gateway.sandbox import Sandbox
from backoffice.jobs import handlers
from backoffice.jobs.worker import drain
from backoffice.services import outbox
from tests import factories
from tests.factories import NOW
from tests.jobs.handling import ZONE

CENTS = 2999


@dataclass
class Desk:
    """Asks for refunds and payments, and lets a worker carry them out at a moment of the test's choice."""

    database: Database
    path: Path
    at: datetime = NOW

    @property
    def bank(self) -> Sandbox:
        return Sandbox(self.path, now=lambda: self.at)

    async def work(self, later: timedelta = timedelta(0)) -> int:
        """Carry out what is due after `later`; returns the number of attempts."""
        self.at = NOW + later
        handled = handlers.of_money(self.database, self.bank, currency="EUR")
        return await drain(self.database, handled, at=self.at, zone=ZONE)

    async def ask_refund(self, reference: str, state: models.RefundState = models.RefundState.APPROVED) -> int:
        """A refund of a captured payment that has this reference, with its message; returns its id."""
        async with self.database.unit_of_work() as session:
            subscriber = await factories.create_subscriber(session)
            account = await factories.create_account(session, subscriber)
            of = {"subscriber_id": subscriber.id, "billing_account_id": account.id, "amount_cents": CENTS}
            paid = models.Payment(
                **of,
                id=factories.new_id(),
                state=models.PaymentState.CAPTURED,
                refunded_cents=CENTS,
                reference=reference,
                requested_at=NOW,
                captured_at=NOW,
            )
            session.add(paid)
            await session.flush()  # the refund points to it
            refund = models.Refund(
                **of,
                id=factories.new_id(),
                payment_id=paid.id,
                state=state,
                reason=models.CreditReason.GOODWILL,
                requested_at=NOW,
            )
            session.add(refund)
            outbox.refund(session, subscriber_id=subscriber.id, refund_id=refund.id, at=NOW, from_=NOW)
        return refund.id

    async def ask_payment(self, token: str | None) -> int:
        """A pending payment by a card with this token, with its message; returns its id."""
        async with self.database.unit_of_work() as session:
            subscriber = await factories.create_subscriber(session)
            account = await factories.create_account(session, subscriber)
            method = await factories.create_method(
                session, account, kind=models.PaymentMethodKind.CARD, card_token=token
            )
            payment = models.Payment(
                subscriber_id=subscriber.id,
                id=factories.new_id(),
                billing_account_id=account.id,
                payment_method_id=method.id,
                state=models.PaymentState.PENDING,
                amount_cents=CENTS,
                reference="PR0001",
                requested_at=NOW,
            )
            session.add(payment)
            outbox.charge(session, subscriber_id=subscriber.id, payment_id=payment.id, at=NOW)
        return payment.id

    async def take_payment_back(self) -> None:
        """The bank returns every payment."""
        async with self.database.unit_of_work() as session:
            await session.execute(update(models.Payment).values(state=models.PaymentState.RETURNED, returned_at=NOW))

    async def refund(self, refund_id: int) -> models.Refund:
        async with self.database.reading() as session:
            return (await session.execute(select(models.Refund).filter_by(id=refund_id))).scalar_one()

    async def payment(self, payment_id: int) -> models.Payment:
        async with self.database.reading() as session:
            return (await session.execute(select(models.Payment).filter_by(id=payment_id))).scalar_one()

    async def moved(self) -> list[tuple[str, int]]:
        """What really moved: the keys, and their cents."""
        return [(effect.key, effect.amount_cents) for effect in await self.bank.effects()]
