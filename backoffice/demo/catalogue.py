"""The catalogue in the database, and the prices of the day for whoever bills."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from backoffice.billing.periods import add_months
from backoffice.demo import shelf
from backoffice.demo.identifiers import Ids
from backoffice.demo.rows import Rows
from backoffice.demo.window import Window
from backoffice.models import PriceBasis

OPENED_ON = date(2020, 1, 6)
"""The day on which the fictional operator opened its shop."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a price in cents TTC, with the text of its invoice line."""

    label: str
    cents: int
    rate: Decimal | None


@dataclass(frozen=True)
class Price:
    """A version of a price; `reference` names it in derivations."""

    id: int
    reference: str
    cents: int
    components: tuple[Component, ...]
    starts_on: date


class Catalogue:
    """Articles, their ids and their price versions, by code."""

    def __init__(self) -> None:
        self.articles = {article.code: article for article in shelf.ARTICLES}
        self.offer_ids: dict[str, int] = {}
        self.partner_ids: dict[str, int] = {}
        self._prices: dict[str, list[Price]] = {}

    def price(self, code: str, on: date) -> Price:
        """The version of the price that is in force on a day."""
        return next(price for price in reversed(self._prices[code]) if price.starts_on <= on)

    def keep(self, code: str, price: Price) -> None:
        """Add a version, oldest first."""
        self._prices.setdefault(code, []).append(price)


def write(rows: Rows, *, seed: int, window: Window) -> Catalogue:
    """Add the whole catalogue to `rows` and return it."""
    ids = Ids(random.Random(f"{seed}:catalogue"))
    at = window.at(OPENED_ON, 9)
    catalogue = Catalogue()
    for article in shelf.ARTICLES:
        catalogue.offer_ids[article.code] = offer_id = ids.make(at)
        _write_offer(rows, article, offer_id)
        for price in _versions(article, ids, window):
            catalogue.keep(article.code, price)
            _write_components(rows, article, price, ids, window)
        _write_versions(rows, article, catalogue, window)
    _write_channels(rows, catalogue, ids, window)
    for code, name in shelf.PARTNERS:
        catalogue.partner_ids[code] = ids.make(at)
        rows.add("partners", id=catalogue.partner_ids[code], code=code, name=name)
    return catalogue


def changed_on(article: shelf.Article, window: Window) -> date:
    """The first day of today's price: a first of the month, or the opening of the shop when it never changed."""
    if article.before_cents is None:
        return OPENED_ON
    return add_months(window.on.replace(day=1), -article.months_ago)


def _versions(article: shelf.Article, ids: Ids, window: Window) -> list[Price]:
    at = window.at(OPENED_ON, 9)
    versions = []
    if article.before_cents is not None:
        versions.append(_price(article, ids.make(at), OPENED_ON, (article.before_cents,)))
    today = tuple(part.cents for part in article.parts)
    versions.append(_price(article, ids.make(at), changed_on(article, window), today))
    return versions


def _price(article: shelf.Article, price_id: int, starts_on: date, cents: tuple[int, ...]) -> Price:
    components = tuple(
        Component(_label(article, part), amount, part.rate) for part, amount in zip(article.parts, cents, strict=True)
    )
    return Price(price_id, f"{article.code} {starts_on}", sum(cents), components, starts_on)


def _label(article: shelf.Article, part: shelf.Part) -> str:
    return article.name_fr if len(article.parts) == 1 else f"{article.name_fr} – {part.label_fr}"


def _write_offer(rows: Rows, article: shelf.Article, offer_id: int) -> None:
    rows.add(
        "offers",
        id=offer_id,
        code=article.code,
        name_fr=article.name_fr,
        name_en=article.name_en,
        kind=article.kind,
        family=article.family,
        commitment_months=article.commitment_months,
        has_subsidised_terminal=article.has_terminal,
        is_rolling_month=article.is_rolling,
        device_slots=article.slots,
        simultaneous_streams=article.streams,
        sold_from=OPENED_ON,
    )


def _write_versions(rows: Rows, article: shelf.Article, catalogue: Catalogue, window: Window) -> None:
    last_on = changed_on(article, window)
    has_changed = article.before_cents is not None
    for starts_on in (OPENED_ON, last_on) if has_changed else (OPENED_ON,):
        price = catalogue.price(article.code, starts_on)
        is_newer = has_changed and starts_on == last_on
        rows.add(
            "price_versions",
            id=price.id,
            offer_id=catalogue.offer_ids[article.code],
            starts_on=starts_on,
            ends_on=last_on if has_changed and not is_newer else None,
            notified_on=last_on - timedelta(days=article.notice_days) if is_newer else None,
            amount_cents=price.cents,
            basis=PriceBasis.TTC,
            months=article.months,
        )


def _write_components(rows: Rows, article: shelf.Article, price: Price, ids: Ids, window: Window) -> None:
    for position, (part, component) in enumerate(zip(article.parts, price.components, strict=True)):
        rows.add(
            "price_components",
            id=ids.make(window.at(OPENED_ON, 9)),
            price_version_id=price.id,
            position=position,
            label_fr=part.label_fr,
            label_en=part.label_en,
            amount_cents=component.cents,
            vat_rate=component.rate,
        )


def _write_channels(rows: Rows, catalogue: Catalogue, ids: Ids, window: Window) -> None:
    at = window.at(OPENED_ON, 9)
    left_on = add_months(window.on.replace(day=1), -2)
    for code, name, theme, offers in shelf.CHANNELS:
        channel_id = ids.make(at)
        rows.add("channels", id=channel_id, code=code, name=name, theme=theme)
        for offer in offers:
            rows.add(
                "offer_channels",
                id=ids.make(at),
                offer_id=catalogue.offer_ids[offer],
                channel_id=channel_id,
                starts_on=OPENED_ON,
                ends_on=left_on if (code, offer) in shelf.LEFT else None,
            )
