"""Credit notes on issued lines, computed from what the line says, never from today's catalogue."""

from collections.abc import Iterator
from datetime import datetime

from backoffice.billing import corrections
from backoffice.billing.credits import next_credit
from backoffice.billing.derivation import Derived
from backoffice.billing.periods import Period
from backoffice.billing.vat import VatSplit
from backoffice.demo import ledger, refunds
from backoffice.demo.drafts import Charge
from backoffice.demo.files import File
from backoffice.demo.invoices import Bill
from backoffice.demo.numbering import CREDIT_NOTES
from backoffice.demo.rows import Row
from backoffice.demo.setbacks import CreditPlan, Pick
from backoffice.models import CreditReason, DirectoryKind, LineKind, PostingKind

_NOTES = {
    CreditReason.BILLING_ERROR: "Promotion encore en cours au début de la période : seuls les jours après sa fin sont dus.",
    CreditReason.PRORATION_ERROR: "Le changement d'offre a été facturé pour la période entière.",
    CreditReason.SERVICE_FAILURE: "Interruption de service confirmée par la technique.",
    CreditReason.UNUSED_OPTION: "Option non utilisée, jours restants crédités selon la règle.",
    CreditReason.WITHDRAWAL: "Rétractation dans les quatorze jours.",
    CreditReason.DUPLICATE_PARTNER_CHARGE: "Même service facturé par le partenaire.",
    CreditReason.UNDUE_SUSPENSION: "Nouvelle carte enregistrée avant la coupure.",
    CreditReason.GOODWILL: "Geste commercial.",
}

Credit = tuple[Row, Charge, Derived]


def issue(file: File, bill: Bill, wanted: CreditPlan, at: datetime) -> None:
    """Add the credit note that the plan asks for, and send its money where it belongs."""
    chosen = [credit for credit in _choose(bill, wanted) if credit[2].cents > 0]
    taken = file.operator.numbering.take(CREDIT_NOTES, wanted.on)
    splits = [_split(line, derived) for line, _, derived in chosen]
    total = VatSplit(sum(split.ht_cents for split in splits), sum(split.vat_cents for split in splits))
    note = file.add(
        "credit_notes",
        at,
        number=taken.text,
        billing_account_id=file.account["id"],
        invoice_id=bill.invoice["id"],
        reason=wanted.reason,
        note=_NOTES[wanted.reason],
        issued_on=wanted.on,
        issued_at=at,
        ht_cents=total.ht_cents,
        vat_cents=total.vat_cents,
        ttc_cents=total.ttc_cents,
    )
    file.enter(DirectoryKind.CREDIT_NOTE, taken.text, note["id"])
    lines = [
        (credit[1].kind, _write_line(file, note, position, credit, split, wanted, at))
        for position, (credit, split) in enumerate(zip(chosen, splits, strict=True))
    ]
    bill.invoice["credited_cents"] += total.ttc_cents
    ledger.post(file, PostingKind.CREDIT_NOTE, note, at, ledger.of_lines(lines, sign=-1))
    refunds.dispose(file, bill, note, at, to_balance=wanted.to_balance)


def _choose(bill: Bill, wanted: CreditPlan) -> Iterator[Credit]:
    for line, charge in zip(bill.lines, bill.charges, strict=True):
        derived = _derive(bill, line, charge, wanted)
        if derived is not None:
            yield line, charge, derived
            if wanted.asked_cents is not None:
                return


def _derive(bill: Bill, line: Row, charge: Charge, wanted: CreditPlan) -> Derived | None:
    reference, cents = bill.reference(line), charge.cents
    if wanted.pick is Pick.OVERBILLED:
        if charge.correct is None:
            return None
        return corrections.credit_difference(line_cents=cents, line=reference, correct=charge.correct)
    if not _is_picked(charge, wanted):
        return None
    if charge.days and wanted.days:
        return corrections.credit_days(line_cents=cents, line=reference, unused=wanted.days, of=charge.days)
    asked_cents = cents if wanted.asked_cents is None else min(cents, wanted.asked_cents)
    return corrections.credit_amount(line_cents=cents, line=reference, asked_cents=asked_cents)


def _is_picked(charge: Charge, wanted: CreditPlan) -> bool:
    if wanted.pick is Pick.EVERYTHING:
        return True
    if charge.place.position != wanted.contract or not _touches(charge.days, wanted.days):
        return False
    is_option = charge.kind is LineKind.OPTION and charge.place.code.endswith("-MOIS")
    return is_option if wanted.pick is Pick.ROLLING_OPTION else charge.kind is LineKind.SUBSCRIPTION


def _touches(billed: Period | None, wanted: Period | None) -> bool:
    return wanted is None or (billed is not None and billed.intersect(wanted) is not None)


def _split(line: Row, derived: Derived) -> VatSplit:
    if line["vat_rate"] is None:
        return VatSplit(derived.cents, 0)
    return next_credit(
        line_ttc_cents=line["ttc_cents"],
        rate=line["vat_rate"],
        credited_ttc_cents=line["credited_ttc_cents"],
        asked_ttc_cents=derived.cents,
        line_ht_cents=line["ht_cents"],
    )


def _write_line(
    file: File, note: Row, position: int, credit: Credit, split: VatSplit, wanted: CreditPlan, at: datetime
) -> Row:
    line, charge, derived = credit
    days = charge.days.intersect(wanted.days) if charge.days and wanted.days else charge.days
    line["credited_ttc_cents"] += split.ttc_cents
    line["credited_ht_cents"] += split.ht_cents
    return file.add(
        "credit_note_lines",
        at,
        credit_note_id=note["id"],
        invoice_line_id=line["id"],
        position=position,
        label=charge.label,
        starts_on=days.starts_on if days else None,
        ends_on=days.ends_on if days else None,
        vat_rate=line["vat_rate"],
        ht_cents=split.ht_cents,
        vat_cents=split.vat_cents,
        ttc_cents=split.ttc_cents,
        derivation=derived.to_json(),
    )
