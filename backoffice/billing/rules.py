"""Legal rules as dated data: value, unit, reference, contract dates and whether it is only assumed.

A rule is looked up by its identifier and the contract's date, so that an old contract keeps its own
law. `is_assumed` marks what nobody has yet verified in the text in force: have it checked before
relying on it. None of this is legal advice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

CONSUMER = "Code de la consommation, article"
POST = "Code des postes et des communications électroniques, article"
MONETARY = "Code monétaire et financier, article"
POLICY = "Règle de l'opérateur"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for contracts concluded in [applies_from, applies_until); None leaves that side open."""

    identifier: str
    value: Fraction
    unit: str
    reference: str
    applies_from: date | None = None
    applies_until: date | None = None
    is_assumed: bool = False

    def applies_on(self, day: date) -> bool:
        """True when a contract concluded on this day falls under the rule."""
        return (self.applies_from is None or self.applies_from <= day) and (
            self.applies_until is None or day < self.applies_until
        )


class NoRuleInForce(ValueError):
    """No rule with this identifier covers the date."""

    def __init__(self, identifier: str, on: date) -> None:
        super().__init__(f"No rule {identifier} covers {on}: check the contract's date, or add the dated rule first.")
        self.identifier = identifier
        self.on = on


def in_force(identifier: str, on: date) -> Rule:
    """The rule that applies to a contract concluded on this day. Raises `NoRuleInForce`."""
    for rule in RULES:
        if rule.identifier == identifier and rule.applies_on(on):
            return rule
    raise NoRuleInForce(identifier, on)


def reference(identifier: str) -> str | None:
    """The text that a rule identifier stands for, or None when it is a rule of arithmetic."""
    return next((rule.reference for rule in RULES if rule.identifier == identifier), None)


def assumed() -> Iterable[Rule]:
    """The rules that still have to be verified in the text in force."""
    return (rule for rule in RULES if rule.is_assumed)


COMMITMENT_MONTHS = "conso-L224-28-I"
FIRST_YEAR_MONTHS = "conso-L224-28-II-first-year"
TERMINAL_SHARE = "conso-L224-28-II-terminal"
WITHDRAWAL_DAYS = "conso-L221-18"
WITHDRAWAL_REFUND_DAYS = "conso-L221-24"
WITHDRAWAL_SERVICE = "conso-L221-25"
LATE_REFUND = "conso-L242-4"
ADVANCES_BACK_DAYS = "conso-L224-35-advances"
DEPOSIT_BACK_DAYS = "conso-L224-35-deposit"
CLAIM_MONTHS = "cpce-L34-2-claim"
OPERATOR_CLAIM_MONTHS = "cpce-L34-2-operator"
DEBIT_REFUND_WEEKS = "cmf-L133-25-1"
UNAUTHORISED_DEBIT_MONTHS = "cmf-L133-24"
MANDATE_MONTHS = "sepa-mandate"
CHANGE_NOTICE_MONTHS = "conso-L224-33-notice"
FREE_EXIT_MONTHS = "conso-L224-33-free-exit"
TERMINATION_NOTICE_DAYS = "conso-L224-39"
RENEWAL_NOTICE_FIRST_MONTHS = "conso-L215-1-first"
RENEWAL_NOTICE_LAST_MONTHS = "conso-L215-1-last"
COMPENSATION_PAID_DAYS = "conso-L224-42-1-paid"
ITEMISED_BILL_DAYS = "conso-L224-41-itemised-bill"
PROMOTION_REMINDER_DAYS = "policy-promotion-reminder"
LATE_REFUND_MONTH = "conso-L242-4-month"
COMPENSATION_DAY = "conso-L224-42-1-day"
COMPENSATION_NUMBER = "conso-L224-42-1-number"

# Days late beyond which each share of a late withdrawal refund is due, and the rule that holds it.
LATE_REFUND_BANDS = tuple((days, f"{LATE_REFUND}-{days}-days") for days in (10, 20, 30, 60))

