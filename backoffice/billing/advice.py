"""Advice on a refund: what the policy proposes for an issued line, its range, who decides, and why.

Advice refuses nothing: what speaks against a refund is a warning, and the acts themselves refuse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backoffice.billing import corrections
from backoffice.billing.cautions import Caution, cautions
from backoffice.billing.claims import IssuedLine, Request
from backoffice.billing.corrections import NothingToCredit
from backoffice.billing.derivation import Derived
from backoffice.billing.money import require_positive_or_zero
from backoffice.billing.policies import POLICY, Allowance, RefundRule, rule_for


@dataclass(frozen=True, slots=True)
class Advice:
    """From `least_cents`, which is owed, to `most_cents`; levels are named as in the ceilings, None is nobody."""

    reason: str
    least_cents: int
    most_cents: int
    proposed: Derived | None
    decided_by: str | None
    most_decided_by: str | None
    rules: tuple[str, ...]
    reference: str
    warnings: tuple[Caution, ...]


class UnknownLevel(ValueError):
    """A rule names a level of decision that has no ceiling."""

    def __init__(self, level: str, known: Sequence[str]) -> None:
        super().__init__(
            f"The policy lets {level} decide, but there are ceilings for {', '.join(known) or 'nobody'} only: "
            "give a ceiling for this level, or change the rule."
        )
        self.level = level
        self.known = tuple(known)


def advise(
    line: IssuedLine,
    request: Request,
    *,
    today: date,
    ceilings: Mapping[str, int],
    policy: Sequence[RefundRule] = POLICY,
) -> Advice:
    """What may be given back of an issued line for a reason, on the day of the request.

    `ceilings` are the cents up to which each level decides, the lowest level first. A proposal is
    decided by the first level that the rule allows and whose ceiling covers it.
    Raises `NoRefundRule`, `UnknownLevel`, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(ttc_cents=line.ttc_cents, credited_cents=line.credited_cents)
    rule = rule_for(request.reason, today, policy)
    proposed = _derive(rule.proposed, line, request)
    proposed_cents = proposed.cents if proposed else 0
    most_cents = max(proposed_cents, _most(rule, line, proposed_cents))
    return Advice(
        reason=request.reason,
        least_cents=proposed_cents if rule.is_owed else 0,
        most_cents=most_cents,
        proposed=proposed,
        decided_by=_level(rule.decided_by, proposed_cents, ceilings),
        most_decided_by=_level(
            rule.most_decided_by if most_cents > proposed_cents else rule.decided_by, most_cents, ceilings
        ),
        rules=(rule.identifier, *(proposed.rules if proposed else ())),
        reference=rule.reference,
        warnings=tuple(cautions(rule, line, request, most_cents=most_cents, today=today)),
    )


def _derive(allowance: Allowance, line: IssuedLine, request: Request) -> Derived | None:
    credited_cents = line.credited_cents
    match allowance:
        case Allowance.UNUSED_DAYS if request.unused and line.period and line.period.days:
            return corrections.credit_days(
                line_cents=line.ttc_cents,
                line=line.reference,
                unused=request.unused,
                of=line.period,
                already_credited_cents=credited_cents,
                same_days_credited_cents=request.same_credited_cents,
            )
        case Allowance.WHOLE:
            return corrections.credit_amount(
                line_cents=line.ttc_cents,
                line=line.reference,
                asked_cents=line.standing_cents,
                already_credited_cents=credited_cents,
            )
        case Allowance.DIFFERENCE if request.correct:
            return _difference(line, request.correct, request.same_credited_cents)
        case _:
            return None


def _difference(line: IssuedLine, correct: Derived, same_credited_cents: int) -> Derived | None:
    try:
        return corrections.credit_difference(
            line_cents=line.ttc_cents,
            line=line.reference,
            correct=correct,
            already_credited_cents=line.credited_cents,
            same_days_credited_cents=same_credited_cents,
        )
    except NothingToCredit:
        return None


def _most(rule: RefundRule, line: IssuedLine, proposed_cents: int) -> int:
    if rule.most is Allowance.NOTHING:
        return 0
    return line.standing_cents if rule.most is Allowance.WHOLE else proposed_cents


def _level(least: str, cents: int, ceilings: Mapping[str, int]) -> str | None:
    levels = list(ceilings)
    if least not in levels:
        raise UnknownLevel(least, levels)
    allowed = levels[levels.index(least) :]
    return next((level for level in allowed if cents <= ceilings[level]), None)
