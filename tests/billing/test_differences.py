from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.billing import cause_phrases, lines
from backoffice.billing.billed import BilledLine, read_line
from backoffice.billing.causes import Cause, CauseKind
from backoffice.billing.changes import change
from backoffice.billing.differences import between
from backoffice.billing.discounts import AmountOff
from backoffice.billing.formats import UnknownLocale
from backoffice.billing.items import BilledItem, Component, DatedPrice, DatedPromotion
from backoffice.billing.periods import Period
from backoffice.billing.segments import charge_lines

from .strategies import billing_periods, histories, parts_of, prices

TEN = Decimal("0.10")
LONG_AGO = date(2025, 1, 1)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
DECEMBER = Period(date(2026, 12, 1), date(2027, 1, 1))
PROMOTION = DatedPromotion("Offre de bienvenue", 1000, date(2025, 11, 15), date(2026, 11, 15))


def billed(
    item: BilledItem, of: Period, *, served: Period | None = None, kind: str = "SUBSCRIPTION", offer: str = "O-1"
) -> list[BilledLine]:
    """The issued lines of an item for a period."""
    return [
        read_line(
            kind=kind,
            label=line.label,
            key=item.key,
            contract="C-1",
            offer=offer,
            unit_cents=line.unit_cents,
            quantity=line.quantity,
            period=line.period,
            derived=line.derived,
        )
        for line in charge_lines(item, served or of, of)
    ]


def single(kind: str, label: str, cents: int) -> BilledLine:
    """A line that the next invoice does not repeat."""
    return BilledLine(kind=kind, label=label, key=label, ttc_cents=cents, unit_cents=cents)


def item(*versions: tuple[date, int], key: str = "I-1", label: str = "Cinéma", **given: object) -> BilledItem:
    """An item of one component with these (first day, cents) prices."""
    known = tuple(
        DatedPrice(f"PV-{place}", day, None, (Component(label, cents, TEN),))
        for place, (day, cents) in enumerate(versions)
    )
    return BilledItem(key, known, **given)  # type: ignore[arg-type]


def total(invoice: list[BilledLine]) -> int:
    return sum(line.ttc_cents for line in invoice)


class TestReadLine:
    def test_finds_the_period_the_price_and_the_discounts_in_the_derivation(self) -> None:
        first, last = billed(item((LONG_AGO, 3499), promotions=(PROMOTION,)), NOVEMBER)

        assert (first.of, first.price_reference, first.full_cents) == (NOVEMBER, "PV-0", 3499)
        assert (first.discounts, last.discounts) == ((AmountOff(1000, "Offre de bienvenue"),), ())

    def test_of_a_fee_has_no_period(self) -> None:
        fee = lines.one_time(fee_cents=4900, price_version="PV-3")

        line = read_line(
            kind="FEE", label="Mise en service", key="I-2", unit_cents=4900, quantity=1, period=None, derived=fee
        )

        assert (line.of, line.share, line.is_recurring, line.ttc_cents) == (None, 0, False, 4900)