RULES = (
    Rule(COMMITMENT_MONTHS, Fraction(24), "months", f"{CONSUMER} L224-28, I"),
    # That the months up to the twelfth stay due is the usual reading, not the letter, of the article.
    Rule(FIRST_YEAR_MONTHS, Fraction(12), "months", f"{CONSUMER} L224-28, II", is_assumed=True),
    # The text in force says at most 20 %; sources differ on the day when it replaced a quarter.
    Rule(
        TERMINAL_SHARE,
        Fraction(25, 100),
        "share",
        f"{CONSUMER} L224-28, II",
        applies_until=date(2023, 1, 1),
        is_assumed=True,
    ),
    Rule(
        TERMINAL_SHARE,
        Fraction(20, 100),
        "share",
        f"{CONSUMER} L224-28, II",
        applies_from=date(2023, 1, 1),
    ),
    Rule(WITHDRAWAL_DAYS, Fraction(14), "days", f"{CONSUMER} L221-18"),
    Rule(WITHDRAWAL_REFUND_DAYS, Fraction(14), "days", f"{CONSUMER} L221-24"),
    Rule(WITHDRAWAL_SERVICE, Fraction(1), "share", f"{CONSUMER} L221-25"),
    Rule(LATE_REFUND, Fraction(1), "share", f"{CONSUMER} L242-4"),
    Rule(f"{LATE_REFUND}-10-days", Fraction(5, 100), "share", f"{CONSUMER} L242-4"),
    Rule(f"{LATE_REFUND}-20-days", Fraction(10, 100), "share", f"{CONSUMER} L242-4"),
    Rule(f"{LATE_REFUND}-30-days", Fraction(20, 100), "share", f"{CONSUMER} L242-4"),
    Rule(f"{LATE_REFUND}-60-days", Fraction(50, 100), "share", f"{CONSUMER} L242-4"),
    # Five points a new month of delay: a month counts here once begun, thirty days each.
    Rule(LATE_REFUND_MONTH, Fraction(5, 100), "share", f"{CONSUMER} L242-4", is_assumed=True),
    Rule(COMPENSATION_DAY, Fraction(1, 5), "share", f"{CONSUMER} L224-42-1"),
    Rule(COMPENSATION_NUMBER, Fraction(24), "months", f"{CONSUMER} L224-42-1"),
    Rule(ADVANCES_BACK_DAYS, Fraction(10), "days", f"{CONSUMER} L224-35"),
    Rule(DEPOSIT_BACK_DAYS, Fraction(10), "days", f"{CONSUMER} L224-35"),
    Rule(CLAIM_MONTHS, Fraction(12), "months", f"{POST} L34-2"),
    Rule(OPERATOR_CLAIM_MONTHS, Fraction(12), "months", f"{POST} L34-2"),
    # Read in an old version of the code only.
    Rule(DEBIT_REFUND_WEEKS, Fraction(8), "weeks", f"{MONETARY} L133-25-1", is_assumed=True),
    Rule(UNAUTHORISED_DEBIT_MONTHS, Fraction(13), "months", f"{MONETARY} L133-24", is_assumed=True),
    Rule(MANDATE_MONTHS, Fraction(36), "months", "SEPA Direct Debit Core Scheme Rulebook", is_assumed=True),
    Rule(CHANGE_NOTICE_MONTHS, Fraction(1), "months", f"{CONSUMER} L224-33"),
    Rule(FREE_EXIT_MONTHS, Fraction(4), "months", f"{CONSUMER} L224-33"),
    Rule(TERMINATION_NOTICE_DAYS, Fraction(10), "days", f"{CONSUMER} L224-39"),
    Rule(RENEWAL_NOTICE_FIRST_MONTHS, Fraction(3), "months", f"{CONSUMER} L215-1"),
    Rule(RENEWAL_NOTICE_LAST_MONTHS, Fraction(1), "months", f"{CONSUMER} L215-1"),
    Rule(COMPENSATION_PAID_DAYS, Fraction(30), "days", f"{CONSUMER} L224-42-1"),
    # The article leaves the content to a ministerial order, which was read second-hand.
    Rule(
        ITEMISED_BILL_DAYS,
        Fraction(10),
        "working days",
        f"{CONSUMER} L224-41 (arrêté du 31 décembre 2013)",
        is_assumed=True,
    ),
    Rule(PROMOTION_REMINDER_DAYS, Fraction(7), "days", POLICY),
    Rule("retention-identity", Fraction(60), "months", f"{POST} L34-1, II bis"),
    Rule("retention-account-and-payment", Fraction(12), "months", f"{POST} L34-1, II bis"),
    Rule("retention-billing-traffic", Fraction(12), "months", f"{POST} R10-14"),
    Rule("retention-security", Fraction(3), "months", f"{POST} R10-14"),
    Rule("retention-tax", Fraction(72), "months", "Livre des procédures fiscales, article L102 B, I"),
    Rule(
        "retention-accounting",
        Fraction(120),
        "months",
        "Code de commerce, article L123-22",
        is_assumed=True,
    ),
    # For these reasons no termination fee is due; the value is the share of the fee that remains.
    Rule("free-exit-price-or-terms-change", Fraction(0), "share", f"{CONSUMER} L224-33"),
    Rule("free-exit-performance-gap", Fraction(0), "share", f"{CONSUMER} L224-34"),
    Rule("free-exit-over-indebtedness", Fraction(0), "share", f"{CONSUMER} L224-37-1"),
    Rule("free-exit-bundle-not-conforming", Fraction(0), "share", f"{CONSUMER} L224-42-2"),
)
