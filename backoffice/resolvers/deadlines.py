"""Deadlines: the rows that start legal clocks, loaded together for all rows of a page."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import strawberry

from backoffice.billing.deadlines import Deadline, DeadlineKind
from backoffice.billing.periods import civil_day
from backoffice.fields import entity
from backoffice.fields.declare import complete
from backoffice.models import Contract, CreditReason, Invoice, Payment, Refund, Ticket
from backoffice.resolvers import read
from backoffice.resolvers.context import Context, Info
from backoffice.resolvers.loaders import Key
from backoffice.resolvers.pages import PageQuery
from backoffice.services import deadlines
from backoffice.services.deadlines import Agreed


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline, and the day on which it is read."""

    deadline: Deadline
    on: date


async def of_contract(root: strawberry.Parent[Contract], info: Info) -> list[Clock]:
    """The clocks of a contract."""
    context, contract = info.context, entity("Contract")
    key = (root.subscriber_id, root.id)
    subscriber, items, promotions, history = await asyncio.gather(
        context.loaders.row(entity("Subscriber")).load((root.subscriber_id, root.subscriber_id)),
        _all(context, contract.declared("items"), key),
        _all(context, contract.declared("promotions"), key),
        _all(context, contract.declared("history"), key),
    )
    offer_ids = sorted({item.offer_id for item in items})
    prices = await asyncio.gather(
        *(_all(context, entity("Offer").declared("prices"), (0, offer_id)) for offer_id in offer_ids)
    )
    agreed = Agreed(root, subscriber.kind, items, promotions, dict(zip(offer_ids, prices, strict=True)), history)
    return _today(context, deadlines.of_contract(agreed, zone=context.moment.zone))


def of_invoice(root: strawberry.Parent[Invoice], info: Info) -> list[Clock]:
    """The clocks of an invoice."""
    return _today(info.context, deadlines.of_invoice(root))


async def of_payment(root: strawberry.Parent[Payment], info: Info) -> list[Clock]:
    """The clocks of a payment."""
    context, means = info.context, root.means
    if means is None and root.payment_method_id is not None:
        method = await context.loaders.row(entity("PaymentMethod")).load((root.subscriber_id, root.payment_method_id))
        means = method.kind if method else None
    return _today(context, deadlines.of_payment(root, means, zone=context.moment.zone))


async def of_refund(root: strawberry.Parent[Refund], info: Info) -> list[Clock]:
    """The clocks of a refund."""
    context = info.context
    contract_id = await _contract_id(context, root) if root.reason is CreditReason.WITHDRAWAL else None
    history: Sequence[Any] = ()
    if contract_id is not None:
        history = await _all(context, entity("Contract").declared("history"), (root.subscriber_id, contract_id))
    return _today(context, deadlines.of_refund(root, history, zone=context.moment.zone))


async def of_ticket(root: strawberry.Parent[Ticket], info: Info) -> list[Clock]:
    """The clock of a claim about an invoice, read on the day on which it was made."""
    context = info.context
    invoice_id = await _invoice_id(context, root)
    if invoice_id is None:
        return []
    allocations = await _all(context, entity("Invoice").declared("allocations"), (root.subscriber_id, invoice_id))
    rows = context.loaders.row(entity("Payment"))
    payments = await rows.load_many(
        [(root.subscriber_id, each.payment_id) for each in allocations if not each.is_undone]
    )
    found = deadlines.of_claim(filter(None, payments), zone=context.moment.zone)
    made_on = civil_day(root.opened_at, context.moment.zone)
    return [Clock(deadline, made_on) for deadline in found]


def kind(root: strawberry.Parent[Clock]) -> DeadlineKind:
    """What has to happen."""
    return root.deadline.kind


def due_on(root: strawberry.Parent[Clock]) -> date:
    """The last day in time."""
    return root.deadline.due_on


def opens_on(root: strawberry.Parent[Clock]) -> date | None:
    """The first day in time."""
    return root.deadline.opens_on


def rule(root: strawberry.Parent[Clock]) -> str:
    """The rule."""
    return root.deadline.rule


def reference(root: strawberry.Parent[Clock]) -> str:
    """The article."""
    return root.deadline.reference


def is_assumed(root: strawberry.Parent[Clock]) -> bool:
    """Whether nobody has checked the article yet."""
    return root.deadline.is_assumed


def is_past(root: strawberry.Parent[Clock]) -> bool:
    """Whether the last day is over."""
    return root.deadline.is_past(root.on)


async def _invoice_id(context: Context, ticket: Ticket) -> int | None:
    if ticket.invoice_id is not None or ticket.invoice_line_id is None:
        return ticket.invoice_id
    line = await context.loaders.row(entity("InvoiceLine")).load((ticket.subscriber_id, ticket.invoice_line_id))
    return line.invoice_id if line else None


async def _contract_id(context: Context, refund: Refund) -> int | None:
    """The contract that a refund is about: that of the first line which its credit note takes back."""
    if refund.credit_note_id is None:
        return None
    note = (refund.subscriber_id, refund.credit_note_id)
    taken = await _all(context, entity("CreditNote").declared("lines"), note)
    if not taken:
        return None
    line = await context.loaders.row(entity("InvoiceLine")).load((refund.subscriber_id, taken[0].invoice_line_id))
    return line.contract_id if line else None


async def _all(context: Context, relation: Any, key: Key) -> Sequence[Any]:
    """The rows of a relation, as many as its largest page holds."""
    query = PageQuery(first=relation.page.largest, order=complete(entity(relation.target), relation.order))
    return (await read.page(relation, query, key, context)).rows


def _today(context: Context, found: list[Deadline]) -> list[Clock]:
    return [Clock(deadline, context.moment.today) for deadline in found]
