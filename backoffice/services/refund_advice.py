"""What may be given back of an issued line or of a payment, worked out from what the rows hold.

Advice refuses nothing and writes nothing: the rules are the operator's dated data, the ceilings those of its policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing import advice
from backoffice.billing.advice import Advice
from backoffice.billing.claims import IssuedLine, Request
from backoffice.billing.derivation import Derived
from backoffice.billing.periods import Period
from backoffice.billing.policies import NoRefundRule
from backoffice.errors import BackofficeError, BadInput
from backoffice.models import CreditReason, InvoiceLine, LineKind, Payment, PaymentState
from backoffice.policy import Policy
from backoffice.services import (
    amounts,
    billed_lines,
    credit_notes,
    money_back,
    proration_corrections,
    right_lines,
    standing,
)
from backoffice.services.billed_lines import BilledLine, LineNotCorrectable
from backoffice.services.credit_notes import DaysOutsideLine

_ERRORS = (CreditReason.BILLING_ERROR, CreditReason.PRORATION_ERROR)
_OF_CONTRACT = (LineKind.SUBSCRIPTION, LineKind.OPTION, LineKind.FEE, LineKind.DEPOSIT)
"""Lines whose right amount the contract tells alone; a proration depends on the lines that it changes."""
_ONE_DAY = timedelta(days=1)


class LineGivesBack(BackofficeError):
    """The line is itself a credit."""

    code = "NOTHING_TO_CREDIT"

    def __init__(self) -> None:
        super().__init__("This line gives something back itself: choose a line that charges.", field="invoiceLineId")


class NoRuleForReason(BackofficeError):
    """The operator's rules say nothing about the reason."""

    code = "NO_REFUND_RULE"

    def __init__(self, missing: NoRefundRule) -> None:
        super().__init__(str(missing), field="reason")
        self.known = missing.known


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked back, on which day, under which policy; the days are [unused_from, unused_until)."""

    reason: CreditReason
    today: date
    policy: Policy
    unused_from: date | None = None
    unused_until: date | None = None
    asked_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Advised:
    """The advice, and the days that it took for unused."""

    advice: Advice
    unused: Period | None = None


async def of_line(session: AsyncSession, line: InvoiceLine, question: Question) -> Advised:
    """Advice on an issued line. Raises NotFound, LineGivesBack, DaysOutsideLine, BadInput and AmountRefused."""
    if line.ttc_cents <= 0:
        raise LineGivesBack
    stands = await credit_notes.require_standing(session, subscriber_id=line.subscriber_id, invoice_id=line.invoice_id)
    billed = await billed_lines.read(session, line, stands.invoice, offers=())
    unused = _given_days(billed, question) or _known_days(billed, question.reason)
    correct, same_cents = await _correct(session, billed, question.reason)
    if unused is not None:
        same_cents = await credit_notes.same_days(session, line, unused, changed=stands.changed.get(line.id, ()))
    paid = await money_back.read(session, subscriber_id=line.subscriber_id, invoice_id=line.invoice_id)
    issued = IssuedLine(
        reference=standing.reference(stands.invoice, line),
        ttc_cents=line.ttc_cents,
        period=billed.days,
        credited_cents=line.ttc_cents - stands.of_line(line),
        paid_on=paid.oldest_on(),
    )
    return Advised(_advise(issued, question, unused=unused, correct=correct, same_cents=same_cents), unused)


def of_payment(payment: Payment, question: Question) -> Advised:
    """Advice on a payment as a whole; nothing stands of one that failed or was returned. Raises as `of_line` does."""
    if question.unused_from or question.unused_until:
        raise BadInput("A payment is about no days: ask about a line of its invoices.", field="unusedFrom")
    is_in = payment.state is PaymentState.CAPTURED and payment.captured_at is not None
    issued = IssuedLine(
        reference=payment.reference,
        ttc_cents=payment.amount_cents,
        credited_cents=payment.refunded_cents if is_in else payment.amount_cents,
        paid_on=payment.captured_at.date() if is_in and payment.captured_at else None,
    )
    return Advised(_advise(issued, question))


def _advise(
    issued: IssuedLine,
    question: Question,
    *,
    unused: Period | None = None,
    correct: Derived | None = None,
    same_cents: int = 0,
) -> Advice:
    if question.asked_cents is not None:
        amounts.require_positive(question.asked_cents, policy=question.policy, field="asked")
    request = Request(question.reason, unused, correct, question.asked_cents, same_cents)
    try:
        return advice.advise(issued, request, today=question.today, ceilings=_levels(question.policy))
    except NoRefundRule as missing:
        raise NoRuleForReason(missing) from missing


def _levels(policy: Policy) -> Mapping[str, int]:
    """The ceilings by role, the lowest first."""
    return {role.value: cents for role, cents in sorted(policy.ceilings.items(), key=lambda each: each[1])}


def _given_days(billed: BilledLine, question: Question) -> Period | None:
    """The days that were asked about, which must be the line's."""
    days = billed.days
    if question.unused_from is None and question.unused_until is None:
        return None
    if days is None:
        raise BadInput("This line is about no days: ask without 'unusedFrom'.", field="unusedFrom")
    starts_on, ends_on = question.unused_from or days.starts_on, question.unused_until or days.ends_on
    if not days.starts_on <= starts_on < ends_on <= days.ends_on:
        raise DaysOutsideLine(days.starts_on, days.ends_on, "unusedFrom" if question.unused_from else "unusedUntil")
    return Period(starts_on, ends_on)


def _known_days(billed: BilledLine, reason: CreditReason) -> Period | None:
    """The days that the rows tell: after the last use, without service, or after the contract's end."""
    days = billed.days
    if days is None or billed.agreement is None:
        return None
    if reason is CreditReason.UNDUE_SUSPENSION:
        return next(filter(None, (cut.intersect(days) for cut in billed.suspended)), None)
    first_on = billed.agreement.contract.ends_on if reason is CreditReason.TERMINATION else None
    item = billed.item()
    if reason is CreditReason.UNUSED_OPTION and item is not None and item.last_used_on is not None:
        first_on = item.last_used_on + _ONE_DAY
    return Period(max(first_on, days.starts_on), days.ends_on) if first_on and first_on < days.ends_on else None


async def _correct(session: AsyncSession, billed: BilledLine, reason: CreditReason) -> tuple[Derived | None, int]:
    """What the contract says of a line that is said to be wrong, and what was credited of that error; None: not known."""
    if reason not in _ERRORS or billed.line.kind not in _OF_CONTRACT:
        return None, 0
    try:
        right = right_lines.of_contract(billed)
    except LineNotCorrectable:
        return None, 0
    return right.derived, await proration_corrections.same_error(session, billed.line, right)
