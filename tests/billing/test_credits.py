from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing.credits import (
    CreditTooLarge,
    Disposition,
    InconsistentCredits,
    InconsistentLine,
    RefundTooLarge,
    dispose,
    next_credit,
    refund,
)
from backoffice.billing.money import InexactAmount, NegativeAmount
from backoffice.billing.vat import Basis, VatSplit, document, total

from .strategies import cents, document_lines, prices, rates

TEN, TWENTY = Decimal("0.10"), Decimal("0.20")
payments = st.dictionaries(st.sampled_from(["card", "debit", "transfer", "voucher"]), cents, max_size=4)


def credit_series(data: st.DataObject, row: VatSplit, rate: Decimal) -> list[VatSplit]:
    """Credit an issued row by random steps until nothing stands on it."""
    notes: list[VatSplit] = []
    credited_cents = 0
    while credited_cents < row.ttc_cents:
        standing_cents = row.ttc_cents - credited_cents
        # After a few small steps the rest goes at once, so that every series comes to its end.
        smallest_cents = 1 if len(notes) < 4 else standing_cents
        asked_cents = data.draw(st.integers(smallest_cents, standing_cents))
        notes.append(
            next_credit(
                line_ttc_cents=row.ttc_cents,
                rate=rate,
                credited_ttc_cents=credited_cents,
                asked_ttc_cents=asked_cents,
                line_ht_cents=row.ht_cents,
            )
        )
        credited_cents += asked_cents
    return notes


