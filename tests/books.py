"""Files with books that add up: issued invoices, payments that paid them, and the ledger that says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from backoffice.billing import lines, vat
from backoffice.billing.derivation import Derived
from backoffice.billing.periods import Period
from backoffice.ids import GlobalId
from backoffice.models import LedgerAccount, LineKind, PostingKind
from backoffice.permissions import ActorKind
from backoffice.services import credit_applications, numbering, postings
from tests import factories
from tests.factories import NOW

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
TEN, TWENTY = Decimal("0.10"), Decimal("0.20")


@dataclass(frozen=True)
class Article:
    """What a line of an invoice is about; `cents` with VAT, below zero on a credit line."""

    cents: int
    rate: Decimal | None = TEN
    kind: LineKind = LineKind.SUBSCRIPTION
    label: str = "Pack Cinéma"
    days: Period | None = NOVEMBER
    derived: Derived | None = None
    facts: dict[str, Any] = field(default_factory=dict)


async def create_file(session: AsyncSession, **given: Any) -> models.BillingAccount:
    """A subscriber with one account, on which nothing was billed yet."""
    return await factories.create_account(session, await factories.create_subscriber(session, **given))


async def bill(
    session: AsyncSession,
    account: models.BillingAccount,
    *articles: Article,
    on: date = date(2026, 11, 1),
    period: Period = NOVEMBER,
    at: datetime = NOW,
) -> models.Invoice:
    """An issued and booked invoice of these articles, with lines whose derivations hold."""
    split = vat.document([(article.cents, article.rate or Decimal(0)) for article in articles])
    number = f"F{on.year}-{await numbering.next_number(session, series=f'F{on.year}'):07}"
    invoice = await factories.create_invoice(
        session,
        account,
        number=number,
        issued_on=on,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        ht_cents=split.total.ht_cents,
        vat_cents=split.total.vat_cents,
        ttc_cents=split.total.ttc_cents,
    )
    for position, (article, part) in enumerate(zip(articles, split.lines, strict=True)):
        await _write_line(session, invoice, position, article, part)
    booked = [
        (article.kind, part.ht_cents, part.vat_cents) for article, part in zip(articles, split.lines, strict=True)
    ]
    await _post(session, account, PostingKind.INVOICE, invoice, postings.of_document(booked, sign=1), at)
    return invoice


async def pay(
    session: AsyncSession,
    account: models.BillingAccount,
    invoice: models.Invoice | None = None,
    *,
    cents: int | None = None,
    paid: int | None = None,
    at: datetime = NOW,
    **given: Any,
) -> models.Payment:
    """A captured payment of `cents`, of which `paid` pays the invoice: all that it can, unless said."""
    cents = cents or (invoice.due_cents if invoice else 0)
    payment = models.Payment(
        **{
            "subscriber_id": account.subscriber_id,
            "id": factories.new_id(),
            "billing_account_id": account.id,
            "state": models.PaymentState.CAPTURED,
            "amount_cents": cents,
            "means": models.PaymentMethodKind.DIRECT_DEBIT,
            "reference": f"P{factories.new_id()}",
            "requested_at": at,
            "captured_at": at,
            **given,
        }
    )
    session.add(payment)
    await session.flush()
    if invoice is not None:
        await _allocate(session, payment, invoice, min(cents, invoice.due_cents) if paid is None else paid)
    await _post(
        session,
        account,
        PostingKind.PAYMENT,
        payment,
        postings.between(LedgerAccount.BANK, LedgerAccount.RECEIVABLE, cents),
        at,
    )
    await credit_applications.settle(session, account=account, at=at)
    return payment


async def lines_of(session: AsyncSession, invoice: models.Invoice) -> Sequence[models.InvoiceLine]:
    """The lines of an invoice, in order, as they stand."""
    line = models.InvoiceLine
    found = select(line).where(line.subscriber_id == invoice.subscriber_id, line.invoice_id == invoice.id)
    return list((await session.execute(found.order_by(line.position))).scalars())


async def _write_line(
    session: AsyncSession, invoice: models.Invoice, position: int, article: Article, part: vat.VatSplit
) -> None:
    derived = article.derived or lines.one_time(fee_cents=article.cents, price_version=article.label)
    await factories.create_line(
        session,
        invoice,
        **{
            "position": position,
            "kind": article.kind,
            "label": article.label,
            "starts_on": article.days.starts_on if article.days else None,
            "ends_on": article.days.ends_on if article.days else None,
            "unit_cents": article.cents,
            "vat_rate": article.rate,
            "ht_cents": part.ht_cents,
            "vat_cents": part.vat_cents,
            "ttc_cents": part.ttc_cents,
            "derivation": derived.to_json(),
            **article.facts,
        },
    )


async def _allocate(session: AsyncSession, payment: models.Payment, invoice: models.Invoice, cents: int) -> None:
    invoice.paid_cents += cents
    session.add(
        models.PaymentAllocation(
            subscriber_id=payment.subscriber_id,
            id=factories.new_id(),
            payment_id=payment.id,
            invoice_id=invoice.id,
            amount_cents=cents,
        )
    )
    await session.flush()


async def _post(
    session: AsyncSession,
    account: models.BillingAccount,
    kind: PostingKind,
    document: Any,
    entries: postings.Entries,
    at: datetime,
) -> None:
    await postings.post(
        session,
        account=account,
        kind=kind,
        document_id=document.id,
        document_number=getattr(document, "number", None),
        entries=entries,
        at=at,
        today=at.date(),
    )


def note_id(note: Any) -> str:
    """The id of a credit note in the graph, whether it is a row of a table or of the ORM."""
    return GlobalId("CreditNote", note.subscriber_id, note.id).encode()


async def attach(session: AsyncSession, ticket: models.Ticket) -> None:
    """Attach a proof to a ticket, with the message that it came with."""
    of = {"subscriber_id": ticket.subscriber_id, "ticket_id": ticket.id}
    message = models.TicketEvent(
        **of,
        id=factories.new_id(),
        kind=models.TicketEventKind.MESSAGE,
        at=NOW,
        author_kind=ActorKind.SUBSCRIBER,
        author_id=ticket.subscriber_id,
        author_name="Abonné",
        body="Voici ma preuve.",
        state=ticket.state,
    )
    session.add(message)
    await session.flush()
    session.add(
        models.Attachment(
            **of,
            id=factories.new_id(),
            ticket_event_id=message.id,
            file_name="preuve.png",
            media_type="image/png",
            size_bytes=1_024,
            sha256="0" * 64,
            storage_key=f"{message.id}",
            received_at=NOW,
        )
    )
    await session.flush()
