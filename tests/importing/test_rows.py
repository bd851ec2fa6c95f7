"""A refused row says on which line, in which column, and why; it shows nothing personal."""

import pytest

from backoffice.importing.reading import CsvFile
from backoffice.importing.rows import Checker
from backoffice.models import OfferKind

from .desks import SUBSCRIBER, WHOLE, Desk

HEADER = "id,name,months,charge,total\n"
OFFERS = {"DESK-FIBRE": OfferKind.OFFER, "DESK-TV": OfferKind.OPTION}


def problems(desk: Desk, mapping: str, file: str) -> list[tuple[int, str, str, str]]:
    """What is wrong with each row."""
    told = desk.put(mapping, file).load()
    checker = Checker(told, OFFERS)
    found = [
        problem for raw in CsvFile(desk.folder / "file.csv", told).rows() for problem in checker.check(raw).problems
    ]
    return [(problem.line, problem.column, problem.value, problem.reason) for problem in found]


class TestCheck:
    def test_takes_a_row_that_is_right(self, desk: Desk) -> None:
        assert problems(desk, WHOLE, HEADER + "S1,Ada,3,29.90,89.70\n") == []

    def test_tells_every_problem_of_a_row(self, desk: Desk) -> None:
        assert problems(desk, WHOLE, HEADER + "S1,Ada,x,29.999,-1\n") == [
            (2, "months", "x", "is not a whole number"),
            (2, "charge", "29.999", "has more than two decimals"),
            (2, "total", "-1", "is negative"),
        ]

    def test_shows_no_name(self, desk: Desk) -> None:
        assert problems(desk, WHOLE, HEADER + f"S1,{'Ada' * 50},3,29.90,89.70\n") == [
            (2, "name", "(150 characters)", "is longer than 120 characters")
        ]

    def test_refuses_a_key_that_comes_twice(self, desk: Desk) -> None:
        rows = "S1,Ada,3,29.90,89.70\nS1,Ada,3,29.90,89.70\n"

        assert problems(desk, WHOLE, HEADER + rows) == [(3, "id", "S1", "is the key of line 2 already")]

    def test_refuses_a_row_without_a_key(self, desk: Desk) -> None:
        assert (2, "id", "", "is no key: a key takes 1 to 150 characters") in problems(
            desk, WHOLE, HEADER + ",Ada,3,29.90,89.70\n"
        )

    def test_refuses_numbers_that_are_one_when_compared(self, desk: Desk) -> None:
        rows = "S00000001,Ada,3,29.90,89.70\ns 00000001,Zoé,3,29.90,89.70\n"

        assert problems(desk, WHOLE, HEADER + rows)[0] == (3, "id", "00000001", "is used on line 2 already")

    def test_refuses_an_option_as_what_a_contract_is_about(self, desk: Desk) -> None:
        mapping = WHOLE.replace('offer = { constant = "DESK-FIBRE" }\nstate', 'offer = "name"\nstate')
        rows = "S1,DESK-TV,3,29.90,89.70\nS2,DESK-FTTH,3,29.90,89.70\n"

        assert problems(desk, mapping, HEADER + rows) == [
            (2, "name", "DESK-TV", "is no offer but a kind OPTION"),
            (3, "name", "DESK-FTTH", "is no offer of the catalogue or of the mapping"),
        ]

    @pytest.mark.parametrize(
        ("ends_on", "state", "reason"),
        [
            ("2026-06-30", "ACTIVE", "ends before it starts"),
            ("", "TERMINATED", "is TERMINATED without a date on which it ended"),
        ],
    )
    def test_refuses_a_contract_that_contradicts_itself(
        self, desk: Desk, ends_on: str, state: str, reason: str
    ) -> None:
        mapping = WHOLE.replace(
            'state = { constant = "ACTIVE" }\nstarts_on', 'ends_on = "name"\nstate = "charge"\nstarts_on'
        )
        mapping = mapping.replace('agreed_amount = "charge"\n', "").replace(
            'monthly_cents = { sum = "item.agreed_amount" }', ""
        )
        mapping = mapping.replace('[[holder]]\nlast_name = "name"\n', "")

        assert [found[3] for found in problems(desk, mapping, HEADER + f"S1,{ends_on},3,{state},1\n")] == [reason]

    def test_refuses_a_number_beside_unidentified_and_none_without(self, desk: Desk) -> None:
        mapping = SUBSCRIBER.replace('key = "id"', 'key = "key"').replace(
            'kind = { constant = "CONSUMER" }', 'kind = "kind"'
        )
        rows = "1,S1,UNIDENTIFIED\n2,,CONSUMER\n3,S3,CONSUMER\n4,,UNIDENTIFIED\n"

        assert [(found[0], found[3]) for found in problems(desk, mapping, "key,id,kind\n" + rows)] == [
            (2, "has a number but is UNIDENTIFIED"),
            (3, "has no number, which only an UNIDENTIFIED contact may lack"),
        ]

    def test_refuses_a_contract_whose_account_is_not_there(self, desk: Desk) -> None:
        mapping = WHOLE.replace(
            "[account]", '[account]\nwhen = { column = "name", table = { yes = true, no = false } }'
        )
        mapping = mapping.replace('[[holder]]\nlast_name = "name"\n', "")

        reasons = {found[3] for found in problems(desk, mapping, HEADER + "S1,no,3,29.90,89.70\nS2,maybe,3,1,1\n")}

        assert "has a contract but no account" in reasons
        assert "is not in the value table, which knows yes, no" in reasons

    def test_takes_a_row_without_a_name_but_not_with_half_of_it(self, desk: Desk) -> None:
        mapping = SUBSCRIBER + '[[holder]]\nfirst_name = "first"\nlast_name = "last"\n'

        found = problems(desk, mapping, "id,first,last\nS1,,\nS2,Ada,\nS3,,Byron\n")

        assert found == [(3, "last", "", "is blank, but first is not")]

    def test_refuses_a_blank_name_when_the_mapping_says_so(self, desk: Desk) -> None:
        mapping = WHOLE.replace('last_name = "name"', 'last_name = { column = "name", blank = "refuse" }')

        assert problems(desk, mapping, HEADER + "S1,,3,29.90,89.70\n") == [(2, "name", "(0 characters)", "is blank")]

    def test_tells_one_key_of_two_columns_from_another(self, desk: Desk) -> None:
        mapping = SUBSCRIBER.replace('key = "id"', 'key = ["id", "part"]')

        assert problems(desk, mapping, "id,part\na|,b\na,|b\n") == []