class TestNextCredit:
    def test_splits_half_of_a_line_and_leaves_the_other_half(self) -> None:
        first = next_credit(line_ttc_cents=4000, rate=TEN, credited_ttc_cents=0, asked_ttc_cents=2000)
        last = next_credit(line_ttc_cents=4000, rate=TEN, credited_ttc_cents=2000, asked_ttc_cents=2000)

        assert (first, last) == (VatSplit(1818, 182), VatSplit(1818, 182))

    def test_leaves_the_tax_of_the_right_amount_after_an_ended_promotion(self) -> None:
        note = next_credit(line_ttc_cents=3499, rate=TEN, credited_ttc_cents=0, asked_ttc_cents=467)

        assert note == VatSplit(425, 42)
        assert 3181 - note.ht_cents == 2756

    def test_gives_the_rest_to_the_last_note(self) -> None:
        notes = [
            next_credit(line_ttc_cents=100, rate=TWENTY, credited_ttc_cents=done, asked_ttc_cents=asked)
            for done, asked in ((0, 33), (33, 33), (66, 34))
        ]

        assert [note.ht_cents for note in notes] == [27, 28, 28]
        assert total(notes) == VatSplit(83, 17)

    def test_reads_the_tax_of_the_issued_row(self) -> None:
        # On its document this row took the cent that was left: 46, where alone it would have 45.
        whole = next_credit(line_ttc_cents=50, rate=TEN, credited_ttc_cents=0, asked_ttc_cents=50, line_ht_cents=46)
        alone = next_credit(line_ttc_cents=50, rate=TEN, credited_ttc_cents=0, asked_ttc_cents=50)

        assert (whole, alone) == (VatSplit(46, 4), VatSplit(45, 5))

    def test_of_four_lines_one_by_one_gives_the_invoice_to_the_cent(self) -> None:
        invoice = document([(6833, TWENTY), (6833, TWENTY), (5750, TWENTY), (8500, TWENTY)], basis=Basis.HT)

        notes = [
            next_credit(
                line_ttc_cents=row.ttc_cents,
                rate=TWENTY,
                credited_ttc_cents=0,
                asked_ttc_cents=row.ttc_cents,
                line_ht_cents=row.ht_cents,
            )
            for row in (invoice.lines[place] for place in (0, 2, 3, 1))
        ]

        assert [note.ttc_cents for note in notes] == [8200, 6900, 10200, 8199]
        assert total(notes) == invoice.total

    @pytest.mark.parametrize(("line_cents", "credited_cents"), [(100, 0), (100, 100), (0, 0), (-50, 0)])
    def test_of_nothing_is_nothing(self, line_cents: int, credited_cents: int) -> None:
        note = next_credit(line_ttc_cents=line_cents, rate=TEN, credited_ttc_cents=credited_cents, asked_ttc_cents=0)

        assert note == VatSplit(0, 0)

    @pytest.mark.parametrize(
        ("line_cents", "credited_cents", "asked_cents", "standing_cents"),
        [(3499, 0, 3500, 3499), (3499, 3000, 500, 499), (3499, 3499, 1, 0), (0, 0, 1, 0), (-50, 0, 1, 0)],
    )
    def test_refuses_more_than_what_stands(
        self, line_cents: int, credited_cents: int, asked_cents: int, standing_cents: int
    ) -> None:
        with pytest.raises(CreditTooLarge) as refusal:
            next_credit(
                line_ttc_cents=line_cents,
                rate=TEN,
                credited_ttc_cents=credited_cents,
                asked_ttc_cents=asked_cents,
            )

        assert (refusal.value.asked_cents, refusal.value.standing_cents) == (asked_cents, standing_cents)
        assert f"ask for {standing_cents} cents at most" in str(refusal.value)

    @pytest.mark.parametrize(("credited_cents", "asked_cents"), [(-1, 5), (0, -1)])
    def test_refuses_amounts_below_zero(self, credited_cents: int, asked_cents: int) -> None:
        with pytest.raises(NegativeAmount):
            next_credit(line_ttc_cents=100, rate=TEN, credited_ttc_cents=credited_cents, asked_ttc_cents=asked_cents)

    @pytest.mark.parametrize("ht_cents", [-1, 101])
    def test_refuses_a_row_whose_tax_does_not_fit(self, ht_cents: int) -> None:
        with pytest.raises(InconsistentLine) as refusal:
            next_credit(line_ttc_cents=100, rate=TEN, credited_ttc_cents=0, asked_ttc_cents=5, line_ht_cents=ht_cents)

        assert (refusal.value.line_ht_cents, refusal.value.line_ttc_cents) == (ht_cents, 100)

    def test_refuses_a_float_that_would_be_cut(self) -> None:
        with pytest.raises(InexactAmount):
            next_credit(line_ttc_cents=1000, rate=TEN, credited_ttc_cents=0, asked_ttc_cents=499.5)  # type: ignore[arg-type]

    @pytest.mark.parametrize("basis", Basis)
    @given(data=st.data(), lines=document_lines)
    def test_in_series_never_exceeds_its_row_and_ends_exactly_on_it(
        self, basis: Basis, data: st.DataObject, lines: list[tuple[int, Decimal]]
    ) -> None:
        invoice = document(lines, basis=basis)

        credited: dict[Decimal, list[VatSplit]] = {rate: [] for _, rate in lines}
        for row, (_, rate) in zip(invoice.lines, lines, strict=True):
            notes = credit_series(data, row, rate)
            for count in range(len(notes) + 1):
                so_far = total(notes[:count])
                assert 0 <= so_far.ht_cents <= row.ht_cents
                assert 0 <= so_far.vat_cents <= row.vat_cents
            assert all(note.ht_cents >= 0 and note.vat_cents >= 0 for note in notes)
            assert total(notes) == row
            credited[rate].extend(notes)

        assert {rate: total(notes) for rate, notes in credited.items()} == invoice.rates
        assert total(note for notes in credited.values() for note in notes) == invoice.total

    def test_takes_the_tax_that_a_reversal_left(self) -> None:
        # Notes of 33, 33 and 34 cents took 27, 28 and 28 before tax; the first one was then reversed.
        again = next_credit(
            line_ttc_cents=100, rate=TWENTY, credited_ttc_cents=67, asked_ttc_cents=33, credited_ht_cents=56
        )
        assumed = next_credit(line_ttc_cents=100, rate=TWENTY, credited_ttc_cents=67, asked_ttc_cents=33)

        assert (again, assumed) == (VatSplit(27, 6), VatSplit(27, 6))

    @pytest.mark.parametrize(
        ("credited_ttc_cents", "credited_ht_cents", "asked_cents", "note"),
        [
            # Exactly the share: as without it.
            (10, 8, 10, VatSplit(9, 1)),
            # The credits that stand hold more before tax than their share: none is left for a small one.
            (10, 10, 1, VatSplit(0, 1)),
            # They hold all of the tax: the rest is before tax only.
            (27, 10, 50, VatSplit(50, 0)),
            # Whatever they hold, the last note is the rest.
            (27, 10, 73, VatSplit(73, 0)),
            (83, 83, 17, VatSplit(0, 17)),
        ],
    )
    def test_stays_within_what_stands_before_tax_and_in_tax(
        self, credited_ttc_cents: int, credited_ht_cents: int, asked_cents: int, note: VatSplit
    ) -> None:
        found = next_credit(
            line_ttc_cents=100,
            rate=TWENTY,
            credited_ttc_cents=credited_ttc_cents,
            asked_ttc_cents=asked_cents,
            credited_ht_cents=credited_ht_cents,
        )

        assert found == note

    @pytest.mark.parametrize("credited_ht_cents", [-1, 32, 51, 84])
    def test_refuses_credits_that_the_line_cannot_hold(self, credited_ht_cents: int) -> None:
        with pytest.raises(InconsistentCredits) as refusal:
            next_credit(
                line_ttc_cents=100,
                rate=TWENTY,
                credited_ttc_cents=50,
                asked_ttc_cents=5,
                credited_ht_cents=credited_ht_cents,
            )

        assert (refusal.value.credited_ht_cents, refusal.value.credited_ttc_cents) == (credited_ht_cents, 50)

    @given(st.data(), prices.filter(bool), rates, st.integers(-1, 1))
    def test_with_reversals_in_any_order_stays_within_the_line_and_ends_on_it(
        self, data: st.DataObject, ttc_cents: int, rate: Decimal, by_cents: int
    ) -> None:
        alone = next_credit(line_ttc_cents=ttc_cents, rate=rate, credited_ttc_cents=0, asked_ttc_cents=ttc_cents)
        # On its document a row may have taken a cent more or less than alone.
        ht_cents = min(max(0, alone.ht_cents + by_cents), ttc_cents)
        row = VatSplit(ht_cents, ttc_cents - ht_cents)
        notes: list[VatSplit] = []

        def credit(asked_cents: int) -> None:
            credited = total(notes)
            note = next_credit(
                line_ttc_cents=row.ttc_cents,
                rate=rate,
                credited_ttc_cents=credited.ttc_cents,
                asked_ttc_cents=asked_cents,
                line_ht_cents=row.ht_cents,
                credited_ht_cents=credited.ht_cents,
            )
            assert note.ttc_cents == asked_cents
            assert min(note.ht_cents, note.vat_cents) >= 0
            notes.append(note)

        for _ in range(data.draw(st.integers(1, 10))):
            standing_cents = row.ttc_cents - total(notes).ttc_cents
            if notes and (standing_cents == 0 or data.draw(st.booleans())):
                notes.pop(data.draw(st.integers(0, len(notes) - 1)))
            else:
                credit(data.draw(st.integers(1, standing_cents)))
            so_far = total(notes)
            assert 0 <= so_far.ht_cents <= row.ht_cents
            assert 0 <= so_far.vat_cents <= row.vat_cents
        credit(row.ttc_cents - total(notes).ttc_cents)

        assert total(notes) == row


