"""What leaving early costs: the fee of a commitment, or the rule that frees from it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from backoffice.billing import rules, termination
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.items import NoPriceInForce
from backoffice.billing.money import round_cents
from backoffice.billing.steps import Source
from backoffice.models import LineKind, TerminationReason
from backoffice.policy import Policy
from backoffice.services import amounts, commitments
from backoffice.services.agreements import Agreement
from backoffice.services.planned_charges import PlannedCharge, PriceMissing

LABEL = "Frais de résiliation anticipée"
FREE_EXITS = {
    TerminationReason.PRICE_OR_TERMS_CHANGE: "free-exit-price-or-terms-change",
    TerminationReason.PERFORMANCE_GAP: "free-exit-performance-gap",
    TerminationReason.OVER_INDEBTEDNESS: "free-exit-over-indebtedness",
    TerminationReason.BUNDLE_NOT_CONFORMING: "free-exit-bundle-not-conforming",
}
"""The rules of law for reasons that free from any fee; the policy may free from it for others."""
_BY_POLICY = "free-exit-by-policy"


@dataclass(frozen=True, slots=True)
class ExitFee:
    """The fee with its steps; `article` is the text that it rests on, where there is one."""

    derived: Derived
    vat_rate: Decimal | None
    article: str | None

    @property
    def cents(self) -> int:
        """The fee in cents; whether there is VAT inside is the policy's choice."""
        return self.derived.cents

    def charges(self, agreement: Agreement) -> list[PlannedCharge]:
        """The line of the next invoice; none when nothing is due."""
        if not self.cents or not agreement.is_ours_to_bill:
            return []
        item = agreement.offer_item
        return [
            PlannedCharge(
                item.id, item.offer_id, None, LineKind.FEE, LABEL, None, self.cents, self.vat_rate, self.derived
            )
        ]

    def fact(self) -> dict[str, Any]:
        """The fee as plain values, with its rules and the sentences that explain it."""
        return {
            "label": LABEL,
            "cents": self.cents,
            "vat_rate": None if self.vat_rate is None else amounts.rate_text(self.vat_rate),
            "rules": list(self.derived.rules),
            "article": self.article,
            "derivation": self.derived.to_json(),
            "explanation": {locale: self.derived.explain(locale) for locale in ("fr", "en")},
        }


def of(agreement: Agreement, reason: TerminationReason, *, ends_on: date, policy: Policy) -> ExitFee:
    """The fee when `ends_on` is the first day without service (Code de la consommation, L224-28).

    The monthly price is the offer's on that day, after the promotions that run then. Raises PriceMissing.
    """
    free = FREE_EXITS.get(reason) or (_BY_POLICY if reason in policy.free_exit_for else None)
    if free is not None:
        return ExitFee(_nothing(free), policy.exit_fee_vat_rate, rules.reference(free))
    contract = agreement.contract
    begun_on = commitments.begun_on(contract)
    if not contract.commitment_months or ends_on < begun_on:
        return ExitFee(_nothing(rules.COMMITMENT_MONTHS), policy.exit_fee_vat_rate, None)
    derived = termination.fee(
        contract_on=begun_on,
        commitment_months=contract.commitment_months,
        monthly_cents=_monthly_cents(agreement, ends_on),
        ends_on=ends_on,
        subsidised_terminal=contract.has_subsidised_terminal,
    )
    return ExitFee(derived, policy.exit_fee_vat_rate, rules.reference(rules.TERMINAL_SHARE))


def _monthly_cents(agreement: Agreement, on: date) -> int:
    item = agreement.offer_item
    billed = agreement.billed(item)
    try:
        full_cents = sum(component.cents for component in billed.price_on(on).components)
    except NoPriceInForce as missing:
        raise PriceMissing(missing.key, missing.day) from missing
    off_cents = sum(promotion.cents for promotion in billed.promotions_on(on))
    return round_cents(Fraction(max(0, full_cents - off_cents) * item.quantity, agreement.contract.period_months))


def _nothing(rule: str) -> Derived:
    draft = Draft()
    draft.amount(Source.NOTHING, 0, rule=rule)
    return draft.finish()
