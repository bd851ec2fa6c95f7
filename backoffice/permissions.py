"""Who may do what: contracts, roles, capabilities, and the viewer who holds them. Plain data, no table is known here."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum


class Contract(StrEnum):
    """A published face of the graph; each is served on its own path."""

    STAFF = "STAFF"
    SUBSCRIBER = "SUBSCRIBER"
    ANALYST = "ANALYST"


class Role(StrEnum):
    """What a member of the staff is; each has exactly one."""

    AGENT = "AGENT"
    SUPERVISOR = "SUPERVISOR"
    BILLING = "BILLING"
    ANALYST = "ANALYST"
    DPO = "DPO"
    ADMIN = "ADMIN"


class Capability(StrEnum):
    """One thing that can be allowed. A field of the graph names the one it needs."""

    SIGN_IN = "SIGN_IN"
    CATALOGUE_READ = "CATALOGUE_READ"
    SUBSCRIBER_READ = "SUBSCRIBER_READ"
    CONTACT_READ = "CONTACT_READ"
    CONTRACT_READ = "CONTRACT_READ"
    BILLING_READ = "BILLING_READ"
    PAYMENT_METHOD_READ = "PAYMENT_METHOD_READ"
    DEVICE_READ = "DEVICE_READ"
    TICKET_READ = "TICKET_READ"
    TICKET_WRITE = "TICKET_WRITE"
    STAFF_READ = "STAFF_READ"
    AUDIT_READ = "AUDIT_READ"
    REFUND_WRITE = "REFUND_WRITE"
    CREDIT_WRITE = "CREDIT_WRITE"
    PAYMENT_WRITE = "PAYMENT_WRITE"
    CONTRACT_WRITE = "CONTRACT_WRITE"
    DEVICE_WRITE = "DEVICE_WRITE"
    BULK_WRITE = "BULK_WRITE"
    APPROVAL_READ = "APPROVAL_READ"
    APPROVAL_DECIDE = "APPROVAL_DECIDE"


_FILE_READS = frozenset(
    {
        Capability.SIGN_IN,
        Capability.CATALOGUE_READ,
        Capability.SUBSCRIBER_READ,
        Capability.CONTACT_READ,
        Capability.CONTRACT_READ,
        Capability.BILLING_READ,
        Capability.PAYMENT_METHOD_READ,
        Capability.DEVICE_READ,
        Capability.TICKET_READ,
    }
)
# How much of it a role may do alone is the policy's business.
_ACTS = frozenset(
    {
        Capability.TICKET_WRITE,
        Capability.REFUND_WRITE,
        Capability.CREDIT_WRITE,
        Capability.PAYMENT_WRITE,
        Capability.CONTRACT_WRITE,
        Capability.DEVICE_WRITE,
        Capability.APPROVAL_READ,
    }
)
_SIGNED_IN = frozenset({Capability.SIGN_IN, Capability.CATALOGUE_READ})

GRANTS: dict[Role, frozenset[Capability]] = {
    Role.AGENT: _FILE_READS | _ACTS,
    Role.SUPERVISOR: _FILE_READS
    | _ACTS
    | {Capability.STAFF_READ, Capability.AUDIT_READ, Capability.APPROVAL_DECIDE, Capability.BULK_WRITE},
    Role.BILLING: _FILE_READS | _ACTS | {Capability.AUDIT_READ, Capability.APPROVAL_DECIDE, Capability.BULK_WRITE},
    # Analysts work on aggregates, never on persons: in the staff contract they can only see who they are.
    Role.ANALYST: _SIGNED_IN,
    Role.DPO: _FILE_READS | {Capability.AUDIT_READ},
    # An administrator runs the installation and needs no subscriber's file for it.
    Role.ADMIN: _SIGNED_IN | {Capability.STAFF_READ, Capability.AUDIT_READ},
}

CONTRACT_OF_ROLE: dict[Role, Contract] = {
    role: Contract.ANALYST if role is Role.ANALYST else Contract.STAFF for role in Role
}


class Denial(Enum):
    """How a field answers a viewer who lacks its capability."""

    ERROR = "error"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may see a field: the contracts in which it exists, the capability it needs there, and how it refuses."""

    needs: Capability
    contracts: frozenset[Contract] = frozenset({Contract.STAFF})
    denial: Denial = Denial.ERROR


class ActorKind(StrEnum):
    """Who acted, in the histories, the audit and the access log."""

    STAFF = "STAFF"
    SUBSCRIBER = "SUBSCRIBER"
    PARTNER = "PARTNER"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking. `subscriber_id` is set for a subscriber, who sees one file only; `session_id` names the session."""

    kind: ActorKind
    id: int
    display_name: str
    contract: Contract
    capabilities: frozenset[Capability]
    role: Role | None = None
    subscriber_id: int | None = None
    session_id: int | None = None
    stepped_up_until: datetime | None = None
    """Until when the fresh one-time code of this session counts."""

    def is_stepped_up(self, at: datetime) -> bool:
        """Whether a fresh one-time code was given in this session."""
        return self.stepped_up_until is not None and at < self.stepped_up_until

    def may(self, capability: Capability) -> bool:
        """Whether this viewer holds `capability`."""
        return capability in self.capabilities


SYSTEM = Viewer(
    kind=ActorKind.SYSTEM,
    id=0,
    display_name="system",
    contract=Contract.STAFF,
    capabilities=frozenset(Capability),
)
