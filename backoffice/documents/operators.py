"""Who bills: the operator's own facts, read from a TOML file and checked before anything is printed with them."""

import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, field_validator, model_validator

from backoffice.documents.fetching import ASSETS
from backoffice.documents.headings import CustomerService, Issuer, Mediator
from backoffice.errors import BackofficeError

FICTIONAL = ASSETS / "operator.toml"
"""The operator of the demo, for development."""
_SURCHARGED = re.compile(r"(?:\+33|0033|0)8[129]")
_Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]*$")
]


class BadOperator(BackofficeError):
    """The file of the operator's facts cannot be read, or misses what the law asks to print."""

    code = "BAD_OPERATOR"

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(f"{path} cannot be used: {fault}. docs/operators.md says what the file needs.")
        self.path = path


@dataclass(frozen=True, slots=True)
class Operator:
    """The issuer of all documents, as those in French and those in English print it."""

    french: Issuer
    english: Issuer

    def issuer(self, locale: str) -> Issuer:
        """The issuer for documents in a language, "fr" or "en"."""
        return self.english if locale == "en" else self.french


def read(path: Path | None = None) -> Operator:
    """The operator that a file describes; without one, the fictional one. Raises BadOperator."""
    named = path or FICTIONAL
    try:
        facts = _Facts.model_validate(tomllib.loads(named.read_text(encoding="utf-8")))
    except OSError as unreadable:
        raise BadOperator(named, "it cannot be opened") from unreadable
    except ValidationError as refused:
        first = refused.errors()[0]
        raise BadOperator(named, f"'{'.'.join(map(str, first['loc']))}': {first['msg']}") from refused
    except ValueError as malformed:
        raise BadOperator(named, f"it is no TOML in UTF-8 ({malformed})") from malformed
    return facts.operator()


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _CustomerService(_Part):
    phone: _Text
    hours: _Text
    site: _Text

    @field_validator("phone")
    @classmethod
    def _not_surcharged(cls, phone: str) -> str:
        if _SURCHARGED.match(re.sub(r"[^\d+]", "", phone)):
            raise ValueError("a number for customers must not be surcharged (Code de la consommation, L224-38)")
        return phone


class _Mediator(_Part):
    name: _Text
    address: tuple[_Text, ...]
    site: _Text


class _English(_Part):
    hours: _Text | None = None
    mentions: tuple[_Text, ...] | None = None


class _Facts(_Part):
    name: _Text
    address: tuple[_Text, ...]
    legal_form: _Text
    registration: _Text
    siren: _Text
    vat_number: _Text
    mentions: tuple[_Text, ...] = ()
    customer_service: _CustomerService
    mediator: _Mediator
    en: _English = _English()

    @field_validator("siren")
    @classmethod
    def _siren_is_one(cls, siren: str) -> str:
        digits = siren.replace(" ", "")
        if not re.fullmatch(r"[0-9]{9}", digits) or _luhn(digits) % 10:
            raise ValueError("a SIREN has nine digits, of which the last one proves the others")
        return siren

    @model_validator(mode="after")
    def _vat_number_is_of_the_siren(self) -> "_Facts":
        siren = int(self.siren.replace(" ", ""))
        expected = f"FR{(12 + 3 * (siren % 97)) % 97:02}{siren:09}"
        if self.vat_number.replace(" ", "").upper() != expected:
            raise ValueError(f"the VAT number of this SIREN is {expected}")
        return self

    def operator(self) -> Operator:
        """The facts as documents print them."""
        service = CustomerService(**self.customer_service.model_dump())
        mediator = Mediator(**self.mediator.model_dump())
        own = self.model_dump(exclude={"customer_service", "mediator", "en"})
        french = Issuer(customer_service=service, mediator=mediator, **own)
        said = self.en.mentions if self.en.mentions is not None else self.mentions
        translated = replace(service, hours=self.en.hours or service.hours)
        return Operator(french=french, english=replace(french, customer_service=translated, mentions=said))


def _luhn(digits: str) -> int:
    """The sum of the digits from the right, every second one doubled (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled)
