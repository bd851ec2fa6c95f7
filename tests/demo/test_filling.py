"""Filling: repeatable, refused on a database in use, bounded in size, and the credentials it leaves."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice import demo, migrations
from backoffice.database import Database
from backoffice.demo import filling, tickets
from backoffice.demo.window import Window
from backoffice.errors import BadInput
from backoffice.ids import GlobalId
from backoffice.models import Base, Staff, Subscriber
from backoffice.permissions import Role
from backoffice.services import passwords

from .conftest import ON, VAULT, Filled, credentials_of, make

_SEALED = {"iban_sealed", "totp_sealed", "password_hash"}


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}")
    await migrations.upgrade(opened)
    yield opened
    await opened.close()


async def fill(database: Database, **others: Any) -> demo.Filled:
    usual: dict[str, Any] = {
        "vault": VAULT,
        "subscribers": 3,
        "seed": 3,
        "on": ON,
        "months": 2,
        "zone": "Europe/Paris",
        "credentials_path": None,
    }
    return await demo.fill(database, **{**usual, **others})


async def count(database: Database, table: type[Base]) -> int:
    async with database.reading() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.endswith(("-wal", "-shm"))}


def unsealed(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in _SEALED}


class TestFill:
    def test_writes_the_same_rows_for_the_same_arguments(self, filled: Filled, tmp_path: Path) -> None:
        again = make(tmp_path / "again.sqlite3")

        for table in Base.metadata.tables:
            assert [unsealed(row) for row in again.rows(table)] == [unsealed(row) for row in filled.rows(table)], table

    def test_writes_other_rows_for_another_seed(self, filled: Filled, tmp_path: Path) -> None:
        other = make(tmp_path / "other.sqlite3", seed=4, subscribers=3, months=2)

        assert other.rows("holders")[0].full_name != filled.rows("holders")[0].full_name

    def test_counts_what_it_wrote(self, filled: Filled) -> None:
        assert filled.counts == demo.Filled(
            subscribers=60,
            contracts=len(filled.rows("contracts")),
            invoices=len(filled.rows("invoices")),
            lines=len(filled.rows("invoice_lines")),
            payments=len(filled.rows("payments")),
            credit_notes=len(filled.rows("credit_notes")),
            refunds=len(filled.rows("refunds")),
            devices=len(filled.rows("devices")),
            tickets=len(filled.rows("tickets")),
        )

    def test_tells_its_progress_batch_by_batch(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(filling, "BATCH", 2)

        assert make(tmp_path / "batches.sqlite3", subscribers=5, months=1).progress == [(2, 5), (4, 5), (5, 5)]

    @pytest.mark.parametrize(("subscribers", "months"), [(2, 1), (2, 2), (30, 3), (2, 5)])
    def test_gives_the_first_two_the_same_life_whatever_the_others(
        self, tmp_path: Path, subscribers: int, months: int
    ) -> None:
        small = make(tmp_path / "small.sqlite3", subscribers=subscribers, months=months)
        larger = make(tmp_path / "larger.sqlite3", subscribers=40, months=months)

        for table in ("contracts", "devices", "tickets", "payments", "refunds"):
            for subscriber in larger.rows("subscribers")[:2]:
                assert [row.id for row in small.of(subscriber.id, table)] == [
                    row.id for row in larger.of(subscriber.id, table)
                ]
                assert small.of(subscriber.id, table)

    @pytest.mark.parametrize("day", ["2024-02-29", "2026-03-31", "2026-01-01", "2025-12-31"])
    def test_works_on_any_day(self, tmp_path: Path, day: str) -> None:
        on = ON.fromisoformat(day)

        assert make(tmp_path / "day.sqlite3", on=on, months=4, subscribers=48).counts.invoices > 100

    async def test_works_on_both_databases(self, database: Database) -> None:
        counts = await fill(database, subscribers=30, months=6)

        assert counts.subscribers == 30
        assert counts.invoices > 90

    async def test_refuses_a_database_in_use(self, empty: Database) -> None:
        await fill(empty)

        with pytest.raises(demo.DemoNotEmpty) as refused:
            await fill(empty, subscribers=9)

        assert refused.value.code == "DEMO_NOT_EMPTY"
        assert await count(empty, Subscriber) == 3

    @pytest.mark.parametrize("wrong", [{"subscribers": 1}, {"months": 0}, {"months": 100}, {"months": 10_000}])
    async def test_refuses_sizes_that_make_no_sense(self, empty: Database, wrong: dict[str, int]) -> None:
        with pytest.raises(BadInput):
            await fill(empty, **wrong)

        assert await demo.is_empty(empty)

    async def test_says_to_start_again_when_it_stops_in_the_middle(
        self, empty: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stop(*_: object) -> None:
            raise OSError("disk full")

        monkeypatch.setattr(tickets, "write", stop)

        with pytest.raises(demo.DemoInterrupted, match="empty database"):
            await fill(empty, credentials_path=tmp_path / "credentials.json")

        assert names_in(tmp_path) == {"empty.sqlite3"}

    async def test_finds_out_first_that_credentials_cannot_be_written(self, empty: Database, tmp_path: Path) -> None:
        (tmp_path / "file").touch()

        with pytest.raises(BadInput, match="cannot be written"):
            await fill(empty, credentials_path=tmp_path / "file" / "credentials.json")

        assert await demo.is_empty(empty)


class TestIsEmpty:
    async def test_tells_an_empty_database_from_one_in_use(self, empty: Database) -> None:
        assert await demo.is_empty(empty)

        await fill(empty)

        assert not await demo.is_empty(empty)

    async def test_counts_staff_as_use(self, empty: Database) -> None:
        async with empty.unit_of_work() as session:
            session.add(
                Staff(
                    id=1, login="a", full_name="A", role=Role.ADMIN, password_hash="", totp_sealed=b"",
                    created_at=Window(ON, 1, "Europe/Paris").ends_at,
                )
            )  # fmt: skip

        assert not await demo.is_empty(empty)


class TestCredentials:
    def test_are_readable_by_their_owner_alone(self, filled: Filled) -> None:
        assert credentials_of(filled.path).stat().st_mode & 0o777 == 0o600

    async def test_open_every_role(self, filled: Filled) -> None:
        staff = filled.credentials["staff"]
        hashes = {row.login: (row.role, row.password_hash) for row in filled.rows("staff")}

        assert set(staff) == {role.value for role in Role}
        for name, access in staff.items():
            role, stored = hashes[access["login"]]
            assert role.value == name
            assert await passwords.matches(access["password"], stored)

    def test_name_the_first_two_subscribers(self, filled: Filled) -> None:
        subscribers = filled.rows("subscribers")[:2]

        for row, written in zip(subscribers, filled.credentials["subscribers"], strict=True):
            mobile = filled.of(row.id, "phones")[0].number
            assert written["id"] == GlobalId("Subscriber", row.id, row.id).encode()
            assert (written["number"], written["login"], written["email"]) == (row.number, row.login, row.contact_email)
            assert "+33" + written["phone"][1:] == mobile
            assert len(written["password"]) >= 12
            assert len(written["totp_secret"]) == 32

    def test_list_invoices_that_can_be_refunded(self, filled: Filled) -> None:
        invoices = filled.by_id("invoices")
        listed = filled.credentials["invoices"]

        assert len({entry["id"] for entry in listed}) == len(listed) >= 42
        for entry in listed:
            named = GlobalId.decode(entry["id"])
            assert named
            invoice = invoices[named.subscriber_id, named.id]
            assert entry["refundable_cents"] == invoice.paid_cents - invoice.refunded_cents >= 3000

    @pytest.mark.parametrize("kind", ["invoices", "devices", "tickets"])
    def test_list_some_of_each_of_the_two(self, filled: Filled, kind: str) -> None:
        owners = [entry["subscriber_id"] for entry in filled.credentials[kind]]

        for subscriber in filled.credentials["subscribers"]:
            assert subscriber["id"] in owners
