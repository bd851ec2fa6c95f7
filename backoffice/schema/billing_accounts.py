"""Billing accounts, means of payment and the ledger in the graph."""

from datetime import date, datetime

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.resolvers import can as resolve_can
from backoffice.resolvers import upcoming_invoices as resolve_upcoming
from backoffice.schema import graph
from backoffice.schema.abilities import Ability
from backoffice.schema.access import of, see
from backoffice.schema.extra_charges import ExtraCharge
from backoffice.schema.invoices import Invoice, InvoiceSort, InvoiceWhere
from backoffice.schema.nodes import Node
from backoffice.schema.paging import Connection
from backoffice.schema.payments import CreditApplication, GoodwillCredit, Payment
from backoffice.schema.scalars import Money
from backoffice.schema.upcoming_invoices import UpcomingInvoice

_READ = Capability.BILLING_READ
_MEANS = Capability.PAYMENT_METHOD_READ


@of(fields.billing_accounts.PAYMENT_METHOD)
class PaymentMethod(Node):
    """A means of payment: a card token or a mandate, never a card number or a readable IBAN."""

    kind: models.PaymentMethodKind = see(_MEANS, "How money comes in.")
    state: models.PaymentMethodState = see(_MEANS, "Whether it can be used.")
    is_default: bool = see(_MEANS, "Whether it is the one that is charged.")
    card_brand: str | None = see(_MEANS, "The brand of the card.")
    card_last_four: str | None = see(_MEANS, "The last four digits of the card.")
    expires_on: date | None = see(_MEANS, "The first day on which the card is no longer valid.")
    iban_last_four: str | None = see(_MEANS, "The last four characters of the IBAN.")
    bic: str | None = see(_MEANS, "The bank's identifier.")
    mandate_reference: str | None = see(_MEANS, "The unique reference of the mandate.")
    mandate_signed_on: date | None = see(_MEANS, "When the mandate was signed.")
    added_on: date = see(_MEANS, "Since when it is known.")


@of(fields.ledger.LEDGER_ENTRY)
class LedgerEntry(Node):
    """One side of a posting."""

    account: models.LedgerAccount = see(_READ, "The account it is booked on.")
    amount: Money = see(_READ, "Debit positive, credit negative.")


@of(fields.ledger.LEDGER_POSTING)
class LedgerPosting(Node):
    """One event in the books; its entries sum to zero."""

    kind: models.PostingKind = see(_READ, "What was booked.")
    document_number: str | None = see(_READ, "The number of the document that it books.")
    booked_on: date = see(_READ, "The day of the booking.")
    recorded_at: datetime = see(_READ, "When it was recorded.")
    entries: Connection[LedgerEntry] = see(_READ, "Its entries. At most 100 a page.")


@of(fields.billing_accounts.BILLING_ACCOUNT)
class BillingAccount(Node):
    """Who pays, when, and what is still open."""

    number: str = see(_READ, "The number of the account.")
    balance: Money = see(_READ, "What the subscriber owes; negative: what is owed to them.")
    credit: Money = see(
        _READ, "What is to its credit: overpayments, goodwill, credits kept; it pays open invoices first."
    )
    goodwill_left: Money = see(_READ, "What the subscriber may still be given this year, over all their accounts.")
    debit_day: int = see(_READ, "The day of the month on which direct debits are taken.")
    is_paper_requested: bool = see(_READ, "Whether invoices are also sent on paper.")
    revision: int = see(_READ, "Raised by each change; give it back as `expectedRevision`.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)
    subscriber: graph.Subscriber = see(Capability.SUBSCRIBER_READ, "Whose it is.")
    payment_methods: Connection[PaymentMethod] = see(_MEANS, "Means of payment, newest first. At most 50 a page.")
    contracts: Connection[graph.Contract] = see(Capability.CONTRACT_READ, "What it pays for. At most 50 a page.")
    invoices: Connection[Invoice] = see(
        _READ, "Its invoices, newest first. At most 100 a page.", where=InvoiceWhere, sort=InvoiceSort
    )
    payments: Connection[Payment] = see(_READ, "Its payments, newest first. At most 100 a page.")
    goodwill_credits: Connection[GoodwillCredit] = see(_READ, "Gifts on it, newest first. At most 100 a page.")
    credit_applications: Connection[CreditApplication] = see(
        _READ, "Which invoices its credit paid, or no longer pays, newest first. At most 100 a page."
    )
    postings: Connection[LedgerPosting] = see(_READ, "Its ledger, newest first. At most 100 a page.")
    upcoming_invoice: UpcomingInvoice | None = see(
        _READ, "The next invoice as things stand; none when nothing will be billed.", by=resolve_upcoming.of_account
    )
    extra_charges: Connection[ExtraCharge] = see(_READ, "What waits for an invoice, in order. At most 100 a page.")
