"""What every bill prints around its figures: who sends it, to whom, under which number, in which language."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class CustomerService:
    """Where to ask. The number must not be surcharged (Code de la consommation, L224-38)."""

    phone: str
    hours: str
    site: str


@dataclass(frozen=True, slots=True)
class Mediator:
    """Who settles disputes free of charge (Code de la consommation, L612-1 and L616-1)."""

    name: str
    address: tuple[str, ...]
    site: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """The operator, with what the law asks it to print about itself.

    `registration` is the register and its place ("RCS Nanterre"); `mentions` are printed last, each a paragraph.
    """

    name: str
    address: tuple[str, ...]
    legal_form: str
    registration: str
    siren: str
    vat_number: str
    customer_service: CustomerService
    mediator: Mediator
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is billed, as on the envelope. `vat_number` is a business subscriber's."""

    name: str
    address: tuple[str, ...]
    vat_number: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A document that this one refers to."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a bill. `locale` is "fr" or "en"; `issued_at` dates the file, `issued_on` is printed."""

    issuer: Issuer
    recipient: Recipient
    subscriber_number: str
    account_number: str
    number: str
    issued_at: datetime
    issued_on: date
    locale: str = "fr"
    currency: str = "EUR"
