"""Credits of an account without a contract: a credit note takes the place of the invoice that will not come."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from backoffice import models
from backoffice.billing import lines
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.models import ContractState, CreditReason, InvoiceState, LedgerAccount, LineKind, PostingKind
from backoffice.services import final_credits, postings, verification
from backoffice.services.final_credits import Outcome
from tests import factories, subscriptions
from tests.factories import NOW, TODAY
from tests.subscriptions import TV

_NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))


async def create_leaver(session: Any, *, state: ContractState, credit_cents: int) -> models.ExtraCharge:
    """November at 30.00, unpaid, and a credit that waits for some of its days."""
    offer = await subscriptions.create_offer(session, "TV", 3000)
    account = await factories.create_account(session, await factories.create_subscriber(session))
    contract = await subscriptions.create_contract(session, account, offer, state=state, ends_on=date(2026, 11, 16))
    item = (await session.scalars(select(models.ContractItem))).one()
    invoice = await factories.create_invoice(session, account, number="X1", ht_cents=2727, vat_cents=273)
    derived = lines.full_price(full_cents=3000, price_version="TV", period=_NOVEMBER)
    await factories.create_line(
        session,
        invoice,
        kind=LineKind.SUBSCRIPTION,
        contract_id=contract.id,
        contract_item_id=item.id,
        starts_on=_NOVEMBER.starts_on,
        ends_on=_NOVEMBER.ends_on,
        unit_cents=3000,
        vat_rate=TV,
        ht_cents=2727,
        vat_cents=273,
        ttc_cents=3000,
        derivation=derived.to_json(),
    )
    account = await postings.lock(session, subscriber_id=account.subscriber_id, account_id=account.id)
    await postings.post(
        session,
        account=account,
        kind=PostingKind.INVOICE,
        document_id=invoice.id,
        document_number=invoice.number,
        entries={LedgerAccount.RECEIVABLE: 3000, LedgerAccount.REVENUE: -2727, LedgerAccount.VAT: -273},
        at=NOW,
        today=_NOVEMBER.starts_on,
    )
    return await subscriptions.create_waiting(
        session,
        account,
        kind=LineKind.PRORATION,
        ttc_cents=credit_cents,
        vat_rate=TV,
        contract_id=contract.id,
        contract_item_id=item.id,
        starts_on=date(2026, 11, 16),
        ends_on=_NOVEMBER.ends_on,
    )


class TestIssue:
    async def test_credits_the_line_that_was_billed(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            waiting = await create_leaver(session, state=ContractState.TERMINATED, credit_cents=-1500)

        first = await final_credits.issue(database, on=TODAY, at=NOW)
        second = await final_credits.issue(database, on=TODAY, at=NOW)

        async with database.snapshot() as session:
            note = (await session.scalars(select(models.CreditNote))).one()
            invoice = (await session.scalars(select(models.Invoice))).one()
            charge = await session.get_one(
                models.ExtraCharge, {"subscriber_id": waiting.subscriber_id, "id": waiting.id}
            )
            faults = [fault async for fault in verification.faults(session)]
        assert (first, second) == (Outcome(notes=1), Outcome())
        assert (note.reason, note.ht_cents, note.ttc_cents) == (CreditReason.TERMINATION, 1364, 1500)
        assert (invoice.due_cents, invoice.state) == (1500, InvoiceState.PARTIALLY_PAID)
        assert charge.cancelled_at == NOW
        assert faults == []

    @pytest.mark.parametrize(
        ("state", "credit_cents"),
        [(ContractState.ACTIVE, -1500), (ContractState.SUSPENDED, -1500)],
    )
    async def test_leaves_what_an_invoice_will_take(
        self, database: Database, state: ContractState, credit_cents: int
    ) -> None:
        async with database.unit_of_work() as session:
            await create_leaver(session, state=state, credit_cents=credit_cents)

        assert await final_credits.issue(database, on=TODAY, at=NOW) == Outcome()

    async def test_credits_what_fits_and_leaves_the_rest(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            whole = await create_leaver(session, state=ContractState.TERMINATED, credit_cents=-3001)

        first = await final_credits.issue(database, on=TODAY, at=NOW)
        second = await final_credits.issue(database, on=TODAY, at=NOW)

        async with database.snapshot() as session:
            note = (await session.scalars(select(models.CreditNote))).one()
            charges = (await session.scalars(select(models.ExtraCharge).order_by(models.ExtraCharge.id))).all()
            [entry] = (await session.scalars(select(models.AuditEntry))).all()
            faults = [fault async for fault in verification.faults(session)]
        assert (first, second) == (Outcome(notes=1, left=1), Outcome(left=1))
        assert note.ttc_cents == 3000
        assert {charge.ttc_cents: charge.cancelled_at for charge in charges} == {-3001: NOW, -1: None}
        assert (entry.operation, entry.subscriber_id) == ("finalCredit", whole.subscriber_id)
        assert faults == []
