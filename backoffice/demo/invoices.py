"""Issues an invoice from its charges: VAT of the whole document, lines with derivations, number, ledger."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import count

from backoffice.billing import vat
from backoffice.billing.periods import Period
from backoffice.demo import ledger
from backoffice.demo.drafts import Charge, Standing
from backoffice.demo.files import File
from backoffice.demo.numbering import INVOICES
from backoffice.demo.rows import Row
from backoffice.models import DirectoryKind, InvoiceState, LineKind, PostingKind

_RUN_HOUR = 4
_PACE = timedelta(milliseconds=20)
"""The billing run issues one invoice after the other, so that ids follow the numbers."""


@dataclass(slots=True)
class Bill:
    """An issued invoice while its payments and credits are written."""

    number: int
    invoice: Row
    lines: list[Row]
    charges: list[Charge]
    paid_by: list[tuple[Row, Row]] = field(default_factory=list)
    """Payments with their allocation to this invoice."""
    refused: Row | None = None
    """The last payment of it that failed or came back."""

    @property
    def due_cents(self) -> int:
        """What is still to be paid, before the credit of the account pays any of it."""
        invoice = self.invoice
        return int(invoice["ttc_cents"] - invoice["paid_cents"] - invoice["offset_cents"])

    def reference(self, line: Row) -> str:
        """The name of a line in derivations."""
        return f"{self.invoice['number']}, ligne {line['position'] + 1}"

    def close(self) -> None:
        """Let the state follow from the amounts."""
        self.invoice["state"] = _state(self)


def issue(file: File, number: int, charges: list[Charge]) -> Bill:
    """Add the invoice of period `number` with its lines and its posting."""
    issued_on = file.plan.issue_on(number)
    taken = file.operator.numbering.take(INVOICES, issued_on)
    at = file.window.at(issued_on, _RUN_HOUR) + taken.of_day * _PACE
    splits = _splits(charges)
    period = file.plan.periods[number]
    invoice = file.add(
        "invoices",
        at,
        number=taken.text,
        billing_account_id=file.account["id"],
        state=InvoiceState.ISSUED,
        issued_on=issued_on,
        due_on=file.plan.due_on(number),
        starts_on=max(period.starts_on, issued_on),
        ends_on=period.ends_on,
        ht_cents=sum(split.ht_cents for split in splits),
        vat_cents=sum(split.vat_cents for split in splits),
        ttc_cents=sum(split.ttc_cents for split in splits),
    )
    file.enter(DirectoryKind.INVOICE, taken.text, invoice["id"])
    numbered = zip(count(), charges, splits, strict=False)
    lines = [_line(file, invoice, at, position, charge, split) for position, charge, split in numbered]
    entries = ledger.of_lines(_with_kinds(lines, charges), sign=1)
    ledger.post(file, PostingKind.INVOICE, invoice, at, entries)
    return Bill(number, invoice, lines, charges)


def standing(file: File, bill: Bill, known: dict[tuple[int, int], list[Standing]]) -> None:
    """Remember the offer lines of a bill, by contract and period, for a change that would credit them."""
    for line, charge in zip(bill.lines, bill.charges, strict=True):
        if charge.kind is LineKind.SUBSCRIPTION and charge.place.position is not None and charge.days is not None:
            is_this = charge.days.starts_on >= file.plan.periods[bill.number].starts_on
            which = bill.number if is_this else bill.number - 1
            issued = Standing(
                bill.reference(line), charge.label, charge.cents, charge.rate, charge.days, charge.place.price
            )
            known.setdefault((charge.place.position, which), []).append(issued)


def _line(file: File, invoice: Row, at: datetime, position: int, charge: Charge, split: vat.VatSplit) -> Row:
    item = (
        file.items.get((charge.place.position, charge.place.item))
        if charge.place.position is not None and charge.place.item
        else None
    )
    contract = file.contracts[charge.place.position] if charge.place.position is not None else None
    if charge.days and contract and item:
        _mark_billed(charge, charge.days, contract, item)
    return file.add(
        "invoice_lines",
        at,
        invoice_id=invoice["id"],
        position=position,
        kind=charge.kind,
        label=charge.label,
        contract_id=contract["id"] if contract else None,
        contract_item_id=item["id"] if item else None,
        offer_id=file.operator.catalogue.offer_ids[charge.place.code],
        price_version_id=charge.place.price.id,
        starts_on=charge.days.starts_on if charge.days else None,
        ends_on=charge.days.ends_on if charge.days else None,
        unit_cents=charge.unit_cents,
        vat_rate=charge.rate,
        ht_cents=split.ht_cents,
        vat_cents=split.vat_cents,
        ttc_cents=split.ttc_cents,
        credited_ht_cents=0,
        credited_ttc_cents=0,
        derivation=charge.derivation,
    )


def _mark_billed(charge: Charge, days: Period, contract: Row, item: Row) -> None:
    if charge.kind is LineKind.SUBSCRIPTION:
        contract["billed_until"] = max(contract["billed_until"] or date.min, days.ends_on)
    elif item["anchor_on"]:
        item["billed_until"] = days.ends_on


def _splits(charges: list[Charge]) -> list[vat.VatSplit]:
    taxed = _document(tuple((charge.cents, charge.rate) for charge in charges if charge.rate is not None))
    rest = iter(taxed)
    return [vat.VatSplit(charge.cents, 0) if charge.rate is None else next(rest) for charge in charges]


@lru_cache(maxsize=20_000)
def _document(lines: tuple[tuple[int, Decimal], ...]) -> tuple[vat.VatSplit, ...]:
    return vat.document(lines).lines


def _with_kinds(lines: list[Row], charges: list[Charge]) -> list[tuple[LineKind, Row]]:
    return [(charge.kind, line) for charge, line in zip(charges, lines, strict=True)]


def _state(bill: Bill) -> InvoiceState:
    invoice = bill.invoice
    if bill.due_cents == invoice["applied_cents"]:
        is_credited = invoice["ttc_cents"] and invoice["credited_cents"] == invoice["ttc_cents"]
        return InvoiceState.CREDITED if is_credited else InvoiceState.PAID
    is_begun = invoice["paid_cents"] or invoice["offset_cents"] or invoice["applied_cents"]
    return InvoiceState.PARTIALLY_PAID if is_begun else InvoiceState.ISSUED
