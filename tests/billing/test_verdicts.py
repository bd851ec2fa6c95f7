from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing import replays, verdicts
from backoffice.billing.periods import Period
from backoffice.billing.verdicts import Billed, Verdict

from .strategies import billing_periods, prices


def judge(billed: Billed, replayed_cents: int, *, parts: int = 1, throughout_cents: int = 0) -> Verdict:
    """The verdict on what was billed."""
    return verdicts.judge(billed, replayed_cents, parts=parts, served_throughout_cents=throughout_cents)


class TestJudge:
    @pytest.mark.parametrize(
        ("billed", "replayed_cents", "verdict"),
        [
            (Billed(1999, lines=2), 1999, Verdict.SAME),
            (Billed(1999, lines=2), 2000, Verdict.CHAIN),
            (Billed(2001, lines=2), 2000, Verdict.CHAIN),
            (Billed(2002, lines=2), 2000, Verdict.BILLED_MORE),
            # One line is rounded once, as its part is: it has no cent to explain.
            (Billed(2001, lines=1), 2000, Verdict.BILLED_MORE),
            (Billed(1999, lines=1), 2000, Verdict.BILLED_LESS),
            (Billed(0, lines=0), 2000, Verdict.NOT_BILLED),
            (Billed(0, lines=0), 0, Verdict.SAME),
            (Billed(3499, lines=1, credited_cents=451), 3048, Verdict.CREDITED),
            (Billed(3499, lines=1, credited_cents=450), 3048, Verdict.BILLED_MORE),
            (Billed(3000, lines=1, credited_cents=500), 3000, Verdict.SAME),
        ],
    )
    def test_compares_what_was_billed_with_the_replay(
        self, billed: Billed, replayed_cents: int, verdict: Verdict
    ) -> None:
        assert judge(billed, replayed_cents) is verdict

    def test_knows_what_was_billed_before_the_services_were_cut(self) -> None:
        assert judge(Billed(2099, lines=1), 1895, parts=2, throughout_cents=2099) is Verdict.WITHOUT_SERVICE
        assert judge(Billed(2099, lines=1), 1895, parts=2, throughout_cents=2100) is Verdict.BILLED_MORE

    @given(billing_periods(), prices, st.data())
    def test_finds_nothing_but_rounding_between_a_chain_and_its_segments(
        self, period: Period, cents: int, data: st.DataObject
    ) -> None:
        day = data.draw(st.integers(1, period.days - 1))
        on = period.starts_on.fromordinal(period.starts_on.toordinal() + day)
        made = replays.replay(period=period, first_cents=cents, changes=[(on, 0)])
        old_cents = made.first_cents + made.changes[0].credit_cents

        found = judge(Billed(old_cents, lines=2), made.segments_cents[0])

        assert found in (Verdict.SAME, Verdict.CHAIN)


class TestExplain:
    def test_says_every_verdict_in_both_languages(self) -> None:
        said = {
            verdicts.explain(verdict, label="TV", billed_cents=3499, replayed_cents=3048, locale=locale)
            for verdict, locale in product(Verdict, ("fr", "en"))
        }

        assert len(said) == 2 * len(Verdict)
        assert "TV: €34.99 were billed, its history gives €30.48: €4.51 too much." in said
        assert "TV : 34,99 € ont été facturés, son historique donne 30,48 € : 4,51 € de trop." in said
