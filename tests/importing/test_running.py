"""A whole import, on both databases: all or nothing a row, the same twice, and totals that agree."""

import asyncio
import csv
import re
import signal
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice import models
from backoffice.billing.derivation import Derived
from backoffice.database import Database
from backoffice.importing import BadCsv, BadFile, BadMapping, Unexpected, running

from .desks import AT, ROWS, SUBSCRIBER, WHOLE, Desk, counts

OF_THREE = {
    "subscribers": 3,
    "holders": 3,
    "billing_accounts": 3,
    "payment_methods": 3,
    "contracts": 3,
    "contract_items": 3,
    "contract_events": 3,
    "invoices": 2,
    "invoice_lines": 2,
    "payments": 2,
    "payment_allocations": 2,
    "ledger_postings": 4,
    "ledger_entries": 8,
    "offers": 1,
    "price_versions": 1,
    "price_components": 1,
    "directory": 3 * 3 + 2 + 3 * 2,
    "audit_entries": 1,
}
TOTALS = {"subscribers": 3, "monthly_cents": 8989, "billed_cents": 56970}

# Stops in the second batch, when all of it is inserted and nothing of it committed.
KILLED = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from backoffice import importing
from backoffice.database import Database
from backoffice.importing import writing

append, batches = writing.audit.append, []

async def stop(session, **facts):
    batches.append(await append(session, **facts))
    if len(batches) == 2:
        print("in the middle", flush=True)
        await asyncio.sleep(600)

