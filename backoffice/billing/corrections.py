"""Derivations of credits of an issued line: unused days, an amount asked for, what was billed too much.

They are positive, as printed on a credit note, and read the issued line, never today's catalogue.
"""

from backoffice.billing.credits import CreditTooLarge
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.money import require_positive_or_zero
from backoffice.billing.periods import Period
from backoffice.billing.steps import Operator, Source

LINE = "issued-line-not-catalogue"
STANDING = "credit-capped-at-standing"
UNUSED = "unused-days-of-line"
REPLACED = "billed-less-correct"
MISSING = "correct-less-billed"


class NothingToCredit(ValueError):
    """The issued line billed no more than the correct amount."""

    def __init__(self, line_cents: int, correct_cents: int) -> None:
        super().__init__(
            f"The line of {line_cents} cents is not above the correct {correct_cents} cents, so there is "
            "nothing to credit: bill the difference on the next invoice instead."
        )
        self.line_cents = line_cents
        self.correct_cents = correct_cents


class NothingToCharge(ValueError):
    """The correct amount is no more than what was billed."""

    def __init__(self, billed_cents: int, correct_cents: int) -> None:
        super().__init__(
            f"The correct {correct_cents} cents are not above the {billed_cents} cents that were billed, so there is "
            "nothing to charge: credit the difference instead."
        )
        self.billed_cents = billed_cents
        self.correct_cents = correct_cents


def credit_days(
    *,
    line_cents: int,
    line: str,
    unused: Period,
    of: Period,
    already_credited_cents: int = 0,
    same_days_credited_cents: int = 0,
) -> Derived:
    """Credit the unused days of an issued line that covers `of`, at most what still stands on it.

    `already_credited_cents` is all that earlier credits took from the line: it only caps this one.
    The part of it that credited these very days, `same_days_credited_cents`, is taken off.
    Raises `EmptyPeriod`, `NegativeAmount` or `InexactAmount`.
    """
    draft = Draft()
    billed = _billed(draft, line_cents, line)
    days = draft.days(served=unused, of=of)
    rounded = draft.rounded(draft.combine(Operator.PRODUCT, billed, days, rule=UNUSED))
    rest = _less(draft, rounded, same_days_credited_cents)
    _cap(draft, rest, billed, already_credited_cents)
    return draft.finish()


def credit_amount(*, line_cents: int, line: str, asked_cents: int, already_credited_cents: int = 0) -> Derived:
    """Credit an amount that was asked for on an issued line.

    Raises `CreditTooLarge` above what still stands on it, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(asked_cents=asked_cents, already_credited_cents=already_credited_cents)
    draft = Draft()
    billed = _billed(draft, line_cents, line)
    standing_cents = max(0, line_cents - already_credited_cents)
    if asked_cents > standing_cents:
        raise CreditTooLarge(asked_cents, standing_cents)
    asked = draft.amount(Source.ASKED, asked_cents, rule=STANDING)
    standing = _less(draft, billed, already_credited_cents)
    draft.combine(Operator.MINIMUM, asked, standing, rule=STANDING)
    return draft.finish()


def credit_difference(
    *,
    line_cents: int,
    line: str,
    correct: Derived,
    already_credited_cents: int = 0,
    same_days_credited_cents: int = 0,
) -> Derived:
    """Credit what an issued line billed above the correct amount, at most what still stands on it.

    Earlier credits count as in `credit_days`: those for the same error are `same_days_credited_cents`.
    Raises `NothingToCredit`, `NegativeAmount` or `InexactAmount`.
    """
    draft = Draft()
    billed = _billed(draft, line_cents, line)
    if correct.cents >= line_cents:
        raise NothingToCredit(line_cents, correct.cents)
    excess = draft.combine(Operator.DIFFERENCE, billed, draft.include(correct), rule=REPLACED)
    rest = _less(draft, excess, same_days_credited_cents)
    # A correct amount below zero asks for more than the line ever billed: it is capped as well.
    _cap(draft, rest, billed, already_credited_cents, always=correct.cents < 0)
    return draft.finish()


def charge_difference(*, line_cents: int, line: str, correct: Derived, already_charged_cents: int = 0) -> Derived:
    """Charge what an issued line billed too little, less what was charged for it since.

    Raises `NothingToCharge`, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(already_charged_cents=already_charged_cents)
    if correct.cents <= line_cents + already_charged_cents:
        raise NothingToCharge(line_cents + already_charged_cents, correct.cents)
    draft = Draft()
    right = draft.include(correct)
    billed = [_billed(draft, line_cents, line)]
    if already_charged_cents:
        billed.append(draft.amount(Source.LINE, already_charged_cents, rule=LINE))
    draft.combine(Operator.DIFFERENCE, right, *billed, rule=MISSING)
    return draft.finish()


def _billed(draft: Draft, line_cents: int, line: str) -> int:
    require_positive_or_zero(line_cents=line_cents)
    return draft.amount(Source.LINE, line_cents, rule=LINE, reference=line)


def _cap(draft: Draft, index: int, billed: int, credited_cents: int, *, always: bool = False) -> None:
    require_positive_or_zero(already_credited_cents=credited_cents)
    if credited_cents or always:
        standing = _less(draft, billed, credited_cents)
        draft.combine(Operator.MINIMUM, index, standing, rule=STANDING)


def _less(draft: Draft, index: int, credited_cents: int) -> int:
    require_positive_or_zero(credited_cents=credited_cents)
    if not credited_cents:
        return index
    credited = draft.amount(Source.CREDITED, credited_cents, rule=STANDING)
    rest = draft.combine(Operator.DIFFERENCE, index, credited, rule=STANDING)
    if draft.value(rest) >= 0:
        return rest
    nothing = draft.amount(Source.NOTHING, 0, rule=STANDING)
    return draft.combine(Operator.MAXIMUM, rest, nothing, rule=STANDING)
