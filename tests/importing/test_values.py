"""From the text of a cell to a value: exact, or refused with a reason that does not repeat the cell."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice import models
from backoffice.importing.rules import Blank, Case, Frame, PhoneNumber, Rule
from backoffice.importing.targets import NOUNS, WHEN, Target, Type
from backoffice.importing.values import Unreadable, read

FRAME = Frame(date(2026, 3, 31), ZoneInfo("Europe/Paris"))
AMOUNT = Rule("amount", Target(Type.AMOUNT, models.Payment.amount_cents), ("c",))
TEXT = Rule("text", NOUNS["subscriber"].targets["number"], ("c",))
DATE = Rule("date", NOUNS["contract"].targets["starts_on"], ("c",), patterns=("%d-%m-%Y", "%d/%m/%Y"))
INSTANT = Rule("instant", NOUNS["ticket"].targets["opened_at"], ("d", "t"), patterns=("%d-%m-%Y %I:%M:%S %p",))


def value(rule: Rule, text: str) -> object:
    """What a rule makes of one cell."""
    return read(rule, {"c": text}, FRAME).value


def reason(rule: Rule, text: str) -> str:
    """Why a rule makes nothing of it."""
    with pytest.raises(Unreadable) as unreadable:
        value(rule, text)
    return unreadable.value.reason


class TestAmount:
    @given(st.integers(0, 2**53), st.sampled_from(".,"), st.sampled_from(["", " ", ".", "'"]))
    def test_is_exact_in_every_writing(self, cents: int, decimal: str, thousands: str) -> None:
        rule = replace(AMOUNT, decimal=decimal, thousands=thousands if thousands != decimal else "")
        whole = f"{cents // 100:,}".replace(",", rule.thousands)

        assert value(rule, f"{whole}{decimal}{cents % 100:02d}") == cents

    @given(st.lists(st.integers(-(10**9), 10**9)))
    def test_adds_up_to_the_cent(self, amounts: list[int]) -> None:
        written = [f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}" for cents in amounts]

        assert sum(int(str(value(AMOUNT, text))) for text in written) == sum(amounts)

    @given(st.text(max_size=12))
    def test_is_a_whole_number_of_cents_or_refused(self, text: str) -> None:
        try:
            found = value(AMOUNT, text)
        except Unreadable:
            return

        assert type(found) is int

    @pytest.mark.parametrize(
        ("text", "cents"), [("29.85", 2985), ("29.8", 2980), ("29", 2900), (" 0.05 ", 5), ("-1.5", -150)]
    )
    def test_may_have_fewer_decimals(self, text: str, cents: int) -> None:
        assert value(AMOUNT, text) == cents

    @pytest.mark.parametrize("text", ["1.234", "1.000", "0.005"])
    def test_is_refused_with_more_than_two_decimals(self, text: str) -> None:
        assert reason(AMOUNT, text) == "has more than two decimals"

    @pytest.mark.parametrize("text", ["1e3", "1,50", "+1", "1.", ".5", "1 000", "٣", "12€", "--1", "NaN", "1_0"])
    def test_is_refused_in_another_writing(self, text: str) -> None:
        assert reason(AMOUNT, text) == "is not an amount such as 1234.50"

    @pytest.mark.parametrize("text", ["1\u00a0234,50", "1\u202f234,50", "1 234,50", "1234,50"])
    def test_takes_any_blank_between_thousands(self, text: str) -> None:
        assert value(replace(AMOUNT, decimal=",", thousands=" "), text) == 123450

    def test_is_refused_with_groups_that_are_not_three(self) -> None:
        assert reason(replace(AMOUNT, decimal=",", thousands="."), "12.34") == "is not an amount such as 1234,50"

    def test_may_be_written_in_cents(self) -> None:
        assert value(replace(AMOUNT, is_in_cents=True), "2985") == 2985

    def test_is_refused_beyond_what_the_graph_carries(self) -> None:
        assert reason(AMOUNT, "90071992547409.93") == "is larger than an amount can be"

    def test_is_refused_below_zero_where_that_means_nothing(self) -> None:
        assert reason(replace(AMOUNT, target=NOUNS["statement"].targets["amount"]), "-1") == "is negative"


class TestBlank:
    @pytest.mark.parametrize("text", ["", "   ", "\u00a0", "\t"])
    def test_is_refused_or_none_or_zero_as_the_mapping_says(self, text: str) -> None:
        assert reason(AMOUNT, text) == "is blank"
        assert value(replace(AMOUNT, blank=Blank.NONE), text) is None
        assert read(replace(AMOUNT, blank=Blank.ZERO), {"c": text}, FRAME).adjustments == ("blank taken as zero",)

    def test_may_have_a_place_in_the_table(self) -> None:
        assert value(replace(TEXT, table={"": "none"}), " ") == "none"


class TestDate:
    @pytest.mark.parametrize(
        ("text", "day"),
        [("22-04-2015", date(2015, 4, 22)), ("4/8/2015", date(2015, 8, 4)), ("29-02-2016", date(2016, 2, 29))],
    )
    def test_follows_the_first_pattern_that_fits(self, text: str, day: date) -> None:
        assert value(DATE, text) == day

    @pytest.mark.parametrize("text", ["2015-04-22", "04-22-2015", "29-02-2015", "22-04-15"])
    def test_is_refused_in_another_writing(self, text: str) -> None:
        assert reason(DATE, text) == "is not written as %d-%m-%Y or %d/%m/%Y"

    def test_is_refused_in_a_year_that_nobody_means(self) -> None:
        assert reason(DATE, "22-04-0215") == "is not in the years 1900 to 2199"

    @pytest.mark.parametrize(
        ("months", "day"), [("0", date(2026, 3, 31)), ("1", date(2026, 2, 28)), ("72", date(2020, 3, 31))]
    )
    def test_may_be_counted_back_in_months(self, months: str, day: date) -> None:
        assert value(replace(DATE, is_months_before=True), months) == day

    @pytest.mark.parametrize("months", ["-1", "1201"])
    def test_is_refused_when_counted_back_too_far(self, months: str) -> None:
        assert reason(replace(DATE, is_months_before=True), months) == "is not a number of months from 0 to 1200"


class TestInstant:
    @pytest.mark.parametrize(
        ("time", "hour"), [("12:00:00 AM", 22), ("12:00:00 PM", 10), ("01:25:26 PM", 11), ("11:59:59 PM", 21)]
    )
    def test_is_read_from_two_columns_in_the_zone_of_the_mapping(self, time: str, hour: int) -> None:
        instant = read(INSTANT, {"d": "26-05-2015", "t": time}, FRAME).value

        assert isinstance(instant, datetime)
        assert (instant.hour, instant.tzinfo) == (hour, UTC)

    def test_is_refused_when_the_clock_skips_it(self) -> None:
        with pytest.raises(Unreadable, match="summer time skips in Europe/Paris"):
            read(INSTANT, {"d": "29-03-2015", "t": "02:30:00 AM"}, FRAME)

    def test_is_the_first_of_two_when_the_clock_goes_back(self) -> None:
        instant = read(INSTANT, {"d": "25-10-2015", "t": "02:30:00 AM"}, FRAME).value

        assert instant == datetime(2015, 10, 25, 0, 30, tzinfo=UTC)

    def test_is_refused_with_half_of_it_missing(self) -> None:
        with pytest.raises(Unreadable, match="is not written as"):
            read(INSTANT, {"d": "26-05-2015", "t": ""}, FRAME)

    def test_takes_an_offset_when_the_file_has_one(self) -> None:
        rule = replace(INSTANT, columns=("c",), patterns=("%Y-%m-%dT%H:%M:%S%z",))

        assert value(rule, "2015-05-26T10:00:00+02:00") == datetime(2015, 5, 26, 8, tzinfo=UTC)


class TestText:
    def test_is_padded_and_says_so(self) -> None:
        padded = read(replace(TEXT, pad_length=5), {"c": "2139"}, FRAME)

        assert (padded.value, padded.adjustments) == ("02139", ("padded",))
        assert read(replace(TEXT, pad_length=5), {"c": "30101"}, FRAME).adjustments == ()

    @pytest.mark.parametrize(
        ("case", "text"),
        [
            (Case.TITLE, "O'brien Of Saint-Denis"),
            (Case.UPPER, "O'BRIEN OF SAINT-DENIS"),
            (Case.LOWER, "o'brien of saint-denis"),
        ],
    )
    def test_is_written_in_one_case(self, case: Case, text: str) -> None:
        assert value(replace(TEXT, case=case), "o'bRIEN of SAINT-denis") == text

    def test_is_refused_when_it_does_not_fit(self) -> None:
        assert value(replace(TEXT, prefix="AB"), "x" * 38) == "AB" + "x" * 38
        assert reason(replace(TEXT, prefix="AB"), "x" * 39) == "is longer than 40 characters"

    def test_is_refused_when_it_does_not_match(self) -> None:
        assert reason(replace(TEXT, matches=re.compile("[0-9]+")), "12a") == "does not match [0-9]+"

    def test_keeps_what_is_not_in_the_table_when_told_so(self) -> None:
        rule = replace(TEXT, table={"a": "A"}, keeps_others=True)

        assert [value(rule, "a"), value(rule, "b")] == ["A", "b"]


class TestTable:
    def test_refuses_what_it_does_not_know(self) -> None:
        rule = replace(TEXT, target=WHEN, table={"Yes": True, "No": False})

        assert [value(rule, "Yes"), value(rule, " No ")] == [True, False]
        assert reason(rule, "yes") == "is not in the value table, which knows Yes, No"


class TestOthers:
    def test_code(self) -> None:
        rule = replace(TEXT, target=NOUNS["subscriber"].targets["state"])

        assert value(rule, "FORMER") is models.SubscriberState.FORMER
        assert reason(rule, "former").startswith("is none of PROSPECT, ACTIVE")

    def test_phone(self) -> None:
        rule = replace(TEXT, target=NOUNS["phone"].targets["number"])

        assert value(rule, "06 12 34 56 78") == PhoneNumber("06 12 34 56 78", "+33612345678")
        assert reason(rule, "12") == "is no telephone number of the region FR"

    def test_email(self) -> None:
        rule = replace(TEXT, target=NOUNS["subscriber"].targets["contact_email"])

        assert value(rule, "Ada@Example.com") == "Ada@example.com"
        assert reason(rule, "ada@") == "is no e-mail address"

    @pytest.mark.parametrize(
        ("text", "why"), [("0", "is less than 1"), ("29", "is more than 28"), ("5.0", "is not a whole number")]
    )
    def test_integer_within_its_bounds(self, text: str, why: str) -> None:
        assert reason(replace(TEXT, target=NOUNS["account"].targets["debit_day"]), text) == why

    def test_two_readings_that_differ(self) -> None:
        rule = replace(DATE, agrees_with=replace(DATE, columns=("again",)))

        assert read(rule, {"c": "04-08-2015", "again": "04/08/2015"}, FRAME).value == date(2015, 8, 4)
        with pytest.raises(Unreadable, match="differs from what again says"):
            read(rule, {"c": "04-08-2015", "again": "08-04-2015"}, FRAME)
