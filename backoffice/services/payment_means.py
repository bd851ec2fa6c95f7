"""By which means an account can pay: the cards and mandates that can be charged today."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError, NotFound
from backoffice.models import Payment, PaymentMethod, PaymentMethodKind, PaymentMethodState

CHARGED = (PaymentMethodKind.CARD, PaymentMethodKind.DIRECT_DEBIT)
"""Means that we charge ourselves; the others bring money when the subscriber sends it."""
RECEIVED = (PaymentMethodKind.TRANSFER, PaymentMethodKind.CHECK)


class MeansUnusable(BackofficeError):
    """The means of payment cannot be charged; `usable` are those of the account that can."""

    code = "PAYMENT_METHOD_UNUSABLE"

    def __init__(self, why: str, usable: Sequence[PaymentMethod]) -> None:
        named = ", ".join(_named(method) for method in usable)
        advice = f"use {named}" if usable else "the account has none that can: record a transfer or a check instead"
        super().__init__(f"This means of payment {why}; {advice}.", field="paymentMethodId")
        self.usable = usable


async def usable(session: AsyncSession, *, subscriber_id: int, account_id: int, on: date) -> list[PaymentMethod]:
    """The cards and mandates of an account that can be charged on a day, the one that is charged by default first."""
    method = PaymentMethod
    found = await session.execute(
        select(method)
        .where(method.subscriber_id == subscriber_id, method.billing_account_id == account_id, can_be_charged(on))
        .order_by(method.is_default.desc(), method.id)
    )
    return list(found.scalars())


async def charged_by_itself(
    session: AsyncSession, *, subscriber_id: int, account_id: int, on: date
) -> PaymentMethod | None:
    """The means of an account that is asked on a due date without anybody's order; None when there is none."""
    method = PaymentMethod
    found = await session.execute(
        select(method)
        .where(method.subscriber_id == subscriber_id, method.billing_account_id == account_id)
        .where(is_charged_by_itself(on))
        .order_by(method.id)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return found.scalar_one_or_none()


def can_be_charged(on: date) -> ColumnElement[bool]:
    """The condition on a means of payment that is an active card or mandate, valid on a day."""
    method = PaymentMethod
    return and_(
        method.state == PaymentMethodState.ACTIVE,
        method.kind.in_(CHARGED),
        or_(method.expires_on.is_(None), method.expires_on > on),
    )


def is_charged_by_itself(on: date) -> ColumnElement[bool]:
    """The condition on the means that is asked without anybody's order: the default one, with a token or a mandate."""
    method = PaymentMethod
    is_known = or_(method.card_token.is_not(None), method.mandate_reference.is_not(None))
    return and_(can_be_charged(on), method.is_default, is_known)


async def require_usable(
    session: AsyncSession, *, subscriber_id: int, account_id: int, method_id: int, on: date
) -> PaymentMethod:
    """The means of the account that is to be charged; raises NotFound, and MeansUnusable with those that can be."""
    method = await session.get(PaymentMethod, {"subscriber_id": subscriber_id, "id": method_id})
    if method is None or method.billing_account_id != account_id:
        raise NotFound("There is no such means of payment on this account.", field="paymentMethodId")
    can = await usable(session, subscriber_id=subscriber_id, account_id=account_id, on=on)
    if method not in can:
        raise MeansUnusable(_why_not(method, on), can)
    return method


async def kind_of(session: AsyncSession, payment: Payment) -> PaymentMethodKind | None:
    """By what a payment came in, or was to come in; None where nobody knows any more."""
    if payment.means or payment.payment_method_id is None:
        return payment.means
    key = {"subscriber_id": payment.subscriber_id, "id": payment.payment_method_id}
    return (await session.get_one(PaymentMethod, key)).kind


def _why_not(method: PaymentMethod, on: date) -> str:
    if method.kind not in CHARGED:
        return f"is a {method.kind.lower()}, which is received and never charged"
    if method.expires_on is not None and method.expires_on <= on:
        return f"has not been valid since {method.expires_on}"
    return f"is {method.state.lower()}"


def _named(method: PaymentMethod) -> str:
    """A means as its owner knows it; never more than its last four characters."""
    if method.kind is PaymentMethodKind.CARD:
        return f"the card {method.card_brand or ''} …{method.card_last_four or '????'}".replace("  ", " ")
    return f"the direct debit of the account …{method.iban_last_four or '????'}"
