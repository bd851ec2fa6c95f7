"""The history adds up to the cent."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from backoffice.billing.derivation import Derived
from backoffice.ids import GlobalId
from backoffice.models import (
    InvoiceState,
    LedgerAccount,
    LineKind,
    PaymentState,
    PostingKind,
    RefundState,
)

from .conftest import Filled

_MOVED = (RefundState.SENT, RefundState.SETTLED)


class TestLedger:
    def test_every_posting_sums_to_zero(self, filled: Filled) -> None:
        sums: Counter[tuple[int, int]] = Counter()
        for entry in filled.rows("ledger_entries"):
            sums[entry.subscriber_id, entry.posting_id] += entry.amount_cents

        assert set(sums) == set(filled.by_id("ledger_postings"))
        assert set(sums.values()) == {0}

    def test_gives_each_account_its_balance(self, filled: Filled) -> None:
        receivable: Counter[tuple[int, int]] = Counter()
        postings = filled.by_id("ledger_postings")
        for entry in filled.rows("ledger_entries"):
            if entry.account is LedgerAccount.RECEIVABLE:
                account_id = postings[entry.subscriber_id, entry.posting_id].billing_account_id
                receivable[entry.subscriber_id, account_id] += entry.amount_cents

        for key, account in filled.by_id("billing_accounts").items():
            assert account.balance_cents == receivable[key]

    def test_books_every_document_and_every_movement_of_money(self, filled: Filled) -> None:
        booked: Counter[PostingKind] = Counter(posting.kind for posting in filled.rows("ledger_postings"))
        payments = filled.rows("payments")

        assert booked == {
            PostingKind.INVOICE: len(filled.rows("invoices")),
            PostingKind.CREDIT_NOTE: len(filled.rows("credit_notes")),
            PostingKind.PAYMENT: sum(payment.captured_at is not None for payment in payments),
            PostingKind.PAYMENT_RETURN: sum(payment.state is PaymentState.RETURNED for payment in payments),
            PostingKind.REFUND: sum(refund.state in _MOVED for refund in filled.rows("refunds")),
            PostingKind.REFUND_SENT: sum(refund.sent_at is not None for refund in filled.rows("refunds")),
        }

    def test_keeps_deposits_apart_from_revenue(self, filled: Filled) -> None:
        billed = sum(line.ttc_cents for line in filled.rows("invoice_lines") if line.kind is LineKind.DEPOSIT)
        given_back = sum(
            line.credited_ttc_cents for line in filled.rows("invoice_lines") if line.kind is LineKind.DEPOSIT
        )
        entries = filled.rows("ledger_entries")
        held = -sum(entry.amount_cents for entry in entries if entry.account is LedgerAccount.DEPOSITS)

        assert held == billed - given_back > 0


class TestInvoices:
    def test_are_the_sum_of_their_lines(self, filled: Filled) -> None:
        sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        for line in filled.rows("invoice_lines"):
            for place, cents in enumerate((line.ht_cents, line.vat_cents, line.ttc_cents)):
                sums[line.subscriber_id, line.invoice_id][place] += cents

        for key, invoice in filled.by_id("invoices").items():
            assert sums[key] == [invoice.ht_cents, invoice.vat_cents, invoice.ttc_cents]

    def test_have_the_vat_of_their_rates(self, filled: Filled) -> None:
        sums: dict[tuple[int, int, Decimal | None], list[int]] = defaultdict(lambda: [0, 0])
        for line in filled.rows("invoice_lines"):
            sums[line.subscriber_id, line.invoice_id, line.vat_rate][0] += line.ht_cents
            sums[line.subscriber_id, line.invoice_id, line.vat_rate][1] += line.ttc_cents

        assert {rate for _, _, rate in sums} == {None, Decimal("0.1"), Decimal("0.2")}
        for (_, _, rate), (ht_cents, ttc_cents) in sums.items():
            assert abs(Fraction(ttc_cents) / (1 + Fraction(rate or 0)) - ht_cents) <= Fraction(1, 2)

    def test_are_paid_by_their_allocations(self, filled: Filled) -> None:
        paid: Counter[tuple[int, int]] = Counter()
        for allocation in filled.rows("payment_allocations"):
            if not allocation.is_undone:
                paid[allocation.subscriber_id, allocation.invoice_id] += allocation.amount_cents

        assert all(invoice.paid_cents == paid[key] for key, invoice in filled.by_id("invoices").items())

    def test_are_credited_and_refunded_by_their_notes(self, filled: Filled) -> None:
        credited: Counter[tuple[int, int]] = Counter()
        refunded: Counter[tuple[int, int]] = Counter()
        for note in filled.rows("credit_notes"):
            credited[note.subscriber_id, note.invoice_id] += note.ttc_cents
        for refund in filled.rows("refunds"):
            if refund.state in _MOVED:
                refunded[refund.subscriber_id, refund.invoice_id] += refund.amount_cents

        for key, invoice in filled.by_id("invoices").items():
            assert invoice.credited_cents == credited[key]
            assert invoice.refunded_cents == refunded[key]

    def test_have_the_state_of_their_amounts(self, filled: Filled) -> None:
        for invoice in filled.rows("invoices"):
            due_cents = invoice.ttc_cents - invoice.paid_cents - invoice.offset_cents - invoice.applied_cents
            if invoice.credited_cents == invoice.ttc_cents:
                assert invoice.state is InvoiceState.CREDITED
            elif due_cents == 0:
                assert invoice.state is InvoiceState.PAID
            elif due_cents == invoice.ttc_cents:
                assert invoice.state is InvoiceState.ISSUED
            else:
                assert invoice.state is InvoiceState.PARTIALLY_PAID

    def test_bill_no_day_of_an_offer_twice(self, filled: Filled) -> None:
        billed: dict[tuple[int, int, str], list[tuple[date, date]]] = defaultdict(list)
        for line in filled.rows("invoice_lines"):
            if line.kind is LineKind.SUBSCRIPTION:
                billed[line.subscriber_id, line.contract_id, line.label].append((line.starts_on, line.ends_on))

        for days in billed.values():
            assert all(ends_on == starts_on for (_, ends_on), (starts_on, _) in pairwise(sorted(days)))


class TestCreditNotes:
    def test_are_the_sum_of_their_lines(self, filled: Filled) -> None:
        sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0])
        for line in filled.rows("credit_note_lines"):
            for place, cents in enumerate((line.ht_cents, line.vat_cents, line.ttc_cents)):
                sums[line.subscriber_id, line.credit_note_id][place] += cents

        for key, note in filled.by_id("credit_notes").items():
            assert sums[key] == [note.ht_cents, note.vat_cents, note.ttc_cents]

    def test_are_what_their_lines_say_was_credited(self, filled: Filled) -> None:
        credited: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
        for line in filled.rows("credit_note_lines"):
            credited[line.subscriber_id, line.invoice_line_id][0] += line.ht_cents
            credited[line.subscriber_id, line.invoice_line_id][1] += line.ttc_cents

        for key, line in filled.by_id("invoice_lines").items():
            assert [line.credited_ht_cents, line.credited_ttc_cents] == credited[key]


class TestPayments:
    def test_never_pay_more_than_they_brought(self, filled: Filled) -> None:
        allocated: Counter[tuple[int, int]] = Counter()
        for allocation in filled.rows("payment_allocations"):
            allocated[allocation.subscriber_id, allocation.payment_id] += allocation.amount_cents

        for key, payment in filled.by_id("payments").items():
            assert allocated[key] <= payment.amount_cents
            assert (payment.captured_at is None) == (allocated[key] == 0)

    def test_are_refunded_by_their_refunds(self, filled: Filled) -> None:
        refunded: Counter[tuple[int, int]] = Counter()
        for refund in filled.rows("refunds"):
            if refund.state in _MOVED:
                refunded[refund.subscriber_id, refund.payment_id] += refund.amount_cents

        assert all(payment.refunded_cents == refunded[key] for key, payment in filled.by_id("payments").items())


class TestCredit:
    def test_of_each_account_pays_its_oldest_open_invoices(self, filled: Filled) -> None:
        invoices = defaultdict(list)
        for invoice in sorted(filled.rows("invoices"), key=lambda row: (row.due_on, row.id)):
            invoices[invoice.subscriber_id, invoice.billing_account_id].append(invoice)
        total_cents = 0

        for key, account in filled.by_id("billing_accounts").items():
            open_cents = [row.ttc_cents - row.paid_cents - row.offset_cents for row in invoices[key]]
            left_cents = sum(open_cents) - account.balance_cents
            assert left_cents >= 0
            for invoice, cents in zip(invoices[key], open_cents, strict=True):
                assert invoice.applied_cents == min(left_cents, cents)
                left_cents -= invoice.applied_cents
                total_cents += invoice.applied_cents
        assert total_cents > 0

    def test_is_written_down_where_it_pays(self, filled: Filled) -> None:
        applied: Counter[tuple[int, int]] = Counter()
        for row in filled.rows("credit_applications"):
            applied[row.subscriber_id, row.invoice_id] += row.amount_cents

        assert all(invoice.applied_cents == applied[key] for key, invoice in filled.by_id("invoices").items())


class TestRefunds:
    def test_left_after_they_had_waited(self, filled: Filled) -> None:
        moved = [refund for refund in filled.rows("refunds") if refund.state in _MOVED]

        assert moved
        assert all(refund.sent_at - refund.requested_at >= timedelta(minutes=10) for refund in moved)

    def test_leave_nothing_on_its_way(self, filled: Filled) -> None:
        entries = filled.rows("ledger_entries")

        assert sum(entry.amount_cents for entry in entries if entry.account is LedgerAccount.CLEARING) == 0


class TestWaiting:
    def test_fees_are_those_of_payments_that_failed_since_the_last_invoice(self, filled: Filled) -> None:
        payments = {GlobalId("Payment", *key).encode(): row for key, row in filled.by_id("payments").items()}
        last_on: dict[int, date] = {}
        for invoice in filled.rows("invoices"):
            last_on[invoice.subscriber_id] = max(last_on.get(invoice.subscriber_id, date.min), invoice.issued_on)
        fees = [row for row in filled.rows("extra_charges") if row.kind is LineKind.FEE]

        assert fees
        for fee in fees:
            payment = payments[fee.cause]
            assert payment.state in (PaymentState.FAILED, PaymentState.DENIED, PaymentState.RETURNED)
            assert fee.billable_from >= last_on[fee.subscriber_id]
            assert fee.invoice_line_id is None
            assert Derived.from_json(fee.derivation).cents == fee.ttc_cents == 750


class TestDerivations:
    def test_of_all_lines_verify(self, filled: Filled) -> None:
        for line in (*filled.rows("invoice_lines"), *filled.rows("credit_note_lines")):
            derived = Derived.from_json(line.derivation)

            assert derived.cents == line.ttc_cents
            assert derived.verify()

    def test_can_be_explained_in_both_languages(self, filled: Filled) -> None:
        for line in filled.rows("credit_note_lines"):
            derived = Derived.from_json(line.derivation)

            assert derived.explain("fr")
            assert derived.explain("en")


class TestNumbers:
    def test_have_no_gap_and_follow_the_days(self, filled: Filled) -> None:
        documents = [(row.number, row.issued_on) for row in filled.rows("invoices")]
        documents += [(row.number, row.issued_on) for row in filled.rows("credit_notes")]
        documents += [(row.number, row.opened_at.date()) for row in filled.rows("tickets")]
        series: dict[str, list[tuple[str, date]]] = defaultdict(list)
        for number, day in documents:
            series[number[:5]].append((number, day))

        assert {"F2025", "F2026", "A2026", "T2026"} <= set(series)
        for code, numbered in series.items():
            numbered.sort()
            assert [number for number, _ in numbered] == [f"{code}-{place + 1:07d}" for place in range(len(numbered))]
            assert [day for _, day in numbered] == sorted(day for _, day in numbered)
            assert all(int(code[1:]) == day.year for _, day in numbered)

    def test_leave_the_series_where_they_ended(self, filled: Filled) -> None:
        used: Counter[str] = Counter()
        for table in ("invoices", "credit_notes", "tickets"):
            used.update(row.number[:5] for row in filled.rows(table))

        assert {row.code: row.last_number for row in filled.rows("number_series")} == used

    def test_of_invoices_are_in_the_order_of_their_ids(self, filled: Filled) -> None:
        invoices = sorted(filled.rows("invoices"), key=lambda row: row.number[1:])

        assert [row.id for row in invoices] == sorted(row.id for row in invoices)
