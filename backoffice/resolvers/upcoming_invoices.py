"""Invoices to come: the fields of a planned invoice, as the graph shows them."""

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from backoffice.billing import vat as rates_of_vat
from backoffice.billing.derivation import Derived
from backoffice.billing.encoding import JsonObject
from backoffice.billing.vat import VatSplit
from backoffice.fields import entity
from backoffice.models import BillingAccount, Contract, Language, LineKind, RunType
from backoffice.resolvers.context import Context, Info
from backoffice.services import upcoming
from backoffice.services.invoicing import BilledLine
from backoffice.services.upcoming import Upcoming


async def of_account(root: strawberry.Parent[BillingAccount], info: Info) -> Upcoming | None:
    """The next invoice of an account."""
    return await _read(info.context, root.subscriber_id, root.id)


async def of_contract(root: strawberry.Parent[Contract], info: Info) -> Upcoming | None:
    """The next invoice of the account that pays a contract, if there is something of the contract on it."""
    found = await _read(info.context, root.subscriber_id, root.billing_account_id)
    is_on_it = found and any(line.charge.contract_id == root.id for line in found.invoice.lines)
    return found if is_on_it else None


def issued_on(root: strawberry.Parent[Upcoming]) -> date:
    """The day of issue."""
    return root.invoice.issued_on


def due_on(root: strawberry.Parent[Upcoming]) -> date:
    """The due date."""
    return root.invoice.due_on


def starts_on(root: strawberry.Parent[Upcoming]) -> date:
    """The first day of its period."""
    return root.invoice.days.starts_on


def ends_on(root: strawberry.Parent[Upcoming]) -> date:
    """The first day after its period."""
    return root.invoice.days.ends_on


def run_type(root: strawberry.Parent[Upcoming]) -> RunType:
    """In the cycle or out of it."""
    return root.invoice.run_type


def lines(root: strawberry.Parent[Upcoming]) -> list[BilledLine]:
    """Its lines, in order."""
    return list(root.invoice.lines)


def rates(root: strawberry.Parent[Upcoming]) -> list[tuple[Decimal | None, VatSplit]]:
    """Its amounts by VAT rate, in order of appearance."""
    found = dict.fromkeys(line.charge.priced.rate for line in root.invoice.lines)
    return [
        (rate, rates_of_vat.total(line.split for line in root.invoice.lines if line.charge.priced.rate == rate))
        for rate in found
    ]


def total_ht(root: strawberry.Parent[Upcoming]) -> int:
    """The total without VAT."""
    return root.invoice.total.ht_cents


def total_vat(root: strawberry.Parent[Upcoming]) -> int:
    """The VAT."""
    return root.invoice.total.vat_cents


def total_ttc(root: strawberry.Parent[Upcoming]) -> int:
    """The total with VAT."""
    return root.invoice.total.ttc_cents


def carried_credit(root: strawberry.Parent[Upcoming]) -> int:
    """What the account's credit will pay."""
    return root.carried_credit_cents


def due(root: strawberry.Parent[Upcoming]) -> int:
    """What will be left to pay."""
    return root.due_cents


def left_over(root: strawberry.Parent[Upcoming]) -> int:
    """Credits that wait for a later invoice."""
    return -sum(each.ttc_cents for each in root.invoice.carried)


def kind(root: strawberry.Parent[BilledLine]) -> LineKind:
    """What a line is about."""
    return root.charge.kind


def label(root: strawberry.Parent[BilledLine]) -> str:
    """The text of a line."""
    return root.charge.priced.label


def line_starts_on(root: strawberry.Parent[BilledLine]) -> date | None:
    """The first day of a line."""
    days = root.charge.priced.days
    return days.starts_on if days else None


def line_ends_on(root: strawberry.Parent[BilledLine]) -> date | None:
    """The first day after a line."""
    days = root.charge.priced.days
    return days.ends_on if days else None


def quantity(root: strawberry.Parent[BilledLine]) -> int:
    """How many."""
    return root.charge.priced.quantity


def unit_price(root: strawberry.Parent[BilledLine]) -> int:
    """The price of one for a whole period."""
    return root.charge.priced.unit_cents


def vat_rate(root: strawberry.Parent[BilledLine]) -> Decimal | None:
    """The VAT rate of a line."""
    return root.charge.priced.rate


def ht(root: strawberry.Parent[BilledLine]) -> int:
    """A line without VAT."""
    return root.split.ht_cents


def vat(root: strawberry.Parent[BilledLine]) -> int:
    """The VAT of a line."""
    return root.split.vat_cents


def ttc(root: strawberry.Parent[BilledLine]) -> int:
    """A line with VAT."""
    return root.split.ttc_cents


def derivation(root: strawberry.Parent[BilledLine]) -> JsonObject:
    """How a line comes about, as data."""
    return root.derivation


def explanation(root: strawberry.Parent[BilledLine], info: Info, language: Language = Language.FR) -> list[str]:
    """How a line comes about, as sentences."""
    return Derived.from_json(root.derivation).explain(language.lower(), currency=info.context.currency)


async def contract(root: strawberry.Parent[BilledLine], info: Info) -> Any:
    """The contract of a line."""
    contract_id = root.charge.contract_id
    if contract_id is None:
        return None
    return await info.context.loaders.row(entity("Contract")).load((root.subscriber_id, contract_id))


async def _read(context: Context, subscriber_id: int, account_id: int) -> Upcoming | None:
    async with context.database.reading() as session:
        return await upcoming.read(
            session, subscriber_id=subscriber_id, account_id=account_id, today=context.moment.today
        )
