from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing import lines
from backoffice.billing.advice import Advice, UnknownLevel, advise
from backoffice.billing.cautions import Caution
from backoffice.billing.claims import IssuedLine, Request
from backoffice.billing.derivation import Derived, Draft
from backoffice.billing.money import NegativeAmount
from backoffice.billing.periods import Period
from backoffice.billing.policies import POLICY, Allowance, NoRefundRule, RefundRule, rule_for
from backoffice.billing.steps import Source

from .strategies import billing_periods, parts_of, prices

CEILINGS = {"AGENT": 5000, "SUPERVISOR": 50_000, "BILLING": 200_000}
TODAY = date(2026, 7, 14)
RENEWAL = Period(date(2026, 7, 11), date(2026, 8, 11))
SPORT = IssuedLine("F-7, ligne 2", 1999, RENEWAL, paid_on=date(2026, 7, 11))
LEFT = Period(TODAY, RENEWAL.ends_on)
UNUSED = Request("UNUSED_OPTION", unused=LEFT)


def advice(line: IssuedLine = SPORT, request: Request = UNUSED, **given: object) -> Advice:
    """Advice on the day of the request, under the usual ceilings."""
    return advise(line, request, **{"today": TODAY, "ceilings": CEILINGS, **given})  # type: ignore[arg-type]


def correct(cents: int) -> Derived:
    """What a line should have billed."""
    draft = Draft()
    draft.amount(Source.PRICE, cents, rule="price-version")
    return draft.finish()


