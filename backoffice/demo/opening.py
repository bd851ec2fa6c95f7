"""Opens the shop: checks what was asked for, and writes what all subscribers share."""

from datetime import date

from backoffice.database import Database
from backoffice.demo import agreements, catalogue, crew, names, numbering
from backoffice.demo.files import Operator
from backoffice.demo.planning import Planner
from backoffice.demo.rows import Rows
from backoffice.demo.window import EARLIEST_ON, Window
from backoffice.errors import BadInput
from backoffice.vault import Vault

LEAST_SUBSCRIBERS = 2


def window(*, subscribers: int, on: date, months: int, zone: str) -> Window:
    """The time to be covered. Raises `BadInput` for sizes that make no demo."""
    if subscribers < LEAST_SUBSCRIBERS:
        raise BadInput("A demo has at least 2 subscribers.", field="subscribers")
    if months < 1 or months > 12 * (on.year - EARLIEST_ON.year + 1):
        raise BadInput("A demo has at least 1 month, and none before 2021.", field="months")
    asked = Window(on=on, months=months, zone=zone)
    if asked.starts_on < EARLIEST_ON:
        raise BadInput("A demo has no month before 2021; take fewer months.", field="months")
    return asked


async def operator(database: Database, planner: Planner, vault: Vault, rows: Rows) -> Operator:
    """Count the documents to come, and write the catalogue, the staff, the service levels and the number series."""
    seed, covered = planner.seed, planner.window
    numbers = numbering.count(planner.plan(index) for index in range(planner.subscribers))
    opened = Operator(
        seed=seed,
        window=covered,
        names=names.draw(seed),
        catalogue=catalogue.write(rows, seed=seed, window=covered),
        crew=crew.write(rows, seed=seed, window=covered, vault=vault),
        levels=agreements.levels(covered),
        numbering=numbers,
        vault=vault,
    )
    agreements.write(rows, seed=seed, window=covered)
    for code, last_number in sorted(numbers.lasts.items()):
        rows.add("number_series", code=code, last_number=last_number)
    async with database.unit_of_work() as session:
        await rows.write(session)
    return opened
