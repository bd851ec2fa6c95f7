"""The laws of money, tried on 10,000 random histories each: `python -m tests.billing.laws [word of a law …]`.

TESTS_EXAMPLES sets another number. The suite tries the same tests on fewer.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BILLING, CHECKER = "tests/billing", "tests/checker"
LAWS = {
    "an amount that is shared out is shared out to the cent": (
        f"{BILLING}/test_money.py::TestAllocate::test_sums_to_the_amount_and_stays_within_a_cent_of_each_share"
    ),
    "rows of a document add up to rates, and rates to the total": (
        f"{BILLING}/test_vat.py::TestDocument::test_has_rows_that_add_up_to_rates_and_rates_to_the_total"
    ),
    "parts of a prorated price stay within half a cent each": (
        f"{BILLING}/test_proration.py::TestProrate::test_of_consecutive_parts_stays_within_half_a_cent_a_part"
    ),
    "credit and charge of a change on any day equal the two segments": (
        f"{BILLING}/test_proration.py::TestChange::test_equals_the_two_segments_on_any_day"
    ),
    "a chain of changes differs from its segments by at most a cent each": (
        f"{BILLING}/test_replays.py::TestReplay::test_differs_from_the_segments_by_at_most_a_cent_a_change"
    ),
    "a series of credits never exceeds its row and ends on it": (
        f"{BILLING}/test_credits.py::TestNextCredit::test_in_series_never_exceeds_its_row_and_ends_exactly_on_it"
    ),
    "credits and reversals in any order stay within the line and end on it": (
        f"{BILLING}/test_credits.py::TestNextCredit::test_with_reversals_in_any_order_stays_within_the_line_and_ends_on_it"
    ),
    "a credit is disposed of whole, and no cent of it twice": (
        f"{BILLING}/test_credits.py::TestDispose::test_sends_every_cent_somewhere_and_none_twice"
    ),
    "lines of an item cover every charged day once": (
        f"{BILLING}/test_segments.py::TestLaws::test_lines_cover_every_charged_day_once_a_component"
    ),
    "lines of an item are within half a cent each of the exact days": (
        f"{BILLING}/test_segments.py::TestLaws::test_lines_are_within_half_a_cent_each_of_the_exact_days"
    ),
    "parts of the days of an item add up to the whole": (
        f"{BILLING}/test_segments.py::TestLaws::test_parts_of_the_days_add_up_to_the_whole_within_half_a_cent_a_line"
    ),
    "a replay of the same history gives the same bytes": (
        f"{BILLING}/test_segments.py::TestLaws::test_a_replay_of_the_same_history_gives_the_same_bytes"
    ),
    "what happens outside of the days served changes no line": (
        f"{BILLING}/test_segments.py::TestLaws::test_what_happens_outside_of_the_days_served_changes_no_line"
    ),
    "every derivation verifies and survives its JSON": (
        f"{BILLING}/test_derivation.py::TestDerived::test_verifies_survives_json_and_satisfies_a_checker_of_its_own"
    ),
    "no derivation verifies with another amount": (
        f"{BILLING}/test_derivation.py::TestDerived::test_does_not_verify_with_another_amount"
    ),
    "the causes of a difference add up to it to the cent": (
        f"{BILLING}/test_differences.py::TestLaws::test_causes_add_up_to_the_difference_to_the_cent"
    ),
    "an invoice against itself has no cause": (
        f"{BILLING}/test_differences.py::TestLaws::test_an_invoice_against_itself_has_no_cause"
    ),
    "advice stays between what is owed and what stands": (
        f"{BILLING}/test_advice.py::TestAdvise::test_stays_between_what_is_owed_and_what_stands"
    ),
    "the checker accepts every line of an invoice": (
        f"{CHECKER}/test_invoices.py::TestWrongLines::test_are_none_on_an_invoice_of_the_engine"
    ),
    "the checker names the one line that was planted": (
        f"{CHECKER}/test_invoices.py::TestWrongLines::test_are_the_one_that_was_planted"
    ),
}


class Book:
    """Writes a line for each law that was tried; pytest calls it."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say how a law fared, once its test has run, and with which history it failed."""
        if report.when == "call":
            test, bracket, case = report.nodeid.partition("[")
            law = next(law for law, name in LAWS.items() if name == test)
            sys.stdout.write(f"{report.outcome:>7}  {report.duration:6.1f} s  {law} {bracket}{case}\n")
        sys.stdout.write(report.longreprtext)
        sys.stdout.flush()


def main(words: Sequence[str]) -> int:
    """Try the laws that have one of the words, or all; the answer is the exit code."""
    chosen = [f"{ROOT / test}" for law, test in LAWS.items() if not words or any(word in law for word in words)]
    if not chosen:
        sys.stdout.write("No law has any of these words; without a word all are tried.\n")
        return 2
    os.environ.setdefault("TESTS_EXAMPLES", "10000")
    sys.stdout.write(f"{len(chosen)} laws, {os.environ['TESTS_EXAMPLES']} examples each:\n")
    return int(pytest.main(["--quiet", "--no-header", "-p", "no:terminalreporter", *chosen], plugins=[Book()]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
