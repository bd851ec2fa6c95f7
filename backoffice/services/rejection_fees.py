"""The fee of a payment that the bank refused: it waits for the next invoice."""

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy
from backoffice.billing import lines
from backoffice.billing.periods import civil_day
from backoffice.ids import GlobalId, new_id
from backoffice.models import (
    ExtraCharge,
    LineKind,
    Offer,
    Payment,
    PaymentMethod,
    PaymentMethodState,
    PaymentState,
    PriceComponent,
    PriceVersion,
    Subscriber,
)


async def charge(session: AsyncSession, *, payment: Payment, at: datetime, today: date) -> ExtraCharge | None:
    """Charge the operator's fee for a payment that failed, unless there is a reason not to.

    Never to the financially fragile (Code de la consommation, L224-37), nor for what was cancelled, nor where we asked
    the wrong means: another one was known, and was the one to charge. None as well where the catalogue has no such fee.
    """
    subscriber = await session.get_one(Subscriber, payment.subscriber_id)
    if subscriber.is_fragile or payment.state is PaymentState.CANCELLED or await _is_ours(session, payment):
        return None
    found = await _price(session, policy.in_force(today).dunning.fee_code, today)
    if found is None:
        return None
    charge = _charge(payment, *found, at=at, today=today)
    session.add(charge)
    return charge


async def _is_ours(session: AsyncSession, payment: Payment) -> bool:
    """Whether a means of payment that was to be charged instead was known when this one was asked."""
    method, asked_on = PaymentMethod, civil_day(payment.requested_at)
    known = await session.execute(
        select(method.id)
        .where(method.subscriber_id == payment.subscriber_id, method.id != payment.payment_method_id)
        .where(method.billing_account_id == payment.billing_account_id, method.is_default)
        .where(method.state == PaymentMethodState.ACTIVE, method.added_on <= asked_on)
        .where(or_(method.expires_on.is_(None), method.expires_on > asked_on))
        .limit(1)
    )
    return known.first() is not None


async def _price(session: AsyncSession, code: str, today: date) -> tuple[Offer, PriceVersion, PriceComponent] | None:
    """The fee of a day, which is a price of one component."""
    price = PriceVersion
    found = await session.execute(
        select(Offer, price, PriceComponent)
        .join(price, price.offer_id == Offer.id)
        .join(PriceComponent, PriceComponent.price_version_id == price.id)
        .where(Offer.code == code, price.starts_on <= today, or_(price.ends_on.is_(None), price.ends_on > today))
        .order_by(PriceComponent.position)
        .limit(1)
    )
    row = found.first()
    return (row[0], row[1], row[2]) if row else None


def _charge(
    payment: Payment, offer: Offer, price: PriceVersion, component: PriceComponent, *, at: datetime, today: date
) -> ExtraCharge:
    reference = f"{offer.code} {price.starts_on}"
    return ExtraCharge(
        subscriber_id=payment.subscriber_id,
        id=new_id(at),
        billing_account_id=payment.billing_account_id,
        offer_id=offer.id,
        price_version_id=price.id,
        kind=LineKind.FEE,
        label=offer.name_fr,
        unit_cents=component.amount_cents,
        vat_rate=component.vat_rate,
        ttc_cents=component.amount_cents,
        derivation=lines.one_time(fee_cents=component.amount_cents, price_version=reference).to_json(),
        cause=GlobalId("Payment", payment.subscriber_id, payment.id).encode(),
        billable_from=today,
        created_at=at,
    )
