"""Refunds through the graph: what goes back, on which credit, and how one that waits is undone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from backoffice import models
from backoffice.database import Database
from backoffice.models import OutboxState
from backoffice.services import refunds, verification
from tests import books
from tests.acts import everything, global_id, key_of
from tests.books import TWENTY, Article
from tests.factories import NOW, TODAY
from tests.money_acts import billing, do, only_cents, preview, refusal


async def paid(database: Database, *articles: Article, payments: tuple[int, ...] = ()) -> tuple[Any, Any]:
    """An account with a paid invoice: 34.99 at 10 % unless said, by one payment unless said."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        invoice = await books.bill(session, account, *(articles or (Article(3499),)))
        for cents in payments or (invoice.ttc_cents,):
            await books.pay(session, account, invoice, cents=cents)
    return account, invoice


async def faults(database: Database) -> list[str]:
    """What `verify` finds."""
    async with database.snapshot() as session:
        return [f"{fault.check}: {fault.subject}: {fault.message}" async for fault in verification.faults(session)]


async def standing(database: Database) -> dict[str, Any]:
    """The amounts, states and balances that an undo must bring back."""
    kept: dict[str, Any] = {}
    async with database.reading() as session:
        for model, names in {
            models.BillingAccount: ("balance_cents",),
            models.Invoice: (
                "state",
                "paid_cents",
                "offset_cents",
                "credited_cents",
                "refunded_cents",
                "applied_cents",
            ),
            models.InvoiceLine: ("credited_ht_cents", "credited_ttc_cents"),
            models.Payment: ("state", "refunded_cents"),
        }.items():
            for row in (await session.execute(model.__table__.select().order_by(model.id))).all():
                kept[f"{model.__name__} {row.id}"] = [getattr(row, name) for name in names]
    return kept


class TestRefundPreview:
    async def test_shares_over_the_payments_in_their_order(self, database: Database) -> None:
        _, invoice = await paid(database, payments=(2000, 1499))

        shown = only_cents(
            await preview(
                billing(database), "refund", invoiceId=global_id(invoice), amount=2500, reason="BILLING_ERROR"
            )
        )

        assert [each["amount"] for each in shown["preview"]["disposition"]["refunds"]] == [2000, 500]
        assert shown["preview"]["document"]["total"] == 2500

    async def test_credits_the_line_that_is_named(self, database: Database) -> None:
        _, invoice = await paid(database, Article(3499), Article(1200, rate=TWENTY, label="Internet"))
        async with database.unit_of_work() as session:
            _, internet = await books.lines_of(session, invoice)

        given = {"invoiceId": global_id(invoice), "invoiceLineId": global_id(internet), "reason": "BILLING_ERROR"}
        shown = only_cents(await preview(billing(database), "refund", amount=600, **given))
        refused = only_cents(await preview(billing(database), "refund", amount=1201, **given))

        assert [
            (line["label"], line["amountExcludingVat"], line["vat"]) for line in shown["preview"]["document"]["lines"]
        ] == [("Internet", 500, 100)]
        assert refusal(refused) == "REFUND_TOO_LARGE"
        assert (refused["userErrors"][0]["minimum"], refused["userErrors"][0]["maximum"]) == (1, 1200)

    async def test_draws_on_a_credit_that_was_kept_before_it_issues_another(self, database: Database) -> None:
        _, invoice = await paid(database)
        asked = billing(database)
        given = {"invoiceId": global_id(invoice), "reason": "BILLING_ERROR"}
        await do(asked, "creditNote", amount=1000, toBalance=True, **given)

        part = only_cents(await preview(asked, "refund", amount=1000, **given))
        more = only_cents(await preview(asked, "refund", amount=1500, **given))

        assert part["preview"]["document"] is None
        assert part["preview"]["balanceAfter"] == 0
        assert more["preview"]["document"]["total"] == 500

    async def test_gives_the_surplus_back_whatever_went_back_of_the_invoice(self, database: Database) -> None:
        _, invoice = await paid(database, Article(6000), payments=(10_000,))
        asked = billing(database)
        await do(asked, "refund", invoiceId=global_id(invoice), amount=3000, reason="BILLING_ERROR")
        async with database.reading() as session:
            [payment] = (await session.scalars(select(models.Payment))).all()
        given = {"paymentId": global_id(payment), "reason": "BILLING_ERROR"}

        refused = only_cents(await preview(asked, "refund", amount=4001, **given))
        await do(asked, "refund", amount=4000, **given)
        nothing = only_cents(await preview(asked, "refund", amount=1, **given))

        assert (refusal(refused), refused["userErrors"][0]["maximum"]) == ("REFUND_TOO_LARGE", 4000)
        assert refusal(nothing) == "REFUND_TOO_LARGE"
        assert await faults(database) == []