class TestBetween:
    def test_an_invoice_and_one_like_it_is_no_cause(self) -> None:
        cinema = item((LONG_AGO, 3499))

        assert between(billed(cinema, OCTOBER), billed(cinema, NOVEMBER)) == ()

    def test_tells_a_promotion_that_ends_within_the_month_and_the_month_after(self) -> None:
        cinema = item((LONG_AGO, 3499), promotions=(PROMOTION,))
        october, november, december = (billed(cinema, of) for of in (OCTOBER, NOVEMBER, DECEMBER))

        # 24.99, then 11.66 + 18.66, then 34.99.
        assert between(october, november) == (Cause(CauseKind.PROMOTION_ENDED, 533, "Offre de bienvenue", 1000, 0),)
        assert between(november, december) == (Cause(CauseKind.PROMOTION_ENDED, 467, "Offre de bienvenue", 1000, 0),)

    def test_tells_a_promotion_that_begins(self) -> None:
        begun = item((LONG_AGO, 3499), promotions=(replace(PROMOTION, starts_on=date(2026, 11, 1), ends_on=None),))

        assert between(billed(begun, OCTOBER), billed(begun, NOVEMBER)) == (
            Cause(CauseKind.PROMOTION_STARTED, -1000, "Offre de bienvenue", 0, 1000),
        )

    def test_tells_a_promotion_that_follows_another(self) -> None:
        first = replace(PROMOTION, ends_on=date(2026, 11, 1))
        second = DatedPromotion("Fidélité", 500, date(2026, 11, 1), None)
        cinema = item((LONG_AGO, 3499), promotions=(first, second))

        assert between(billed(cinema, OCTOBER), billed(cinema, NOVEMBER)) == (
            Cause(CauseKind.PROMOTION_ENDED, 1000, "Offre de bienvenue", 1000, 0),
            Cause(CauseKind.PROMOTION_STARTED, -500, "Fidélité", 0, 500),
        )

    def test_tells_a_rise_within_the_month_and_the_month_after(self) -> None:
        television = item((LONG_AGO, 2299), (date(2026, 10, 20), 2499), label="TV")
        september = Period(date(2026, 9, 1), date(2026, 10, 1))

        # 22.99, then 14.09 + 9.67, then 24.99.
        assert between(billed(television, september), billed(television, OCTOBER)) == (
            Cause(CauseKind.PRICE_CHANGED, 77, "TV", 2299, 2499),
        )
        assert between(billed(television, OCTOBER), billed(television, NOVEMBER)) == (
            Cause(CauseKind.PRICE_CHANGED, 123, "TV", 2299, 2499),
        )

    def test_tells_a_change_of_offer_from_its_prorations(self) -> None:
        cinema = item((LONG_AGO, 3499))
        everything = item((LONG_AGO, 7499), key="I-2", label="Tout inclus")
        moved = change(
            on=date(2026, 11, 16),
            period=NOVEMBER,
            old_cents=3499,
            old_line="F-1, ligne 1",
            new_cents=7499,
            price_version="PV-2",
        )
        november = billed(cinema, NOVEMBER)
        december = [
            single("PRORATION", "Cinéma, crédit", moved.credit.cents),
            single("PRORATION", "Tout inclus, 16–30 novembre", moved.charge.cents),
            *billed(everything, DECEMBER, offer="O-2"),
        ]

        assert between(november, december) == (
            Cause(CauseKind.OFFER_CHANGED, 4000, "Cinéma → Tout inclus", 3499, 7499),
            Cause(CauseKind.PRORATION, -1750, "Cinéma, crédit", 0, -1750),
            Cause(CauseKind.PRORATION, 3750, "Tout inclus, 16–30 novembre", 0, 3750),
        )

    def test_tells_days_that_were_not_billed(self) -> None:
        suspended = item((LONG_AGO, 3499), suspensions=(Period(date(2026, 11, 11), date(2026, 11, 14)),))

        # 11.66 + 19.83 in November, where 27/30 of 34.99 alone would be 31.491.
        assert between(billed(suspended, OCTOBER), billed(suspended, NOVEMBER)) == (
            Cause(CauseKind.DAYS, -350, "Cinéma", 3499, 3149),
        )

    def test_tells_a_first_month_that_began_late(self) -> None:
        cinema = item((LONG_AGO, 3499))
        first = billed(cinema, OCTOBER, served=Period(date(2026, 10, 7), date(2026, 11, 1)))
        fee = single("FEE", "Mise en service", 4900)
        deposit = single("DEPOSIT", "Décodeur", 7500)

        assert between([*first, fee, deposit], billed(cinema, NOVEMBER)) == (
            Cause(CauseKind.DAYS, 677, "Cinéma", 2822, 3499),
            Cause(CauseKind.FEE, -4900, "Mise en service", 4900, 0),
            Cause(CauseKind.DEPOSIT, -7500, "Décodeur", 7500, 0),
        )

    def test_tells_another_quantity(self) -> None:
        two, three = item((LONG_AGO, 999), quantity=2), item((LONG_AGO, 999), quantity=3)

        assert between(billed(two, OCTOBER), billed(three, NOVEMBER)) == (
            Cause(CauseKind.QUANTITY, 999, "Cinéma", 1998, 2997),
        )

    def test_tells_what_is_new_and_what_is_gone(self) -> None:
        cinema, sport = item((LONG_AGO, 3499)), item((LONG_AGO, 1999), key="I-2", label="Sport")
        kids = item((LONG_AGO, 499), key="I-3", label="Enfants")
        earlier = [*billed(cinema, OCTOBER), *billed(sport, OCTOBER, kind="OPTION", offer="O-2")]
        later = [*billed(kids, NOVEMBER, kind="OPTION", offer="O-3"), *billed(cinema, NOVEMBER)]

        assert between(earlier, later) == (
            Cause(CauseKind.ITEM_ADDED, 499, "Enfants", 0, 499),
            Cause(CauseKind.ITEM_ENDED, -1999, "Sport", 1999, 0),
        )

    def test_knows_an_option_that_was_ended_and_taken_again(self) -> None:
        sport, again = (
            item((LONG_AGO, cents), key=key, label="Sport") for key, cents in (("I-2", 1999), ("I-4", 2099))
        )

        assert between(billed(sport, OCTOBER, kind="OPTION"), billed(again, NOVEMBER, kind="OPTION")) == (
            Cause(CauseKind.PRICE_CHANGED, 100, "Sport", 1999, 2099),
        )

    def test_tells_a_bundle_as_one_thing(self) -> None:
        versions = (
            DatedPrice("PV-1", LONG_AGO, None, (Component("TV", 600, TEN), Component("Internet", 4399, TEN))),
            DatedPrice("PV-2", NOVEMBER.starts_on, None, (Component("TV", 700, TEN), Component("Internet", 4499, TEN))),
        )
        bundle = BilledItem("I-1", versions)

        assert between(billed(bundle, OCTOBER), billed(bundle, NOVEMBER)) == (
            Cause(CauseKind.PRICE_CHANGED, 200, "TV + Internet", 4999, 5199),
        )

    def test_names_what_no_fact_accounts_for(self) -> None:
        (line,) = billed(item((LONG_AGO, 3499)), OCTOBER)
        wrong = replace(line, ttc_cents=3599)

        assert between([line], [wrong]) == (Cause(CauseKind.OTHER, 100, "Cinéma", 0, 100),)


