"""Whole cents: exact rounding, and sharing an amount out without losing or inventing a cent."""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction


class Rounding(StrEnum):
    """How an exact value becomes whole cents. Consumer lines use HALF_UP, legal floors use UP."""

    HALF_UP = "HALF_UP"
    UP = "UP"
    DOWN = "DOWN"


class InexactAmount(ValueError):
    """An amount that is not whole cents (or not an exact fraction of cents) reached the engine."""

    def __init__(self, name: str, value: object) -> None:
        super().__init__(
            f"{name} is {value!r}, a {type(value).__name__}: give whole cents as an integer "
            "(12.34 is 1234), never a float or a decimal number."
        )
        self.name = name
        self.value = value


class NegativeAmount(ValueError):
    """An amount that has no meaning below zero is negative."""

    def __init__(self, name: str, value: int) -> None:
        super().__init__(f"{name} is {value}: give zero or more; the operation itself sets the sign.")
        self.name = name
        self.value = value


class CannotAllocate(ValueError):
    """An amount cannot be shared out over these weights."""

    def __init__(self, amount_cents: int, weights: Sequence[int]) -> None:
        super().__init__(
            f"{amount_cents} cents cannot be shared over the weights {list(weights)}: "
            "give weights of zero or more, at least one of them positive."
        )
        self.amount_cents = amount_cents
        self.weights = tuple(weights)


def round_cents(value: Fraction, mode: Rounding = Rounding.HALF_UP) -> int:
    """Round an exact number of cents to whole cents, alike on both sides of zero.

    HALF_UP takes ties away from zero, UP goes away from zero, DOWN towards zero.
    Raises `InexactAmount` for a float or a decimal number.
    """
    if not isinstance(value, (int, Fraction)):
        raise InexactAmount("value", value)
    whole, rest = divmod(abs(value.numerator), value.denominator)
    if _goes_up(rest, value.denominator, mode):
        whole += 1
    return -whole if value < 0 else whole


def allocate(amount_cents: int, weights: Sequence[int]) -> list[int]:
    """Share an amount in cents over weights by largest remainder; the parts sum to it exactly.

    Ties go to the earliest, zero weights get nothing, negative amounts mirror positive ones.
    Raises `CannotAllocate` for a negative weight, or for an amount with no positive weight to take it.
    """
    require_cents(amount_cents=amount_cents)
    total = sum(weights)
    if any(weight < 0 for weight in weights) or (amount_cents and not total):
        raise CannotAllocate(amount_cents, weights)
    if not total:
        return [0] * len(weights)
    return spread(amount_cents, [Fraction(amount_cents * weight, total) for weight in weights])


def spread(total_cents: int, shares: Sequence[Fraction]) -> list[int]:
    """Turn exact shares in cents, whose sum rounds to `total_cents`, into whole cents that sum to it.

    Shares of both signs are allowed, as on an invoice that holds a credit line.
    """
    if sum(shares) < 0:
        return [-part for part in spread(-total_cents, [-share for share in shares])]
    parts = [share.numerator // share.denominator for share in shares]
    left = total_cents - sum(parts)
    by_remainder = sorted(range(len(shares)), key=lambda index: (parts[index] - shares[index], index))
    for index in by_remainder[:left]:
        parts[index] += 1
    return parts


def require_cents(**amounts: int) -> None:
    """Raise `InexactAmount` unless every amount is an `int`: a float here would lose cents quietly."""
    for name, value in amounts.items():
        if type(value) is not int:
            raise InexactAmount(name, value)


def require_positive_or_zero(**amounts: int) -> None:
    """Raise `InexactAmount` or `NegativeAmount` unless every amount is whole cents of zero or more."""
    require_cents(**amounts)
    for name, value in amounts.items():
        if value < 0:
            raise NegativeAmount(name, value)


def _goes_up(rest: int, denominator: int, mode: Rounding) -> bool:
    if mode is Rounding.HALF_UP:
        return 2 * rest >= denominator
    return mode is Rounding.UP and rest > 0
