"""Credits of issued lines: which part of which line is taken back, where the money goes, and the note that says so.

Whatever credits an invoice – a credit note, a correction of a proration, a refund, an undue suspension – makes its plan
here and issues its note here, so that the rules are kept in one place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.corrections import credit_amount
from backoffice.billing.credits import dispose
from backoffice.billing.derivation import Derived
from backoffice.billing.periods import Period
from backoffice.ids import GlobalId
from backoffice.models import BillingAccount, CreditReason, InvoiceLine, LedgerAccount, PostingKind
from backoffice.services import cautions, given_back, money_back, postings, standing
from backoffice.services.money_back import Paid
from backoffice.services.plans import (
    Caution,
    DocumentNature,
    Plan,
    PlannedDocument,
    PlannedLine,
    PlannedPosting,
    PlannedRefund,
    Situation,
)
from backoffice.services.standing import Standing


@dataclass(frozen=True, slots=True)
class Credit:
    """What is taken back of one line, with its derivation; the days that it is about, if it is about days."""

    line: InvoiceLine
    derived: Derived
    starts_on: date | None = None
    ends_on: date | None = None


def of_amounts(stands: Standing, parts: Sequence[tuple[InvoiceLine, int]]) -> list[Credit]:
    """Credits of so many cents of each line; only a credit of all that stands of a line is about its days."""
    return [_of_amount(stands, line, cents) for line, cents in parts]


def _of_amount(stands: Standing, line: InvoiceLine, cents: int) -> Credit:
    derived = credit_amount(
        line_cents=line.ttc_cents,
        line=standing.reference(stands.invoice, line),
        asked_cents=cents,
        already_credited_cents=line.ttc_cents - stands.alone(line),
    )
    is_whole = cents == stands.alone(line)
    return Credit(line, derived, line.starts_on, line.ends_on) if is_whole else Credit(line, derived)


def within(stands: Standing, wanted: Sequence[Credit]) -> list[Credit]:
    """The credits, less where the rate or the whole invoice has less standing than the lines alone."""
    found: list[Credit] = []
    for credit in wanted:
        same_cents = sum(each.derived.cents for each in found if each.line.vat_rate == credit.line.vat_rate)
        most_cents = min(
            stands.of_line(credit.line),
            stands.of_rate(credit.line.vat_rate) - same_cents,
            stands.cents - sum(each.derived.cents for each in found),
        )
        found.append(credit if credit.derived.cents <= most_cents else _lower(stands, credit, max(0, most_cents)))
    return found


def _lower(stands: Standing, credit: Credit, cents: int) -> Credit:
    [lower] = of_amounts(stands, [(credit.line, cents)])
    return replace(credit, derived=lower.derived)


async def plan(
    session: AsyncSession,
    situation: Situation,
    stands: Standing,
    taken: Sequence[Credit],
    *,
    reason: CreditReason,
    to_balance: bool = False,
    refunds: Mapping[str, int] | None = None,
    target: GlobalId | None = None,
) -> Plan:
    """The plan of a credit note with what is `taken` of the lines.

    The money first offsets what is due, then goes back to the means that paid, then to the account; `to_balance` keeps on
    the account what would go back, and `refunds` (payment id as text → cents) says itself what goes back.
    """
    invoice = stands.invoice
    account = await session.get_one(
        BillingAccount, {"subscriber_id": invoice.subscriber_id, "id": invoice.billing_account_id}
    )
    document = PlannedDocument(
        invoice.subscriber_id, DocumentNature.CREDIT_NOTE, _lines(stands, taken), invoice.id, reason
    )
    paid = await money_back.read(session, subscriber_id=invoice.subscriber_id, invoice_id=invoice.id)
    disposed = dispose(
        credit_cents=document.total.ttc_cents,
        unpaid_cents=min(document.total.ttc_cents, max(0, invoice.gross_due_cents)),
        paid_by=paid.paid_by,
        refunded_by=paid.refunded_by,
        to_balance=to_balance or refunds is not None,
    )
    if refunds is not None:
        # The credit of a refund is wanted back as money, whatever else is due.
        disposed = replace(disposed, offset_cents=0, refunds=refunds, balance_cents=0)
    going_back = paid.refunds(disposed.refunds)
    known = await _cautions(session, situation, stands, taken, paid, going_back)
    stays = (Caution.STAYS_ON_ACCOUNT,) if disposed.balance_cents and not to_balance else ()
    return Plan(
        account_id=account.id,
        target=target or GlobalId("Invoice", invoice.subscriber_id, invoice.id),
        amount_cents=document.total.ttc_cents,
        balance_before_cents=account.balance_cents,
        postings=(_note_posting(taken, document), *_refund_postings(going_back)),
        document=document,
        offset_cents=disposed.offset_cents,
        refunds=going_back,
        to_balance_cents=disposed.balance_cents,
        cautions=(*known, *stays),
    )


def _lines(stands: Standing, taken: Sequence[Credit]) -> tuple[PlannedLine, ...]:
    wanted = [credit for credit in taken if credit.derived.cents]
    splits = stands.splits([(credit.line, credit.derived.cents) for credit in wanted])
    return tuple(
        PlannedLine(
            subscriber_id=credit.line.subscriber_id,
            label=credit.line.label,
            split=split,
            vat_rate=credit.line.vat_rate,
            derivation=credit.derived.to_json(),
            starts_on=credit.starts_on,
            ends_on=credit.ends_on,
            invoice_line_id=credit.line.id,
        )
        for credit, split in zip(wanted, splits, strict=True)
    )


def _note_posting(taken: Sequence[Credit], document: PlannedDocument) -> PlannedPosting:
    kind_of = {credit.line.id: credit.line.kind for credit in taken}
    parts = [
        (kind_of[line.invoice_line_id], line.split.ht_cents, line.split.vat_cents)
        for line in document.lines
        if line.invoice_line_id is not None
    ]
    return PlannedPosting(PostingKind.CREDIT_NOTE, postings.of_document(parts, sign=-1))


def _refund_postings(refunds: Sequence[PlannedRefund]) -> list[PlannedPosting]:
    return [refund_posting(refund.amount_cents) for refund in refunds]


def refund_posting(cents: int) -> PlannedPosting:
    """The posting of a refund that was decided: the money is on its way until it is sent."""
    return PlannedPosting(PostingKind.REFUND, postings.between(LedgerAccount.RECEIVABLE, LedgerAccount.CLEARING, cents))


async def _cautions(
    session: AsyncSession,
    situation: Situation,
    stands: Standing,
    taken: Sequence[Credit],
    paid: Paid,
    going_back: Sequence[PlannedRefund],
) -> tuple[Caution, ...]:
    lines = [credit.line for credit in taken]
    found = {
        Caution.CLAIM_BARRED: cautions.is_barred(paid.oldest_on(), situation.today),
        Caution.PAYMENT_RETURNED: paid.is_returned,
        Caution.PARTNER_BILLS: await cautions.has_partner(session, lines),
        Caution.PERIOD_ALREADY_CREDITED: _has_changed(stands, taken)
        or await cautions.has_overlap(session, credits_of_days(taken)),
        Caution.MEANS_EXPIRED: any(paid.is_expired(each.payment_id, situation.today) for each in going_back),
    }
    return tuple(caution for caution, holds in found.items() if holds)


def _has_changed(stands: Standing, taken: Sequence[Credit]) -> bool:
    """Whether a change gave back some of these days already."""
    return any(
        given_back.share_of_days(stands.changed.get(line.id, ()), Period(starts_on, ends_on))
        for line, starts_on, ends_on in credits_of_days(taken)
    )


def credits_of_days(taken: Sequence[Credit]) -> list[tuple[InvoiceLine, date, date]]:
    """The line and the days of each credit that is about days."""
    return [(credit.line, credit.starts_on, credit.ends_on) for credit in taken if credit.starts_on and credit.ends_on]
