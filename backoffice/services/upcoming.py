"""The next invoice of an account, before it is issued: what the billing run will plan on that day, planned today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy as policies
from backoffice.models import BillingAccount, Invoice
from backoffice.services import billing_facts, billing_run_records, charges, credit_applications, invoicing
from backoffice.services.billing_facts import AccountFacts
from backoffice.services.invoicing import InvoicePlan
from backoffice.services.tariffs import Tariff


@dataclass(frozen=True, slots=True)
class Upcoming:
    """The next invoice, and the part of it that the account's credit will pay, in cents."""

    invoice: InvoicePlan
    carried_credit_cents: int

    @property
    def due_cents(self) -> int:
        """What will be left to pay."""
        return self.invoice.total.ttc_cents - self.carried_credit_cents


async def read(session: AsyncSession, *, subscriber_id: int, account_id: int, today: date) -> Upcoming | None:
    """The next invoice of an account as things stand; None when nothing will be billed."""
    facts, tariff = await known(session, subscriber_id=subscriber_id, account_id=account_id)
    if facts is None:
        return None
    first_on = await first_day(session, today)
    invoice = plan(facts, tariff, first_on=first_on)
    if invoice is None:
        return None
    account = await session.get_one(BillingAccount, {"subscriber_id": subscriber_id, "id": account_id})
    issued = await credit_applications.invoices(session, account)
    return Upcoming(invoice, _carried(issued, invoice, balance_cents=account.balance_cents))


def _carried(issued: Sequence[Invoice], invoice: InvoicePlan, *, balance_cents: int) -> int:
    """What the account's credit will leave for the next invoice once it has paid those that are due before."""
    before = (each for each in issued if each.due_on <= invoice.due_on)
    credit_cents = credit_applications.credit_cents(list(issued), balance_cents=balance_cents)
    left_cents = credit_cents - sum(max(0, each.gross_due_cents) for each in before)
    return min(max(0, left_cents), invoice.total.ttc_cents)


async def known(session: AsyncSession, *, subscriber_id: int, account_id: int) -> tuple[AccountFacts | None, Tariff]:
    """What billing knows of an account, and the prices of all that it has: change the facts to see what would be billed."""
    found = await billing_facts.read(session, [subscriber_id], account_id=account_id)
    tariff = Tariff()
    await tariff.prices.read(session, {offer_id for account in found for offer_id in account.offer_ids})
    return next(iter(found), None), tariff


async def first_day(session: AsyncSession, today: date) -> date:
    """The first day that can still be billed: tomorrow, once today has been."""
    finished_on = await billing_run_records.last_finished_on(session)
    return max(today, finished_on + timedelta(days=1)) if finished_on else today


def plan(facts: AccountFacts, tariff: Tariff, *, first_on: date) -> InvoicePlan | None:
    """The first invoice of an account from a day on."""
    days = {each.billable_from for each in facts.waiting}
    for contract in facts.contracts:
        days.update(charges.due_days(contract, tariff))
    for day in sorted({max(day, first_on) for day in days}):
        invoice = invoicing.plan(facts, tariff, on=day, policy=policies.in_force(day)).invoice
        if invoice is not None:
            return invoice
    return None
