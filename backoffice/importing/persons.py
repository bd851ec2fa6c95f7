"""Records of the person: subscriber, holders, telephones, addresses."""

from collections.abc import Iterator

from backoffice.importing.making import Making, Record
from backoffice.importing.parts import Part
from backoffice.importing.rules import PhoneNumber
from backoffice.models import Address, Holder, Phone, Subscriber
from backoffice.services import keys


def subscriber(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """The root of the file; without a holder the subscriber is known by number only."""
    said, setting = part.values, making.setting
    contact, billing = said.get("contact_email"), said.get("billing_email")
    yield (
        Subscriber,
        {
            "id": part_id,
            "number": said.get("number"),
            "kind": said["kind"],
            "state": said["state"],
            "language": said["language"],
            "contact_email": contact,
            "contact_email_key": keys.email(str(contact)) if contact else None,
            "billing_email": billing,
            "billing_email_key": keys.email(str(billing)) if billing else None,
            "is_fragile": bool(said.get("is_fragile")),
            "source": setting.mapping.source,
            "source_note": f"{setting.file_name[:300]}, line {making.row.line}",
            "created_at": setting.at,
            "updated_at": setting.at,
        },
    )


def holder(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """A named person; the first one of the mapping heads the file."""
    first, last = part.values.get("first_name"), str(part.values["last_name"])
    names = [str(first), last] if first else [last]
    holders = [other for other in making.row.parts if other.noun == "holder"]
    yield (
        Holder,
        {
            "subscriber_id": making.subscriber_id,
            "id": part_id,
            "position": next(position for position, other in enumerate(holders) if other is part),
            "civility": part.values.get("civility"),
            "first_name": first,
            "last_name": last,
            "full_name": " ".join(names),
            "name_key": keys.fold(" ".join(names))[:201],
            "name_key_reversed": keys.fold(" ".join(reversed(names)))[:201],
            "birth_on": part.values.get("birth_on"),
        },
    )


def phone(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """A telephone number, as typed and as dialled."""
    number = part.values["number"]
    assert isinstance(number, PhoneNumber)
    yield (
        Phone,
        {
            "subscriber_id": making.subscriber_id,
            "id": part_id,
            "kind": part.values["kind"],
            "typed": number.typed,
            "number": number.number,
        },
    )


def address(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """An address in force; a file that gives no street leaves the line empty rather than invent one."""
    yield (
        Address,
        {
            "subscriber_id": making.subscriber_id,
            "id": part_id,
            "kind": part.values["kind"],
            "line1": part.values.get("line1") or "",
            "line2": part.values.get("line2"),
            "postcode": part.values["postcode"],
            "city": part.values["city"],
            "region": part.values.get("region"),
            "country": part.values["country"],
            "starts_on": part.values["starts_on"],
        },
    )
