"""Invoices as they are printed, from what was issued and booked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import Period
from backoffice.documents.invoices import ContractBlock
from backoffice.documents.invoices import Invoice as PrintedInvoice
from backoffice.models import (
    Contract,
    ContractItem,
    Invoice,
    InvoiceLine,
    Language,
    LedgerPosting,
    Offer,
    OfferKind,
    PostingKind,
)
from backoffice.services import document_headings, document_lines, document_settlements
from backoffice.services.document_headings import Edition


async def read(session: AsyncSession, invoice: Invoice, edition: Edition) -> PrintedInvoice:
    """An issued invoice, ready to be printed. Raises NotIssued, and FiguresDiffer where the books do not add up."""
    issued_at = await _issued_at(session, invoice)
    heading = await document_headings.read(session, invoice, edition, issued_at=issued_at)
    issued = await document_lines.of_invoice(session, invoice)
    contracts = await _contracts(session, invoice, issued, edition.language)
    numbers = {contract_id: block.number for contract_id, block in contracts.items()}
    made = PrintedInvoice(
        heading=heading,
        due_on=invoice.due_on,
        period=Period(invoice.starts_on, invoice.ends_on),
        contracts=tuple(contracts.values()),
        lines=await document_lines.printed(session, issued, numbers, edition),
        settlements=await document_settlements.read(session, invoice, edition),
        collection=await document_settlements.collection(session, invoice, edition),
        known_on=edition.known_on,
    )
    for printed_cents, stored_cents in (
        (made.total.ht_cents, invoice.ht_cents),
        (made.total.ttc_cents, invoice.ttc_cents),
        (made.due_cents, invoice.due_cents),
    ):
        document_headings.require_same(heading.number, printed_cents=printed_cents, stored_cents=stored_cents)
    return made


async def _issued_at(session: AsyncSession, invoice: Invoice) -> datetime:
    """When the invoice was booked; of what was never booked, the beginning of its day."""
    posting = LedgerPosting
    booked_at = await session.scalar(
        select(func.min(posting.recorded_at)).where(
            posting.subscriber_id == invoice.subscriber_id,
            posting.document_id == invoice.id,
            posting.kind.in_([PostingKind.INVOICE, PostingKind.OPENING]),
        )
    )
    return booked_at or datetime.combine(invoice.issued_on, time(), tzinfo=UTC)


async def _contracts(
    session: AsyncSession, invoice: Invoice, issued: Sequence[InvoiceLine], language: Language
) -> Mapping[int, ContractBlock]:
    """The contracts that the lines are about, by id, each under the offer that was in force on the day of issue."""
    ids = list(dict.fromkeys(line.contract_id for line in issued if line.contract_id is not None))
    if not ids:
        return {}
    row = Contract
    found = await session.scalars(select(row).where(row.subscriber_id == invoice.subscriber_id, row.id.in_(ids)))
    contracts = {contract.id: contract for contract in found}
    offers = await _offers(session, invoice, contracts)
    return {contract_id: _block(contracts[contract_id], offers[contract_id], invoice, language) for contract_id in ids}


async def _offers(session: AsyncSession, invoice: Invoice, contracts: Mapping[int, Contract]) -> Mapping[int, Offer]:
    """The offer of each contract as its items tell it, or else as the contract names it now."""
    item = ContractItem
    items = await session.scalars(
        select(item)
        .where(item.subscriber_id == invoice.subscriber_id, item.contract_id.in_(contracts))
        .where(item.kind == OfferKind.OFFER, item.starts_on <= invoice.issued_on)
        .order_by(item.starts_on, item.id)
    )
    of = {contract.id: contract.offer_id for contract in contracts.values()}
    of |= {each.contract_id: each.offer_id for each in items}
    offers = await session.scalars(select(Offer).where(Offer.id.in_(of.values())))
    by_id = {offer.id: offer for offer in offers}
    return {contract_id: by_id[offer_id] for contract_id, offer_id in of.items()}


def _block(contract: Contract, offer: Offer, invoice: Invoice, language: Language) -> ContractBlock:
    bound_until = contract.commitment_ends_on
    is_bound = bound_until is not None and invoice.issued_on < bound_until
    return ContractBlock(
        number=contract.number,
        offer=offer.name_en if language is Language.EN else offer.name_fr,
        commitment_ends_on=bound_until if is_bound else None,
    )
