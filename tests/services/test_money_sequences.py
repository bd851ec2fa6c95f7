"""Random sequences of acts on money and their undos: the books stay proven, and an undo brings everything back."""

import asyncio
import os
import random
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from backoffice import models, policy
from backoffice.database import Database
from backoffice.errors import BackofficeError
from backoffice.models import CreditReason, PaymentMethodKind, RefundState
from backoffice.permissions import Role
from backoffice.services import quoted_acts, refunds, verification
from backoffice.services.credit_note_reversals import CreditNoteReverseOrder
from backoffice.services.credit_notes import CreditNoteOrder
from backoffice.services.goodwill_credits import GoodwillOrder
from backoffice.services.goodwill_reversals import GoodwillReverseOrder
from backoffice.services.money_acts import ACTS
from backoffice.services.payment_acts import PaymentOrder
from backoffice.services.payment_return_reversals import PaymentReturnReverseOrder
from backoffice.services.payment_returns import PaymentReturnOrder
from backoffice.services.payment_reversals import PaymentReverseOrder
from backoffice.services.plans import Order, Situation
from backoffice.services.proration_correction_reversals import ProrationCorrectionReverseOrder
from backoffice.services.proration_corrections import ProrationCorrectionOrder
from backoffice.services.refund_acts import RefundOrder
from backoffice.services.refund_reversals import RefundReverseOrder
from tests import books, factories
from tests.books import NOVEMBER, TWENTY, Article
from tests.factories import NOW, TODAY

EXAMPLES = int(os.environ.get("TESTS_SEQUENCES", "15"))
"""How many sequences are tried; more of them by the environment."""

KINDS = ("refund", "credit", "keep", "days", "correct", "goodwill", "payment", "return", "send", "reverse")
Step = tuple[str, int, bool]
"""What is done, on which part of what is there (in thousandths), and whether it is undone at once."""

steps = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 1000), st.booleans()), min_size=1, max_size=8)


@dataclass
class File:
    """An account under test, and the instant that its clock shows."""

    database: Database
    account: models.BillingAccount
    invoices: Sequence[models.Invoice]
    minute: int = 0

    @property
    def situation(self) -> Situation:
        """Somebody of the billing staff, now."""
        at = NOW + timedelta(minutes=self.minute)
        return Situation(factories.viewer(Role.BILLING), at, TODAY, policy.in_force(TODAY))


