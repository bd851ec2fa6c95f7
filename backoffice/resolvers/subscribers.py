"""One subscriber by any key."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Protocol

from strawberry import UNSET

from backoffice.errors import BackofficeError
from backoffice.fields import entity
from backoffice.ids import GlobalId
from backoffice.models import DirectoryKind
from backoffice.resolvers import files
from backoffice.resolvers.context import Context
from backoffice.services import directory, keys


class SubscriberSort(Enum):
    """The order of a list of subscribers."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"


class AmbiguousKey(BackofficeError):
    """Several subscribers share an e-mail address or a telephone."""

    code = "AMBIGUOUS_KEY"

    def __init__(self, key: str, *, owners: int) -> None:
        super().__init__(f"Several subscribers share this {key}; use 'search', which lists them.", field="by")
        self.owners = owners


class ByKey(Protocol):
    """Exactly one of its keys is set."""

    id: Any


_KINDS = {
    "number": DirectoryKind.NUMBER,
    "email": DirectoryKind.EMAIL,
    "phone": DirectoryKind.PHONE,
    "contract_number": DirectoryKind.CONTRACT,
    "account_number": DirectoryKind.ACCOUNT,
    "invoice_number": DirectoryKind.INVOICE,
    "credit_note_number": DirectoryKind.CREDIT_NOTE,
    "ticket_number": DirectoryKind.TICKET,
    "device_serial": DirectoryKind.SERIAL,
}


async def by_key(context: Context, by: ByKey) -> Any:
    """The subscriber whom a key leads to, or None; raises AmbiguousKey. Opening the file is logged, and so is a miss."""
    key = {name: value for name, value in vars(by).items() if value is not UNSET}
    try:
        owner = await owner_of(context, key)
    except AmbiguousKey as ambiguous:
        await _missed(context, key, ambiguous.owners)
        raise
    found = await context.loaders.row(entity("Subscriber")).load((owner, owner))
    if found is not None:
        await files.opened(context, found.id)
    elif owner:
        await _missed(context, key, 0)
    return found


async def owner_of(context: Context, by: Mapping[str, str]) -> int:
    """The id of the subscriber whom the one key of `by` leads to, or 0, which is logged; raises AmbiguousKey."""
    owner = await _owner(context, by)
    if not owner:
        await _missed(context, by, 0)
    return owner


async def _missed(context: Context, by: Mapping[str, str], hits: int) -> None:
    ((name, given),) = by.items()
    await files.looked_up(context, name, given, hits)


async def _owner(context: Context, by: Mapping[str, str]) -> int:
    ((name, given),) = by.items()
    if name == "id":
        decoded = GlobalId.decode(given)
        return (
            decoded.id if decoded and decoded.type_name == "Subscriber" and decoded.subscriber_id == decoded.id else 0
        )
    async with context.database.reading() as session:
        entries = await directory.find(session, kind=_KINDS[name], key=_form(name, given))
    owners = {entry.subscriber_id for entry in entries}
    if len(owners) > 1:
        raise AmbiguousKey(name, owners=len(owners))
    return owners.pop() if owners else 0


def _form(name: str, given: str) -> str:
    """The form in which the directory keeps such a key; what cannot be a telephone is found nowhere."""
    match name:
        case "number":
            return keys.number(given)
        case "email":
            return keys.email(given)
        case "phone":
            return keys.phone(given) or ""
        case _:
            return keys.reference(given)
