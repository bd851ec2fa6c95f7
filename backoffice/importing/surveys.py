"""The first reading of a file: is every line well-formed, and does it add up to what the mapping expects?"""

from collections.abc import Mapping
from pathlib import Path

from backoffice.database import Database
from backoffice.importing import catalogue
from backoffice.importing.errors import BadMapping, Unexpected, nearest
from backoffice.importing.reading import CsvFile
from backoffice.importing.report import Report
from backoffice.importing.rows import Checker
from backoffice.importing.rules import ImportMapping
from backoffice.importing.totals import Sums
from backoffice.models import OfferKind


async def known_offers(database: Database, mapping: ImportMapping) -> Mapping[str, OfferKind]:
    """The catalogue with what the mapping adds to it. Raises BadMapping when the two contradict each other."""
    async with database.reading() as session:
        stored = await catalogue.stored(session)
    kinds = {code: offer.kind for code, offer in stored.items()}
    for offer in mapping.offers:
        if kinds.setdefault(offer.code, offer.kind) is not offer.kind:
            raise BadMapping(
                f"{mapping.file_name}: the offer {offer.code} is in the catalogue as {kinds[offer.code]}, not as "
                f"{offer.kind}; choose another code."
            )
    for rule in (rule for section in mapping.sections for name, rule in section.rules.items() if name == "offer"):
        for code in filter(None, (rule.constant, *(rule.table or {}).values())):
            if str(code) not in kinds:
                raise BadMapping(
                    f"{mapping.file_name}: {rule.path}: there is no offer {code}; {nearest(str(code), kinds)}"
                )
    return kinds


def survey(csv_file: CsvFile, mapping: ImportMapping, offers: Mapping[str, OfferKind], report: Report) -> None:
    """Read the whole file once; raise Unexpected, with the refused rows listed, when it is not what was expected."""
    sums, refused = _added_up(csv_file, mapping, offers)
    if wrong := _unexpected(mapping, sums, refused):
        raise Unexpected(_told(mapping, wrong, _listed(csv_file, mapping, offers, report)))


def _added_up(csv_file: CsvFile, mapping: ImportMapping, offers: Mapping[str, OfferKind]) -> tuple[Sums, int]:
    sums, refused, checker = Sums(mapping.totals), 0, Checker(mapping, offers)
    for raw in csv_file.rows():
        row = checker.check(raw)
        sums.add(row)
        refused += bool(row.problems)
    return sums, refused


def _unexpected(mapping: ImportMapping, sums: Sums, refused: int) -> list[str]:
    found = {"rows": sums.rows, "refused": refused} | sums.adjustments | sums.by_name
    told = ((name, found.get(name, 0), expected) for name, expected in mapping.expected.items())
    return [f"{name} is {number}, not {expected}" for name, number, expected in told if number != expected]


def _listed(csv_file: CsvFile, mapping: ImportMapping, offers: Mapping[str, OfferKind], report: Report) -> Path | None:
    checker = Checker(mapping, offers)
    with report:
        for raw in csv_file.rows():
            report.add(checker.check(raw).problems)
    return report.written_path


def _told(mapping: ImportMapping, wrong: list[str], listed: Path | None) -> str:
    where = f" Refused rows are listed in {listed}." if listed else ""
    return (
        f"The file is not what [expect] in {mapping.file_name} says: {'; '.join(wrong)}. Nothing was written; check that it "
        f"is the right file and whole, or correct [expect].{where}"
    )
