from decimal import Decimal

import pytest
from hypothesis import given

from backoffice.billing.money import InexactAmount
from backoffice.billing.vat import Basis, InvalidRate, VatSplit, document, split_ht, split_ttc

from .strategies import cents, document_lines, mixed_lines, rates

TEN, TWENTY = Decimal("0.10"), Decimal("0.20")


class TestSplitTtc:
    @pytest.mark.parametrize(
        ("ttc_cents", "rate", "ht_cents", "vat_cents"),
        [
            (4000, TEN, 3636, 364),
            (2000, TEN, 1818, 182),
            (3499, TEN, 3181, 318),
            (3032, TEN, 2756, 276),
            (467, TEN, 425, 42),
            (1806, TEN, 1642, 164),
            (1999, TEN, 1817, 182),
            (1016, TEN, 924, 92),
            (123, TEN, 112, 11),
            (7499, TEN, 6817, 682),
            (726, TEN, 660, 66),
            (1034, TEN, 940, 94),
            (4900, TWENTY, 4083, 817),
            (-2548, TEN, -2316, -232),
            (750, Decimal(0), 750, 0),
        ],
    )
    def test_gives_splits_checked_by_hand(self, ttc_cents: int, rate: Decimal, ht_cents: int, vat_cents: int) -> None:
        assert split_ttc(ttc_cents, rate) == VatSplit(ht_cents=ht_cents, vat_cents=vat_cents)

    @given(cents, rates)
    def test_keeps_the_price_as_sold(self, ttc_cents: int, rate: Decimal) -> None:
        split = split_ttc(ttc_cents, rate)

        assert split.ht_cents + split.vat_cents == split.ttc_cents == ttc_cents
        assert split_ttc(-ttc_cents, rate) == VatSplit(-split.ht_cents, -split.vat_cents)

    @pytest.mark.parametrize("rate", [0.2, Decimal("-0.1"), Decimal("NaN"), Decimal("Infinity"), "0.20"])
    def test_refuses_what_is_no_rate(self, rate: object) -> None:
        with pytest.raises(InvalidRate):
            split_ttc(100, rate)  # type: ignore[arg-type]

    def test_refuses_a_float(self) -> None:
        with pytest.raises(InexactAmount):
            split_ttc(19.99, TEN)  # type: ignore[arg-type]


class TestSplitHt:
    @given(cents, rates)
    def test_rounds_the_vat_once(self, ht_cents: int, rate: Decimal) -> None:
        split = split_ht(ht_cents, rate)

        numerator, denominator = rate.as_integer_ratio()
        assert split.ht_cents == ht_cents
        assert abs(split.vat_cents * denominator - ht_cents * numerator) * 2 <= denominator

    def test_rounds_half_a_cent_up(self) -> None:
        assert split_ht(5, TEN) == VatSplit(5, 1)


