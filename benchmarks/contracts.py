"""Contracts that are all due on one day, written as fast as the database takes them: rows of a billing run, no histories.

One in ten has a promotion that ends within the period, one in eight a rolling option, one in twelve a charge that waits,
one in ten begins that day in the middle of its period; two in five have an ordinary option.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from backoffice import models
from backoffice.billing import lines
from backoffice.billing.periods import add_months
from backoffice.database import Database
from backoffice.demo.rows import Rows
from backoffice.ids import IdMaker
from benchmarks.data import AT, ON

_AT_ONCE = 2_000
_CENTS = (2299, 3199, 3499, 3999, 7499, 999)
_SINCE = date(2020, 1, 1)
_TV, _NETWORK = Decimal("0.1"), Decimal("0.2")


@dataclass(frozen=True, slots=True)
class _Goods:
    """The catalogue: offers, and the three other things that can be on a contract."""

    offers: list[int]
    option: int
    rolling: int
    fee: int
    fee_version: int


async def fill(database: Database, contracts: int, *, progress: Callable[[int], None]) -> None:
    """Write a catalogue and so many subscribers with an account and a contract each, due on the benchmark's day."""
    make = IdMaker().make
    rows = Rows()
    goods = _catalogue(rows, make)
    for first in range(0, contracts, _AT_ONCE):
        for number in range(first, min(first + _AT_ONCE, contracts)):
            _subscriber(rows, make, goods, number)
        async with database.unit_of_work() as session:
            await rows.write(session)
        progress(min(first + _AT_ONCE, contracts))


def _catalogue(rows: Rows, make: Callable[..., int]) -> _Goods:
    kinds = models.OfferKind
    offers = [_offer(rows, make, f"OFFER-{cents}", kinds.OFFER, cents, _TV)[0] for cents in _CENTS]
    fee, fee_version = _offer(rows, make, "FRAIS-REJET", kinds.FEE, 750, None, months=0)
    return _Goods(
        offers=offers,
        option=_offer(rows, make, "OPTION", kinds.OPTION, 599, _NETWORK)[0],
        rolling=_offer(rows, make, "ROLLING", kinds.OPTION, 1999, _TV)[0],
        fee=fee,
        fee_version=fee_version,
    )


def _offer(
    rows: Rows,
    make: Callable[..., int],
    code: str,
    kind: models.OfferKind,
    cents: int,
    rate: Decimal | None,
    *,
    months: int = 1,
) -> tuple[int, int]:
    offer_id, version_id = make(AT), make(AT)
    rows.add(
        "offers",
        id=offer_id,
        code=code,
        name_fr=code,
        name_en=code,
        kind=kind,
        family=models.ServiceFamily.TV,
        sold_from=_SINCE,
    )
    rows.add(
        "price_versions",
        id=version_id,
        offer_id=offer_id,
        starts_on=_SINCE,
        amount_cents=cents,
        basis=models.PriceBasis.TTC,
        months=months,
    )
    rows.add(
        "price_components",
        id=make(AT),
        price_version_id=version_id,
        position=0,
        label_fr=code,
        label_en=code,
        amount_cents=cents,
        vat_rate=rate,
    )
    return offer_id, version_id


def _subscriber(rows: Rows, make: Callable[..., int], goods: _Goods, number: int) -> None:
    subscriber_id = make(AT)
    rows.add(
        "subscribers",
        id=subscriber_id,
        number=f"S{number:08}",
        kind=models.SubscriberKind.CONSUMER,
        state=models.SubscriberState.ACTIVE,
        language=models.Language.FR,
        created_at=AT,
        updated_at=AT,
    )
    account_id = make(AT)
    rows.add(
        "billing_accounts",
        subscriber_id=subscriber_id,
        id=account_id,
        number=f"A{number:08}",
        debit_day=1 + number % 28,
    )
    is_new = number % 10 == 3
    contract_id, starts_on = make(AT), ON if is_new else add_months(ON, -(1 + number % 40))
    rows.add(
        "contracts",
        subscriber_id=subscriber_id,
        id=contract_id,
        number=f"C{number:08}",
        billing_account_id=account_id,
        offer_id=goods.offers[number % len(_CENTS)],
        state=models.ContractState.ACTIVE,
        concluded_on=starts_on,
        starts_on=starts_on,
        anchor_on=ON - timedelta(days=10) if is_new else starts_on,
        billed_until=None if is_new else ON,
    )
    _items(rows, make, goods, number, (subscriber_id, account_id, contract_id), starts_on)


def _items(
    rows: Rows,
    make: Callable[..., int],
    goods: _Goods,
    number: int,
    of: tuple[int, int, int],
    starts_on: date,
) -> None:
    subscriber_id, account_id, contract_id = of
    for offer_id, kind, anchor_on in _on_contract(goods, number, starts_on):
        item_id = make(AT)
        rows.add(
            "contract_items",
            subscriber_id=subscriber_id,
            id=item_id,
            contract_id=contract_id,
            offer_id=offer_id,
            kind=kind,
            starts_on=starts_on,
            anchor_on=anchor_on,
            billed_until=ON if anchor_on else None,
        )
        if kind is models.OfferKind.OFFER and number % 10 == 7:
            rows.add(
                "promotions",
                subscriber_id=subscriber_id,
                id=make(AT),
                contract_id=contract_id,
                contract_item_id=item_id,
                label="Lower for a time",
                discount_cents=500,
                starts_on=starts_on,
                ends_on=ON + timedelta(days=number % 25),
                reminder_on=ON,
            )
    if number % 12 == 5:
        rows.add("extra_charges", **_waiting(goods, subscriber_id, account_id, make(AT)))


def _on_contract(goods: _Goods, number: int, starts_on: date) -> Iterator[tuple[int, models.OfferKind, date | None]]:
    yield goods.offers[number % len(_CENTS)], models.OfferKind.OFFER, None
    if number % 5 in (1, 2):
        yield goods.option, models.OfferKind.OPTION, None
    if number % 8 == 4:
        yield goods.rolling, models.OfferKind.OPTION, starts_on


def _waiting(goods: _Goods, subscriber_id: int, account_id: int, charge_id: int) -> dict[str, Any]:
    return {
        "subscriber_id": subscriber_id,
        "id": charge_id,
        "billing_account_id": account_id,
        "offer_id": goods.fee,
        "price_version_id": goods.fee_version,
        "kind": models.LineKind.FEE,
        "label": "Frais de rejet",
        "unit_cents": 750,
        "ttc_cents": 750,
        "derivation": lines.one_time(fee_cents=750, price_version="FRAIS-REJET 2020-01-01").to_json(),
        "cause": "benchmark",
        "billable_from": ON,
        "created_at": AT,
    }
