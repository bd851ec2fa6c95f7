"""Contracts with their catalogue, the invoices that billed them, and the acts that change them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from backoffice.billing import lines
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.permissions import Role
from backoffice.services import verification
from backoffice.services.verification import Fault
from tests import books, factories
from tests.books import TEN, TWENTY, Article
from tests.factories import new_id
from tests.graphs import Asked, asking
from tests.money_acts import ERRORS, confirmed, preview

Part = tuple[int, Decimal | None, str]
PARTS: dict[str, tuple[Part, ...]] = {
    "PACK-CINE": ((3499, TEN, "Pack Cinéma"),),
    "PACK-SPORT": ((3999, TEN, "Pack Sport"),),
    "TOUT-INCLUS": ((7499, TEN, "Tout inclus"),),
    "CONFORT": ((600, TEN, "Télévision"), (4399, TWENTY, "Accès au réseau")),
    "OPT-SPORT": ((1999, TEN, "Option sport"),),
    "OPT-ENFANTS": ((300, TEN, "Option enfants"),),
    "OPT-FILMS": ((500, TEN, "Option films"),),
    "MOB-TERM": ((2499, TWENTY, "Mobile avec téléphone"),),
    "MOB": ((1499, TWENTY, "Mobile"),),
    "FRAIS-ACTIVATION": ((4900, TWENTY, "Frais d'activation"),),
}
KINDS = {"OPT-": models.OfferKind.OPTION, "FRAI": models.OfferKind.FEE}
FAMILIES = {
    "CONF": models.ServiceFamily.BUNDLE,
    "MOB-": models.ServiceFamily.MOBILE,
    "MOB": models.ServiceFamily.MOBILE,
}


@dataclass
class Catalogue:
    """Articles and their first price, by code."""

    offers: dict[str, models.Offer] = field(default_factory=dict)
    prices: dict[str, models.PriceVersion] = field(default_factory=dict)


@dataclass
class Agreed:
    """A file with one contract and its first item."""

    account: models.BillingAccount
    contract: models.Contract
    item: models.ContractItem
    catalogue: Catalogue

    def offer_id(self, code: str) -> str:
        """The id of an article in the graph."""
        return GlobalId("Offer", 0, self.catalogue.offers[code].id).encode()

    @property
    def contract_id(self) -> str:
        """The id of the contract in the graph."""
        return GlobalId("Contract", self.contract.subscriber_id, self.contract.id).encode()


async def create_catalogue(session: AsyncSession, **changes: Mapping[str, Any]) -> Catalogue:
    """The articles that contracts of tests are about; `changes` are columns by code, with `_` for `-`."""
    made = Catalogue()
    for code, parts in PARTS.items():
        given = {**_offer(code, parts), **changes.get(code.replace("-", "_"), {})}
        made.offers[code] = offer = models.Offer(id=new_id(), code=code, **given)
        session.add(offer)
        await session.flush()
        made.prices[code] = await create_price(session, offer, parts)
    return made


async def create_price(
    session: AsyncSession,
    offer: models.Offer,
    parts: tuple[Part, ...],
    *,
    starts_on: date = date(2020, 1, 1),
    **given: Any,
) -> models.PriceVersion:
    """A version of a price with its components."""
    version = models.PriceVersion(
        **{
            "id": new_id(),
            "offer_id": offer.id,
            "starts_on": starts_on,
            "amount_cents": sum(cents for cents, _, _ in parts),
            "basis": models.PriceBasis.TTC,
            "months": 0 if offer.kind is models.OfferKind.FEE else 1,
            **given,
        }
    )
    session.add(version)
    await session.flush()
    for position, (cents, rate, label) in enumerate(parts):
        session.add(
            models.PriceComponent(
                id=new_id(),
                price_version_id=version.id,
                position=position,
                label_fr=label,
                label_en=label,
                amount_cents=cents,
                vat_rate=rate,
            )
        )
    await session.flush()
    return version


async def conclude(
    session: AsyncSession, catalogue: Catalogue, code: str, *, on: date, starts_on: date | None = None, **given: Any
) -> Agreed:
    """A subscriber's active contract about an offer."""
    account = await books.create_file(session)
    starts_on, offer = starts_on or on, catalogue.offers[code]
    contract = models.Contract(
        **{
            "subscriber_id": account.subscriber_id,
            "id": new_id(),
            "number": f"K{new_id()}",
            "billing_account_id": account.id,
            "offer_id": offer.id,
            "state": models.ContractState.ACTIVE,
            "concluded_on": on,
            "starts_on": starts_on,
            "anchor_on": starts_on.replace(day=1),
            **given,
        }
    )
    session.add(contract)
    await session.flush()
    item = await add_item(session, contract, offer, starts_on=starts_on)
    return Agreed(account, contract, item, catalogue)


