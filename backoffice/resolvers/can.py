"""What the viewer may do with an object."""

from typing import Any

import strawberry

from backoffice.fields import entity
from backoffice.fields.declare import Expression
from backoffice.models import (
    BillingAccount,
    ChangeOrder,
    ContractItem,
    CreditNote,
    GoodwillCredit,
    InvoiceLine,
    Payment,
    PaymentMethodKind,
    Refund,
    Subscriber,
)
from backoffice.resolvers import quoted_acts
from backoffice.resolvers.context import Context, Info
from backoffice.services import abilities, contract_abilities, money_abilities, payment_abilities

_NO_TICKETS = (InvoiceLine, CreditNote, Refund, BillingAccount, Payment, GoodwillCredit, ContractItem, ChangeOrder)
"""What no ticket is about by itself."""


async def can(root: strawberry.Parent[Any], info: Info) -> list[abilities.Ability]:
    """The actions on this object; what they are depends on the subscriber whose it is, too."""
    context, owner = info.context, root
    if not isinstance(root, Subscriber):
        owner = await context.loaders.row(entity("Subscriber")).load((root.subscriber_id, root.subscriber_id))
    tickets = [] if isinstance(root, _NO_TICKETS) else abilities.of(context.viewer, root, owner=owner)
    is_reversed = isinstance(root, CreditNote) and await _is_reversed(context, root)
    situation = quoted_acts.situation(context)
    money = money_abilities.of(situation, root, owner=owner, is_reversed=is_reversed)
    payments = await _of_payments(context, money_abilities.Judge(situation, owner), root)
    return [*tickets, *money, *payments, *contract_abilities.of(situation, root, owner=owner)]


async def _of_payments(context: Context, judge: money_abilities.Judge, row: Any) -> list[abilities.Ability]:
    match row:
        case BillingAccount():
            left_cents = await _computed(context, "BillingAccount", "goodwill_left", row)
            return payment_abilities.of_account(judge, goodwill_left_cents=left_cents)
        case Payment():
            means = await _means(context, row)
            return payment_abilities.of_payment(judge, state=row.state, means=means, refunded_cents=row.refunded_cents)
        case GoodwillCredit():
            return payment_abilities.of_goodwill(judge, state=row.state, cents=row.amount_cents)
        case _:
            return []


async def _means(context: Context, payment: Payment) -> PaymentMethodKind | None:
    if payment.means or payment.payment_method_id is None:
        return payment.means
    key = (payment.subscriber_id, payment.payment_method_id)
    method = await context.loaders.row(entity("PaymentMethod")).load(key)
    return method.kind if method else None


async def _is_reversed(context: Context, note: CreditNote) -> bool:
    return bool(await _computed(context, "CreditNote", "is_reversed", note))


async def _computed(context: Context, of: str, name: str, row: Any) -> Any:
    """The value of a field of `row` that the database computes."""
    declared = entity(of).declared(name)
    assert isinstance(declared, Expression), "a computed field is read by an expression"
    return await context.loaders.value(entity(of), name, declared).load((row.subscriber_id, row.id))