class TestAdvise:
    def test_proposes_the_days_left_of_an_unused_option_and_at_most_the_whole(self) -> None:
        found = advice()

        assert (found.least_cents, found.most_cents) == (0, 1999)
        assert found.proposed is not None
        assert (found.proposed.cents, found.proposed.verify()) == (1806, True)
        assert (found.decided_by, found.most_decided_by) == ("AGENT", "SUPERVISOR")
        assert found.rules[0] == "refund-unused-option"
        assert found.warnings == (Caution.PROOF_NEEDED,)

    def test_of_an_error_owes_the_difference(self) -> None:
        november = Period(date(2026, 11, 1), date(2026, 12, 1))
        right = lines.prorated(
            full_cents=4000, price_version="PV-2", served=Period(date(2026, 11, 16), november.ends_on), of=november
        )
        line = IssuedLine("F-12, ligne 2", 4000, november, paid_on=date(2026, 12, 1))

        found = advice(line, Request("PRORATION_ERROR", correct=right), today=date(2026, 12, 2))

        assert found.proposed is not None
        assert (found.least_cents, found.proposed.cents, found.most_cents) == (2000, 2000, 4000)
        assert found.reference == "Code civil, article 1302-1"
        assert found.warnings == (Caution.RULE_ASSUMED,)

    def test_of_a_rise_too_early_gives_the_difference_and_no_more(self) -> None:
        found = advice(replace(SPORT, ttc_cents=2499), Request("PRICE_RISE_TOO_EARLY", correct=correct(2376)))

        assert (found.least_cents, found.most_cents) == (123, 123)
        assert (found.decided_by, found.most_decided_by) == ("AGENT", "AGENT")
        assert found.reference == "Code de la consommation, article L224-33"

    def test_of_goodwill_proposes_nothing_and_lets_a_supervisor_give_the_whole(self) -> None:
        found = advice(request=Request("GOODWILL"))

        assert (found.least_cents, found.most_cents, found.proposed) == (0, 1999, None)
        assert (found.decided_by, found.most_decided_by) == ("AGENT", "SUPERVISOR")

    def test_of_used_content_gives_nothing(self) -> None:
        found = advice(request=Request("USED_CONTENT", asked_cents=1))

        assert (found.most_cents, found.proposed) == (0, None)
        assert found.warnings == (Caution.ASKED_ABOVE_MOST,)

    @pytest.mark.parametrize(
        ("paid_on", "is_old"),
        [(date(2025, 7, 14), False), (date(2025, 7, 13), True), (date(2026, 7, 14), False)],
    )
    def test_warns_of_a_claim_older_than_a_year_and_refuses_nothing(self, paid_on: date, is_old: bool) -> None:
        found = advice(replace(SPORT, paid_on=paid_on))

        assert (Caution.CLAIM_OLDER_THAN_A_YEAR in found.warnings) == is_old
        assert found.most_cents == 1999

    @pytest.mark.parametrize(
        ("cents", "decided_by", "most_decided_by"),
        [
            (5000, "AGENT", "SUPERVISOR"),
            (5600, "SUPERVISOR", "SUPERVISOR"),
            (50_001, "SUPERVISOR", "BILLING"),
            (55_400, "BILLING", "BILLING"),
            (200_001, "BILLING", None),
            (300_000, None, None),
        ],
    )
    def test_leaves_the_decision_to_the_first_level_whose_ceiling_covers_it(
        self, cents: int, decided_by: str | None, most_decided_by: str | None
    ) -> None:
        found = advice(replace(SPORT, ttc_cents=cents))

        assert (found.decided_by, found.most_decided_by) == (decided_by, most_decided_by)

    def test_counts_earlier_credits_of_the_line_and_of_the_same_days(self) -> None:
        line = replace(SPORT, credited_cents=1000)

        other_days, same_days = advice(line), advice(line, replace(UNUSED, same_credited_cents=900))

        # Of 18.06, at most the 9.99 that stand; of the same days 9.00 were credited.
        assert (other_days.proposed and other_days.proposed.cents, other_days.most_cents) == (999, 999)
        assert (same_days.proposed and same_days.proposed.cents, same_days.most_cents) == (906, 999)
        assert other_days.warnings == (Caution.ALREADY_CREDITED, Caution.PROOF_NEEDED)
        assert same_days.warnings == (
            Caution.ALREADY_CREDITED,
            Caution.DAYS_ALREADY_CREDITED,
            Caution.PROOF_NEEDED,
        )

    def test_of_a_line_that_was_credited_whole_is_nothing(self) -> None:
        found = advice(replace(SPORT, credited_cents=1999), Request("DUPLICATE_PARTNER_CHARGE"))

        assert (found.least_cents, found.most_cents) == (0, 0)
        assert Caution.NOTHING_STANDS in found.warnings

    @pytest.mark.parametrize(
        ("line", "request_", "caution"),
        [
            (replace(SPORT, paid_on=None), UNUSED, Caution.NOT_PAID),
            (SPORT, Request("UNUSED_OPTION"), Caution.DAYS_UNKNOWN),
            (replace(SPORT, period=None), UNUSED, Caution.DAYS_UNKNOWN),
            (SPORT, Request("BILLING_ERROR"), Caution.CORRECT_AMOUNT_UNKNOWN),
            (SPORT, Request("BILLING_ERROR", correct=correct(1999)), Caution.BILLED_NO_MORE_THAN_CORRECT),
            (SPORT, replace(UNUSED, asked_cents=2000), Caution.ASKED_ABOVE_MOST),
        ],
    )
    def test_says_what_to_look_at(self, line: IssuedLine, request_: Request, caution: Caution) -> None:
        assert caution in advice(line, request_).warnings
        assert caution not in advice(SPORT, UNUSED).warnings

    def test_follows_another_policy(self) -> None:
        generous = RefundRule("house-1", "UNUSED_OPTION", Allowance.WHOLE, "Règle 12", is_owed=True)

        found = advice(policy=[generous])

        assert (found.least_cents, found.most_cents, found.rules[0]) == (1999, 1999, "house-1")

    def test_refuses_a_reason_without_a_rule(self) -> None:
        with pytest.raises(NoRefundRule) as refusal:
            advice(request=Request("MOOD"))

        assert (refusal.value.reason, refusal.value.on) == ("MOOD", TODAY)
        assert "UNUSED_OPTION" in refusal.value.known

    def test_refuses_a_level_without_a_ceiling(self) -> None:
        with pytest.raises(UnknownLevel) as refusal:
            advice(ceilings={"AGENT": 5000})

        assert (refusal.value.level, refusal.value.known) == ("SUPERVISOR", ("AGENT",))

    def test_refuses_a_line_below_zero(self) -> None:
        with pytest.raises(NegativeAmount):
            advice(replace(SPORT, ttc_cents=-1))

    @given(st.data(), prices, st.sampled_from(POLICY))
    def test_stays_between_what_is_owed_and_what_stands(
        self, data: st.DataObject, cents: int, rule: RefundRule
    ) -> None:
        period = data.draw(billing_periods())
        credited_cents = data.draw(st.integers(0, cents))
        line = IssuedLine("L-1", cents, data.draw(st.sampled_from([period, None])), credited_cents)
        request = Request(
            rule.reason,
            unused=data.draw(st.one_of(st.none(), parts_of(period))),
            correct=data.draw(st.one_of(st.none(), prices.map(correct))),
            same_credited_cents=data.draw(st.integers(0, credited_cents)),
        )

        found = advice(line, request)

        proposed_cents = found.proposed.cents if found.proposed else 0
        assert 0 <= found.least_cents <= proposed_cents <= found.most_cents <= cents - credited_cents
        assert found.proposed is None or found.proposed.verify()


class TestPolicy:
    def test_has_one_rule_a_reason_on_any_day(self) -> None:
        for year in range(2020, 2040):
            reasons = [rule.reason for rule in POLICY if rule.applies_on(date(year, 1, 1))]
            assert len(set(reasons)) == len(reasons) == len(POLICY)

    def test_names_an_article_for_whatever_is_owed(self) -> None:
        assert all("article" in rule.reference for rule in POLICY if rule.is_owed)
        assert len({rule.identifier for rule in POLICY}) == len(POLICY)

    def test_changes_with_the_day(self) -> None:
        old = RefundRule("old", "GOODWILL", Allowance.NOTHING, "Règle 1", applies_until=date(2026, 7, 1))
        new = RefundRule("new", "GOODWILL", Allowance.WHOLE, "Règle 2", applies_from=date(2026, 7, 1))

        assert rule_for("GOODWILL", date(2026, 6, 30), [old, new]) is old
        assert rule_for("GOODWILL", date(2026, 7, 1), [old, new]) is new
