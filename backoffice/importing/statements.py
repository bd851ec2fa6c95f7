"""Records of an opening statement: what was billed over a life, as one paid invoice, its payment and their postings."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from backoffice.billing.derivation import Draft
from backoffice.billing.steps import Source
from backoffice.billing.vat import VatSplit, split_ttc
from backoffice.importing.making import Making, Record
from backoffice.importing.parts import Part
from backoffice.models import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceState,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
    LineKind,
    Payment,
    PaymentAllocation,
    PaymentState,
    PostingKind,
    RunType,
)

_RULE = "opening-statement"


def statement(making: Making, part: Part, part_id: int) -> Iterator[Record]:
    """The invoice with its one line, the payment that settled it, and postings that leave no balance."""
    amount_cents = int(str(part.values["amount"]))
    payment_id = making.new_id()
    split = _split(amount_cents, part.section.vat_rate)
    yield Invoice, _invoice(making, part, part_id, split)
    yield InvoiceLine, _line(making, part, part_id, split)
    yield Payment, _payment(making, part, payment_id, amount_cents)
    yield (
        PaymentAllocation,
        _owned(making) | {"payment_id": payment_id, "invoice_id": part_id, "amount_cents": amount_cents},
    )
    yield from _posting(making, part, part_id, amount_cents)
    yield from _posting(making, part, payment_id, -amount_cents)


def _split(amount_cents: int, rate: Decimal | None) -> VatSplit:
    return VatSplit(ht_cents=amount_cents, vat_cents=0) if rate is None else split_ttc(amount_cents, rate)


def _owned(making: Making) -> dict[str, object]:
    return {"subscriber_id": making.subscriber_id, "id": making.new_id()}


def _invoice(making: Making, part: Part, invoice_id: int, split: VatSplit) -> dict[str, object]:
    agreed, as_of = making.part("contract"), making.setting.as_of
    starts_on = part.values.get("starts_on") or (agreed.values["starts_on"] if agreed else as_of)
    assert isinstance(starts_on, date)
    return {
        "subscriber_id": making.subscriber_id,
        "id": invoice_id,
        "number": part.values["number"],
        "billing_account_id": making.id_of("account"),
        "kind": InvoiceKind.OPENING_STATEMENT,
        "run_type": RunType.OFF_CYCLE,
        "state": InvoiceState.PAID,
        "issued_on": as_of,
        "due_on": as_of,
        "starts_on": starts_on,
        "ends_on": max(as_of, starts_on),
        **_amounts(split),
        "paid_cents": split.ttc_cents,
    }


def _line(making: Making, part: Part, invoice_id: int, split: VatSplit) -> dict[str, object]:
    draft = Draft()
    reference = f"{making.setting.mapping.source} {making.row.key}"
    draft.amount(Source.LINE, split.ttc_cents, rule=_RULE, reference=reference)
    return _owned(making) | {
        "invoice_id": invoice_id,
        "position": 0,
        "kind": LineKind.STATEMENT,
        "label": part.values["label"],
        "contract_id": making.optional_id("contract"),
        "unit_cents": split.ttc_cents,
        "vat_rate": part.section.vat_rate,
        **_amounts(split),
        "derivation": draft.finish().to_json(),
    }


def _amounts(split: VatSplit) -> dict[str, object]:
    return {"ht_cents": split.ht_cents, "vat_cents": split.vat_cents, "ttc_cents": split.ttc_cents}


def _payment(making: Making, part: Part, payment_id: int, amount_cents: int) -> dict[str, object]:
    # By which means each of the many payments came in is not known: a refund must ask for an account.
    paid_at = making.setting.as_of_instant
    return {
        "subscriber_id": making.subscriber_id,
        "id": payment_id,
        "billing_account_id": making.id_of("account"),
        "payment_method_id": None,
        "state": PaymentState.CAPTURED,
        "amount_cents": amount_cents,
        "reference": part.values["number"],
        "requested_at": paid_at,
        "captured_at": paid_at,
    }


def _posting(making: Making, part: Part, document_id: int, receivable_cents: int) -> Iterator[Record]:
    # Against OPENING, not REVENUE, VAT and BANK: the old books hold those already, and would be counted twice.
    posting = _owned(making)
    yield (
        LedgerPosting,
        posting
        | {
            "billing_account_id": making.id_of("account"),
            "kind": PostingKind.OPENING,
            "document_id": document_id,
            "document_number": part.values["number"],
            "booked_on": making.setting.as_of,
            "recorded_at": making.setting.at,
        },
    )
    for ledger_account, cents in (
        (LedgerAccount.RECEIVABLE, receivable_cents),
        (LedgerAccount.OPENING, -receivable_cents),
    ):
        yield (
            LedgerEntry,
            _owned(making) | {"posting_id": posting["id"], "account": ledger_account, "amount_cents": cents},
        )
