"""The keys by which imported rows are found again, in the form in which the directory compares them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backoffice.importing.parts import Part
from backoffice.importing.rules import PhoneNumber
from backoffice.models import DirectoryKind
from backoffice.services import keys

_SHARED = {DirectoryKind.EMAIL, DirectoryKind.PHONE}


@dataclass(frozen=True, slots=True)
class Identity:
    """A key of the directory, borne by the part at `position` of its row and written in `columns`."""

    kind: DirectoryKind
    key: str
    position: int = field(compare=False)
    columns: str = field(compare=False)

    @property
    def is_owned_by_one(self) -> bool:
        """Whether two subscribers may not share it; a household shares e-mails and telephones."""
        return self.kind not in _SHARED


def identities(parts: Sequence[Part]) -> Iterator[Identity]:
    """The keys of a row; an address that it gives twice is one key."""
    shared: set[tuple[DirectoryKind, str]] = set()
    for position, part in enumerate(parts):
        for name, (kind, form) in _KEYS.get(part.noun, {}).items():
            value = part.values.get(name)
            if value is None:
                continue
            found = Identity(kind, form(value), position, part.columns(name))
            if found.is_owned_by_one or (kind, found.key) not in shared:
                shared.add((kind, found.key))
                yield found


def _e164(value: object) -> str:
    assert isinstance(value, PhoneNumber)
    return value.number


_Form = Callable[[object], str]


def _text(form: Callable[[str], str]) -> _Form:
    return lambda value: form(str(value))


_KEYS: Mapping[str, Mapping[str, tuple[DirectoryKind, _Form]]] = {
    "subscriber": {
        "number": (DirectoryKind.NUMBER, _text(keys.number)),
        "contact_email": (DirectoryKind.EMAIL, _text(keys.email)),
        "billing_email": (DirectoryKind.EMAIL, _text(keys.email)),
    },
    "phone": {"number": (DirectoryKind.PHONE, _e164)},
    "account": {"number": (DirectoryKind.ACCOUNT, _text(keys.reference))},
    "contract": {"number": (DirectoryKind.CONTRACT, _text(keys.reference))},
    "statement": {"number": (DirectoryKind.INVOICE, _text(keys.reference))},
    "ticket": {"number": (DirectoryKind.TICKET, _text(keys.reference))},
}