class TestDocument:
    def test_rounds_once_a_rate_and_not_once_a_line(self) -> None:
        # Alone each line has 0.45 HT; three of them are 1.36, not 1.35.
        found = document([(50, TEN)] * 3)

        assert found.total == VatSplit(136, 14)
        assert [line.ht_cents for line in found.lines] == [46, 45, 45]

    def test_splits_a_bundle_over_its_two_rates(self) -> None:
        found = document([(600, TEN), (4399, TWENTY)])

        assert found.rates == {TEN: VatSplit(545, 55), TWENTY: VatSplit(3666, 733)}
        assert found.total == VatSplit(4211, 788)

    def test_splits_a_first_invoice_with_a_fee(self) -> None:
        found = document([(2822, TEN), (4900, TWENTY)])

        assert found.rates == {TEN: VatSplit(2565, 257), TWENTY: VatSplit(4083, 817)}
        assert found.total.ttc_cents == 7722

    def test_keeps_a_credit_beside_a_charge_in_proportion(self) -> None:
        found = document([(-1750, TEN), (3750, TEN)])

        assert found.lines == (VatSplit(-1591, -159), VatSplit(3409, 341))
        assert found.total == VatSplit(1818, 182)

    def test_stays_sane_when_credits_and_charges_nearly_cancel(self) -> None:
        found = document([(10_000, TWENTY), (-9_999, TWENTY)])

        assert found.lines == (VatSplit(8333, 1667), VatSplit(-8332, -1667))
        assert found.total == VatSplit(1, 0)

    def test_adds_vat_once_on_a_price_before_tax(self) -> None:
        found = document([(6833, TWENTY), (6833, TWENTY), (5750, TWENTY), (8500, TWENTY)], basis=Basis.HT)

        assert found.total == VatSplit(27916, 5583)
        assert found.total.ttc_cents == 33499
        assert [line.ttc_cents for line in found.lines] == [8200, 8199, 6900, 10200]

    def test_counts_a_rate_written_two_ways_as_one(self) -> None:
        assert list(document([(50, Decimal("0.1")), (50, TEN)]).rates) == [TEN]

    def test_of_no_line_is_zero(self) -> None:
        found = document([])

        assert (found.lines, found.rates, found.total) == ((), {}, VatSplit(0, 0))

    @pytest.mark.parametrize("basis", Basis)
    @given(lines=mixed_lines)
    def test_has_rows_that_add_up_to_rates_and_rates_to_the_total(
        self, basis: Basis, lines: list[tuple[int, Decimal]]
    ) -> None:
        found = document(lines, basis=basis)

        for rate, split in found.rates.items():
            rows = [row for row, (_, own) in zip(found.lines, lines, strict=True) if own == rate]
            assert split.ht_cents == sum(row.ht_cents for row in rows)
            assert split.vat_cents == sum(row.vat_cents for row in rows)
        assert found.total.ht_cents == sum(split.ht_cents for split in found.rates.values())
        assert found.total.vat_cents == sum(split.vat_cents for split in found.rates.values())
        assert found.total.ttc_cents == found.total.ht_cents + found.total.vat_cents

    @given(mixed_lines)
    def test_keeps_every_price_and_rounds_each_rate_once(self, lines: list[tuple[int, Decimal]]) -> None:
        found = document(lines)

        assert [row.ttc_cents for row in found.lines] == [price for price, _ in lines]
        for rate, split in found.rates.items():
            assert split == split_ttc(sum(price for price, own in lines if own == rate), rate)

    @given(mixed_lines)
    def test_rounds_the_vat_of_each_rate_once_on_prices_before_tax(self, lines: list[tuple[int, Decimal]]) -> None:
        found = document(lines, basis=Basis.HT)

        assert [row.ht_cents for row in found.lines] == [price for price, _ in lines]
        for rate, split in found.rates.items():
            assert split == split_ht(sum(price for price, own in lines if own == rate), rate)

    @pytest.mark.parametrize("basis", Basis)
    @given(lines=mixed_lines)
    def test_gives_each_row_at_most_a_cent_more_or_less_than_alone(
        self, basis: Basis, lines: list[tuple[int, Decimal]]
    ) -> None:
        found = document(lines, basis=basis)

        for row, (price, rate) in zip(found.lines, lines, strict=True):
            alone = split_ttc(price, rate) if basis is Basis.TTC else split_ht(price, rate)
            assert abs(row.vat_cents - alone.vat_cents) <= 1

    @given(document_lines)
    def test_mirrors_a_document_that_is_credited_whole(self, lines: list[tuple[int, Decimal]]) -> None:
        issued = document(lines)

        credited = document([(-price, rate) for price, rate in lines])

        assert credited.total == VatSplit(-issued.total.ht_cents, -issued.total.vat_cents)
        assert credited.lines == tuple(VatSplit(-row.ht_cents, -row.vat_cents) for row in issued.lines)

    @given(document_lines)
    def test_never_gives_a_row_negative_tax(self, lines: list[tuple[int, Decimal]]) -> None:
        for row in document(lines).lines:
            assert 0 <= row.ht_cents <= row.ttc_cents

    def test_is_the_same_when_replayed(self) -> None:
        lines = [(3499, TEN), (-1750, TEN), (4900, TWENTY)]

        assert document(lines) == document(list(lines))

    def test_refuses_a_float_on_any_line(self) -> None:
        with pytest.raises(InexactAmount):
            document([(100, TEN), (19.99, TEN)])  # type: ignore[list-item]


def test_one_price_with_tax_in_six_cannot_be_reached_from_a_price_before_tax() -> None:
    reached = {split_ht(ht_cents, TWENTY).ttc_cents for ht_cents in range(10_000)}

    assert sum(ttc_cents not in reached for ttc_cents in range(12_000)) == 2_000
