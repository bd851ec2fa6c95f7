"""Invoices in the graph."""

from datetime import date

import strawberry

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.resolvers import can as resolve_can
from backoffice.resolvers import deadlines as resolve_deadlines
from backoffice.resolvers import documents as resolve_documents
from backoffice.resolvers import invoices as resolve
from backoffice.schema import graph
from backoffice.schema.abilities import Ability
from backoffice.schema.access import of, see
from backoffice.schema.deadlines import Deadline
from backoffice.schema.documents import DOCUMENT, DocumentLink
from backoffice.schema.dunning_steps import DunningStep
from backoffice.schema.nodes import Node
from backoffice.schema.paging import Connection
from backoffice.schema.scalars import JSON, CentsRange, DateRange, Money, Rate

_READ = Capability.BILLING_READ


@of(fields.invoices.INVOICE_LINE)
class InvoiceLine(Node):
    """A line of an invoice, with the derivation from which anyone can recompute it."""

    position: int = see(_READ, "Its place on the document.")
    kind: models.LineKind = see(_READ, "What it is about.")
    label: str = see(_READ, "The text printed on the document.")
    starts_on: date | None = see(_READ, "The first day that it covers.")
    ends_on: date | None = see(_READ, "The first day that it no longer covers.")
    quantity: int = see(_READ, "How many.")
    unit_price: Money = see(_READ, "The price of one for a whole period, after discount.")
    vat_rate: Rate | None = see(_READ, "The VAT rate; none outside the scope of VAT.")
    amount_excluding_vat: Money = see(_READ, "The amount without VAT.")
    vat: Money = see(_READ, "The VAT.")
    amount: Money = see(_READ, "The amount with VAT.")
    credited: Money = see(_READ, "What credit notes have taken back so far, VAT included.")
    derivation: JSON = see(_READ, "How the amount comes about, as data that a separate program can check.")
    explanation: list[str] = see(_READ, "How the amount comes about, as sentences.", by=resolve.explanation)
    is_proven: bool = see(
        _READ, "Whether a separate program recomputes the amount from the derivation.", by=resolve.is_proven
    )
    invoice: graph.Invoice = see(_READ, "The invoice it stands on.")
    contract: graph.Contract | None = see(Capability.CONTRACT_READ, "The contract it is about.")
    item: graph.ContractItem | None = see(Capability.CONTRACT_READ, "The item it is about.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)
    credit_note_lines: Connection[graph.CreditNoteLine] = see(_READ, "What was taken back of it. At most 100 a page.")


@strawberry.input(description="Which invoices.")
class InvoiceWhere:
    state: list[models.InvoiceState] | None = None
    kind: list[models.InvoiceKind] | None = None
    run_type: list[models.RunType] | None = None
    issued: DateRange | None = None
    due_by: DateRange | None = None
    total: CentsRange | None = None
    is_unpaid: bool | None = None
    and_: list["InvoiceWhere"] | None = strawberry.field(name="and", default=None)
    or_: list["InvoiceWhere"] | None = strawberry.field(name="or", default=None)
    not_: "InvoiceWhere | None" = strawberry.field(name="not", default=None)


InvoiceSort = resolve.InvoiceSort
strawberry.enum(InvoiceSort, description="The order of a list of invoices.")


@of(fields.invoices.INVOICE)
class Invoice(Node):
    """A document that says what is to be paid. Once issued it never changes; credit notes correct it."""

    number: str | None = see(_READ, "The number printed on it; none on a draft.")
    kind: models.InvoiceKind = see(_READ, "An invoice, or the sum of what was billed before an import.")
    run_type: models.RunType = see(_READ, "Whether it was due in the billing cycle.")
    state: models.InvoiceState = see(_READ, "Where it stands.")
    is_overdue: bool = see(_READ, "Whether something is still due after the due date.")
    issued_on: date = see(_READ, "The day of issue.")
    due_on: date = see(_READ, "The day on which it must be paid.")
    starts_on: date = see(_READ, "The first day of the period.")
    ends_on: date = see(_READ, "The first day after the period.")
    total_excluding_vat: Money = see(_READ, "The total without VAT.")
    vat: Money = see(_READ, "The VAT.")
    total: Money = see(_READ, "The total with VAT.")
    paid: Money = see(_READ, "What payments have paid.")
    credited: Money = see(_READ, "What credit notes have taken back.")
    refunded: Money = see(_READ, "What was paid back.")
    carried_credit: Money = see(_READ, "What the credit of the account pays of it.")
    due: Money = see(_READ, "What is still to be paid.")
    refundable: Money = see(_READ, "What was paid and not yet paid back.")
    deadlines: list[Deadline] = see(_READ, "Until when what is due may be claimed.", by=resolve_deadlines.of_invoice)
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)
    document: DocumentLink | None = see(_READ, DOCUMENT, by=resolve_documents.invoice_document)
    subscriber: graph.Subscriber = see(Capability.SUBSCRIBER_READ, "Whose it is.")
    billing_account: graph.BillingAccount = see(_READ, "The account it is billed to.")
    lines: Connection[InvoiceLine] = see(_READ, "Its lines, in order. At most 200 a page.")
    credit_notes: Connection[graph.CreditNote] = see(_READ, "The credit notes that correct it. At most 100 a page.")
    allocations: Connection[graph.PaymentAllocation] = see(_READ, "The payments that paid it. At most 100 a page.")
    refunds: Connection[graph.Refund] = see(_READ, "Refunds of it. At most 100 a page.")
    tickets: Connection[graph.Ticket] = see(Capability.TICKET_READ, "Tickets about it. At most 100 a page.")
    dunning_steps: Connection[DunningStep] = see(_READ, "What was done because it was not paid. At most 100 a page.")