class TestRefundReverse:
    @pytest.mark.parametrize("amount", [1, 1000, 3499])
    async def test_brings_everything_back_and_makes_the_history_longer(self, database: Database, amount: int) -> None:
        _, invoice = await paid(database, payments=(2000, 1499))
        asked, before, rows = billing(database), await standing(database), await everything(database)
        made = await do(asked, "refund", invoiceId=global_id(invoice), amount=amount, reason="BILLING_ERROR")

        undone = only_cents(await do(asked, "refundReverse", refundId=made["refund"]["id"], note="Erreur de saisie."))

        assert undone["refund"]["state"] == "CANCELLED"
        assert undone["refund"]["creditNote"]["reversedBy"] == {"number": "D2026-0000001"}
        assert await standing(database) == before
        after = await everything(database)
        for table in ("credit_notes", "refunds", "ledger_postings", "audit_entries", "outbox"):
            assert len(after[table]) > len(rows[table])
        assert await faults(database) == []

    async def test_leaves_the_credit_note_of_another_act(self, database: Database) -> None:
        account, invoice = await paid(database)
        asked = billing(database)
        made = only_cents(
            await do(asked, "creditNote", invoiceId=global_id(invoice), amount=1000, reason="BILLING_ERROR")
        )
        [refund] = made["creditNote"]["refunds"]["nodes"]

        undone = await do(asked, "refundReverse", refundId=refund["id"])

        assert undone["refund"]["creditNote"]["reversedBy"] is None
        async with database.reading() as session:
            row = await session.get_one(models.BillingAccount, key_of(account))
        assert row.balance_cents == -1000
        assert await faults(database) == []

    async def test_refuses_what_has_left_and_points_to_the_credit_note(self, database: Database) -> None:
        _, invoice = await paid(database)
        asked = billing(database)
        made = only_cents(await do(asked, "refund", invoiceId=global_id(invoice), amount=1000, reason="BILLING_ERROR"))
        async with database.unit_of_work() as session:
            [row] = (await session.execute(models.Refund.__table__.select())).all()
            await refunds.sent(
                session,
                subscriber_id=row.subscriber_id,
                refund_id=row.id,
                reference="R1",
                at=NOW + timedelta(minutes=11),
                today=TODAY,
            )

        refused = await preview(asked, "refundReverse", refundId=made["refund"]["id"])
        async with database.reading() as session:
            [note] = (await session.execute(models.CreditNote.__table__.select())).all()
        note_id = books.note_id(note)
        done = only_cents(await do(asked, "creditNoteReverse", creditNoteId=note_id))
        again = await preview(asked, "creditNoteReverse", creditNoteId=note_id)

        assert refusal(refused) == "REFUND_ALREADY_SENT"
        assert "creditNoteReversePreview" in refused["userErrors"][0]["message"]
        assert (done["creditNote"]["kind"], done["creditNote"]["total"]) == ("REVERSAL", 1000)
        assert refusal(again) == "ALREADY_REVERSED"
        async with database.reading() as session:
            after = await session.get_one(models.Invoice, key_of(invoice))
        assert (after.due_cents, after.state) == (1000, models.InvoiceState.PARTIALLY_PAID)
        assert await faults(database) == []

    @pytest.mark.parametrize(
        "message",
        [{"leased_until": NOW + timedelta(minutes=1)}, {"attempts": 1}, {"attempts": 20, "state": OutboxState.DEAD}],
    )
    async def test_refuses_what_the_bank_was_asked_for(self, database: Database, message: dict[str, Any]) -> None:
        _, invoice = await paid(database)
        asked = billing(database)
        made = await do(asked, "refund", invoiceId=global_id(invoice), amount=1000, reason="BILLING_ERROR")
        async with database.unit_of_work() as session:
            await session.execute(update(models.OutboxMessage).values(**message))
            [note] = (await session.execute(models.CreditNote.__table__.select())).all()

        of_refund = await preview(asked, "refundReverse", refundId=made["refund"]["id"])
        of_note = await preview(asked, "creditNoteReverse", creditNoteId=books.note_id(note))

        assert (refusal(of_refund), refusal(of_note)) == ("REFUND_BEING_SENT", "REFUND_BEING_SENT")
        assert (of_refund["quote"], of_note["quote"]) == (None, None)

    async def test_credits_again_what_a_payment_had_settled_after_a_reversal(self, database: Database) -> None:
        account, invoice = await paid(database)
        asked = billing(database)
        given = {"invoiceId": global_id(invoice), "amount": 1000, "reason": "BILLING_ERROR"}
        made = await do(asked, "refund", **given)
        async with database.unit_of_work() as session:
            [row] = (await session.execute(models.Refund.__table__.select())).all()
            await refunds.sent(
                session, subscriber_id=row.subscriber_id, refund_id=row.id, reference="R1", at=NOW, today=TODAY
            )
            [note] = (await session.execute(models.CreditNote.__table__.select())).all()
        await do(asked, "creditNoteReverse", creditNoteId=books.note_id(note))
        async with database.unit_of_work() as session:
            fresh = await session.get_one(models.Invoice, key_of(invoice))
            locked = await session.get_one(models.BillingAccount, key_of(account))
            await books.pay(session, locked, fresh)

        done = only_cents(await do(asked, "creditNote", toBalance=True, **given))

        assert made["refund"] is not None
        assert done["creditNote"]["total"] == 1000
        assert await faults(database) == []
