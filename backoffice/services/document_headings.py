"""The head of a document: who bills, to whom, where they lived on the day of issue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.documents.headings import Heading, Issuer, Recipient
from backoffice.errors import BackofficeError
from backoffice.models import Address, AddressKind, BillingAccount, CreditNote, Holder, Invoice, Language, Subscriber

_AND = {Language.FR: " et ", Language.EN: " and "}
_HOME = "FR"


class NotIssued(BackofficeError):
    """A draft is no document yet: it has no number, and may still change."""

    code = "DOCUMENT_NOT_ISSUED"

    def __init__(self) -> None:
        super().__init__("A draft has no document; there is one once it is issued.")


class FiguresDiffer(BackofficeError):
    """What would be printed is not what is booked, so nothing is printed."""

    code = "DOCUMENT_FIGURES_DIFFER"

    def __init__(self, number: str, printed_cents: int, stored_cents: int) -> None:
        super().__init__(
            f"{number} would say {printed_cents} cents where {stored_cents} are booked: "
            "it is not printed. 'backoffice verify' names what differs."
        )
        self.number = number
        self.printed_cents = printed_cents
        self.stored_cents = stored_cents


@dataclass(frozen=True, slots=True)
class Edition:
    """How a document is made: in whose name, in which language; `known_on` is the day whose knowledge it tells."""

    issuer: Issuer
    language: Language
    currency: str
    zone: str
    known_on: date

    @property
    def locale(self) -> str:
        """The language as documents name it."""
        return self.language.lower()


async def read(
    session: AsyncSession, document: Invoice | CreditNote, edition: Edition, *, issued_at: datetime
) -> Heading:
    """The head of an invoice or of a credit note. Raises NotIssued."""
    if document.number is None:
        raise NotIssued
    key = {"subscriber_id": document.subscriber_id, "id": document.billing_account_id}
    account = await session.get_one(BillingAccount, key)
    subscriber = await session.get_one(Subscriber, document.subscriber_id)
    return Heading(
        issuer=edition.issuer,
        recipient=await _recipient(session, subscriber, edition, on=document.issued_on),
        subscriber_number=subscriber.number or "–",
        account_number=account.number,
        number=document.number,
        issued_at=issued_at,
        issued_on=document.issued_on,
        locale=edition.locale,
        currency=edition.currency,
    )


def require_same(number: str, *, printed_cents: int, stored_cents: int) -> None:
    """Raise FiguresDiffer unless a figure is printed as it is booked."""
    if printed_cents != stored_cents:
        raise FiguresDiffer(number, printed_cents, stored_cents)


async def _recipient(session: AsyncSession, subscriber: Subscriber, edition: Edition, *, on: date) -> Recipient:
    holders = await session.scalars(
        select(Holder).where(Holder.subscriber_id == subscriber.id).order_by(Holder.position, Holder.id)
    )
    names = [" ".join(filter(None, (holder.civility, holder.full_name))) for holder in holders]
    addresses = await session.scalars(
        select(Address).where(Address.subscriber_id == subscriber.id).order_by(Address.starts_on, Address.id)
    )
    return Recipient(
        # Of what came with an import without names, only the number is known.
        name=_AND[edition.language].join(names) or subscriber.number or "–",
        address=_rows(_address(addresses.all(), on)),
    )


def _address(known: Sequence[Address], on: date) -> Address | None:
    """The billing address in force on a day, or else the home; of a file that is younger than the day, the first one."""
    in_force = [each for each in known if each.starts_on <= on and (each.ends_on is None or on < each.ends_on)]
    for kind in (AddressKind.BILLING, AddressKind.INSTALLATION):
        of_kind = [each for each in in_force if each.kind is kind]
        if of_kind:
            return of_kind[-1]
    return known[0] if known else None


def _rows(address: Address | None) -> tuple[str, ...]:
    if address is None:
        return ()
    country = None if address.country == _HOME else address.country
    rows = (address.line1, address.line2, f"{address.postcode} {address.city}", country)
    return tuple(row for row in rows if row)