class TestDispose:
    def test_offsets_what_is_unpaid_before_any_refund(self) -> None:
        disposition = dispose(credit_cents=2000, unpaid_cents=1500, paid_by={"card": 3000}, refunded_by={})

        assert disposition == Disposition(offset_cents=1500, refunds={"card": 500}, balance_cents=0)

    def test_refunds_each_means_at_most_what_it_paid_in_order(self) -> None:
        disposition = dispose(
            credit_cents=5000,
            unpaid_cents=0,
            paid_by={"voucher": 1000, "card": 3000, "transfer": 2000},
            refunded_by={"card": 500},
        )

        assert disposition == Disposition(0, {"voucher": 1000, "card": 2500, "transfer": 1500}, 0)
        assert list(disposition.refunds) == ["voucher", "card", "transfer"]

    def test_leaves_on_the_balance_what_no_means_can_take(self) -> None:
        disposition = dispose(credit_cents=900, unpaid_cents=100, paid_by={"card": 300}, refunded_by={})

        assert disposition == Disposition(offset_cents=100, refunds={"card": 300}, balance_cents=500)

    def test_keeps_everything_on_the_balance_when_asked(self) -> None:
        disposition = dispose(
            credit_cents=900, unpaid_cents=100, paid_by={"card": 3000}, refunded_by={}, to_balance=True
        )

        assert disposition == Disposition(offset_cents=100, refunds={}, balance_cents=800)

    def test_of_nothing_moves_nothing(self) -> None:
        assert dispose(credit_cents=0, unpaid_cents=5, paid_by={"card": 5}, refunded_by={}) == Disposition(0, {}, 0)

    @pytest.mark.parametrize(
        ("credit_cents", "unpaid_cents", "paid_by", "refunded_by"),
        [(-1, 0, {}, {}), (1, -1, {}, {}), (1, 0, {"card": -1}, {}), (1, 0, {"card": 1}, {"card": -1})],
    )
    def test_refuses_amounts_below_zero(
        self,
        credit_cents: int,
        unpaid_cents: int,
        paid_by: Mapping[str, int],
        refunded_by: Mapping[str, int],
    ) -> None:
        with pytest.raises(NegativeAmount):
            dispose(credit_cents=credit_cents, unpaid_cents=unpaid_cents, paid_by=paid_by, refunded_by=refunded_by)

    @given(cents, cents, payments, payments, st.booleans())
    def test_sends_every_cent_somewhere_and_none_twice(
        self,
        credit_cents: int,
        unpaid_cents: int,
        paid_by: dict[str, int],
        refunded_by: dict[str, int],
        to_balance: bool,
    ) -> None:
        found = dispose(
            credit_cents=credit_cents,
            unpaid_cents=unpaid_cents,
            paid_by=paid_by,
            refunded_by=refunded_by,
            to_balance=to_balance,
        )

        returned_cents = sum(found.refunds.values())
        assert found.offset_cents + returned_cents + found.balance_cents == credit_cents
        assert found.offset_cents == min(credit_cents, unpaid_cents)
        assert found.balance_cents >= 0
        assert not (to_balance and found.refunds)
        assert list(found.refunds) == [means for means in paid_by if means in found.refunds]
        for means, part_cents in found.refunds.items():
            assert 0 < part_cents <= paid_by[means] - refunded_by.get(means, 0)
        if returned_cents:
            assert returned_cents <= sum(paid_by.values()) - sum(refunded_by.values())