async def add_item(
    session: AsyncSession, contract: models.Contract, offer: models.Offer, *, starts_on: date, **given: Any
) -> models.ContractItem:
    """Something that a contract consists of."""
    item = models.ContractItem(
        **{
            "subscriber_id": contract.subscriber_id,
            "id": new_id(),
            "contract_id": contract.id,
            "offer_id": offer.id,
            "kind": offer.kind,
            "starts_on": starts_on,
            **given,
        }
    )
    session.add(item)
    await session.flush()
    return item


async def bill(
    session: AsyncSession, agreed: Agreed, period: Period, *items: models.ContractItem, served: Period | None = None
) -> models.Invoice:
    """An invoice of these items of a contract (its offer, unless said) for a period, paid by direct debit."""
    codes = {offer.id: code for code, offer in agreed.catalogue.offers.items()}
    articles = [
        _article(agreed, item, codes[item.offer_id], part, period, served or period)
        for item in items or (agreed.item,)
        for part in PARTS[codes[item.offer_id]]
    ]
    invoice = await books.bill(session, agreed.account, *articles, on=period.starts_on, period=period)
    agreed.contract.billed_until = max(agreed.contract.billed_until or date.min, period.ends_on)
    await session.flush()
    await books.pay(session, agreed.account, invoice)
    return invoice


ORDER = """changeOrder {
  id kind state effectiveOn revision failureCode appliedAt
  contract { state endsOn offer { code } revision commitmentEndsOn billedUntil }
}"""


def staff(database: Database, *, on: date, role: Role = Role.BILLING, **given: Any) -> Asked:
    """A member of the staff with a fresh one-time code, at nine in the morning of a day."""
    at = datetime(on.year, on.month, on.day, 8, tzinfo=UTC)
    return asking(database, factories.viewer(role, stepped_up_until=at + timedelta(hours=1), **given), at=at)


async def confirm(asked: Asked, operation: str, quote: str, *, key: str | None = None) -> Any:
    """The payload of the confirmation of a change."""
    shown = f"{ORDER} approval {{ id state }} replayed {ERRORS}"
    return await confirmed(asked, operation, quote, shown=shown, key=key)


async def do(asked: Asked, operation: str, **given: Any) -> Any:
    """Preview and confirm a change that must be done; the facts that were shown and the order."""
    previewed = await preview(asked, operation, **given)
    assert previewed["userErrors"] == [], previewed["userErrors"]
    done = await confirm(asked, operation, previewed["quote"])
    assert done["userErrors"] == [], done["userErrors"]
    return previewed["preview"]["facts"], done["changeOrder"]


async def refused(asked: Asked, operation: str, **given: Any) -> Any:
    """The one refusal of a preview."""
    previewed = await preview(asked, operation, **given)
    assert previewed["preview"] is None
    [error] = previewed["userErrors"]
    return error


async def rows(database: Database, model: Any, agreed: Agreed) -> list[Any]:
    """The rows of a table that belong to the subscriber, oldest first."""
    async with database.reading() as session:
        found = await session.execute(
            select(model).where(model.subscriber_id == agreed.account.subscriber_id).order_by(model.id)
        )
        return list(found.scalars())


async def waiting(database: Database, agreed: Agreed) -> list[tuple[str, int]]:
    """Label and cents of the charges that wait for the next invoice."""
    extras = await rows(database, models.ExtraCharge, agreed)
    return [(each.label, each.ttc_cents) for each in extras if not each.cancelled_at and not each.invoice_line_id]


async def faults(database: Database) -> list[Fault]:
    """What does not add up in the books."""
    async with database.snapshot() as session:
        return [fault async for fault in verification.faults(session)]


def _article(
    agreed: Agreed, item: models.ContractItem, code: str, part: Part, period: Period, served: Period
) -> Article:
    cents, rate, label = part
    facts = {
        "contract_id": agreed.contract.id,
        "contract_item_id": item.id,
        "offer_id": item.offer_id,
        "price_version_id": agreed.catalogue.prices[code].id,
        "unit_cents": cents,
    }
    if item.kind is models.OfferKind.FEE:
        derived = lines.one_time(fee_cents=cents, price_version=code)
        return Article(derived.cents, rate, models.LineKind.FEE, label, None, derived, facts)
    derived = lines.prorated(full_cents=cents, price_version=f"{code} 2020-01-01", served=served, of=period)
    kind = models.LineKind.OPTION if item.kind is models.OfferKind.OPTION else models.LineKind.SUBSCRIPTION
    return Article(derived.cents, rate, kind, label, served, derived, facts)


def _offer(code: str, parts: tuple[Part, ...]) -> dict[str, Any]:
    return {
        "name_fr": parts[0][2],
        "name_en": parts[0][2],
        "kind": KINDS.get(code[:4], models.OfferKind.OFFER),
        "family": FAMILIES.get(code[:4], models.ServiceFamily.TV),
        "commitment_months": 24 if code == "MOB-TERM" else 0,
        "has_subsidised_terminal": code == "MOB-TERM",
        "is_rolling_month": code == "OPT-SPORT",
        "sold_from": date(2020, 1, 1),
    }
