"""The next invoice of an account, from facts alone: which days are charged when, with which VAT."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from backoffice import checker, models, policy
from backoffice.billing.items import DatedPromotion
from backoffice.billing.periods import Period
from backoffice.models import ContractState, LineKind, OfferKind, RunType
from backoffice.services import charges, invoicing
from backoffice.services.billing_facts import AccountFacts, ContractFacts, ItemFacts, WaitingCharge
from backoffice.services.invoicing import InvoicePlan
from backoffice.services.price_lists import Listed, PriceList, Version
from backoffice.services.tariffs import Tariff
from tests import subscriptions
from tests.subscriptions import LONG_AGO, NETWORK, TV

POLICY = policy.in_force(date(2026, 11, 1))


class Shelf:
    """A catalogue that is not in a database."""

    def __init__(self) -> None:
        self.tariff = Tariff(PriceList())

    def sells(self, code: str, *prices: tuple[date, int], rate: Decimal | None = TV, **given: Any) -> int:
        """Add an offer with prices by their first days; returns its id."""
        basis, months = given.pop("basis", models.PriceBasis.TTC), given.pop("months", None)
        offer = subscriptions.offer(code, **given)
        versions = []
        for place, (starts_on, cents) in enumerate(prices):
            ends_on = prices[place + 1][0] if place + 1 < len(prices) else None
            row = subscriptions.version(offer, cents, starts_on=starts_on, ends_on=ends_on, basis=basis)
            row.months = row.months if months is None else months
            versions.append(Version(row, (subscriptions.component(row, cents, rate),)))
        self.tariff.prices.offers[offer.id] = Listed(offer, tuple(versions))
        return offer.id

    def bundles(self, code: str, *parts: tuple[int, Decimal]) -> int:
        """Add an offer whose price has several parts; returns its id."""
        offer = subscriptions.offer(code)
        row = subscriptions.version(offer, sum(cents for cents, _ in parts))
        components = tuple(
            subscriptions.component(row, cents, rate, place) for place, (cents, rate) in enumerate(parts)
        )
        self.tariff.prices.offers[offer.id] = Listed(offer, (Version(row, components),))
        return offer.id


def item(offer_id: int, **given: Any) -> ItemFacts:
    """An item of the offer itself."""
    known = {
        "id": 21,
        "offer_id": offer_id,
        "kind": OfferKind.OFFER,
        "quantity": 1,
        "agreed_amount_cents": None,
        "anchor_on": None,
        "billed_until": None,
        "starts_on": date(2026, 1, 1),
        "ends_on": None,
        "promotions": (),
    }
    return ItemFacts(**{**known, **given})


def contract(*items: ItemFacts, **given: Any) -> ContractFacts:
    """An active contract from the start of its first item."""
    starts_on = items[0].starts_on
    known = {
        "id": 11,
        "number": "C1",
        "state": ContractState.ACTIVE,
        "starts_on": starts_on,
        "ends_on": None,
        "anchor_on": starts_on,
        "period_months": 1,
        "billed_until": None,
        "suspended_on": None,
        "items": items,
    }
    return ContractFacts(**{**known, **given})


def account(*contracts: ContractFacts, waiting: tuple[WaitingCharge, ...] = ()) -> AccountFacts:
    """An account that is debited on the 5th."""
    return AccountFacts(1, 2, models.Language.FR, 5, contracts, waiting)


def waiting(cents: int, **given: Any) -> WaitingCharge:
    """A charge that waits, at the rate of television."""
    known = {
        "id": 31,
        "contract_id": 11,
        "contract_item_id": 21,
        "offer_id": None,
        "price_version_id": None,
        "kind": LineKind.PRORATION,
        "label": "Reliquat",
        "starts_on": None,
        "ends_on": None,
        "unit_cents": cents,
        "vat_rate": TV,
        "ttc_cents": cents,
        "derivation": {},
        "billable_from": date(2026, 11, 1),
    }
    return WaitingCharge(**{**known, **given})


def plan(of: AccountFacts, shelf: Shelf, on: date) -> InvoicePlan:
    """The invoice of a day, which there must be."""
    planned = invoicing.plan(of, shelf.tariff, on=on, policy=POLICY)
    assert planned.invoice is not None
    return planned.invoice


def said(made: InvoicePlan) -> list[tuple[str, str | None, str | None, int]]:
    """Each line by its label, days and amount with VAT."""
    return [
        (
            line.charge.priced.label,
            line.charge.priced.days.starts_on.isoformat() if line.charge.priced.days else None,
            line.charge.priced.days.ends_on.isoformat() if line.charge.priced.days else None,
            line.split.ttc_cents,
        )
        for line in made.lines
    ]


class TestPlan:
    @pytest.mark.parametrize(
        ("anchor_on", "billed_until", "ends_on"),
        [
            (date(2026, 1, 31), date(2026, 1, 31), date(2026, 2, 28)),
            (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)),
            (date(2026, 1, 31), date(2026, 4, 30), date(2026, 5, 31)),
            (date(2028, 1, 31), date(2028, 1, 31), date(2028, 2, 29)),
            (date(2028, 1, 29), date(2028, 1, 29), date(2028, 2, 29)),
            (date(2027, 1, 29), date(2027, 2, 28), date(2027, 3, 29)),
            (date(2026, 1, 30), date(2026, 2, 28), date(2026, 3, 30)),
            (date(2026, 1, 1), date(2026, 12, 1), date(2027, 1, 1)),
            # The clock changes within both periods: their days do not.
            (date(2026, 1, 15), date(2026, 3, 15), date(2026, 4, 15)),
            (date(2026, 1, 15), date(2026, 10, 15), date(2026, 11, 15)),
        ],
    )
    def test_bills_a_whole_period_at_its_price(self, anchor_on: date, billed_until: date, ends_on: date) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 3499)), starts_on=anchor_on)
        of = account(contract(tv, billed_until=billed_until))

        assert invoicing.plan(of, shelf.tariff, on=billed_until - timedelta(days=1), policy=POLICY).invoice is None
        made = plan(of, shelf, billed_until)

        assert said(made) == [("Tv", billed_until.isoformat(), ends_on.isoformat(), 3499)]
        assert made.contracts == (charges.Mark(11, billed_until, ends_on),)
        assert (made.run_type, made.days) == (RunType.ON_CYCLE, Period(billed_until, ends_on))

    @pytest.mark.parametrize(
        ("starts_on", "days", "cents"),
        [
            (date(2026, 10, 1), 31, 3499),
            (date(2026, 10, 2), 30, 3386),
            (date(2026, 10, 7), 25, 2822),
            (date(2026, 10, 31), 1, 113),
        ],
    )
    def test_prorates_the_first_period_by_its_days(self, starts_on: date, days: int, cents: int) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 3499)), starts_on=starts_on)

        made = plan(account(contract(tv, anchor_on=date(2026, 1, 1))), shelf, starts_on)

        assert said(made) == [("Tv", starts_on.isoformat(), "2026-11-01", cents)]
        assert made.days.days == days

    def test_bills_every_period_that_was_missed(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 1000)), starts_on=date(2026, 1, 31))

        made = plan(account(contract(tv, billed_until=date(2026, 2, 28))), shelf, date(2026, 5, 1))

        assert [(line[1], line[2]) for line in said(made)] == [
            ("2026-02-28", "2026-03-31"),
            ("2026-03-31", "2026-04-30"),
            ("2026-04-30", "2026-05-31"),
        ]
        assert made.total.ttc_cents == 3000

    def test_charges_nothing_from_the_day_on_which_the_contract_ends(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 3000)), starts_on=date(2026, 1, 1), ends_on=date(2026, 11, 16))
        ending = contract(
            tv, billed_until=date(2026, 11, 1), ends_on=date(2026, 11, 16), state=ContractState.TERMINATING
        )

        made = plan(account(ending), shelf, date(2026, 11, 1))

        assert said(made) == [("Tv", "2026-11-01", "2026-11-16", 1500)]
        assert made.contracts[0].until == date(2026, 11, 16)
        billed = replace(ending, billed_until=date(2026, 11, 16))
        assert invoicing.plan(account(billed), shelf.tariff, on=date(2026, 12, 1), policy=POLICY).invoice is None

    def test_charges_an_item_within_a_period_for_its_own_days(self) -> None:
        shelf = Shelf()
        before = item(shelf.sells("BEFORE", (LONG_AGO, 3100)), ends_on=date(2026, 10, 11))
        after = item(shelf.sells("AFTER", (LONG_AGO, 6200)), id=22, starts_on=date(2026, 10, 11))

        made = plan(account(contract(before, after, billed_until=date(2026, 10, 1))), shelf, date(2026, 10, 1))

        assert said(made) == [
            ("Before", "2026-10-01", "2026-10-11", 1000),
            ("After", "2026-10-11", "2026-11-01", 4200),
        ]

    def test_leaves_the_days_of_a_billed_period_to_whoever_changed_it(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 3000)))
        added = item(shelf.sells("OPT", (LONG_AGO, 600)), id=22, kind=OfferKind.OPTION, starts_on=date(2026, 11, 16))

        made = plan(account(contract(tv, added, billed_until=date(2026, 12, 1))), shelf, date(2026, 12, 1))

        assert [(line[0], line[1], line[3]) for line in said(made)] == [
            ("Tv", "2026-12-01", 3000),
            ("Opt", "2026-12-01", 600),
        ]

    def test_bills_the_days_of_an_item_that_says_itself_how_far_it_is_billed(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 3000)))
        added = item(
            shelf.sells("OPT", (LONG_AGO, 600)),
            id=22,
            kind=OfferKind.OPTION,
            starts_on=date(2026, 11, 16),
            billed_until=date(2026, 11, 16),
        )

        made = plan(account(contract(tv, added, billed_until=date(2026, 12, 1))), shelf, date(2026, 12, 1))

        assert said(made)[1:] == [("Opt", "2026-11-16", "2026-12-01", 300), ("Opt", "2026-12-01", "2027-01-01", 600)]
        assert made.items == (charges.Mark(22, date(2026, 11, 16), date(2027, 1, 1)),)

    def test_charges_a_rise_from_its_day_only(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 2099), (date(2026, 10, 20), 2299)))

        made = plan(account(contract(tv, billed_until=date(2026, 10, 1))), shelf, date(2026, 10, 1))

        # 20.99 × 19/31 = 12.865 and 22.99 × 12/31 = 8.899
        assert said(made) == [("Tv", "2026-10-01", "2026-10-20", 1286), ("Tv", "2026-10-20", "2026-11-01", 890)]

    def test_charges_the_full_price_from_the_day_after_a_promotion(self) -> None:
        shelf = Shelf()
        offer_id = shelf.sells("TV", (LONG_AGO, 3499))
        lower = DatedPromotion("Un an à −10", 1000, date(2025, 11, 15), date(2026, 11, 15))

        made = plan(
            account(contract(item(offer_id, promotions=(lower,)), billed_until=date(2026, 11, 1))),
            shelf,
            date(2026, 11, 1),
        )

        # 24.99 × 14/30 = 11.662 and 34.99 × 16/30 = 18.661
        assert said(made) == [("Tv", "2026-11-01", "2026-11-15", 1166), ("Tv", "2026-11-15", "2026-12-01", 1866)]
        assert (made.total.ttc_cents, made.total.ht_cents) == (3032, 2756)

    def test_bills_a_rolling_option_by_its_own_months_with_the_next_period(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 3000)))
        sport = item(
            shelf.sells("SPORT", (LONG_AGO, 1999)),
            id=22,
            kind=OfferKind.OPTION,
            starts_on=date(2026, 1, 31),
            anchor_on=date(2026, 1, 31),
            billed_until=date(2026, 2, 28),
        )
        of = account(contract(tv, sport, billed_until=date(2026, 3, 1)))

        assert invoicing.plan(of, shelf.tariff, on=date(2026, 2, 28), policy=POLICY).invoice is None
        made = plan(of, shelf, date(2026, 3, 1))

        assert said(made) == [("Tv", "2026-03-01", "2026-04-01", 3000), ("Sport", "2026-02-28", "2026-03-31", 1999)]
        assert made.items == (charges.Mark(22, date(2026, 2, 28), date(2026, 3, 31)),)

    def test_bills_out_of_cycle_what_would_wait_longer_than_a_month(self) -> None:
        shelf = Shelf()
        yearly = item(shelf.sells("YEAR", (LONG_AGO, 29900), months=12))
        sport = item(
            shelf.sells("SPORT", (LONG_AGO, 1999)),
            id=22,
            kind=OfferKind.OPTION,
            starts_on=date(2026, 3, 10),
            anchor_on=date(2026, 3, 10),
        )

        made = plan(
            account(contract(yearly, sport, period_months=12, billed_until=date(2027, 1, 1))), shelf, date(2026, 3, 10)
        )

        assert made.run_type is RunType.OFF_CYCLE
        assert said(made) == [("Sport", "2026-03-10", "2026-04-10", 1999)]
        assert made.days == Period(date(2026, 3, 10), date(2026, 4, 10))

    def test_bills_fees_and_deposits_once_and_in_whole(self) -> None:
        shelf = Shelf()
        starts_on = date(2026, 10, 16)
        tv = item(shelf.sells("TV", (LONG_AGO, 3100)), starts_on=starts_on)
        fee_id = shelf.sells("FEE", (LONG_AGO, 4900), rate=NETWORK, kind=OfferKind.FEE)
        deposit_id = shelf.sells("DEPOSIT", (LONG_AGO, 7500), rate=None, kind=OfferKind.DEPOSIT)
        fee = item(fee_id, id=22, kind=OfferKind.FEE, starts_on=starts_on)
        deposit = item(deposit_id, id=23, kind=OfferKind.DEPOSIT, starts_on=starts_on)
        new = contract(tv, fee, deposit, anchor_on=date(2026, 10, 1))

        made = plan(account(new), shelf, starts_on)

        assert said(made) == [
            ("Tv", "2026-10-16", "2026-11-01", 1600),
            ("Fee", None, None, 4900),
            ("Deposit", None, None, 7500),
        ]
        assert [line.split.vat_cents for line in made.lines] == [145, 817, 0]
        billed = contract(
            tv,
            replace(fee, billed_until=date(2026, 10, 17)),
            replace(deposit, billed_until=date(2026, 10, 17)),
            anchor_on=date(2026, 10, 1),
            billed_until=date(2026, 11, 1),
        )
        assert [line[0] for line in said(plan(account(billed), shelf, date(2026, 11, 1)))] == ["Tv"]

    def test_charges_no_day_of_a_suspension(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 7499)))
        cut = contract(
            tv, state=ContractState.SUSPENDED, suspended_on=date(2026, 10, 20), billed_until=date(2026, 11, 1)
        )

        assert invoicing.plan(account(cut), shelf.tariff, on=date(2026, 12, 1), policy=POLICY).invoice is None
        # It came back on 5 December: billing goes on with that day.
        back = replace(cut, state=ContractState.ACTIVE, suspended_on=None, billed_until=date(2026, 12, 5))
        made = plan(account(back), shelf, date(2026, 12, 5))

        assert said(made) == [("Tv", "2026-12-05", "2027-01-01", 6531)]

    def test_bills_what_waits_of_a_suspended_account_by_itself(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 7499)))
        cut = contract(
            tv, state=ContractState.SUSPENDED, suspended_on=date(2026, 10, 20), billed_until=date(2026, 11, 1)
        )
        fee = waiting(750, vat_rate=None, kind=LineKind.FEE, billable_from=date(2026, 10, 5))

        made = plan(account(cut, waiting=(fee,)), shelf, date(2026, 10, 21))

        assert (made.run_type, made.total.ttc_cents) == (RunType.OFF_CYCLE, 750)
        assert made.days == Period(date(2026, 10, 21), date(2026, 10, 22))

    def test_bills_what_waits_with_the_next_period(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 3499)))
        of = account(
            contract(tv, billed_until=date(2026, 11, 1)),
            waiting=(waiting(-2548), waiting(500, id=32, billable_from=date(2026, 11, 2))),
        )

        made = plan(of, shelf, date(2026, 11, 1))

        assert [line[3] for line in said(made)] == [3499, -2548]
        assert (made.total.ttc_cents, made.total.ht_cents, made.carried) == (951, 865, ())

    def test_carries_the_newest_credits_rather_than_go_below_zero(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 1000)))
        older, newer = waiting(-700), waiting(-400, id=32, billable_from=date(2026, 11, 1))

        made = plan(
            account(contract(tv, billed_until=date(2026, 11, 1)), waiting=(older, newer)), shelf, date(2026, 11, 1)
        )

        assert [line[3] for line in said(made)] == [1000, -700]
        assert made.carried == (newer,)

    def test_issues_nothing_when_only_credits_are_left(self) -> None:
        planned = invoicing.plan(account(waiting=(waiting(-700),)), Shelf().tariff, on=date(2026, 11, 1), policy=POLICY)

        assert planned == invoicing.Planned(None)

    def test_bills_an_agreed_price_part_by_part(self) -> None:
        shelf = Shelf()
        bundle = item(shelf.bundles("BUNDLE", (600, TV), (4399, NETWORK)), agreed_amount_cents=4500)

        made = plan(account(contract(bundle, billed_until=date(2026, 11, 1))), shelf, date(2026, 11, 1))

        assert [(line[0], line[3]) for line in said(made)] == [
            ("Bundle – Partie 0", 540),
            ("Bundle – Partie 1", 3960),
        ]
        assert [line.charge.priced.rate for line in made.lines] == [TV, NETWORK]

    def test_adds_vat_once_a_rate_to_prices_before_tax(self) -> None:
        shelf = Shelf()
        basis = models.PriceBasis.HT
        lines = [
            item(shelf.sells(f"L{place}", (LONG_AGO, cents), rate=NETWORK, basis=basis), id=21 + place)
            for place, cents in enumerate((6833, 6833, 5750, 8500))
        ]

        made = plan(account(contract(*lines, billed_until=date(2026, 11, 1))), shelf, date(2026, 11, 1))

        assert (made.total.ht_cents, made.total.vat_cents, made.total.ttc_cents) == (27916, 5583, 33499)
        assert [checker.recompute(line.derivation) for line in made.lines] == [
            line.split.ttc_cents for line in made.lines
        ]

    def test_leaves_out_a_contract_without_a_price_and_bills_the_others(self) -> None:
        shelf = Shelf()
        dear = item(shelf.sells("NEW", (date(2026, 11, 2), 1000)))
        good = item(shelf.sells("TV", (LONG_AGO, 3499)), id=22)
        of = account(
            contract(dear, number="C1", billed_until=date(2026, 11, 1)),
            contract(good, id=12, number="C2", billed_until=date(2026, 11, 1)),
        )

        planned = invoicing.plan(of, shelf.tariff, on=date(2026, 11, 1), policy=POLICY)

        assert planned.invoice is not None
        assert planned.invoice.contracts == (charges.Mark(12, date(2026, 11, 1), date(2026, 12, 1)),)
        assert [(each.contract, each.code) for each in planned.unbillable] == [("C1", "PRICE_MISSING")]

    def test_writes_labels_in_the_language_of_the_subscriber(self) -> None:
        shelf = Shelf()
        tv = item(shelf.sells("TV", (LONG_AGO, 3499)))
        of = replace(account(contract(tv, billed_until=date(2026, 11, 1))), language=models.Language.EN)

        assert said(plan(of, shelf, date(2026, 11, 1)))[0][0] == "Tv (en)"


class TestDueOn:
    @pytest.mark.parametrize(
        ("issued_on", "debit_day", "expected"),
        [
            (date(2026, 11, 1), 5, date(2026, 12, 5)),
            (date(2026, 11, 1), 8, date(2026, 11, 8)),
            (date(2026, 11, 1), 7, date(2026, 12, 7)),
            (date(2026, 11, 28), 5, date(2026, 12, 5)),
            (date(2026, 12, 29), 5, date(2027, 1, 5)),
            (date(2027, 1, 31), 28, date(2027, 2, 28)),
        ],
    )
    def test_is_the_first_debit_day_a_week_after_the_issue(
        self, issued_on: date, debit_day: int, expected: date
    ) -> None:
        assert invoicing.due_on(issued_on, debit_day=debit_day, policy=POLICY) == expected
