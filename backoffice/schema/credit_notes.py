"""Credit notes and refunds in the graph."""

from datetime import date, datetime

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.resolvers import can as resolve_can
from backoffice.resolvers import deadlines as resolve_deadlines
from backoffice.resolvers import documents as resolve_documents
from backoffice.schema import graph
from backoffice.schema.abilities import Ability
from backoffice.schema.access import of, see
from backoffice.schema.deadlines import Deadline
from backoffice.schema.documents import DOCUMENT, DocumentLink
from backoffice.schema.nodes import Node
from backoffice.schema.paging import Connection
from backoffice.schema.scalars import JSON, Money, Rate

_READ = Capability.BILLING_READ


@of(fields.credit_notes.CREDIT_NOTE_LINE)
class CreditNoteLine(Node):
    """What a credit note takes back of one issued line."""

    position: int = see(_READ, "Its place on the document.")
    label: str = see(_READ, "The text printed on the document.")
    starts_on: date | None = see(_READ, "The first day that it takes back.")
    ends_on: date | None = see(_READ, "The first day that it no longer takes back.")
    vat_rate: Rate | None = see(_READ, "The VAT rate of the issued line.")
    amount_excluding_vat: Money = see(_READ, "The amount without VAT.")
    vat: Money = see(_READ, "The VAT.")
    amount: Money = see(_READ, "The amount with VAT.")
    derivation: JSON = see(_READ, "How the amount comes about, as data.")
    invoice_line: graph.InvoiceLine = see(_READ, "The line that it corrects.")


@of(fields.credit_notes.REFUND)
class Refund(Node):
    """Money that goes back."""

    state: models.RefundState = see(_READ, "Where it stands.")
    reason: models.CreditReason = see(_READ, "Why.")
    note: str | None = see(_READ, "What the agent wrote.")
    amount: Money = see(_READ, "How much.")
    reference: str | None = see(_READ, "The bank's or the card scheme's reference.")
    failure_code: str | None = see(_READ, "Why the money could not be given back.")
    requested_at: datetime = see(_READ, "When it was asked for.")
    sent_at: datetime | None = see(_READ, "When it left.")
    failed_at: datetime | None = see(_READ, "When it failed.")
    ticket: graph.Ticket | None = see(Capability.TICKET_READ, "The ticket in which it was asked for.")
    settled_at: datetime | None = see(_READ, "When the money arrived.")
    payment: graph.Payment | None = see(_READ, "The payment that goes back.")
    invoice: graph.Invoice | None = see(_READ, "The invoice it concerns.")
    credit_note: graph.CreditNote | None = see(_READ, "The credit note that says why it is due.")
    deadlines: list[Deadline] = see(_READ, "By when the money must be back.", by=resolve_deadlines.of_refund)
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)


@of(fields.credit_notes.CREDIT_NOTE)
class CreditNote(Node):
    """The document that corrects an invoice."""

    number: str | None = see(_READ, "The number printed on it; none on a draft.")
    kind: models.CreditNoteKind = see(_READ, "Whether it takes something off an invoice, or takes a credit note back.")
    reason: models.CreditReason = see(_READ, "Why.")
    note: str | None = see(_READ, "What the agent wrote.")
    issued_on: date = see(_READ, "The day of issue.")
    total_excluding_vat: Money = see(_READ, "The total without VAT.")
    vat: Money = see(_READ, "The VAT.")
    total: Money = see(_READ, "The total with VAT.")
    offset: Money = see(_READ, "The part that reduced what was still due on the invoice.")
    document: DocumentLink | None = see(_READ, DOCUMENT, by=resolve_documents.credit_note_document)
    invoice: graph.Invoice = see(_READ, "The invoice that it corrects.")
    reverses: graph.CreditNote | None = see(_READ, "The credit note that it takes back.")
    is_reversed: bool = see(_READ, "Whether a document took it back.")
    reversed_by: graph.CreditNote | None = see(_READ, "The document that took it back.")
    ticket: graph.Ticket | None = see(Capability.TICKET_READ, "The ticket in which it was asked for.")
    lines: Connection[CreditNoteLine] = see(_READ, "Its lines, in order. At most 200 a page.")
    refunds: Connection[Refund] = see(_READ, "The refunds it led to. At most 100 a page.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)
