from datetime import date, timedelta

import pytest
from hypothesis import given

from backoffice.billing import deadlines, rules
from backoffice.billing.deadlines import Deadline, DeadlineKind
from backoffice.billing.periods import add_months
from backoffice.billing.workdays import add_working_days, is_holiday

from .strategies import days


class TestClocks:
    @pytest.mark.parametrize(
        ("contract_on", "due_on"),
        [
            (date(2026, 10, 5), date(2026, 10, 19)),
            # Day fourteen is a Saturday; then Easter Monday; then Ascension.
            (date(2026, 10, 24), date(2026, 11, 9)),
            (date(2026, 3, 21), date(2026, 4, 7)),
            (date(2026, 4, 30), date(2026, 5, 15)),
            (date(2026, 12, 18), date(2027, 1, 4)),
        ],
    )
    def test_withdraw_on_day_fourteen_or_the_next_working_day(self, contract_on: date, due_on: date) -> None:
        assert deadlines.withdraw(contract_on) == Deadline(
            DeadlineKind.WITHDRAWAL, due_on, rules.WITHDRAWAL_DAYS, "Code de la consommation, article L221-18", False
        )

    @pytest.mark.parametrize(
        ("notice_on", "due_on"),
        # The second ends on a Sunday and stays there: the operator is not given more time.
        [(date(2026, 10, 16), date(2026, 10, 30)), (date(2026, 10, 18), date(2026, 11, 1))],
    )
    def test_refund_a_withdrawal_within_fourteen_days(self, notice_on: date, due_on: date) -> None:
        found = deadlines.withdrawal_refund(notice_on)

        assert (found.due_on, found.rule) == (due_on, rules.WITHDRAWAL_REFUND_DAYS)

    def test_return_advances_and_deposits_within_ten_days(self) -> None:
        advances, deposit = deadlines.advances_back(date(2026, 12, 28)), deadlines.deposit_back(date(2028, 2, 20))

        assert (advances.kind, advances.due_on) == (DeadlineKind.ADVANCES_BACK, date(2027, 1, 7))
        assert (deposit.kind, deposit.due_on) == (DeadlineKind.DEPOSIT_BACK, date(2028, 3, 1))
        assert advances.reference == deposit.reference == "Code de la consommation, article L224-35"

    @pytest.mark.parametrize(
        ("starts_on", "due_on"),
        [
            (date(2025, 11, 21), date(2026, 11, 21)),
            (date(2024, 2, 29), date(2025, 2, 28)),
            (date(2027, 2, 28), date(2028, 2, 28)),
            (date(2025, 12, 31), date(2026, 12, 31)),
        ],
    )
    def test_bar_claims_after_a_year(self, starts_on: date, due_on: date) -> None:
        subscriber, operator = deadlines.claim(starts_on), deadlines.operator_claim(starts_on)

        assert (subscriber.kind, subscriber.due_on) == (DeadlineKind.CLAIM, due_on)
        assert (operator.kind, operator.due_on) == (DeadlineKind.OPERATOR_CLAIM, due_on)
        assert not subscriber.is_past(due_on)
        assert subscriber.is_past(due_on + timedelta(days=1))

    def test_let_a_bank_pull_a_debit_back_for_eight_weeks(self) -> None:
        found = deadlines.direct_debit_refund(date(2026, 10, 5))

        assert (found.kind, found.due_on) == (DeadlineKind.DIRECT_DEBIT_REFUND, date(2026, 11, 30))
        assert found.is_assumed

    def test_let_a_bank_pull_a_debit_without_mandate_back_for_thirteen_months(self) -> None:
        found = deadlines.direct_debit_refund(date(2026, 1, 31), is_authorised=False)

        assert (found.kind, found.due_on) == (DeadlineKind.UNAUTHORISED_DEBIT_REFUND, date(2027, 2, 28))

    def test_let_a_mandate_lapse_after_three_years(self) -> None:
        found = deadlines.mandate_lapse(date(2024, 2, 29))

        assert (found.kind, found.due_on, found.is_assumed) == (DeadlineKind.MANDATE_LAPSE, date(2027, 2, 28), True)

    @pytest.mark.parametrize(
        ("effective_on", "due_on"),
        [
            (date(2026, 10, 20), date(2026, 9, 20)),
            (date(2026, 3, 31), date(2026, 2, 28)),
            (date(2027, 1, 1), date(2026, 12, 1)),
        ],
    )
    def test_announce_a_change_a_month_before(self, effective_on: date, due_on: date) -> None:
        found = deadlines.contract_change_notice(effective_on)

        assert (found.kind, found.due_on) == (DeadlineKind.CONTRACT_CHANGE_NOTICE, due_on)

    @pytest.mark.parametrize(
        ("notified_on", "due_on"),
        [(date(2026, 9, 20), date(2027, 1, 20)), (date(2026, 10, 31), date(2027, 2, 28))],
    )
    def test_keep_the_free_exit_open_for_four_months(self, notified_on: date, due_on: date) -> None:
        found = deadlines.free_exit(notified_on)

        assert (found.kind, found.due_on) == (DeadlineKind.FREE_EXIT, due_on)

    def test_end_a_contract_ten_days_after_its_termination_came_in(self) -> None:
        found = deadlines.termination_effect(date(2026, 9, 5))

        assert (found.kind, found.due_on) == (DeadlineKind.TERMINATION_EFFECT, date(2026, 9, 15))

    def test_remind_of_the_end_of_a_promotion_a_week_before(self) -> None:
        found = deadlines.promotion_reminder(date(2026, 11, 15))

        assert (found.due_on, found.rule) == (date(2026, 11, 8), rules.PROMOTION_REMINDER_DAYS)
        assert found.reference == "Règle de l'opérateur"

    def test_tell_of_a_renewal_from_three_months_to_one_month_before(self) -> None:
        found = deadlines.renewal_notice(date(2027, 5, 31))

        assert (found.opens_on, found.due_on) == (date(2027, 2, 28), date(2027, 4, 30))

    def test_pay_a_compensation_within_thirty_days(self) -> None:
        found = deadlines.compensation(date(2026, 1, 31))

        assert (found.kind, found.due_on) == (DeadlineKind.COMPENSATION, date(2026, 3, 2))

    @pytest.mark.parametrize(
        ("requested_on", "due_on"),
        [
            # Two weekends; with Armistice Day; with Christmas and New Year.
            (date(2026, 11, 16), date(2026, 11, 30)),
            (date(2026, 11, 2), date(2026, 11, 17)),
            (date(2026, 12, 21), date(2027, 1, 6)),
            (date(2026, 11, 21), date(2026, 12, 4)),
        ],
    )
    def test_send_an_itemised_bill_within_ten_working_days(self, requested_on: date, due_on: date) -> None:
        found = deadlines.itemised_bill(requested_on)

        assert (found.kind, found.due_on, found.is_assumed) == (DeadlineKind.ITEMISED_BILL, due_on, True)

    @given(days)
    def test_never_announce_a_change_less_than_a_month_ahead(self, effective_on: date) -> None:
        notified_on = deadlines.contract_change_notice(effective_on).due_on

        assert add_months(notified_on, 1) <= effective_on
        assert deadlines.renewal_notice(effective_on).due_on == notified_on

    @given(days)
    def test_end_working_days_on_a_working_day(self, day: date) -> None:
        found = add_working_days(day, 10)

        between = [day + timedelta(days=number) for number in range(1, (found - day).days + 1)]
        worked = [each for each in between if each.weekday() < 5 and not is_holiday(each)]
        assert len(worked) == 10
        assert worked[-1] == found
