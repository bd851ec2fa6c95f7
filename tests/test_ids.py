"""Ids grow with time, and global ids are read only in the one form in which they are written."""

import base64
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.ids import GlobalId, IdMaker

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LARGEST = 2**63 - 1


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


class TestMake:
    def test_grows_within_an_instant_and_when_the_clock_goes_back(self) -> None:
        maker = IdMaker()

        ids = [maker.make(NOW) for _ in range(1_000)] + [maker.make(NOW - timedelta(days=1))]

        assert ids == sorted(set(ids))

    def test_grows_with_time_across_makers(self) -> None:
        earlier, later = IdMaker().make(NOW), IdMaker().make(NOW + timedelta(milliseconds=1))

        assert earlier < later < 2**63

    def test_repeats_itself_with_the_same_randomness(self) -> None:
        made = [IdMaker(random.Random(7)).make(NOW) for _ in range(2)]

        assert made[0] == made[1]

    def test_refuses_an_instant_before_2020(self) -> None:
        with pytest.raises(ValueError, match="before 2020"):
            IdMaker().make(datetime(2019, 12, 31, tzinfo=UTC))


class TestGlobalId:
    @given(st.from_regex(r"[A-Z][A-Za-z]{0,30}", fullmatch=True), st.integers(0, LARGEST), st.integers(1, LARGEST))
    def test_is_read_as_it_was_written(self, type_name: str, subscriber_id: int, row_id: int) -> None:
        made = GlobalId(type_name, subscriber_id, row_id)

        assert GlobalId.decode(made.encode()) == made

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "abc",
            "null",
            "9" * 30,
            "1;drop",
            "١",
            "\u202e1",
            encoded("Invoice:1"),
            encoded("Invoice:1:2:3"),
            encoded("Invoice:1:0"),
            encoded("Invoice:-1:2"),
            encoded(f"Invoice:1:{LARGEST + 1}"),
            encoded("Invoice:01:2"),
            encoded("Invoice: 1:2"),
            encoded("Invoice:1_0:2"),
            encoded("Invoice:١:2"),
            encoded("Invoice:1:2") + "=",
            encoded("Invoice:1:2") + "\n",
        ],
    )
    def test_is_nothing_in_any_other_form(self, text: str) -> None:
        assert GlobalId.decode(text) is None

    @given(st.text())
    def test_never_raises_on_what_a_client_sends(self, text: str) -> None:
        made = GlobalId.decode(text)

        assert made is None or made.encode() == text
