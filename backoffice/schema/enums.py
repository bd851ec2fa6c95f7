"""The enums of the tables as the graph shows them: the same names, described for the people who read them."""

from enum import Enum

import strawberry

from backoffice import models, permissions

_SHOWN: tuple[type[Enum], ...] = (
    models.AccessKind,
    models.AddressKind,
    models.ApprovalState,
    models.AuditOutcome,
    models.BilledBy,
    models.BulkState,
    models.ChangeKind,
    models.ConsentKind,
    models.ContractEventKind,
    models.ContractState,
    models.CreditNoteKind,
    models.CreditReason,
    models.DeviceEventKind,
    models.DeviceKind,
    models.DeviceState,
    models.DunningStepKind,
    models.EscalationLevel,
    models.GoodwillState,
    models.InvoiceKind,
    models.InvoiceState,
    models.Language,
    models.LedgerAccount,
    models.LineKind,
    models.OfferKind,
    models.OrderState,
    models.PaymentMethodKind,
    models.PaymentMethodState,
    models.PaymentState,
    models.PhoneKind,
    models.PostingKind,
    models.PriceBasis,
    models.RefundState,
    models.RevocationReason,
    models.RunType,
    models.ServiceFamily,
    models.SubscriberKind,
    models.SubscriberState,
    models.SuspensionCause,
    models.TerminationReason,
    models.TicketChannel,
    models.TicketEventKind,
    models.TicketPriority,
    models.TicketState,
    models.TicketTopic,
    permissions.ActorKind,
    permissions.Capability,
    permissions.Contract,
    permissions.Role,
)

for _enum in _SHOWN:
    _name = "ContractName" if _enum is permissions.Contract else _enum.__name__
    strawberry.enum(_enum, name=_name, description=" ".join((_enum.__doc__ or "").split()))