class TestRefund:
    def test_goes_back_to_the_means_that_paid(self) -> None:
        refunds = refund(asked_cents=6706, paid_by={"card": 7722}, refunded_by={})

        assert refunds == {"card": 6706}

    def test_leaves_out_what_already_went_back(self) -> None:
        refunds = refund(asked_cents=700, paid_by={"card": 1000, "transfer": 500}, refunded_by={"card": 600})

        assert refunds == {"card": 400, "transfer": 300}

    def test_counts_a_refund_that_went_to_another_means(self) -> None:
        with pytest.raises(RefundTooLarge) as refusal:
            refund(asked_cents=801, paid_by={"card": 1000}, refunded_by={"transfer": 200})

        assert refusal.value.refundable_cents == 800

    @pytest.mark.parametrize(
        ("paid_by", "refunded_by", "asked_cents", "refundable_cents"),
        [
            ({"card": 700}, {}, 701, 700),
            ({"card": 700}, {"card": 700}, 1, 0),
            ({}, {}, 1, 0),
            ({"card": 700, "transfer": 50}, {"card": 800}, 51, 0),
        ],
    )
    def test_refuses_more_than_was_paid(
        self, paid_by: dict[str, int], refunded_by: dict[str, int], asked_cents: int, refundable_cents: int
    ) -> None:
        with pytest.raises(RefundTooLarge) as refusal:
            refund(asked_cents=asked_cents, paid_by=paid_by, refunded_by=refunded_by)

        assert (refusal.value.asked_cents, refusal.value.refundable_cents) == (asked_cents, refundable_cents)

    def test_refuses_an_amount_below_zero(self) -> None:
        with pytest.raises(NegativeAmount):
            refund(asked_cents=-1, paid_by={"card": 700}, refunded_by={})

    @given(st.data(), payments)
    def test_in_series_returns_at_most_what_was_paid(self, data: st.DataObject, paid_by: dict[str, int]) -> None:
        refunded_by: dict[str, int] = {}
        for _ in range(4):
            left_cents = sum(paid_by.values()) - sum(refunded_by.values())
            asked_cents = data.draw(st.integers(0, left_cents))
            refunds = refund(asked_cents=asked_cents, paid_by=paid_by, refunded_by=refunded_by)
            assert sum(refunds.values()) == asked_cents
            for means, part_cents in refunds.items():
                refunded_by[means] = refunded_by.get(means, 0) + part_cents

        left_cents = sum(paid_by.values()) - sum(refunded_by.values())
        assert all(refunded_by[means] <= paid_by[means] for means in refunded_by)
        with pytest.raises(RefundTooLarge):
            refund(asked_cents=left_cents + 1, paid_by=paid_by, refunded_by=refunded_by)
