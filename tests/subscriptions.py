"""Builders of what is billed: offers with prices by date, contracts with their items."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from tests.factories import NOW, new_id

TV, NETWORK = Decimal("0.1"), Decimal("0.2")
LONG_AGO = date(2020, 1, 1)


def offer(code: str, **given: Any) -> models.Offer:
    """An offer of the catalogue that is not in the database."""
    known = {
        "id": new_id(),
        "code": code,
        "name_fr": code.title(),
        "name_en": f"{code.title()} (en)",
        "kind": models.OfferKind.OFFER,
        "family": models.ServiceFamily.TV,
        "sold_from": LONG_AGO,
    }
    return models.Offer(**{**known, **given})


def version(of: models.Offer, cents: int, **given: Any) -> models.PriceVersion:
    """A version of its price, TTC a month."""
    known = {
        "id": new_id(),
        "offer_id": of.id,
        "starts_on": LONG_AGO,
        "amount_cents": cents,
        "basis": models.PriceBasis.TTC,
        "months": 0 if of.kind in (models.OfferKind.FEE, models.OfferKind.DEPOSIT) else 1,
    }
    return models.PriceVersion(**{**known, **given})


def component(of: models.PriceVersion, cents: int, rate: Decimal | None, position: int = 0) -> models.PriceComponent:
    """A part of a version with its VAT rate."""
    return models.PriceComponent(
        id=new_id(),
        price_version_id=of.id,
        position=position,
        label_fr=f"Partie {position}",
        label_en=f"Part {position}",
        amount_cents=cents,
        vat_rate=rate,
    )


async def create_offer(
    session: AsyncSession,
    code: str,
    cents: int,
    rate: Decimal | None = TV,
    *,
    price: dict[str, Any] | None = None,
    **given: Any,
) -> models.Offer:
    """An offer with one price that never changes."""
    made = offer(code, **given)
    session.add(made)
    await session.flush()
    dated = version(made, cents, **(price or {}))
    session.add(dated)
    await session.flush()
    session.add(component(dated, cents, rate))
    await session.flush()
    return made


async def create_contract(
    session: AsyncSession, account: models.BillingAccount, of: models.Offer, **given: Any
) -> models.Contract:
    """An active contract on an offer, of which nothing has been billed."""
    row_id = new_id()
    starts_on = given.get("starts_on", date(2026, 11, 1))
    known = {
        "subscriber_id": account.subscriber_id,
        "id": row_id,
        "number": f"C{row_id}",
        "billing_account_id": account.id,
        "offer_id": of.id,
        "state": models.ContractState.ACTIVE,
        "concluded_on": starts_on,
        "starts_on": starts_on,
        "anchor_on": starts_on,
    }
    row = models.Contract(**{**known, **given})
    session.add(row)
    await session.flush()
    await create_item(session, row, of, ends_on=row.ends_on)
    return row


async def create_item(
    session: AsyncSession, contract: models.Contract, of: models.Offer, **given: Any
) -> models.ContractItem:
    """An item of a contract, from its first day."""
    known = {
        "subscriber_id": contract.subscriber_id,
        "id": new_id(),
        "contract_id": contract.id,
        "offer_id": of.id,
        "kind": of.kind,
        "starts_on": contract.starts_on,
    }
    row = models.ContractItem(**{**known, **given})
    session.add(row)
    await session.flush()
    return row


async def create_waiting(session: AsyncSession, account: models.BillingAccount, **given: Any) -> models.ExtraCharge:
    """A fee of 7.50 outside of VAT that waits for an invoice."""
    cents = given.get("ttc_cents", 750)
    known = {
        "subscriber_id": account.subscriber_id,
        "id": new_id(),
        "billing_account_id": account.id,
        "kind": models.LineKind.FEE,
        "label": "Frais de rejet",
        "unit_cents": cents,
        "ttc_cents": cents,
        "derivation": {"cents": cents, "steps": [_stated(cents)]},
        "cause": "test",
        "billable_from": date(2026, 11, 1),
        "created_at": NOW,
    }
    row = models.ExtraCharge(**{**known, **given})
    session.add(row)
    await session.flush()
    return row


def _stated(cents: int) -> dict[str, Any]:
    return {"kind": "amount", "rule": "one-time-fee-not-prorated", "source": "fee", "cents": cents, "reference": ""}
