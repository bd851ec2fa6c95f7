"""From a row that has been checked to the rows that are inserted for it, in every table that it touches."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from backoffice.ids import new_id
from backoffice.importing import agreements, persons, statements, tickets
from backoffice.importing.making import Making, Record, Setting
from backoffice.importing.parts import Part
from backoffice.importing.rows import Row
from backoffice.models import Base, DirectoryEntry, DirectoryKind

Inserts = Sequence[tuple[Table, list[dict[str, Any]]]]
_Maker = Callable[[Making, Part, int], Iterator[Record]]

_MAKERS: Mapping[str, _Maker] = {
    "subscriber": persons.subscriber,
    "holder": persons.holder,
    "phone": persons.phone,
    "address": persons.address,
    "account": agreements.account,
    "payment_method": agreements.payment_method,
    "contract": agreements.contract,
    "item": agreements.item,
    "statement": statements.statement,
    "ticket": tickets.ticket,
}


@dataclass(frozen=True, slots=True)
class ImportKey:
    """The two directory keys of an imported row: one names it, the other also tells what it said."""

    named: str
    exact: str


def import_key(source: str, row: Row) -> ImportKey:
    """The keys of a row in the directory, at most 240 characters."""
    named = f"{source}:{row.key}"
    return ImportKey(named, f"{named}={row.digest}")


def build(setting: Setting, rows: Sequence[Row]) -> Inserts:
    """The inserts of many rows, in an order in which every foreign key finds its row."""
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        for model, values in _records(setting, row):
            grouped[model.__tablename__].append(values)
    return [(table, grouped[table.name]) for table in Base.metadata.sorted_tables if table.name in grouped]


def _records(setting: Setting, row: Row) -> Iterator[Record]:
    ids = [new_id(setting.at) for _ in row.parts]
    making = Making(setting, row, _first_ids(row, ids))
    for part, part_id in zip(row.parts, ids, strict=True):
        yield from _MAKERS[part.noun](making, part, part_id)
    for identity in row.identities:
        yield _entry(making, identity.kind, identity.key, ids[identity.position])
    key = import_key(setting.mapping.source, row)
    # Both stay when the row is edited here later, so a file that comes again is still recognised.
    for written in (key.named, key.exact):
        yield _entry(making, DirectoryKind.IMPORT, written, making.main_id)


def _first_ids(row: Row, ids: Sequence[int]) -> Mapping[str, int]:
    # Backwards, so that the first part of a noun has the last word.
    return {part.noun: part_id for part, part_id in zip(reversed(row.parts), reversed(ids), strict=True)}


def _entry(making: Making, kind: DirectoryKind, key: str, target_id: int) -> Record:
    return DirectoryEntry, {
        "kind": kind,
        "key": key,
        "subscriber_id": making.subscriber_id,
        "target_id": target_id,
    }