class TestSequences:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize="TESTS_SEQUENCES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(steps)
    def test_leave_proven_books_and_undo_to_the_cent(self, migrated_file: Path, steps: list[Step]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = shutil.copy(migrated_file, Path(folder) / "backoffice.sqlite3")
            asyncio.run(_opened(f"sqlite+aiosqlite:///{path}", steps))

    async def test_do_so_on_both_databases(self, database: Database) -> None:
        rng = random.Random(7)
        drawn = [(kind, rng.randint(1, 1000), rng.random() < 0.5) for kind in KINDS for _ in range(2)]
        rng.shuffle(drawn)

        await _run(database, drawn)


async def _opened(url: str, steps: Sequence[Step]) -> None:
    database = Database(url)
    try:
        await _run(database, steps)
    finally:
        await database.close()


async def _run(database: Database, steps: Sequence[Step]) -> None:
    file = await _file(database)
    for kind, part, is_undone in steps:
        file.minute += 1
        before, length = await _state(database), await _length(database)
        done = await _step(file, kind, part)
        if done is None:
            assert await _state(database) == before, kind
        elif is_undone and (undo := _undo(*done)) is not None:
            await _perform(file, *undo)
            assert await _state(database) == before, kind
            assert await _length(database) > length
        async with database.snapshot() as session:
            faults = [fault async for fault in verification.faults(session)]
        assert faults == [], (kind, part, is_undone)


async def _file(database: Database) -> File:
    """Two invoices with several rates, a deposit and a credit line; the first is paid, by two payments and some more."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        deposit = Article(1500, rate=None, kind=models.LineKind.DEPOSIT, label="Dépôt", days=None)
        first = await books.bill(
            session, account, Article(3499), Article(-1333), Article(1733, rate=TWENTY), Article(4999), deposit
        )
        second = await books.bill(session, account, Article(2299), Article(967, rate=TWENTY))
        await books.pay(session, account, first, cents=5000)
        await books.pay(session, account, first, cents=first.due_cents + 300)
    return File(database, account, (first, second))


async def _step(file: File, kind: str, part: int) -> tuple[str, Any] | None:
    """Do one thing; the operation and the row that it made, or None when it was refused or there is nothing to do."""
    if kind == "send":
        await _send(file)
        return "send", None
    named = await _order(file, kind, part)
    return None if named is None else await _perform(file, *named)


async def _perform(file: File, operation: str, order: Order) -> tuple[str, Any] | None:
    situation, act = file.situation, ACTS[operation]
    try:
        async with file.database.unit_of_work() as session:
            plan = await quoted_acts.replan(session, situation, act, order)
            return operation, await quoted_acts.carry_out(session, situation, act, order, plan)
    except BackofficeError:
        return None


async def _order(file: File, kind: str, part: int) -> tuple[str, Order] | None:
    owner = {"subscriber_id": file.account.subscriber_id}
    if kind in ("return", "reverse"):
        return await _about_a_row(file, kind, part)
    if kind == "goodwill":
        return "goodwillCredit", GoodwillOrder(**owner, billing_account_id=file.account.id, amount_cents=part)
    if kind == "payment":
        received = {"means": PaymentMethodKind.TRANSFER, "reference": f"V{part}", "amount_cents": part * 3}
        return "payment", PaymentOrder(**owner, billing_account_id=file.account.id, **received)
    return await _about_an_invoice(file, kind, part)


async def _about_an_invoice(file: File, kind: str, part: int) -> tuple[str, Order]:
    invoice = file.invoices[part % 2]
    if kind == "correct":
        return "prorationCorrection", await _correction(file, invoice, part)
    cents = max(1, invoice.ttc_cents * part // 1000)
    about = {"subscriber_id": invoice.subscriber_id, "invoice_id": invoice.id, "reason": CreditReason.BILLING_ERROR}
    if kind == "refund":
        return "refund", RefundOrder(**about, amount_cents=cents)
    if kind == "days":
        ends_on = NOVEMBER.starts_on + timedelta(days=1 + part % 30)
        return "creditNote", CreditNoteOrder(**about, starts_on=NOVEMBER.starts_on, ends_on=ends_on)
    return "creditNote", CreditNoteOrder(**about, amount_cents=cents, to_balance=kind == "keep")


async def _correction(file: File, invoice: models.Invoice, part: int) -> ProrationCorrectionOrder:
    async with file.database.reading() as session:
        [line, *_] = await books.lines_of(session, invoice)
    days = timedelta(days=part % 30)
    return ProrationCorrectionOrder(
        subscriber_id=line.subscriber_id,
        invoice_line_id=line.id,
        served_from=NOVEMBER.starts_on,
        served_until=NOVEMBER.starts_on + days,
    )


async def _about_a_row(file: File, kind: str, part: int) -> tuple[str, Order] | None:
    """Return a payment, or take one of the credit notes back, whatever happened since."""
    model: Any = models.Payment if kind == "return" else models.CreditNote
    async with file.database.reading() as session:
        rows = (await session.execute(select(model).order_by(model.id))).scalars().all()
    if not rows:
        return None
    row = rows[part % len(rows)]
    if kind == "return":
        return "paymentReturn", PaymentReturnOrder(
            subscriber_id=row.subscriber_id, payment_id=row.id, return_code="AM04"
        )
    return "creditNoteReverse", CreditNoteReverseOrder(subscriber_id=row.subscriber_id, credit_note_id=row.id)


def _undo(operation: str, row: Any) -> tuple[str, Order] | None:
    """The typed inverse of what was just done; what the bank did has none, nor has an undo."""
    if operation not in _INVERSES:
        return None
    order, named = _INVERSES[operation]
    return f"{operation}Reverse", order(**{"subscriber_id": row.subscriber_id, named: row.id})


_INVERSES: dict[str, tuple[type[Order], str]] = {
    "refund": (RefundReverseOrder, "refund_id"),
    "creditNote": (CreditNoteReverseOrder, "credit_note_id"),
    "prorationCorrection": (ProrationCorrectionReverseOrder, "credit_note_id"),
    "goodwillCredit": (GoodwillReverseOrder, "goodwill_credit_id"),
    "payment": (PaymentReverseOrder, "payment_id"),
    "paymentReturn": (PaymentReturnReverseOrder, "payment_id"),
}


async def _send(file: File) -> None:
    """The bank takes every refund that waits, and the money leaves."""
    async with file.database.reading() as session:
        waiting = (
            (await session.execute(select(models.Refund).where(models.Refund.state == RefundState.APPROVED)))
            .scalars()
            .all()
        )
    for row in waiting:
        async with file.database.unit_of_work() as session:
            await refunds.sent(
                session,
                subscriber_id=row.subscriber_id,
                refund_id=row.id,
                reference=f"R{row.id}",
                at=file.situation.at,
                today=TODAY,
            )


async def _state(database: Database) -> dict[str, Any]:
    """The amounts, states and balances that an undo must bring back."""
    kept: dict[str, Any] = {}
    async with database.reading() as session:
        for model, names in _KEPT.items():
            for row in (await session.execute(select(model).order_by(model.id))).scalars():
                if getattr(row, "state", None) not in _UNDONE:
                    kept[f"{model.__name__} {row.id}"] = [getattr(row, name) for name in names]
        allocation = models.PaymentAllocation
        standing = select(allocation.payment_id, allocation.invoice_id, func.sum(allocation.amount_cents)).where(
            allocation.is_undone.is_(False)
        )
        grouped = standing.group_by(allocation.payment_id, allocation.invoice_id)
        kept["allocations"] = sorted(tuple(row) for row in await session.execute(grouped))
    return kept


_KEPT: dict[Any, tuple[str, ...]] = {
    models.BillingAccount: ("balance_cents",),
    models.Invoice: ("state", "paid_cents", "offset_cents", "credited_cents", "refunded_cents", "applied_cents"),
    models.InvoiceLine: ("credited_ht_cents", "credited_ttc_cents"),
    models.Payment: ("state", "refunded_cents"),
    models.Refund: ("state", "amount_cents"),
    models.GoodwillCredit: ("state", "amount_cents"),
}
_UNDONE = (models.PaymentState.CANCELLED, RefundState.CANCELLED, models.GoodwillState.REVERSED)
"""What was undone is history; it no longer stands."""


async def _length(database: Database) -> int:
    """How much history there is: postings and entries of the trail."""
    async with database.reading() as session:
        counts = [
            (await session.execute(select(func.count()).select_from(model))).scalar_one()
            for model in (models.LedgerPosting, models.AuditEntry)
        ]
    return sum(counts)
