"""Payments, goodwill credits and what the credit of an account pays, in the graph."""

from datetime import date, datetime

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.resolvers import can as resolve_can
from backoffice.resolvers import deadlines as resolve_deadlines
from backoffice.schema import graph
from backoffice.schema.abilities import Ability
from backoffice.schema.access import of, see
from backoffice.schema.deadlines import Deadline
from backoffice.schema.nodes import Node
from backoffice.schema.paging import Connection
from backoffice.schema.scalars import Money

_READ = Capability.BILLING_READ


@of(fields.payments.PAYMENT_ALLOCATION)
class PaymentAllocation(Node):
    """The part of a payment that paid an invoice."""

    amount: Money = see(_READ, "How much of the payment.")
    is_undone: bool = see(_READ, "Whether the payment was returned or taken back since.")
    undone_at: datetime | None = see(_READ, "When it was.")
    payment: graph.Payment = see(_READ, "The payment.")
    invoice: graph.Invoice = see(_READ, "The invoice.")


@of(fields.payments.PAYMENT)
class Payment(Node):
    """Money that came in, or failed to."""

    state: models.PaymentState = see(_READ, "Where it stands.")
    amount: Money = see(_READ, "How much.")
    refunded: Money = see(_READ, "What went back of it.")
    means: models.PaymentMethodKind | None = see(
        _READ, "How it came in by itself: TRANSFER or CHECK; none where a known means of payment paid."
    )
    note: str | None = see(_READ, "What the agent wrote.")
    reference: str = see(_READ, "The reference that the bank statement shows.")
    receipt_email: str | None = see(Capability.CONTACT_READ, "To whom the receipt goes, if somebody asked for one.")
    requested_at: datetime = see(_READ, "When it was asked for.")
    captured_at: datetime | None = see(_READ, "When the money came in.")
    failed_at: datetime | None = see(_READ, "When it failed.")
    failure_code: str | None = see(_READ, "Why it failed, in the scheme's own code.")
    returned_at: datetime | None = see(_READ, "When the bank took it back.")
    return_code: str | None = see(_READ, "Why the bank took it back, as an ISO 20022 code.")
    deadlines: list[Deadline] = see(
        _READ, "Until when it may be claimed, or taken back.", by=resolve_deadlines.of_payment
    )
    payment_method: graph.PaymentMethod | None = see(Capability.PAYMENT_METHOD_READ, "The means that paid.")
    billing_account: graph.BillingAccount = see(_READ, "The account it paid.")
    allocations: Connection[PaymentAllocation] = see(_READ, "The invoices it paid. At most 100 a page.")
    refunds: Connection[graph.Refund] = see(_READ, "What went back. At most 100 a page.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)


@of(fields.payments.CREDIT_APPLICATION)
class CreditApplication(Node):
    """Credit of an account that pays an invoice; below zero: that no longer does."""

    amount: Money = see(_READ, "How much.")
    at: datetime = see(_READ, "Since when.")
    invoice: graph.Invoice = see(_READ, "The invoice.")


@of(fields.payments.GOODWILL_CREDIT)
class GoodwillCredit(Node):
    """A gift on the account, which corrects no document and returns no money."""

    state: models.GoodwillState = see(_READ, "Whether it still stands.")
    amount: Money = see(_READ, "How much.")
    note: str | None = see(_READ, "Why, as the agent wrote.")
    granted_on: date = see(_READ, "The day on which it was given.")
    granted_at: datetime = see(_READ, "When it was given.")
    reversed_at: datetime | None = see(_READ, "When it was taken back.")
    ticket: graph.Ticket | None = see(Capability.TICKET_READ, "The ticket in which it was asked for.")
    billing_account: graph.BillingAccount = see(_READ, "The account that has it.")
    can: list[Ability] = see(_READ, "What you may do with it.", by=resolve_can.can)
