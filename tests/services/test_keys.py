"""Whoever writes a key and whoever looks one up write it alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.services import keys


class TestFold:
    @pytest.mark.parametrize(
        ("name", "folded"),
        [
            ("Éloïse D'Arc", "eloise d arc"),
            ("E\u0301loi\u0308se", "eloise"),
            ("LEFÈVRE-Dupont", "lefevre dupont"),
            ("  Jean   Marc ", "jean marc"),
            ("O’Brien", "o brien"),
            ("Cœur Œdipe", "coeur oedipe"),
            ("Læticia", "laeticia"),
            ("Strauß STRAUẞ", "strauss strauss"),
            ("Łukasz Đorđe Søren", "lukasz dorde soren"),
            ("Çağlar Ünal İpek Işık", "caglar unal ipek isik"),
            ("Jose\u0301 Núñez", "jose nunez"),
            ("ﬁnot", "finot"),
            ("Dupont 2", "dupont 2"),
            ("--", ""),
            ("", ""),
        ],
    )
    def test_leaves_letters_and_digits(self, name: str, folded: str) -> None:
        assert keys.fold(name) == folded

    @given(st.text())
    def test_changes_nothing_more_the_second_time(self, name: str) -> None:
        folded = keys.fold(name)

        assert keys.fold(folded) == folded
        assert set(folded) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
        assert "  " not in folded

    @given(st.text("abcdefghéàœïç -'", max_size=20))
    def test_does_not_count_case(self, name: str) -> None:
        assert keys.fold(name.upper()) == keys.fold(name)


class TestNumber:
    @pytest.mark.parametrize(
        ("typed", "key"),
        [
            ("S01776108", "01776108"),
            ("s 01776108", "01776108"),
            (" 01 776 108 ", "01776108"),
            ("01776108", "01776108"),
            ("C01776108", "01776108"),
            ("S1776108", "S1776108"),
            ("1776108", "1776108"),
            ("SS01776108", "SS01776108"),
            ("S017761080", "S017761080"),
            ("imp-7", "IMP-7"),
            ("", ""),
        ],
    )
    def test_knows_one_subscriber_in_many_writings(self, typed: str, key: str) -> None:
        assert keys.number(typed) == key


class TestReference:
    @pytest.mark.parametrize(
        ("typed", "key"),
        [
            ("f2026-0000003", "F2026-0000003"),
            (" F 2026-0000003\n", "F2026-0000003"),
            ("dec\u00a00001", "DEC0001"),
            ("", ""),
        ],
    )
    def test_does_not_count_blanks_and_case(self, typed: str, key: str) -> None:
        assert keys.reference(typed) == key


class TestEmail:
    @pytest.mark.parametrize(
        ("typed", "key"),
        [(" Zoe@Example.NET ", "zoe@example.net"), ("zoe+tv@example.net", "zoe+tv@example.net"), ("", "")],
    )
    def test_does_not_count_case(self, typed: str, key: str) -> None:
        assert keys.email(typed) == key


class TestPhone:
    @pytest.mark.parametrize(
        "typed",
        [
            "0639980001",
            "06 39 98 00 01",
            "06.39.98.00.01",
            "06-39-98-00-01",
            "06/39/98/00/01",
            "+33639980001",
            "+33 6 39 98 00 01",
            "+33 (0)6 39 98 00 01",
            "(+33) 6 39 98 00 01",
            "0033 6 39 98 00 01",
            "tel:+33-6-39-98-00-01",
            "06\u00a039\u00a098\u00a000\u00a001",
            "０６３９９８０００１",
            " 0639980001 ",
        ],
    )
    def test_knows_one_number_in_many_writings(self, typed: str) -> None:
        assert keys.phone(typed) == "+33639980001"

    @pytest.mark.parametrize(
        ("typed", "region", "key"),
        [
            ("+32 470 12 34 56", "FR", "+32470123456"),
            ("0470 12 34 56", "BE", "+32470123456"),
            ("02 62 30 01 23", "RE", "+262262300123"),
            ("(555) 010-0199", "US", "+15550100199"),
        ],
    )
    def test_knows_other_countries(self, typed: str, region: str, key: str) -> None:
        assert keys.phone(typed, region=region) == key

    @pytest.mark.parametrize("typed", ["", "Lefèvre", "F2026-3", "12", "+", "0" * 40, "+999 12345678", "\x00"])
    def test_is_none_for_what_cannot_be_one(self, typed: str) -> None:
        assert keys.phone(typed) is None

    @given(st.text(max_size=300))
    def test_takes_any_text(self, typed: str) -> None:
        found = keys.phone(typed)

        assert found is None or keys.phone(found) == found
