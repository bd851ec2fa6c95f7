"""Random derivations of every kind that the engine writes."""

from datetime import timedelta

from hypothesis import strategies as st

from backoffice.billing import changes, compensations, corrections, discounts, lines, withdrawal
from backoffice.billing.derivation import Derived, total_of
from backoffice.billing.money import Rounding
from backoffice.billing.segments import charge_lines
from backoffice.billing.termination import fee

from .strategies import billing_periods, days, days_of, histories, parts_of, prices


@st.composite
def charges(draw: st.DrawFn) -> Derived:
    """A whole, prorated, one-time or discounted line."""
    of, price = draw(billing_periods()), draw(prices)
    served, quantity = draw(parts_of(of)), draw(st.integers(1, 9))
    discount = draw(
        st.one_of(
            st.integers(0, price).map(lambda off: discounts.AmountOff(off, "P")),
            st.fractions(0, 1, max_denominator=400).map(lambda off: discounts.ShareOff(off, "P")),
        )
    )
    ends_on, mode = draw(st.one_of(st.none(), days_of(of))), draw(st.sampled_from(Rounding))
    kind = draw(st.sampled_from(["full", "prorated", "one-time", "discounted"]))
    if kind == "full":
        return lines.full_price(full_cents=price, price_version="PV-1", period=of, quantity=quantity)
    if kind == "prorated":
        return lines.prorated(full_cents=price, price_version="é ☃", served=served, of=of, rounding=mode)
    if kind == "one-time":
        return lines.one_time(fee_cents=price, price_version="", quantity=quantity)
    segments = discounts.discounted(
        full_cents=price, price_version="PV-1", discount=discount, discount_ends_on=ends_on, served=served, of=of
    )
    return total_of([segment.derived for segment in segments])


@st.composite
def corrected(draw: st.DrawFn) -> Derived:
    """A change of offer, or a credit of an issued line."""
    of, price, other = draw(billing_periods()), draw(prices), draw(prices)
    part, already_cents = draw(parts_of(of)), draw(st.one_of(st.just(0), prices))
    kind, on = draw(st.sampled_from(["change", "days", "difference"])), draw(days_of(of))
    if kind == "days":
        return corrections.credit_days(
            line_cents=price, line="L-1", unused=part, of=of, already_credited_cents=already_cents
        )
    if kind == "difference":
        correct = lines.prorated(full_cents=price, price_version="PV-1", served=part, of=of)
        return corrections.credit_difference(
            line_cents=correct.cents + 1 + other,
            line="L-1",
            correct=correct,
            already_credited_cents=already_cents,
            same_days_credited_cents=draw(st.integers(0, already_cents)),
        )
    moved = changes.change(
        on=on,
        period=of,
        old_cents=price,
        old_line="L-1",
        new_cents=other,
        price_version="PV-2",
        already_credited_cents=already_cents,
    )
    return draw(st.sampled_from([moved.credit, total_of([moved.credit, moved.charge])]))


@st.composite
def fees(draw: st.DrawFn) -> Derived:
    """A termination fee on any day of, or after, a commitment."""
    contract_on = draw(days)
    return fee(
        contract_on=contract_on,
        commitment_months=draw(st.integers(0, 24)),
        monthly_cents=draw(prices),
        ends_on=contract_on + timedelta(days=draw(st.integers(0, 800))),
        subsidised_terminal=draw(st.booleans()),
    )


@st.composite
def indemnities(draw: st.DrawFn) -> Derived:
    """A compensation, or the surcharge of a refund that came late."""
    on, price = draw(days), draw(prices)
    kind = draw(st.sampled_from(["days", "number", "late"]))
    if kind == "days":
        return compensations.for_days(contract_on=on, monthly_cents=price, days=draw(st.integers(0, 60)))
    if kind == "number":
        return compensations.for_lost_number(contract_on=on, monthly_cents=price)
    paid_on = on + timedelta(days=draw(st.integers(0, 400)))
    interest = draw(st.fractions(0, 1, max_denominator=1000))
    return withdrawal.late_surcharge(due_cents=price, due_on=on, paid_on=paid_on, legal_interest=interest)


derivations = st.one_of(charges(), corrected(), fees(), indemnities())


@st.composite
def invoices(draw: st.DrawFn) -> list[Derived]:
    """The lines of an invoice: items charged from their histories, among lines of every other kind."""
    charged = [line.derived for _ in range(draw(st.integers(1, 2))) for line in charge_lines(*draw(histories()))]
    return [*charged, *draw(st.lists(derivations, max_size=4))]
