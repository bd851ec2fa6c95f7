"""Credit notes and their reversals: every cent has a destination."""

from dataclasses import replace

import pytest

from backoffice.documents.credit_notes import CreditReason, Unbalanced
from backoffice.models import CreditReason as StoredCreditReason
from tests.documents import samples


class TestCreditNote:
    @pytest.mark.parametrize("change", [{"offset_cents": 1499}, {"kept_cents": 201}, {"repayments": ()}])
    def test_refuses_to_forget_or_invent_a_cent(self, change: dict[str, object]) -> None:
        with pytest.raises(Unbalanced) as refusal:
            replace(samples.credit_note(), **change)  # type: ignore[arg-type]

        assert (refusal.value.code, refusal.value.number) == ("DOCUMENT_UNBALANCED", "A-2026-0003108")
        assert refusal.value.ttc_cents == 2499
        assert refusal.value.disposed_cents != 2499

    def test_adds_up_what_it_credits(self) -> None:
        note = samples.credit_note()

        assert (note.total.ht_cents, note.total.vat_cents, note.total.ttc_cents) == (2234, 265, 2499)
        assert [(row.rate, row.amount.ttc_cents) for row in note.vat] == [(samples.HIGH, 499), (samples.MIDDLE, 2000)]


class TestCreditNoteReversal:
    @pytest.mark.parametrize("change", [{"due_cents": 2300}, {"taken_cents": 0}])
    def test_refuses_to_forget_or_invent_a_cent(self, change: dict[str, int]) -> None:
        with pytest.raises(Unbalanced):
            replace(samples.reversal(), **change)

    def test_owes_again_what_was_credited(self) -> None:
        assert samples.reversal().total == samples.credit_note().total


class TestCreditReason:
    def test_is_each_of_those_that_are_stored(self) -> None:
        assert {*map(str, StoredCreditReason)} == {*map(str, CreditReason)}
