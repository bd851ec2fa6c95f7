"""Free text as it may be stored."""

import pytest

from backoffice.errors import BadInput
from backoffice.services import texts


class TestCleaned:
    def test_keeps_what_is_inside(self) -> None:
        assert texts.cleaned(" Bonjour,\n\tça va ? ", field="body", longest=40) == "Bonjour,\n\tça va ?"

    @pytest.mark.parametrize("given", ["x", "x" * 40, f" {'x' * 40} "])
    def test_takes_up_to_the_longest(self, given: str) -> None:
        assert texts.cleaned(given, field="body", longest=40) == given.strip()

    @pytest.mark.parametrize("given", ["", " ", "\u2003\n", "x" * 41, "\x00", "a\x00b", "\ud800"])
    def test_refuses_what_cannot_be_stored(self, given: str) -> None:
        with pytest.raises(BadInput) as refused:
            texts.cleaned(given, field="body", longest=40)

        assert (refused.value.code, refused.value.field) == ("BAD_INPUT", "body")

    def test_says_how_long_a_text_may_be(self) -> None:
        with pytest.raises(BadInput, match="'subject' needs 1 to 40 characters, not 41"):
            texts.cleaned("x" * 41, field="subject", longest=40)

    def test_stays_within_the_longest_when_a_card_number_leaves(self) -> None:
        cleaned = texts.cleaned("x" * 26 + " 4222222222222", field="subject", longest=40)

        assert cleaned == "x" * 26 + " [card number "


class TestEmail:
    @pytest.mark.parametrize(
        ("given", "stored"),
        [
            ("zoe@example.net", "zoe@example.net"),
            (" Zoe@Example.NET ", "Zoe@example.net"),
            ("é@exemple.fr", "é@exemple.fr"),
        ],
    )
    def test_is_stored_in_one_writing(self, given: str, stored: str) -> None:
        assert texts.email(given, field="contactEmail") == stored

    @pytest.mark.parametrize(
        "given", ["", "zoe", "zoe@", "@example.net", "a b@example.net", "a@b@example.net", f"{'x' * 250}@example.net"]
    )
    def test_refuses_what_is_none(self, given: str) -> None:
        with pytest.raises(BadInput) as refused:
            texts.email(given, field="contactEmail")

        assert refused.value.field == "contactEmail"
