"""VAT per document and rate: one rounding a rate, spread so that rows always add up to totals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from backoffice.billing.money import allocate, require_cents, round_cents, spread


class Basis(StrEnum):
    """Which amounts are the price: TTC with VAT inside (consumers) or HT with VAT on top (business)."""

    TTC = "TTC"
    HT = "HT"


class InvalidRate(ValueError):
    """A VAT rate that is not a decimal number of zero or more."""

    def __init__(self, rate: object) -> None:
        super().__init__(
            f'The VAT rate {rate!r} cannot be used: give a Decimal made from text, as Decimal("0.20") for 20 %.'
        )
        self.rate = rate


@dataclass(frozen=True, slots=True)
class VatSplit:
    """An amount before tax and its VAT, in cents. TTC is their sum by construction."""

    ht_cents: int
    vat_cents: int

    @property
    def ttc_cents(self) -> int:
        """The amount with tax, in cents."""
        return self.ht_cents + self.vat_cents


@dataclass(frozen=True, slots=True)
class DocumentVat:
    """A document's VAT: `lines` in their order, `rates` in order of appearance, and `total`."""

    lines: tuple[VatSplit, ...]
    rates: Mapping[Decimal, VatSplit]
    total: VatSplit


def split_ttc(ttc_cents: int, rate: Decimal) -> VatSplit:
    """Split a price that includes VAT: HT is rounded half up, VAT is the rest, so TTC is kept as sold.

    Raises `InvalidRate` or `InexactAmount`.
    """
    require_cents(ttc_cents=ttc_cents)
    ht_cents = round_cents(ttc_cents / (1 + _exact(rate)))
    return VatSplit(ht_cents=ht_cents, vat_cents=ttc_cents - ht_cents)


def split_ht(ht_cents: int, rate: Decimal) -> VatSplit:
    """Add VAT, rounded half up, to a price before tax. Raises `InvalidRate` or `InexactAmount`."""
    require_cents(ht_cents=ht_cents)
    return VatSplit(ht_cents=ht_cents, vat_cents=round_cents(ht_cents * _exact(rate)))


def document(lines: Sequence[tuple[int, Decimal]], *, basis: Basis = Basis.TTC) -> DocumentVat:
    """Split a whole document of (cents, rate) lines, rounding once per rate.

    With the basis TTC the HT of a rate is rounded and spread over its lines; with HT the VAT is.
    Rows add up to their rate and rates to the total. Credit lines (below zero) may stand among others.
    Raises `InvalidRate` or `InexactAmount`.
    """
    split_rate = _ttc_rows if basis is Basis.TTC else _ht_rows
    positions: dict[Decimal, list[int]] = {}
    for position, (_, rate) in enumerate(lines):
        positions.setdefault(rate, []).append(position)
    rows: dict[int, VatSplit] = {}
    for rate, places in positions.items():
        rows.update(zip(places, split_rate([lines[place][0] for place in places], rate), strict=True))
    rates = {rate: total(rows[place] for place in places) for rate, places in positions.items()}
    return DocumentVat(
        lines=tuple(rows[place] for place in range(len(lines))), rates=rates, total=total(rates.values())
    )


def total(splits: Iterable[VatSplit]) -> VatSplit:
    """Add splits up, HT with HT and VAT with VAT."""
    ht_cents = vat_cents = 0
    for split in splits:
        ht_cents += split.ht_cents
        vat_cents += split.vat_cents
    return VatSplit(ht_cents=ht_cents, vat_cents=vat_cents)


def _ttc_rows(amounts: Sequence[int], rate: Decimal) -> list[VatSplit]:
    _require_each(amounts)
    ht_cents = split_ttc(sum(amounts), rate).ht_cents
    parts = _spread(ht_cents, amounts, lambda ttc_cents: ttc_cents / (1 + _exact(rate)))
    return [VatSplit(ht, ttc - ht) for ht, ttc in zip(parts, amounts, strict=True)]


def _ht_rows(amounts: Sequence[int], rate: Decimal) -> list[VatSplit]:
    _require_each(amounts)
    vat_cents = split_ht(sum(amounts), rate).vat_cents
    parts = _spread(vat_cents, amounts, lambda ht_cents: ht_cents * _exact(rate))
    return [VatSplit(ht, vat) for ht, vat in zip(amounts, parts, strict=True)]


def _spread(total_cents: int, amounts: Sequence[int], share: Callable[[int], Fraction]) -> list[int]:
    # Beside a credit line the total can be a cent while the lines are hundreds: in proportion to the
    # total each row's VAT would be absurd, so mixed signs are spread from each line's own exact share.
    if min(amounts) < 0 < max(amounts):
        return spread(total_cents, [share(amount) for amount in amounts])
    return allocate(total_cents, [abs(amount) for amount in amounts])


def _exact(rate: Decimal) -> Fraction:
    if not isinstance(rate, Decimal) or not rate.is_finite() or rate < 0:
        raise InvalidRate(rate)
    return Fraction(rate)


def _require_each(amounts: Sequence[int]) -> None:
    for amount in amounts:
        require_cents(line_cents=amount)
