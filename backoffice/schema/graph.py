"""The names of the types that refer to each other: the one place where a reference may run ahead of its module."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from backoffice.schema.audit import AccessEntry as AccessEntry
    from backoffice.schema.audit import AuditEntry as AuditEntry
    from backoffice.schema.billing_accounts import BillingAccount as BillingAccount
    from backoffice.schema.billing_accounts import PaymentMethod as PaymentMethod
    from backoffice.schema.change_orders import ChangeOrder as ChangeOrder
    from backoffice.schema.contracts import Contract as Contract
    from backoffice.schema.contracts import ContractItem as ContractItem
    from backoffice.schema.contracts import Promotion as Promotion
    from backoffice.schema.credit_notes import CreditNote as CreditNote
    from backoffice.schema.credit_notes import CreditNoteLine as CreditNoteLine
    from backoffice.schema.credit_notes import Refund as Refund
    from backoffice.schema.devices import Device as Device
    from backoffice.schema.devices import DeviceSession as DeviceSession
    from backoffice.schema.invoices import Invoice as Invoice
    from backoffice.schema.invoices import InvoiceLine as InvoiceLine
    from backoffice.schema.payments import Payment as Payment
    from backoffice.schema.payments import PaymentAllocation as PaymentAllocation
    from backoffice.schema.subscribers import Subscriber as Subscriber
    from backoffice.schema.tickets import Ticket as Ticket
else:

    def _later(name: str, module: str):
        return Annotated[name, strawberry.lazy(f"backoffice.schema.{module}")]

    AccessEntry = _later("AccessEntry", "audit")
    AuditEntry = _later("AuditEntry", "audit")
    BillingAccount = _later("BillingAccount", "billing_accounts")
    PaymentMethod = _later("PaymentMethod", "billing_accounts")
    ChangeOrder = _later("ChangeOrder", "change_orders")
    Contract = _later("Contract", "contracts")
    ContractItem = _later("ContractItem", "contracts")
    Promotion = _later("Promotion", "contracts")
    CreditNote = _later("CreditNote", "credit_notes")
    CreditNoteLine = _later("CreditNoteLine", "credit_notes")
    Refund = _later("Refund", "credit_notes")
    Device = _later("Device", "devices")
    DeviceSession = _later("DeviceSession", "devices")
    Invoice = _later("Invoice", "invoices")
    InvoiceLine = _later("InvoiceLine", "invoices")
    Payment = _later("Payment", "payments")
    PaymentAllocation = _later("PaymentAllocation", "payments")
    Subscriber = _later("Subscriber", "subscribers")
    Ticket = _later("Ticket", "tickets")
