"""What may still be credited on an issued line, and where the money of a credit goes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from backoffice.billing.money import require_cents, require_positive_or_zero, round_cents
from backoffice.billing.vat import VatSplit, split_ttc


class CreditTooLarge(ValueError):
    """A credit asks for more than what still stands on the issued line."""

    def __init__(self, asked_cents: int, standing_cents: int) -> None:
        super().__init__(
            f"A credit of {asked_cents} cents is more than the {standing_cents} cents that still stand "
            f"on this line: ask for {standing_cents} cents at most, or credit another line too."
        )
        self.asked_cents = asked_cents
        self.standing_cents = standing_cents


class RefundTooLarge(ValueError):
    """A refund asks for more than what was paid and not yet refunded."""

    def __init__(self, asked_cents: int, refundable_cents: int) -> None:
        super().__init__(
            f"A refund of {asked_cents} cents is more than the {refundable_cents} cents that were paid "
            f"and not yet refunded: ask for {refundable_cents} cents at most."
        )
        self.asked_cents = asked_cents
        self.refundable_cents = refundable_cents


class InconsistentLine(ValueError):
    """An issued line whose amount before tax does not fit its amount with tax."""

    def __init__(self, line_ht_cents: int, line_ttc_cents: int) -> None:
        super().__init__(
            f"The line prints {line_ht_cents} cents before tax and {line_ttc_cents} cents with tax: "
            "take both from the issued row of the invoice."
        )
        self.line_ht_cents = line_ht_cents
        self.line_ttc_cents = line_ttc_cents


class InconsistentCredits(ValueError):
    """Credits of a line whose amount before tax does not fit the line and their amount with tax."""

    def __init__(self, credited_ht_cents: int, credited_ttc_cents: int) -> None:
        super().__init__(
            f"The line's credits are said to be {credited_ht_cents} cents before tax and {credited_ttc_cents} "
            "cents with tax, which it cannot hold: take both from the line's credit notes that still stand."
        )
        self.credited_ht_cents = credited_ht_cents
        self.credited_ttc_cents = credited_ttc_cents


@dataclass(frozen=True, slots=True)
class Disposition:
    """Where a credit goes, in cents: against what is unpaid, back to the means that paid, to the balance."""

    offset_cents: int
    refunds: Mapping[str, int]
    balance_cents: int


def next_credit(
    *,
    line_ttc_cents: int,
    rate: Decimal,
    credited_ttc_cents: int,
    asked_ttc_cents: int,
    line_ht_cents: int | None = None,
    credited_ht_cents: int | None = None,
) -> VatSplit:
    """The next credit on an issued line, by cumulative remainder: the last one takes what is left.

    All amounts are cents of zero or more; `credited_ttc_cents` is what the credits that still stand took.
    `line_ht_cents` is the HT printed on the issued row, which a series of credits then never exceeds;
    without it the line is split on its own. `credited_ht_cents` is the HT of the credits that still stand:
    give it once a credit has been reversed, because what is left then need not be the rounded share that
    is assumed without it. Asking for 0 gives zeros.
    Raises `CreditTooLarge`, `InconsistentLine`, `InconsistentCredits`, `NegativeAmount`, `InexactAmount`
    or `InvalidRate`.
    """
    require_positive_or_zero(credited_ttc_cents=credited_ttc_cents, asked_ttc_cents=asked_ttc_cents)
    if line_ht_cents is None:
        line_ht_cents = split_ttc(line_ttc_cents, rate).ht_cents
    if asked_ttc_cents == 0:
        return VatSplit(0, 0)
    standing_cents = max(0, line_ttc_cents - credited_ttc_cents)
    if asked_ttc_cents > standing_cents:
        raise CreditTooLarge(asked_ttc_cents, standing_cents)
    if not 0 <= line_ht_cents <= line_ttc_cents:
        raise InconsistentLine(line_ht_cents, line_ttc_cents)
    line = VatSplit(ht_cents=line_ht_cents, vat_cents=line_ttc_cents - line_ht_cents)
    if credited_ht_cents is None:
        credited_ht_cents = _share_before_tax(line, credited_ttc_cents)
    standing = _standing(line, credited_ht_cents, credited_ttc_cents)
    ht_cents = _share_before_tax(line, credited_ttc_cents + asked_ttc_cents) - credited_ht_cents
    # After a reversal the share can be a cent outside of what stands, before tax or in tax.
    ht_cents = min(max(ht_cents, 0, asked_ttc_cents - standing.vat_cents), standing.ht_cents, asked_ttc_cents)
    return VatSplit(ht_cents=ht_cents, vat_cents=asked_ttc_cents - ht_cents)


def dispose(
    *,
    credit_cents: int,
    unpaid_cents: int,
    paid_by: Mapping[str, int],
    refunded_by: Mapping[str, int],
    to_balance: bool = False,
) -> Disposition:
    """Send a credit first to what is unpaid, then to the means that paid, then to the account balance.

    The three parts add up to the credit. `to_balance` keeps on the account what would be refunded.
    Means of payment that get nothing are left out. Raises `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(credit_cents=credit_cents, unpaid_cents=unpaid_cents)
    offset_cents = min(credit_cents, unpaid_cents)
    rest_cents = credit_cents - offset_cents
    available = {} if to_balance else _refundable(paid_by, refunded_by)
    refunds = _take(rest_cents, available)
    return Disposition(offset_cents, refunds, rest_cents - sum(refunds.values()))


def refund(*, asked_cents: int, paid_by: Mapping[str, int], refunded_by: Mapping[str, int]) -> Mapping[str, int]:
    """Share a refund over the means that paid, in their order, at most what each paid (in cents).

    Source: the same means of payment as the payment itself (Code de la consommation, L221-24).
    Raises `RefundTooLarge`, `NegativeAmount` or `InexactAmount`.
    """
    require_positive_or_zero(asked_cents=asked_cents)
    available = _refundable(paid_by, refunded_by)
    refundable_cents = sum(available.values())
    if asked_cents > refundable_cents:
        raise RefundTooLarge(asked_cents, refundable_cents)
    return _take(asked_cents, available)


def _share_before_tax(line: VatSplit, ttc_cents: int) -> int:
    return round_cents(Fraction(line.ht_cents * ttc_cents, line.ttc_cents))


def _standing(line: VatSplit, credited_ht_cents: int, credited_ttc_cents: int) -> VatSplit:
    require_cents(credited_ht_cents=credited_ht_cents)
    credited = VatSplit(ht_cents=credited_ht_cents, vat_cents=credited_ttc_cents - credited_ht_cents)
    if not (0 <= credited.ht_cents <= line.ht_cents and 0 <= credited.vat_cents <= line.vat_cents):
        raise InconsistentCredits(credited_ht_cents, credited_ttc_cents)
    return VatSplit(line.ht_cents - credited.ht_cents, line.vat_cents - credited.vat_cents)


def _refundable(paid_by: Mapping[str, int], refunded_by: Mapping[str, int]) -> dict[str, int]:
    require_positive_or_zero(**paid_by)
    require_positive_or_zero(**refunded_by)
    available = {means: max(0, paid - refunded_by.get(means, 0)) for means, paid in paid_by.items()}
    # A refund that went to another means (a transfer for an expired card) was money of this payment
    # too: what may leave in total is what came in less all that went out.
    return _take(max(0, sum(paid_by.values()) - sum(refunded_by.values())), available)


def _take(amount_cents: int, available: Mapping[str, int]) -> dict[str, int]:
    taken: dict[str, int] = {}
    for means, cents in available.items():
        part_cents = min(cents, amount_cents - sum(taken.values()))
        if part_cents:
            taken[means] = part_cents
    return taken
