"""Books that were kept before a case begins: contracts, issued invoices and payments that `verify` proves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from backoffice.billing import lines, vat
from backoffice.billing.derivation import Derived
from backoffice.billing.periods import Period
from backoffice.models import LedgerAccount, LineKind, PostingKind
from backoffice.services import numbering, postings
from tests.cases.goods import Good
from tests.factories import create_invoice, new_id


@dataclass(frozen=True)
class Charge:
    """A line to be issued: its amount is what `derived` gives, VAT included unless the document says otherwise."""

    label: str
    derived: Derived
    rate: Decimal | None
    kind: LineKind = LineKind.FEE
    days: Period | None = None
    good: Good | None = None
    item: models.ContractItem | None = None


@dataclass(frozen=True)
class Bill:
    """An issued invoice with its lines in order."""

    invoice: models.Invoice
    lines: list[models.InvoiceLine]


async def subscribe(
    session: AsyncSession, account: models.BillingAccount, good: Good, *, starts_on: date, **given: Any
) -> tuple[models.Contract, models.ContractItem]:
    """A contract in force about an offer, with the item of that offer; `given` are facts of the contract."""
    row_id = new_id()
    contract = models.Contract(
        **{
            "subscriber_id": account.subscriber_id,
            "id": row_id,
            "number": f"K{row_id}",
            "billing_account_id": account.id,
            "offer_id": good.offer.id,
            "state": models.ContractState.ACTIVE,
            "concluded_on": starts_on,
            "starts_on": starts_on,
            "anchor_on": starts_on,
            **given,
        }
    )
    session.add(contract)
    await session.flush()
    return contract, await add_item(session, contract, good, starts_on=starts_on, ends_on=contract.ends_on)


async def add_item(
    session: AsyncSession, contract: models.Contract, good: Good, *, starts_on: date, **given: Any
) -> models.ContractItem:
    """An offer, option or fee in a contract."""
    item = models.ContractItem(
        subscriber_id=contract.subscriber_id,
        id=new_id(),
        contract_id=contract.id,
        offer_id=good.offer.id,
        kind=good.offer.kind,
        starts_on=starts_on,
        **given,
    )
    session.add(item)
    await session.flush()
    return item


def once(label: str, cents: int, rate: Decimal | None) -> Charge:
    """A fee."""
    return Charge(label, lines.one_time(fee_cents=cents, price_version=label), rate)


def period_of(good: Good, item: models.ContractItem, served: Period, of: Period | None = None) -> list[Charge]:
    """The days served of a subscription or option, a line for each part of its price."""
    kind = LineKind.OPTION if item.kind is models.OfferKind.OPTION else LineKind.SUBSCRIPTION
    return [
        Charge(
            label,
            lines.prorated(full_cents=cents, price_version=good.reference, served=served, of=of or served),
            rate,
            kind,
            served,
            good,
            item,
        )
        for label, cents, rate in good.parts
    ]


async def bill(
    session: AsyncSession,
    account: models.BillingAccount,
    charges: Sequence[Charge],
    *,
    issued_on: date,
    days: Period,
    basis: vat.Basis = vat.Basis.TTC,
) -> Bill:
    """Issue an invoice: numbered, split by VAT rate, posted on the account."""
    splits = _splits(charges, basis)
    series = f"F{issued_on.year}"
    invoice = await create_invoice(
        session,
        account,
        number=f"{series}-{await numbering.next_number(session, series=series):07}",
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=14),
        starts_on=days.starts_on,
        ends_on=days.ends_on,
        ht_cents=sum(split.ht_cents for split in splits),
        vat_cents=sum(split.vat_cents for split in splits),
        ttc_cents=sum(split.ttc_cents for split in splits),
    )
    made = [_line(invoice, at, charge, split) for at, (charge, split) in enumerate(zip(charges, splits, strict=True))]
    session.add_all(made)
    entries = postings.of_document([(line.kind, line.ht_cents, line.vat_cents) for line in made], sign=1)
    await _post(session, account, PostingKind.INVOICE, invoice.id, invoice.number, entries, issued_on)
    return Bill(invoice, made)


async def pay(
    session: AsyncSession,
    account: models.BillingAccount,
    paid: Bill,
    *,
    on: date,
    cents: int | None = None,
    method: models.PaymentMethod | None = None,
) -> models.Payment:
    """A captured payment of an invoice, whole or of `cents`."""
    amount_cents = paid.invoice.due_cents if cents is None else cents
    payment = models.Payment(
        subscriber_id=account.subscriber_id,
        id=new_id(),
        billing_account_id=account.id,
        payment_method_id=method.id if method else None,
        means=None if method else models.PaymentMethodKind.TRANSFER,
        state=models.PaymentState.CAPTURED,
        amount_cents=amount_cents,
        reference=f"P{new_id()}",
        requested_at=_at(on),
        captured_at=_at(on),
    )
    session.add(payment)
    await session.flush()
    key = {"subscriber_id": account.subscriber_id, "id": new_id()}
    session.add(
        models.PaymentAllocation(**key, payment_id=payment.id, invoice_id=paid.invoice.id, amount_cents=amount_cents)
    )
    paid.invoice.paid_cents += amount_cents
    is_paid = paid.invoice.due_cents == 0
    paid.invoice.state = models.InvoiceState.PAID if is_paid else models.InvoiceState.PARTIALLY_PAID
    entries = postings.between(LedgerAccount.BANK, LedgerAccount.RECEIVABLE, amount_cents)
    await _post(session, account, PostingKind.PAYMENT, payment.id, payment.reference, entries, on)
    return payment


def _splits(charges: Sequence[Charge], basis: vat.Basis) -> list[vat.VatSplit]:
    taxed = [(charge.derived.cents, charge.rate) for charge in charges if charge.rate is not None]
    rest = iter(vat.document(taxed, basis=basis).lines)
    return [vat.VatSplit(each.derived.cents, 0) if each.rate is None else next(rest) for each in charges]


def _line(invoice: models.Invoice, position: int, charge: Charge, split: vat.VatSplit) -> models.InvoiceLine:
    return models.InvoiceLine(
        subscriber_id=invoice.subscriber_id,
        id=new_id(),
        invoice_id=invoice.id,
        position=position,
        kind=charge.kind,
        label=charge.label,
        contract_id=charge.item.contract_id if charge.item else None,
        contract_item_id=charge.item.id if charge.item else None,
        offer_id=charge.good.offer.id if charge.good else None,
        price_version_id=charge.good.price.id if charge.good else None,
        starts_on=charge.days.starts_on if charge.days else None,
        ends_on=charge.days.ends_on if charge.days else None,
        unit_cents=split.ttc_cents,
        vat_rate=charge.rate,
        ht_cents=split.ht_cents,
        vat_cents=split.vat_cents,
        ttc_cents=split.ttc_cents,
        derivation=_derivation(charge, split.ttc_cents),
    )


def _derivation(charge: Charge, ttc_cents: int) -> dict[str, Any]:
    """How the line comes about; where prices are without VAT, what they come to with it."""
    if charge.derived.cents == ttc_cents:
        return charge.derived.to_json()
    return lines.one_time(fee_cents=ttc_cents, price_version=charge.label).to_json()


async def _post(
    session: AsyncSession,
    account: models.BillingAccount,
    kind: PostingKind,
    document_id: int,
    number: str | None,
    entries: postings.Entries,
    on: date,
) -> None:
    await session.flush()  # the posting refers to rows that exist
    await postings.post(
        session,
        account=account,
        kind=kind,
        document_id=document_id,
        document_number=number,
        entries=entries,
        at=_at(on),
        today=on,
    )


def _at(on: date) -> datetime:
    return datetime.combine(on, time(5), tzinfo=UTC)


async def issued(session: AsyncSession, account: models.BillingAccount) -> list[Bill]:
    """The invoices that the product itself issued on an account, oldest first."""
    line, invoice = models.InvoiceLine, models.Invoice
    invoices = await session.execute(
        select(invoice)
        .where(invoice.subscriber_id == account.subscriber_id, invoice.billing_account_id == account.id)
        .order_by(invoice.issued_on, invoice.id)
    )
    lines_of = await session.execute(
        select(line).where(line.subscriber_id == account.subscriber_id).order_by(line.invoice_id, line.position)
    )
    rows = list(lines_of.scalars())
    return [Bill(each, [row for row in rows if row.invoice_id == each.id]) for each in invoices.scalars()]