@st.composite
def invoices(draw: st.DrawFn) -> list[BilledLine]:
    """Lines of items that may stand on both invoices, with single lines, some of them against every rule."""
    found: list[BilledLine] = []
    for key in draw(st.lists(st.sampled_from(["I-1", "I-2", "I-3"]), max_size=3, unique=True)):
        told, served, of = draw(histories())
        kind, offer = draw(st.sampled_from(["SUBSCRIPTION", "OPTION"])), draw(st.sampled_from(["O-1", "O-2", ""]))
        found.extend(billed(replace(told, key=key), of, served=served, kind=kind, offer=offer))
    for kind in draw(st.lists(st.sampled_from(["FEE", "DEPOSIT", "PRORATION", "STATEMENT", "NEW"]), max_size=3)):
        found.append(single(kind, draw(st.sampled_from(["A", "B"])), draw(st.integers(-9999, 9999))))
    if draw(st.booleans()):
        of = draw(billing_periods())
        served, ttc, unit = draw(parts_of(of)), draw(st.integers(-9999, 9999)), draw(prices)
        quantity = draw(st.integers(0, 3))
        odd = BilledLine("OPTION", "Odd", "I-1", ttc, unit, quantity, served, of, "C-1")
        found.append(odd)
    return draw(st.permutations(found))


class TestLaws:
    @given(invoices(), invoices())
    def test_causes_add_up_to_the_difference_to_the_cent(
        self, earlier: list[BilledLine], later: list[BilledLine]
    ) -> None:
        causes = between(earlier, later)

        assert sum(cause.cents for cause in causes) == total(later) - total(earlier)
        assert all(cause.cents for cause in causes)

    @given(invoices())
    def test_an_invoice_against_itself_has_no_cause(self, invoice: list[BilledLine]) -> None:
        assert between(invoice, invoice) == ()

    @given(histories(), histories())
    def test_rounding_stays_within_half_a_cent_a_line_and_one(
        self, one: tuple[BilledItem, Period, Period], other: tuple[BilledItem, Period, Period]
    ) -> None:
        earlier, later = (billed(told, of, served=served) for told, served, of in (one, other))

        causes = between(earlier, later)

        rounding = [abs(cause.cents) for cause in causes if cause.kind is CauseKind.ROUNDING]
        assert CauseKind.OTHER not in {cause.kind for cause in causes}
        assert all(2 * cents <= len(earlier) + len(later) + 2 for cents in rounding)


class TestExplain:
    def test_reads_in_both_languages(self) -> None:
        ended = Cause(CauseKind.PROMOTION_ENDED, 533, "Offre de bienvenue", 1000, 0)
        credit = Cause(CauseKind.PRORATION, -1750, "Cinéma, crédit", 0, -1750)

        assert ended.explain("fr") == (
            "Offre de bienvenue : la promotion a pris fin, la remise passe de 10,00 € à 0,00 € (+5,33 €)."
        )
        assert ended.explain("en") == (
            "Offre de bienvenue: the promotion ended, the discount goes from €10.00 to €0.00 (+€5.33)."
        )
        assert credit.explain("fr") == "Cinéma, crédit : régularisation d'une partie de période (−17,50 €)."
        assert credit.explain("en", currency="CHF") == "Cinéma, crédit: adjustment for part of a period (−CHF 17.50)."

    @pytest.mark.parametrize("locale", ["fr", "en"])
    @pytest.mark.parametrize(("before", "after"), [(0, 5), (5, 0), (5, 7)])
    @pytest.mark.parametrize("kind", CauseKind)
    def test_has_a_sentence_for_every_cause(self, kind: CauseKind, before: int, after: int, locale: str) -> None:
        sentence = Cause(kind, after - before, "Sport", before, after).explain(locale)

        assert sentence.startswith("Sport")
        assert sentence.endswith(").")

    def test_has_the_same_sentences_in_both_languages(self) -> None:
        ways = {CauseKind.FEE, CauseKind.DEPOSIT, CauseKind.PRORATION, CauseKind.OTHER}
        wanted = {str(kind) for kind in CauseKind if kind not in ways}
        wanted |= {f"{kind}.{way}" for kind in ways for way in ("new", "gone", "other")}

        assert set(cause_phrases.FRENCH) == set(cause_phrases.ENGLISH) == wanted

    def test_refuses_a_language_it_does_not_write(self) -> None:
        with pytest.raises(UnknownLocale):
            Cause(CauseKind.FEE, 1, "Sport", 0, 1).explain("de")
