"""The commitment of a contract: how long it still binds, and what a change does to it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.billing import rules
from backoffice.billing.periods import add_months, months_between
from backoffice.billing.termination import CommitmentTooLong, commitment_ends_on
from backoffice.errors import BackofficeError
from backoffice.models import Contract, Offer


class LongerThanAllowed(BackofficeError):
    """A commitment beyond what the law allows."""

    code = "COMMITMENT_TOO_LONG"

    def __init__(self, months: int, allowed_months: int) -> None:
        super().__init__(
            f"A commitment of {months} months is not allowed: at most {allowed_months} months from the day of the "
            "contract or of its change (Code de la consommation, L224-28 I).",
            field="commitmentMonths",
        )
        self.months = months
        self.allowed_months = allowed_months


@dataclass(frozen=True, slots=True)
class Commitment:
    """Months of commitment and the first day without one; None: the contract binds to nothing."""

    months: int
    ends_on: date | None
    has_subsidised_terminal: bool = False

    def months_left(self, on: date) -> int:
        """Months that still bind on a day, one that has begun counted as a whole."""
        if self.ends_on is None or self.ends_on <= on:
            return 0
        months = months_between(on, self.ends_on)
        return months if add_months(on, months) >= self.ends_on else months + 1

    def fact(self, on: date) -> dict[str, Any]:
        """The commitment as plain values, as it is on a day."""
        return {
            "months": self.months,
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "months_left": self.months_left(on),
        }


def of(contract: Contract) -> Commitment:
    """The commitment of a contract."""
    return Commitment(contract.commitment_months, contract.commitment_ends_on, contract.has_subsidised_terminal)


def begun_on(contract: Contract) -> date:
    """The day from which the commitment counts: the contract's conclusion, its start, or a change that renewed it."""
    ends_on = contract.commitment_ends_on
    if ends_on is None:
        return contract.concluded_on
    for day in (contract.concluded_on, contract.starts_on):
        if add_months(day, contract.commitment_months) == ends_on:
            return day
    return add_months(ends_on, -contract.commitment_months)


def after(contract: Contract, offer: Offer, *, on: date, is_accepted: bool, asked_months: int | None) -> Commitment:
    """The commitment once `offer` is in force: a new one only with the subscriber's express consent (L224-42-2 III).

    `asked_months` is what was agreed, by default what the offer asks for. Raises LongerThanAllowed.
    """
    before = of(contract)
    months = offer.commitment_months if asked_months is None else asked_months
    ends_on = _ends_on(months, on)
    if not months or not is_accepted or (before.ends_on is not None and ends_on <= before.ends_on):
        return before
    return Commitment(months, ends_on, offer.has_subsidised_terminal or before.has_subsidised_terminal)


def columns(before: Commitment, then: Commitment) -> dict[str, Any]:
    """The columns of a contract that a new commitment changes."""
    if then == before:
        return {}
    return {
        "commitment_months": then.months,
        "commitment_ends_on": then.ends_on,
        "has_subsidised_terminal": then.has_subsidised_terminal,
    }


def effect(before: Commitment, then: Commitment, *, on: date) -> dict[str, Any]:
    """What a change does to the commitment, as plain values with a sentence in each language."""
    return {
        "before": before.fact(on),
        "after": then.fact(on),
        "effect": {"fr": _french(before, then, on), "en": _english(before, then, on)},
        "rule": rules.COMMITMENT_MONTHS,
    }


def _ends_on(months: int, on: date) -> date:
    try:
        return commitment_ends_on(on, months)
    except CommitmentTooLong as refused:
        raise LongerThanAllowed(refused.commitment_months, refused.allowed_months) from refused


def _french(before: Commitment, then: Commitment, on: date) -> str:
    left = then.months_left(on)
    if then.ends_on is None or not left:
        return "Sans engagement, avant comme après." if then == before else "L'engagement prend fin."
    if then.ends_on == before.ends_on:
        return f"L'engagement ne change pas : il court jusqu'au {then.ends_on:%d/%m/%Y} exclu ({left} mois restants)."
    return f"Un engagement de {then.months} mois commence : il court jusqu'au {then.ends_on:%d/%m/%Y} exclu."


def _english(before: Commitment, then: Commitment, on: date) -> str:
    left = then.months_left(on)
    if then.ends_on is None or not left:
        return "No commitment, before or after." if then == before else "The commitment ends."
    if then.ends_on == before.ends_on:
        return f"The commitment stays as it is: it ends on {then.ends_on} ({left} months left)."
    return f"A commitment of {then.months} months begins: it ends on {then.ends_on}."