writing.audit.append = stop
database, folder = Database(sys.argv[1]), Path(sys.argv[2])
at = datetime(2026, 11, 20, tzinfo=UTC)
asyncio.run(importing.run(database, mapping=folder / "mapping.toml", file=folder / "file.csv", at=at, zone="Europe/Paris"))
"""


async def one(database: Database, model: type[Any], **where: object) -> Any:
    """The only row of a table that has these values."""
    async with database.reading() as session:
        return (await session.scalars(select(model).filter_by(**where))).one()


class TestRun:
    async def test_writes_all_that_the_rows_say(self, database: Database, desk: Desk) -> None:
        outcome = await desk.put(WHOLE, ROWS).run(database)

        assert await counts(database) == OF_THREE
        assert (outcome.read, outcome.written, outcome.unchanged, outcome.refused) == (3, 3, 0, 0)
        assert outcome.totals == outcome.database_totals == TOTALS
        assert outcome.adjustments == {"statement.amount blank taken as zero": 1}
        assert (outcome.is_reconciled, outcome.exit_status, outcome.report) == (True, 0, None)
        assert not desk.report.exists()

    async def test_changes_nothing_the_second_time(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        outcome = await desk.run(database, at=datetime(2026, 11, 22, tzinfo=UTC))

        assert await counts(database) == OF_THREE
        assert (outcome.written, outcome.unchanged, outcome.refused, outcome.exit_status) == (0, 3, 0, 0)
        assert outcome.lines()[-1] == "reconciled"

    async def test_writes_only_what_is_new_in_a_longer_file(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        outcome = await desk.put(WHOLE, "﻿" + ROWS + "S4,Léa,1,10.00,10.00\n").run(database)

        assert (outcome.written, outcome.unchanged) == (1, 3)
        assert outcome.database_totals == {"subscribers": 4, "monthly_cents": 9989, "billed_cents": 57970}

    async def test_refuses_a_row_that_comes_again_with_other_values(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        outcome = await desk.put(WHOLE, ROWS.replace("19.99", "24.99")).run(database)

        assert await counts(database) == OF_THREE
        assert (outcome.unchanged, outcome.refused, outcome.exit_status) == (2, 1, 1)
        assert desk.refusals() == ["3,id,S2,was imported already with other values; correct the record here"]
        assert (await one(database, models.ContractItem, agreed_amount_cents=1999)).quantity == 1

    async def test_refuses_rows_whose_meaning_the_mapping_changed(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        outcome = await desk.put(WHOLE.replace('vat = "0.20"\n\n[[offer]]', 'vat = "outside"\n\n[[offer]]'), ROWS).run(
            database
        )

        assert (outcome.unchanged, outcome.refused) == (1, 2)

    async def test_refuses_a_number_that_is_here_already(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        outcome = await desk.put(WHOLE.replace('"desk"', '"branch"'), ROWS).run(database)

        assert await counts(database) == OF_THREE
        assert (outcome.written, outcome.refused) == (0, 3)
        assert desk.refusals()[0] == "2,id,S1,belongs to a subscriber who is here already (NUMBER)"

    async def test_reports_what_it_refuses_and_writes_the_rest(self, database: Database, desk: Desk) -> None:
        rows = ROWS.replace("40.00", "4O.00") + "S4,Léa\n"

        outcome = await desk.put(WHOLE, rows).run(database)

        assert (outcome.read, outcome.written, outcome.refused, outcome.exit_status) == (4, 2, 2, 1)
        assert desk.refusals() == [
            "4,charge,4O.00,is not an amount such as 1234.50",
            '5,,,"has 2 cells, the header has 5"',
        ]
        assert outcome.totals == {"subscribers": 3, "monthly_cents": 4989, "billed_cents": 56970}
        assert outcome.refused_totals == {"subscribers": 1, "monthly_cents": 0, "billed_cents": 48000}
        assert outcome.database_totals == {"subscribers": 2, "monthly_cents": 4989, "billed_cents": 8970}
        assert outcome.is_reconciled

    async def test_takes_expected_refusals_for_success(self, database: Database, desk: Desk) -> None:
        outcome = await desk.put(WHOLE + "[expect]\nrefused = 1\n", ROWS + "S4,Léa\n").run(database)

        assert (outcome.refused, outcome.exit_status) == (1, 0)

    async def test_only_looks_in_a_dry_run(self, database: Database, desk: Desk) -> None:
        outcome = await desk.put(WHOLE, ROWS + "S4,Léa\n").run(database, dry_run=True)

        assert await counts(database) == {}
        assert (outcome.read, outcome.written, outcome.refused, outcome.exit_status) == (4, 3, 1, 1)
        assert (outcome.totals, outcome.database_totals) == (TOTALS, dict.fromkeys(TOTALS, 0))
        assert outcome.lines()[0] == "rows: 4 read, 3 would be written, 0 unchanged, 1 refused"
        assert outcome.lines()[-1] == "dry run: nothing was written"

    async def test_finds_in_a_dry_run_what_is_here_already(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        rows = ROWS.replace("19.99", "24.99") + "S4,Léa,1,10.00,10.00\n"
        outcome = await desk.put(WHOLE, rows).run(database, dry_run=True)

        assert await counts(database) == OF_THREE
        assert (outcome.written, outcome.unchanged, outcome.refused) == (1, 2, 1)

    async def test_writes_nothing_twice_when_it_runs_twice_at_once(self, database: Database, desk: Desk) -> None:
        desk.put(WHOLE, ROWS)

        outcomes = await asyncio.gather(desk.run(database), desk.run(database, report=desk.folder / "other.csv"))

        assert await counts(database) == OF_THREE | {"audit_entries": (await counts(database))["audit_entries"]}
        assert sorted(outcome.written for outcome in outcomes) == [0, 3]
        assert sorted(outcome.unchanged for outcome in outcomes) == [0, 3]

    async def test_tells_how_far_it_is(self, database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(running, "BATCH_ROWS", 2)
        seen: list[int] = []

        await desk.put(WHOLE, ROWS).run(database, progress=seen.append)

        assert seen == [2, 3]
        assert (await counts(database))["audit_entries"] == 2

    async def test_completes_when_it_was_stopped_half_way(
        self, database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(running, "BATCH_ROWS", 2)

        def stop(rows: int) -> None:
            raise KeyboardInterrupt

        desk.put(WHOLE, ROWS)
        with pytest.raises(KeyboardInterrupt):
            await desk.run(database, progress=stop)
        assert (await counts(database))["contracts"] == 2
        assert sorted(path.name for path in desk.folder.iterdir()) == ["file.csv", "mapping.toml"]
        outcome = await desk.run(database)

        assert (outcome.written, outcome.unchanged, outcome.database_totals) == (1, 2, TOTALS)
        assert await counts(database) == OF_THREE | {"audit_entries": 2}

    async def test_loses_only_the_row_that_the_database_refuses(
        self, database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A bound that the checks do not know: the database is the last to hold it.
        monkeypatch.setattr(
            "backoffice.importing.statements._amounts",
            lambda split: {
                "ht_cents": split.ht_cents,
                "vat_cents": split.vat_cents + (split.ttc_cents == 8970),
                "ttc_cents": split.ttc_cents,
            },
        )

        outcome = await desk.put(WHOLE, ROWS).run(database)

        assert (outcome.written, outcome.refused, outcome.is_reconciled) == (2, 1, True)
        assert re.fullmatch(r"2,,,the database refuses it: .*ck_invoices_vat_adds_up", desk.refusals()[0])
        assert outcome.database_totals == {"subscribers": 2, "monthly_cents": 5999, "billed_cents": 48000}


class TestKilled:
    async def test_run_completes_when_it_is_run_again(self, database: Database, desk: Desk) -> None:
        rows = [f"S{number},Ada,{number % 24},{number % 90}.05,{number}.15\n" for number in range(1, 1201)]
        desk.put(WHOLE, "id,name,months,charge,total\n" + "".join(rows))

        killed = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KILLED, database.url, str(desk.folder), stdout=asyncio.subprocess.PIPE
        )
        assert killed.stdout
        assert await killed.stdout.readline() == b"in the middle\n"
        killed.kill()
        assert await killed.wait() == -signal.SIGKILL
        left = (await counts(database))["contracts"]
        outcome = await desk.run(database)

        assert left == 500
        assert (outcome.unchanged, outcome.written, outcome.refused) == (500, 700, 0)
        assert outcome.totals == outcome.database_totals
        assert (await counts(database))["ledger_entries"] == 1200 * 4


class TestRefuses:
    async def test_totals_that_are_not_expected_before_a_row_is_written(self, database: Database, desk: Desk) -> None:
        desk.put(WHOLE + "[expect]\nrows = 4\nmonthly_cents = 8989\n", ROWS)

        with pytest.raises(Unexpected, match=r"rows is 3, not 4\. Nothing was written") as refused:
            await desk.run(database)

        assert (refused.value.code, refused.value.exit_status) == ("IMPORT_UNEXPECTED", 1)
        assert await counts(database) == {}

    async def test_refusals_that_are_not_expected_but_lists_them(self, database: Database, desk: Desk) -> None:
        with pytest.raises(Unexpected, match="refused is 1, not 0"):
            await desk.put(WHOLE + "[expect]\nrefused = 0\n", ROWS + "S4,Léa\n").run(database)

        assert desk.refusals() == ['5,,,"has 2 cells, the header has 5"']
        assert await counts(database) == {}

    async def test_a_broken_end_before_a_row_is_written(self, database: Database, desk: Desk) -> None:
        with pytest.raises(BadCsv, match="Line 5"):
            await desk.put(WHOLE, ROWS + 'S4,"Lé').run(database)

        assert await counts(database) == {}

    async def test_an_offer_that_nobody_knows(self, database: Database, desk: Desk) -> None:
        mapping = WHOLE.replace(
            'offer = { constant = "DESK-FIBRE" }\nstate', 'offer = { constant = "DESK-FIBER" }\nstate'
        )

        with pytest.raises(BadMapping, match="there is no offer DESK-FIBER; did you mean DESK-FIBRE"):
            await desk.put(mapping, ROWS).run(database)

        assert await counts(database) == {}

    async def test_an_offer_that_is_something_else_here(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        with pytest.raises(BadMapping, match="DESK-FIBRE is in the catalogue as OFFER, not as OPTION"):
            await desk.put(WHOLE.replace('kind = "OFFER"', 'kind = "OPTION"'), ROWS).run(database)

    async def test_a_place_where_no_report_can_be_written(self, database: Database, desk: Desk) -> None:
        with pytest.raises(BadFile, match="name another place with --report"):
            await desk.put(WHOLE, ROWS).run(database, report=desk.folder / "nowhere" / "report.csv")

        assert await counts(database) == {}


class TestRecords:
    async def test_of_an_opening_statement_leave_no_balance(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        invoice = await one(database, models.Invoice, number="O-S1")
        line = await one(database, models.InvoiceLine, invoice_id=invoice.id)
        payment = await one(database, models.Payment, reference="O-S1")
        allocation = await one(database, models.PaymentAllocation, invoice_id=invoice.id)
        account = await one(database, models.BillingAccount, number="A-S1")
        async with database.reading() as session:
            entry = models.LedgerEntry
            entries = select(entry.account, func.sum(entry.amount_cents)).group_by(entry.account)
            ledger = {name: int(cents) for name, cents in await session.execute(entries)}
            unbalanced = select(entry.posting_id).group_by(entry.posting_id).having(func.sum(entry.amount_cents) != 0)
            assert (await session.scalars(unbalanced)).all() == []
        assert (invoice.kind, invoice.state) == (models.InvoiceKind.OPENING_STATEMENT, models.InvoiceState.PAID)
        assert (invoice.ht_cents, invoice.vat_cents, invoice.ttc_cents, invoice.due_cents) == (7475, 1495, 8970, 0)
        assert (invoice.starts_on, invoice.ends_on) == (date(2026, 7, 1), date(2026, 10, 1))
        assert (line.kind, line.vat_rate, line.ttc_cents) == (models.LineKind.STATEMENT, Decimal("0.2"), 8970)
        assert Derived.from_json(line.derivation).verify()
        assert (payment.state, payment.amount_cents) == (models.PaymentState.CAPTURED, 8970)
        assert payment.captured_at == datetime(2026, 9, 30, 22, tzinfo=UTC)
        assert (allocation.payment_id, allocation.amount_cents) == (payment.id, 8970)
        assert account.balance_cents == 0
        assert ledger == {models.LedgerAccount.RECEIVABLE: 0, models.LedgerAccount.OPENING: 0}

    async def test_of_a_contract_go_on_where_the_file_ends(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        contract = await one(database, models.Contract, number="C-S3")
        item = await one(database, models.ContractItem, contract_id=contract.id)
        event = await one(database, models.ContractEvent, contract_id=contract.id)
        assert (contract.starts_on, contract.anchor_on) == (date(2025, 10, 1), date(2025, 10, 1))
        assert (contract.billed_until, contract.commitment_ends_on) == (date(2026, 10, 1), date(2026, 10, 1))
        assert (item.agreed_amount_cents, item.starts_on, item.ends_on) == (4000, date(2025, 10, 1), None)
        assert event.kind is models.ContractEventKind.IMPORTED
        assert event.details == {"source": "desk", "file": "file.csv", "line": 4}

    async def test_of_a_person_can_be_searched(self, database: Database, desk: Desk) -> None:
        mapping = SUBSCRIBER.replace(
            "[subscriber]", '[file]\ndelimiter = ";"\n[subscriber]\ncontact_email = "mail"'
        ) + (
            '[[holder]]\nfirst_name = "first"\nlast_name = "last"\nbirth_on = { column = "born", pattern = "%d/%m/%Y" }\n'
            '[[phone]]\nkind = { constant = "MOBILE" }\nnumber = "mobile"\n'
            '[[phone]]\nkind = { constant = "HOME" }\nnumber = "home"\n'
        )
        rows = "id;first;last;born;mail;mobile;home\nS1;Zoé;D'Œuf;29/02/2000;Zoe@Example.com;06 12 34 56 78;\n"

        await desk.put(mapping, rows).run(database)

        subscriber = await one(database, models.Subscriber, number="S1")
        holder = await one(database, models.Holder, subscriber_id=subscriber.id)
        phone = await one(database, models.Phone, subscriber_id=subscriber.id)
        entries = [
            await one(database, models.DirectoryEntry, kind=kind, key=key)
            for kind, key in (("EMAIL", "zoe@example.com"), ("PHONE", "+33612345678"), ("NUMBER", "S1"))
        ]
        assert (subscriber.contact_email_key, subscriber.source, subscriber.source_note) == (
            "zoe@example.com",
            "desk",
            "file.csv, line 2",
        )
        assert (holder.full_name, holder.name_key, holder.name_key_reversed) == (
            "Zoé D'Œuf",
            "zoe d oeuf",
            "d oeuf zoe",
        )
        assert (phone.typed, phone.number) == ("06 12 34 56 78", "+33612345678")
        assert [entry.target_id for entry in entries] == [subscriber.id, phone.id, subscriber.id]

    async def test_of_an_import_are_in_the_audit(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS).run(database)

        entry = await one(database, models.AuditEntry)
        assert (entry.subscriber_id, entry.operation, entry.at) == (0, "import", AT)
        assert entry.after == {"source": "desk", "file": "file.csv", "rows": 3, "first_line": 2, "last_line": 4}


class TestReport:
    async def test_is_whole_and_for_its_owner_alone(self, database: Database, desk: Desk) -> None:
        rows = ROWS + f"S4,Ada,=1+1,1,1\nS5,Ada,{'7' * 60},1,1\n"

        outcome = await desk.put(WHOLE, rows).run(database)

        with desk.report.open(newline="", encoding="utf-8") as file:
            report = list(csv.reader(file))
        assert report == [
            ["line", "column", "value", "reason"],
            ["5", "months", "'=1+1", "is not a whole number"],
            ["6", "months", "7" * 39 + "…", "is not a whole number"],
        ]
        assert outcome.report == desk.report
        assert desk.report.stat().st_mode & 0o777 == 0o600
        assert f"refused rows are listed in {desk.report}" in outcome.lines()

    async def test_of_an_earlier_run_does_not_stay(self, database: Database, desk: Desk) -> None:
        await desk.put(WHOLE, ROWS + "S4,Ada\n").run(database)

        await desk.put(WHOLE, ROWS).run(database)

        assert desk.refusals() == []
