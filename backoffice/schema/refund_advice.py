"""Advice on refunds in the graph: what may be given back, who decides it, and why."""

from datetime import date

import strawberry

from backoffice import models, permissions
from backoffice.billing.cautions import Caution
from backoffice.permissions import Capability
from backoffice.resolvers import refund_advice as resolve
from backoffice.resolvers.context import Info
from backoffice.schema.access import plain, see, value
from backoffice.schema.scalars import JSON, Cents, Money

strawberry.enum(Caution, name="AdviceCaution", description="What to look at before giving money back.")


@strawberry.input(description="A line or a payment, the reason, and what is known of the request.")
class RefundAdviceInput:
    reason: models.CreditReason
    invoice_line_id: strawberry.ID | None = None
    payment_id: strawberry.ID | None = None
    unused_from: date | None = strawberry.field(
        default=None, description="The first unused day; none: what the platform and the contract tell."
    )
    unused_until: date | None = strawberry.field(
        default=None, description="The first day that is no longer concerned; none: the end of the line."
    )
    asked: Cents | None = strawberry.field(default=None, description="What the subscriber asks for.")


@value
class ProposedRefund:
    """The amount that the rules propose."""

    amount: Money = plain("How much.", by=resolve.amount)
    derivation: JSON = plain("How it comes about, as data.", by=resolve.derivation)
    explanation: list[str] = plain("How it comes about, as sentences.", by=resolve.explanation)


@value
class AdviceWarning:
    """Something to look at first; the advice holds all the same."""

    code: Caution = plain("Stable, for programs.", by=resolve.code)
    message: str = plain("For people.", by=resolve.message)


@value
class RefundAdvice:
    """What may be given back for a reason, by the operator's rules of today. It promises nothing: the acts decide."""

    reason: models.CreditReason = plain("The reason that was given.", by=resolve.reason)
    least: Money = plain("What is owed; nothing where it is a gift.", by=resolve.least)
    most: Money = plain("What may be given back at most.", by=resolve.most)
    proposed: ProposedRefund | None = plain("What the rule proposes; none without the facts.", by=resolve.proposed)
    unused_from: date | None = plain("The first day that was taken for unused.", by=resolve.unused_from)
    unused_until: date | None = plain("The first day that was not any more.", by=resolve.unused_until)
    decided_by: permissions.Role | None = plain("Who may decide the proposal alone.", by=resolve.decided_by)
    most_decided_by: permissions.Role | None = plain("Who may decide the most alone.", by=resolve.most_decided_by)
    rules: list[str] = plain("The identifiers of the rules that were applied.", by=resolve.rules)
    reference: str = plain("The article, or the operator's own rule.", by=resolve.reference)
    warnings: list[AdviceWarning] = plain("What to look at first.", by=resolve.warnings)


async def _advice(info: Info, input: RefundAdviceInput) -> RefundAdvice | None:  # noqa: A002 - the name in the graph
    found: object = await resolve.advised(info.context, input)
    return found  # type: ignore[return-value]  # its fields read it themselves


@strawberry.type
class RefundAdvices:
    """What may be given back."""

    refund_advice: RefundAdvice | None = see(
        Capability.BILLING_READ,
        "What may be given back of a line or a payment, within which range, and who may decide it. Logged.",
        by=_advice,
    )
