"""Payments in the graph."""

from datetime import datetime

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.schema import graph
from backoffice.schema.access import of, see
from backoffice.schema.nodes import Node
from backoffice.schema.paging import Connection
from backoffice.schema.scalars import Money

_READ = Capability.BILLING_READ


@of(fields.payments.PAYMENT_ALLOCATION)
class PaymentAllocation(Node):
    """The part of a payment that paid an invoice."""

    amount: Money = see(_READ, "How much of the payment.")
    is_undone: bool = see(_READ, "Whether the bank took the payment back.")
    payment: graph.Payment = see(_READ, "The payment.")
    invoice: graph.Invoice = see(_READ, "The invoice.")


@of(fields.payments.PAYMENT)
class Payment(Node):
    """Money that came in, or failed to."""

    state: models.PaymentState = see(_READ, "Where it stands.")
    amount: Money = see(_READ, "How much.")
    refunded: Money = see(_READ, "What went back of it.")
    reference: str = see(_READ, "Our reference, as the bank statement shows it.")
    requested_at: datetime = see(_READ, "When it was asked for.")
    captured_at: datetime | None = see(_READ, "When the money came in.")
    failed_at: datetime | None = see(_READ, "When it failed.")
    failure_code: str | None = see(_READ, "Why it failed, in the scheme's own code.")
    returned_at: datetime | None = see(_READ, "When the bank took it back.")
    return_code: str | None = see(_READ, "Why the bank took it back, as an ISO 20022 code.")
    payment_method: graph.PaymentMethod | None = see(Capability.PAYMENT_METHOD_READ, "The means that paid.")
    billing_account: graph.BillingAccount = see(_READ, "The account it paid.")
    allocations: Connection[PaymentAllocation] = see(_READ, "The invoices it paid. At most 100 a page.")
    refunds: Connection[graph.Refund] = see(_READ, "What went back. At most 100 a page.")
