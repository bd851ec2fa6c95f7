from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing.periods import Period
from backoffice.billing.replays import ChangesOutOfOrder, replay

from .strategies import billing_periods, days_of, prices

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))


class TestReplay:
    def test_of_three_offers_in_a_month_agrees_with_their_segments(self) -> None:
        found = replay(
            period=OCTOBER,
            first_cents=7499,
            changes=[(date(2026, 10, 11), 3999), (date(2026, 10, 21), 3499)],
        )

        moves = [cents for change in found.changes for cents in (change.credit_cents, change.charge_cents)]
        assert moves == [-5080, 2709, -1419, 1242]
        assert found.segments_cents == (2419, 1290, 1242)
        assert (found.chain_cents, found.difference_cents) == (4951, 0)

    def test_says_by_how_much_the_chain_wins(self) -> None:
        november = Period(date(2026, 11, 1), date(2026, 12, 1))

        found = replay(period=november, first_cents=3499, changes=[(date(2026, 11, 16), 3499)])

        assert found.segments_cents == (1750, 1750)
        assert (found.chain_cents, found.difference_cents) == (3499, -1)

    def test_of_an_unchanged_period_is_its_price(self) -> None:
        found = replay(period=OCTOBER, first_cents=7499, changes=[])

        assert (found.chain_cents, found.segments_cents, found.difference_cents) == (7499, (7499,), 0)

    @pytest.mark.parametrize("second_on", [date(2026, 10, 11), date(2026, 10, 5)])
    def test_refuses_changes_out_of_order(self, second_on: date) -> None:
        with pytest.raises(ChangesOutOfOrder) as refusal:
            replay(period=OCTOBER, first_cents=7499, changes=[(date(2026, 10, 11), 3999), (second_on, 3499)])

        assert (refusal.value.on, refusal.value.previous_on) == (second_on, date(2026, 10, 11))

    @given(st.data(), prices)
    def test_differs_from_the_segments_by_at_most_a_cent_a_change(self, data: st.DataObject, first: int) -> None:
        period = data.draw(billing_periods())
        days = sorted(data.draw(st.sets(days_of(period).filter(lambda day: day < period.ends_on), max_size=4)))
        history = [(day, data.draw(prices)) for day in days]

        found = replay(period=period, first_cents=first, changes=history)

        assert abs(found.difference_cents) <= len(history)
        assert found == replay(period=period, first_cents=first, changes=history)
        assert found.chain_cents >= 0
