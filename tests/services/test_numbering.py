"""Numbers of documents have no gap and no double, whoever asks at once."""

import asyncio

import pytest

from backoffice import models
from backoffice.database import Database
from backoffice.services import numbering


async def take(database: Database, series: str = "T2026", *, undone: bool = False) -> int:
    async with database.unit_of_work() as session:
        number = await numbering.next_number(session, series=series)
        await asyncio.sleep(0.001)
        if undone:
            raise _Undone
    return number


class _Undone(Exception):
    """The act was refused after it took its number."""


class TestNextNumber:
    async def test_begins_with_one_and_goes_on(self, database: Database) -> None:
        assert [await take(database) for _ in range(3)] == [1, 2, 3]

    async def test_counts_each_series_apart(self, database: Database) -> None:
        taken = [await take(database, series) for series in ("T2026", "F2026", "T2026", "T2027")]

        assert taken == [1, 1, 2, 1]

    async def test_gives_several_in_one_act(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            taken = [await numbering.next_number(session, series="F2026") for _ in range(3)]

        assert taken == [1, 2, 3]

    async def test_is_given_back_when_the_act_is_undone(self, database: Database) -> None:
        await take(database)
        with pytest.raises(_Undone):
            await take(database, undone=True)

        assert await take(database) == 2

    async def test_has_no_gap_and_no_double_at_once(self, database: Database) -> None:
        asked = [take(database, undone=count % 3 == 0) for count in range(30)]

        taken = await asyncio.gather(*asked, return_exceptions=True)

        numbers = sorted(number for number in taken if isinstance(number, int))
        assert numbers == list(range(1, 21))
        assert [type(each) for each in taken if not isinstance(each, int)] == [_Undone] * 10
        async with database.reading() as session:
            series = await session.get(models.NumberSeries, "T2026")
        assert series is not None
        assert series.last_number == 20
