"""The tables. Importing this package knows them all, so that migrations and checks see the whole."""

from backoffice.models.access_log import AccessEntry as AccessEntry
from backoffice.models.access_log import AccessKind as AccessKind
from backoffice.models.addresses import Address as Address
from backoffice.models.addresses import AddressKind as AddressKind
from backoffice.models.approvals import Approval as Approval
from backoffice.models.approvals import ApprovalState as ApprovalState
from backoffice.models.attachments import Attachment as Attachment
from backoffice.models.audit import AuditEntry as AuditEntry
from backoffice.models.audit import AuditOutcome as AuditOutcome
from backoffice.models.base import Base as Base
from backoffice.models.base import check_codes
from backoffice.models.billing_accounts import BillingAccount as BillingAccount
from backoffice.models.billing_runs import BillingRun as BillingRun
from backoffice.models.billing_runs import BillingRunState as BillingRunState
from backoffice.models.bulk_corrections import BulkCorrection as BulkCorrection
from backoffice.models.bulk_corrections import BulkCredit as BulkCredit
from backoffice.models.bulk_corrections import BulkState as BulkState
from backoffice.models.change_orders import ChangeKind as ChangeKind
from backoffice.models.change_orders import ChangeOrder as ChangeOrder
from backoffice.models.change_orders import OrderState as OrderState
from backoffice.models.channels import Channel as Channel
from backoffice.models.channels import OfferChannel as OfferChannel
from backoffice.models.consents import Consent as Consent
from backoffice.models.consents import ConsentKind as ConsentKind
from backoffice.models.contract_events import (
    ContractEvent as ContractEvent,
)
from backoffice.models.contract_events import (
    ContractEventKind as ContractEventKind,
)
from backoffice.models.contract_items import ContractItem as ContractItem
from backoffice.models.contracts import (
    BilledBy as BilledBy,
)
from backoffice.models.contracts import (
    Contract as Contract,
)
from backoffice.models.contracts import (
    ContractState as ContractState,
)
from backoffice.models.contracts import (
    SuspensionCause as SuspensionCause,
)
from backoffice.models.contracts import TerminationReason as TerminationReason
from backoffice.models.credit_applications import CreditApplication as CreditApplication
from backoffice.models.credit_notes import (
    CreditNote as CreditNote,
)
from backoffice.models.credit_notes import CreditNoteKind as CreditNoteKind
from backoffice.models.credit_notes import (
    CreditNoteLine as CreditNoteLine,
)
from backoffice.models.credit_notes import (
    CreditReason as CreditReason,
)
from backoffice.models.device_events import DeviceEvent as DeviceEvent
from backoffice.models.device_events import DeviceEventKind as DeviceEventKind
from backoffice.models.device_sessions import DeviceSession as DeviceSession
from backoffice.models.devices import (
    Device as Device,
)
from backoffice.models.devices import (
    DeviceKind as DeviceKind,
)
from backoffice.models.devices import (
    DeviceState as DeviceState,
)
from backoffice.models.devices import (
    RevocationReason as RevocationReason,
)
from backoffice.models.directory import DirectoryEntry as DirectoryEntry
from backoffice.models.directory import DirectoryKind as DirectoryKind
from backoffice.models.dunning_steps import DunningStep as DunningStep
from backoffice.models.dunning_steps import DunningStepKind as DunningStepKind
from backoffice.models.extra_charges import ExtraCharge as ExtraCharge
from backoffice.models.goodwill_credits import GoodwillCredit as GoodwillCredit
from backoffice.models.goodwill_credits import GoodwillState as GoodwillState
from backoffice.models.holders import Holder as Holder
from backoffice.models.idempotency import IdempotentAnswer as IdempotentAnswer
from backoffice.models.invoice_lines import InvoiceLine as InvoiceLine
from backoffice.models.invoice_lines import LineKind as LineKind
from backoffice.models.invoices import (
    Invoice as Invoice,
)
from backoffice.models.invoices import (
    InvoiceKind as InvoiceKind,
)
from backoffice.models.invoices import (
    InvoiceState as InvoiceState,
)
from backoffice.models.invoices import (
    RunType as RunType,
)
from backoffice.models.ledger import (
    LedgerAccount as LedgerAccount,
)
from backoffice.models.ledger import (
    LedgerEntry as LedgerEntry,
)
from backoffice.models.ledger import (
    LedgerPosting as LedgerPosting,
)
from backoffice.models.ledger import (
    PostingKind as PostingKind,
)
from backoffice.models.number_series import NumberSeries as NumberSeries
from backoffice.models.offers import Offer as Offer
from backoffice.models.offers import OfferKind as OfferKind
from backoffice.models.offers import ServiceFamily as ServiceFamily
from backoffice.models.outbox import (
    OutboxKind as OutboxKind,
)
from backoffice.models.outbox import (
    OutboxMessage as OutboxMessage,
)
from backoffice.models.outbox import (
    OutboxState as OutboxState,
)
from backoffice.models.partners import Partner as Partner
from backoffice.models.payment_methods import (
    PaymentMethod as PaymentMethod,
)
from backoffice.models.payment_methods import (
    PaymentMethodKind as PaymentMethodKind,
)
from backoffice.models.payment_methods import (
    PaymentMethodState as PaymentMethodState,
)
from backoffice.models.payments import (
    Payment as Payment,
)
from backoffice.models.payments import (
    PaymentAllocation as PaymentAllocation,
)
from backoffice.models.payments import (
    PaymentState as PaymentState,
)
from backoffice.models.phones import Phone as Phone
from backoffice.models.phones import PhoneKind as PhoneKind
from backoffice.models.price_versions import (
    PriceBasis as PriceBasis,
)
from backoffice.models.price_versions import (
    PriceComponent as PriceComponent,
)
from backoffice.models.price_versions import (
    PriceVersion as PriceVersion,
)
from backoffice.models.promotions import Promotion as Promotion
from backoffice.models.refunds import Refund as Refund
from backoffice.models.refunds import RefundState as RefundState
from backoffice.models.rendered_documents import DocumentKind as DocumentKind
from backoffice.models.rendered_documents import RenderedDocument as RenderedDocument
from backoffice.models.sla_policies import (
    SlaPolicy as SlaPolicy,
)
from backoffice.models.sla_policies import (
    TicketChannel as TicketChannel,
)
from backoffice.models.sla_policies import (
    TicketPriority as TicketPriority,
)
from backoffice.models.spent_quotes import SpentQuote as SpentQuote
from backoffice.models.staff import Staff as Staff
from backoffice.models.staff_sessions import (
    SessionKind as SessionKind,
)
from backoffice.models.staff_sessions import (
    SpentCode as SpentCode,
)
from backoffice.models.staff_sessions import (
    StaffSession as StaffSession,
)
from backoffice.models.staff_sessions import (
    Throttle as Throttle,
)
from backoffice.models.subscribers import (
    Language as Language,
)
from backoffice.models.subscribers import (
    Subscriber as Subscriber,
)
from backoffice.models.subscribers import (
    SubscriberKind as SubscriberKind,
)
from backoffice.models.subscribers import (
    SubscriberState as SubscriberState,
)
from backoffice.models.ticket_events import TicketEvent as TicketEvent
from backoffice.models.ticket_events import TicketEventKind as TicketEventKind
from backoffice.models.tickets import (
    EscalationLevel as EscalationLevel,
)
from backoffice.models.tickets import (
    Ticket as Ticket,
)
from backoffice.models.tickets import (
    TicketState as TicketState,
)
from backoffice.models.tickets import (
    TicketTopic as TicketTopic,
)

check_codes(Base.metadata)
