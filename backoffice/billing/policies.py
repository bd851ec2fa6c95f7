"""What the operator gives back for which reason: dated data, to be replaced by an operator's own.

A rule says what is proposed for a line, how much more may be given at most, and who decides each, as
the name of the least level. What is owed is no gift: the proposal is then also the least. `is_assumed`
marks an article that nobody has yet verified in the text in force. None of this is legal advice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Allowance(StrEnum):
    """How much of a line: its unused days, all of it, what it billed above the correct amount, or nothing."""

    UNUSED_DAYS = "UNUSED_DAYS"
    WHOLE = "WHOLE"
    DIFFERENCE = "DIFFERENCE"
    NOTHING = "NOTHING"


@dataclass(frozen=True, slots=True)
class RefundRule:
    """One reason on the days [applies_from, applies_until) of the request; None leaves that side open."""

    identifier: str
    reason: str
    proposed: Allowance
    reference: str
    most: Allowance = Allowance.WHOLE
    decided_by: str = "AGENT"
    most_decided_by: str = "SUPERVISOR"
    is_owed: bool = False
    needs_proof: bool = False
    applies_from: date | None = None
    applies_until: date | None = None
    is_assumed: bool = False

    def applies_on(self, day: date) -> bool:
        """True for a request made on this day."""
        return (self.applies_from is None or self.applies_from <= day) and (
            self.applies_until is None or day < self.applies_until
        )


class NoRefundRule(ValueError):
    """No rule says what may be given back for this reason."""

    def __init__(self, reason: str, on: date, known: Sequence[str]) -> None:
        super().__init__(
            f"No rule for the reason {reason!r} is in force on {on}: choose one of {', '.join(known)}, "
            "or add a dated rule for it."
        )
        self.reason = reason
        self.on = on
        self.known = tuple(known)


def rule_for(reason: str, on: date, policy: Sequence[RefundRule]) -> RefundRule:
    """The rule for a reason on the day of the request. Raises `NoRefundRule`."""
    in_force = [rule for rule in policy if rule.applies_on(on)]
    for rule in in_force:
        if rule.reason == reason:
            return rule
    raise NoRefundRule(reason, on, sorted(rule.reason for rule in in_force))


_CONSUMER = "Code de la consommation, article"
_CIVIL = "Code civil, article"
_OPERATOR = "Règle de l'opérateur"
_UNUSED = Allowance.UNUSED_DAYS

POLICY = (
    RefundRule(
        "refund-billing-error",
        "BILLING_ERROR",
        Allowance.DIFFERENCE,
        f"{_CIVIL} 1302-1",
        is_owed=True,
        is_assumed=True,
    ),
    RefundRule(
        "refund-proration-error",
        "PRORATION_ERROR",
        Allowance.DIFFERENCE,
        f"{_CIVIL} 1302-1",
        is_owed=True,
        is_assumed=True,
    ),
    RefundRule(
        "refund-price-rise-too-early",
        "PRICE_RISE_TOO_EARLY",
        Allowance.DIFFERENCE,
        f"{_CONSUMER} L224-33",
        most=Allowance.DIFFERENCE,
        is_owed=True,
    ),
    RefundRule(
        "refund-withdrawal",
        "WITHDRAWAL",
        Allowance.DIFFERENCE,
        f"{_CONSUMER} L221-24, L221-25",
        is_owed=True,
    ),
    RefundRule("refund-termination", "TERMINATION", _UNUSED, f"{_CONSUMER} L224-35", most=_UNUSED, is_owed=True),
    RefundRule("refund-service-failure", "SERVICE_FAILURE", _UNUSED, f"{_CIVIL} 1217", is_owed=True, is_assumed=True),
    RefundRule("refund-undue-suspension", "UNDUE_SUSPENSION", _UNUSED, f"{_CIVIL} 1217", is_owed=True, is_assumed=True),
    RefundRule("refund-fragile-fee", "FRAGILE_CONSUMER_FEE", Allowance.WHOLE, f"{_CONSUMER} L224-37", is_owed=True),
    RefundRule(
        "refund-duplicate-partner-charge",
        "DUPLICATE_PARTNER_CHARGE",
        Allowance.WHOLE,
        f"{_CIVIL} 1302-1",
        is_owed=True,
        needs_proof=True,
        is_assumed=True,
    ),
    # The option was available, so nothing is owed: the days left are given to whoever shows that it was not used.
    RefundRule("refund-unused-option", "UNUSED_OPTION", _UNUSED, _OPERATOR, needs_proof=True),
    RefundRule("refund-goodwill", "GOODWILL", Allowance.NOTHING, _OPERATOR),
    RefundRule("refund-used-content", "USED_CONTENT", Allowance.NOTHING, _OPERATOR, most=Allowance.NOTHING),
)
