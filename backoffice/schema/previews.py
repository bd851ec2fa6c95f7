"""Previews in the graph: everything that an act would do, before it is done."""

from datetime import date, datetime
from typing import cast

import strawberry

from backoffice import models
from backoffice.resolvers import previews as resolve
from backoffice.resolvers.quoted_acts import Previewed
from backoffice.schema import graph
from backoffice.schema.access import plain, value
from backoffice.schema.problems import UserError, problems
from backoffice.schema.scalars import JSON, Money, Rate
from backoffice.services import plans

strawberry.enum(plans.Requirement, description="What an act asks for before it can be confirmed.")
strawberry.enum(plans.Caution, description="What whoever acts should know; none of these forbids the act.")
strawberry.enum(plans.DocumentNature, description="What document an act makes.")


@value
class PreviewLine:
    """A line of the document that the act would issue."""

    label: str = plain("The text that would be printed.")
    starts_on: date | None = plain("The first day that it is about.")
    ends_on: date | None = plain("The first day that it is no longer about.")
    vat_rate: Rate | None = plain("The VAT rate; none outside the scope of VAT.")
    amount_excluding_vat: Money = plain("The amount without VAT.", by=resolve.ht)
    vat: Money = plain("The VAT.", by=resolve.vat)
    amount: Money = plain("The amount with VAT.", by=resolve.ttc)
    derivation: JSON = plain("How the amount comes about, as data.")
    explanation: list[str] = plain("How the amount comes about, as sentences.", by=resolve.explanation)
    invoice_line: graph.InvoiceLine | None = plain("The issued line that it corrects.", by=resolve.invoice_line)


@value
class PreviewRate:
    """One VAT rate of the document."""

    vat_rate: Rate | None = plain("The rate; none outside the scope of VAT.", by=resolve.rate)
    total_excluding_vat: Money = plain("The lines of this rate, without VAT.", by=resolve.rate_ht)
    vat: Money = plain("Their VAT.", by=resolve.rate_vat)
    total: Money = plain("Their amount with VAT.", by=resolve.rate_ttc)


@value
class PreviewDocument:
    """The document that the act would issue."""

    nature: plans.DocumentNature = plain("What it is.")
    reason: models.CreditReason | None = plain("Why, as it would be printed.")
    lines: list[PreviewLine] = plain("Its lines.")
    rates: list[PreviewRate] = plain("Its amounts by VAT rate.", by=resolve.rates)
    total_excluding_vat: Money = plain("The total without VAT.", by=resolve.total_ht)
    vat: Money = plain("The VAT.", by=resolve.total_vat)
    total: Money = plain("The total with VAT.", by=resolve.total_ttc)
    invoice: graph.Invoice | None = plain("The invoice that it corrects.", by=resolve.invoice)


@value
class PreviewEntry:
    """One side of a posting."""

    account: models.LedgerAccount = plain("The account it would be booked on.", by=resolve.entry_account)
    amount: Money = plain("Debit positive, credit negative.", by=resolve.entry_amount)


@value
class PreviewPosting:
    """One event that would be booked; its entries sum to zero."""

    kind: models.PostingKind = plain("The kind of event.")
    entries: list[PreviewEntry] = plain("Its entries.", by=resolve.entries)


@value
class PreviewRefund:
    """Money that would go back."""

    payment: graph.Payment | None = plain("The payment that goes back.", by=resolve.payment)
    means: models.PaymentMethodKind | None = plain("By which means.")
    amount: Money = plain("How much.", by=resolve.part)


@value
class PreviewAllocation:
    """The part of a payment that would pay an invoice; below zero: that would no longer pay it."""

    invoice: graph.Invoice | None = plain("The invoice.", by=resolve.invoice)
    amount: Money = plain("How much.", by=resolve.part)


@value
class Disposition:
    """Where the money of a credit would go; the three add up to it."""

    offset: Money = plain("Against what is due on the invoice.", by=resolve.offset)
    refunds: list[PreviewRefund] = plain("Back to the means that paid.", by=resolve.refunds)
    balance: Money = plain("To the credit of the account.", by=resolve.to_balance)


@value
class Warning:  # noqa: A001 - the name in the graph
    """Something to know about an act that is allowed all the same."""

    code: plans.Caution = plain("Stable, for programs.", by=resolve.code)
    message: str = plain("For people.", by=resolve.message)


@value
class ActRequirement:
    """Something that the act asks for."""

    requirement: plans.Requirement = plain("What is asked for.")
    is_met: bool = plain("Whether it is given already.")


@value
class ActPreview:
    """Everything that an act would do."""

    amount: Money = plain("What ceilings are compared with.", by=resolve.amount)
    document: PreviewDocument | None = plain("The document that would be issued.", by=resolve.document)
    postings: list[PreviewPosting] = plain("What would be booked.", by=resolve.postings)
    disposition: Disposition = plain("Where the money of a credit would go.", by=resolve.disposition)
    allocations: list[PreviewAllocation] = plain("What a payment would pay, or no longer pay.", by=resolve.allocations)
    balance_before: Money = plain("What the account owes now.", by=resolve.balance_before)
    balance_after: Money = plain("What the account would owe.", by=resolve.balance_after)
    warnings: list[Warning] = plain("What to know before confirming.", by=resolve.warnings)
    requirements: list[ActRequirement] = plain("What is asked for before it can be confirmed.", by=resolve.requirements)
    facts: JSON = plain("Further figures of this kind of act, as data.", by=resolve.facts)


@value
class PreviewPayload:
    """What an act would do and the quote that promises it, or why it would be refused."""

    preview: ActPreview | None = plain("What would be done; none when it would be refused.")
    quote: str | None = plain("Confirm it within its minutes: it works once, for you alone.")
    expires_at: datetime | None = plain("When the quote expires.")
    user_errors: list[UserError] = plain("Why it would be refused.")


def payload(made: Previewed) -> PreviewPayload:
    """A preview as the graph answers it."""
    if made.preview is None:
        return PreviewPayload(preview=None, quote=None, expires_at=None, user_errors=problems(made.refusals))
    shown = cast(ActPreview, made.preview)  # its fields read the plan themselves
    return PreviewPayload(preview=shown, quote=made.preview.quote, expires_at=made.preview.expires_at, user_errors=[])
