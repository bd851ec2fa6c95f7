"""Runs an import: the file is read once to check it whole, then a second time to write it in batches."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from backoffice.database import Database
from backoffice.importing import catalogue, surveys, writing
from backoffice.importing.making import Setting
from backoffice.importing.mapping import load
from backoffice.importing.outcomes import Outcome
from backoffice.importing.reading import CsvFile
from backoffice.importing.report import Report, default_path
from backoffice.importing.rows import Checker, Row
from backoffice.importing.rules import ImportMapping
from backoffice.importing.totals import Sums, in_database
from backoffice.models import OfferKind

BATCH_ROWS = 500
Progress = Callable[[int], None]


async def run(
    database: Database,
    *,
    mapping: Path,
    file: Path,
    at: datetime,
    zone: str,
    dry_run: bool = False,
    report: Path | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Import a CSV file by a mapping; safe to repeat, and to repeat after a crash.

    `progress` is told how many rows are done after each batch. Raises BadMapping, BadFile, BadEncoding, BadCsv and
    Unexpected, all before anything is written.
    """
    told = load(mapping, at=at, zone=zone)
    csv_file = CsvFile(file, told)
    offers = await surveys.known_offers(database, told)
    refusals = Report(report or default_path(file), is_asked_for=report is not None)
    # Before a first row is written: is every line well-formed, and does the file add up to what was expected?
    surveys.survey(csv_file, told, offers, refusals)
    with refusals:
        passing = _Pass(database, told, csv_file, offers, refusals)
        return await passing.run(at=at, dry_run=dry_run, progress=progress or _quiet)


def _quiet(rows: int) -> None:
    return None


class _Pass:
    """The second reading of the file, which writes, or for a dry run only compares with what is there."""

    def __init__(
        self,
        database: Database,
        mapping: ImportMapping,
        csv_file: CsvFile,
        offers: Mapping[str, OfferKind],
        report: Report,
    ) -> None:
        self._database = database
        self._mapping = mapping
        self._file = csv_file
        self._offers = offers
        self._report = report
        self._all, self._refused = Sums(mapping.totals), Sums(mapping.totals)
        self._written, self._unchanged = Sums(mapping.totals), Sums(mapping.totals)

    async def run(self, *, at: datetime, dry_run: bool, progress: Progress) -> Outcome:
        before = await self._in_database()
        setting = await self._setting(at, dry_run)
        step = writing.compare if dry_run else writing.write
        for batch in self._batches():
            self._take(await step(self._database, setting, batch))
            progress(self._all.rows)
        return self._outcome(before, await self._in_database(), dry_run)

    def _batches(self) -> Iterator[list[Row]]:
        """Rows without problems; those with some go to the report at once."""
        checker, batch = Checker(self._mapping, self._offers), list[Row]()
        for raw in self._file.rows():
            row = checker.check(raw)
            self._all.add(row)
            if row.problems:
                self._refused.add(row)
                self._report.add(row.problems)
                continue
            batch.append(row)
            if len(batch) == BATCH_ROWS:
                yield batch
                batch = []
        if batch:
            yield batch

    def _take(self, batch: writing.Batch) -> None:
        self._written.add_all(batch.written)
        self._unchanged.add_all(batch.unchanged)
        self._refused.add_all(batch.refused)
        self._report.add(batch.problems)

    async def _setting(self, at: datetime, dry_run: bool) -> Setting:
        if not dry_run:
            await self._add_offers(at)
        async with self._database.reading() as session:
            stored = await catalogue.stored(session)
        return Setting(self._mapping, stored, self._file.path.name, at)

    async def _add_offers(self, at: datetime) -> None:
        try:
            async with self._database.unit_of_work() as session:
                await catalogue.add_missing(session, self._mapping.offers, at=at)
        except IntegrityError:
            # Another import has added them in the meantime, and has committed: now they are found.
            async with self._database.unit_of_work() as session:
                await catalogue.add_missing(session, self._mapping.offers, at=at)

    async def _in_database(self) -> Mapping[str, int]:
        async with self._database.reading() as session:
            return await in_database(session, self._mapping)

    def _outcome(self, before: Mapping[str, int], after: Mapping[str, int], dry_run: bool) -> Outcome:
        names = [total.name for total in self._mapping.totals]
        return Outcome(
            is_dry_run=dry_run,
            read=self._all.rows,
            written=self._written.rows,
            unchanged=self._unchanged.rows,
            refused=self._refused.rows,
            expected_refused=self._mapping.expected.get("refused", 0),
            totals={name: self._all.of(name) for name in names},
            refused_totals={name: self._refused.of(name) for name in names},
            written_totals={name: self._written.of(name) for name in names},
            database_totals_before=before,
            database_totals=after,
            adjustments=dict(self._all.adjustments),
            report=self._report.written_path,
        )
