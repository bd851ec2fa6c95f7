"""Who the subscribers are: names, addresses, telephones, consents, and the keys under which they are found."""

import random
from datetime import date

from backoffice.demo import identities
from backoffice.demo.files import File
from backoffice.demo.identities import Identity
from backoffice.demo.names import Names
from backoffice.models import (
    AddressKind,
    ConsentKind,
    DirectoryKind,
    Language,
    PhoneKind,
    SubscriberKind,
    SubscriberState,
)
from backoffice.services import keys


def write(file: File) -> None:
    """Add the subscriber, the holders, addresses, telephones and consents."""
    names, seed = file.operator.names, file.operator.seed
    who = identities.identity(names, seed=seed, index=file.plan.index)
    is_erased = file.plan.state is SubscriberState.ERASED
    file.number, file.city = identities.number_of(file.plan.index), who.town.city
    file.phone = who.mobile
    file.full_name = (
        identities.company(who) if file.plan.kind is SubscriberKind.BUSINESS else f"{who.first_name} {who.last_name}"
    )
    file.login = f"{identities.local_part(who)}{file.plan.index + 1}"
    file.email = f"{file.login}@{file.rng.choice(('example.net', 'example.org', 'example.com'))}"
    _write_subscriber(file, is_erased=is_erased)
    if is_erased:
        file.full_name = "Abonné effacé"
        return
    _write_holders(file, who)
    _write_addresses(file, who)
    _write_phones(file, who)
    _write_consents(file)


def _write_subscriber(file: File, *, is_erased: bool) -> None:
    # Some have their invoices sent to another address, which then nobody thinks of changing.
    billing = f"compta.{file.email}" if file.plan.index % 11 == 3 else file.email
    known = not is_erased
    file.rows.add(
        "subscribers",
        id=file.subscriber_id,
        number=file.number,
        kind=file.plan.kind,
        state=file.plan.state,
        language=Language.EN if file.plan.index % 29 == 17 else Language.FR,
        login=file.login if known else None,
        contact_email=file.email if known else None,
        contact_email_key=keys.email(file.email) if known else None,
        billing_email=billing if known else None,
        billing_email_key=keys.email(billing) if known else None,
        is_fragile=file.plan.is_fragile,
        created_at=file.created_at,
        updated_at=file.created_at,
    )
    file.enter(DirectoryKind.NUMBER, keys.number(file.number), file.subscriber_id)
    if known:
        file.enter(DirectoryKind.LOGIN, file.login, file.subscriber_id)
        for address in dict.fromkeys((keys.email(file.email), keys.email(billing))):
            file.enter(DirectoryKind.EMAIL, address, file.subscriber_id)


def _write_holders(file: File, who: Identity) -> None:
    if file.plan.kind is SubscriberKind.BUSINESS:
        _write_holder(file, 0, None, None, identities.company(who))
        return
    _write_holder(file, 0, "Madame" if who.is_woman else "Monsieur", who.first_name, who.last_name)
    if file.rng.random() < 0.15:
        names = file.operator.names
        _write_holder(file, 1, "Monsieur" if who.is_woman else "Madame", _other(names, who, file.rng), who.last_name)


def _write_holder(file: File, position: int, civility: str | None, first_name: str | None, last_name: str) -> None:
    full_name = f"{first_name} {last_name}" if first_name else last_name
    year = file.window.on.year - file.rng.randrange(20, 85)
    birth_on = date(year, file.rng.randrange(1, 13), file.rng.randrange(1, 29))
    file.add(
        "holders",
        file.created_at,
        position=position,
        civility=civility,
        first_name=first_name,
        last_name=last_name,
        full_name=full_name,
        name_key=keys.fold(full_name),
        name_key_reversed=keys.fold(f"{last_name} {first_name or ''}"),
        birth_on=birth_on if first_name else None,
    )


def _write_addresses(file: File, who: Identity) -> None:
    for kind in AddressKind:
        is_elsewhere = kind is AddressKind.BILLING and file.plan.index % 17 == 6
        town = file.rng.choice(file.operator.names.towns) if is_elsewhere else who.town
        file.add(
            "addresses",
            file.created_at,
            kind=kind,
            line1=f"BP {file.rng.randrange(10, 900)}" if is_elsewhere else who.street,
            line2=f"Appartement {file.rng.randrange(1, 60)}" if file.rng.random() < 0.2 else None,
            postcode=town.postcode,
            city=town.city,
            region=town.region,
            country="FR",
            starts_on=file.plan.concluded_on,
        )


def _write_phones(file: File, who: Identity) -> None:
    numbers = [(PhoneKind.MOBILE, who.mobile)]
    if file.rng.random() < 0.5 or file.plan.index % identities.HOUSEHOLD_TURN in (
        identities.HOUSEHOLD_PLACE - 1,
        identities.HOUSEHOLD_PLACE,
    ):
        numbers.append((PhoneKind.HOME, who.home))
    for kind, digits in numbers:
        number = f"+33{digits[1:]}"
        row = file.add("phones", file.created_at, kind=kind, typed=_typed(digits, file.rng), number=number)
        file.enter(DirectoryKind.PHONE, number, row["id"])


def _write_consents(file: File) -> None:
    for kind, share in ((ConsentKind.MARKETING_EMAIL, 0.4), (ConsentKind.MARKETING_PHONE, 0.15)):
        file.add(
            "consents",
            file.created_at,
            kind=kind,
            is_granted=file.rng.random() < share,
            decided_at=file.created_at,
            channel=file.rng.choice(("WEB", "PHONE", "SHOP")),
            text_version="2020-01",
        )


def _other(names: Names, who: Identity, rng: random.Random) -> str:
    return rng.choice(names.men if who.is_woman else names.women)


def _typed(digits: str, rng: random.Random) -> str:
    separator = rng.choice((" ", " ", ".", ""))
    return separator.join(digits[start : start + 2] for start in range(0, 10, 2))
