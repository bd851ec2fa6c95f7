"""Advice on refunds: an id, a reason and days become what may be given back, and who decides."""

from datetime import date
from typing import Any, Protocol

import strawberry

from backoffice import policy
from backoffice.billing.caution_phrases import PHRASES
from backoffice.billing.cautions import Caution
from backoffice.billing.derivation import Derived
from backoffice.billing.encoding import JsonObject
from backoffice.errors import BadInput
from backoffice.models import CreditReason, Language
from backoffice.permissions import Role
from backoffice.resolvers import files, ids
from backoffice.resolvers.context import Context, Info
from backoffice.services import amounts, refund_advice
from backoffice.services.amounts import NotCents
from backoffice.services.refund_advice import Advised, Question


class AdviceInput(Protocol):
    """A line or a payment, the reason, and what is known of the request."""

    invoice_line_id: Any
    payment_id: Any
    reason: CreditReason
    unused_from: date | None
    unused_until: date | None
    asked: Any


async def advised(context: Context, given: AdviceInput) -> Advised:
    """What may be given back; raises NotFound, BadInput, AmountRefused and what the services refuse. It is logged."""
    if (given.invoice_line_id is None) == (given.payment_id is None):
        raise BadInput("Give either 'invoiceLineId' or 'paymentId'.", field="invoiceLineId")
    question = _question(context, given)
    if given.payment_id is not None:
        payment = await ids.row(context, given.payment_id, of="Payment", field="paymentId")
        await files.opened(context, payment.subscriber_id)
        return refund_advice.of_payment(payment, question)
    line = await ids.row(context, given.invoice_line_id, of="InvoiceLine", field="invoiceLineId")
    await files.opened(context, line.subscriber_id)
    async with context.database.reading() as session:
        return await refund_advice.of_line(session, line, question)


def reason(root: strawberry.Parent[Advised]) -> CreditReason:
    """The reason that was given."""
    return CreditReason(root.advice.reason)


def least(root: strawberry.Parent[Advised]) -> int:
    """What is owed."""
    return root.advice.least_cents


def most(root: strawberry.Parent[Advised]) -> int:
    """What may be given back at most."""
    return root.advice.most_cents


def proposed(root: strawberry.Parent[Advised]) -> Derived | None:
    """What is proposed."""
    return root.advice.proposed


def decided_by(root: strawberry.Parent[Advised]) -> Role | None:
    """Who decides the proposal."""
    return _role(root.advice.decided_by)


def most_decided_by(root: strawberry.Parent[Advised]) -> Role | None:
    """Who decides the most."""
    return _role(root.advice.most_decided_by)


def rules(root: strawberry.Parent[Advised]) -> list[str]:
    """The rules that were applied."""
    return list(root.advice.rules)


def reference(root: strawberry.Parent[Advised]) -> str:
    """The article, or the operator's own rule."""
    return root.advice.reference


def warnings(root: strawberry.Parent[Advised]) -> list[Caution]:
    """What to look at first."""
    return list(root.advice.warnings)


def unused_from(root: strawberry.Parent[Advised]) -> date | None:
    """The first day that was taken for unused."""
    return root.unused.starts_on if root.unused else None


def unused_until(root: strawberry.Parent[Advised]) -> date | None:
    """The first day that was not any more."""
    return root.unused.ends_on if root.unused else None


def amount(root: strawberry.Parent[Derived]) -> int:
    """The proposed amount."""
    return root.cents


def derivation(root: strawberry.Parent[Derived]) -> JsonObject:
    """How it comes about, as data."""
    return root.to_json()


def explanation(root: strawberry.Parent[Derived], info: Info, language: Language = Language.FR) -> list[str]:
    """How it comes about, as sentences."""
    return root.explain(language.lower(), currency=info.context.currency)


def code(root: strawberry.Parent[Caution]) -> Caution:
    """The warning itself."""
    return root


def message(root: strawberry.Parent[Caution], language: Language = Language.FR) -> str:
    """The warning in words."""
    return PHRASES[language.lower()][root]


def _question(context: Context, given: AdviceInput) -> Question:
    today = context.moment.today
    in_force = policy.in_force(today)
    if isinstance(given.asked, NotCents):
        raise amounts.not_cents(given.asked, policy=in_force, field="asked")
    return Question(given.reason, today, in_force, given.unused_from, given.unused_until, given.asked)


def _role(level: str | None) -> Role | None:
    return Role(level) if level is not None else None
