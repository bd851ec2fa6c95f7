"""Card numbers leave free text; other numbers stay."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.services import scrub

_TEXTS = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=20)


def _with_check_digit(digits: str) -> str:
    """`digits` and the one that makes them pass, by the schoolbook form of the rule."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number // 10 + number % 10
    return digits + str(-total % 10)


_CARDS = st.text("0123456789", min_size=12, max_size=18).map(_with_check_digit)


class TestCardNumbers:
    @pytest.mark.parametrize(
        ("text", "scrubbed"),
        [
            ("4111111111111111", "[card number removed]"),
            ("4111 1111 1111 1111", "[card number removed]"),
            ("4111-1111-1111-1111", "[card number removed]"),
            ("3782 822463 10005", "[card number removed]"),
            ("5555\u00a05555\u202f5555\u20114444", "[card number removed]"),
            ("4111.1111.1111.1111", "[card number removed]"),
            ("4111  1111 - 1111\n1111", "[card number removed]"),
            ("4222222222222", "[card number removed]"),
            ("carte:4111111111111111.", "carte:[card number removed]."),
            ("4111 1111 1111 1111 12/27", "[card number removed] 12/27"),
            ("4111 1111 1111 1111 123", "[card number removed] 123"),
            ("06 12 34 56 78 4111111111111111", "06 12 34 56 78 [card number removed]"),
            ("4111111111111111 5555555555554444", "[card number removed] [card number removed]"),
            ("4111111111111111, 5555555555554444", "[card number removed], [card number removed]"),
        ],
    )
    def test_are_removed(self, text: str, scrubbed: str) -> None:
        assert scrub.card_numbers(text) == scrubbed

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "4111 1111 1111 1112",
            "4111111111111112",
            "4111-1111-1111",
            "411111111111111111111",
            "S01776108",
            "06 12 34 56 78",
            "+33 6 39 98 00 01",
            "T2026-0000001",
            "entre le 2026-11-01 et le 2026-11-30",
            "12,50 € puis 1 234,56 €",
        ],
    )
    def test_are_told_from_other_numbers(self, text: str) -> None:
        assert scrub.card_numbers(text) == text

    @given(before=_TEXTS, card=_CARDS, signs=st.lists(st.sampled_from(["", " ", "-"]), min_size=19), after=_TEXTS)
    def test_never_stay_however_they_are_spaced(self, before: str, card: str, signs: list[str], after: str) -> None:
        written = "".join(digit + sign for digit, sign in zip(card, signs, strict=False))

        scrubbed = scrub.card_numbers(f"{before}|{written}|{after}")

        assert card not in re.sub(r"\D", "", scrubbed)
        assert scrub.REMOVED in scrubbed

    @given(_TEXTS | st.text("0123456789 -.", max_size=60))
    def test_are_gone_after_one_pass(self, text: str) -> None:
        once = scrub.card_numbers(text)

        assert scrub.card_numbers(once) == once

    @given(st.text(st.characters(exclude_categories=["Nd", "Cs"])))
    def test_leave_a_text_without_digits_as_it_is(self, text: str) -> None:
        assert scrub.card_numbers(text) == text
