"""What speaks against a refund, or has to be looked at first: warnings, never refusals."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from backoffice.billing import deadlines
from backoffice.billing.claims import IssuedLine, Request
from backoffice.billing.policies import Allowance, RefundRule


class Caution(StrEnum):
    """What to look at before giving money back."""

    CLAIM_OLDER_THAN_A_YEAR = "CLAIM_OLDER_THAN_A_YEAR"
    NOT_PAID = "NOT_PAID"
    ALREADY_CREDITED = "ALREADY_CREDITED"
    DAYS_ALREADY_CREDITED = "DAYS_ALREADY_CREDITED"
    NOTHING_STANDS = "NOTHING_STANDS"
    DAYS_UNKNOWN = "DAYS_UNKNOWN"
    CORRECT_AMOUNT_UNKNOWN = "CORRECT_AMOUNT_UNKNOWN"
    BILLED_NO_MORE_THAN_CORRECT = "BILLED_NO_MORE_THAN_CORRECT"
    PROOF_NEEDED = "PROOF_NEEDED"
    RULE_ASSUMED = "RULE_ASSUMED"
    ASKED_ABOVE_MOST = "ASKED_ABOVE_MOST"


def cautions(
    rule: RefundRule, line: IssuedLine, request: Request, *, most_cents: int, today: date
) -> Iterator[Caution]:
    """What an agent should know of a request, on its day, before giving back up to `most_cents`."""
    if line.paid_on is None:
        yield Caution.NOT_PAID
    elif deadlines.claim(line.paid_on).is_past(today):
        yield Caution.CLAIM_OLDER_THAN_A_YEAR
    if line.credited_cents:
        yield Caution.ALREADY_CREDITED if line.standing_cents else Caution.NOTHING_STANDS
    if request.same_credited_cents:
        yield Caution.DAYS_ALREADY_CREDITED
    if rule.proposed is Allowance.UNUSED_DAYS and not (request.unused and line.period):
        yield Caution.DAYS_UNKNOWN
    if rule.proposed is Allowance.DIFFERENCE:
        yield from _doubts(line, request)
    if rule.needs_proof:
        yield Caution.PROOF_NEEDED
    if rule.is_assumed:
        yield Caution.RULE_ASSUMED
    if request.asked_cents is not None and request.asked_cents > most_cents:
        yield Caution.ASKED_ABOVE_MOST


def _doubts(line: IssuedLine, request: Request) -> Iterator[Caution]:
    if request.correct is None:
        yield Caution.CORRECT_AMOUNT_UNKNOWN
    elif request.correct.cents >= line.ttc_cents:
        yield Caution.BILLED_NO_MORE_THAN_CORRECT
