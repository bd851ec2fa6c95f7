"""The audit trail and the access log in the graph."""

from datetime import datetime

from backoffice import fields, models, permissions
from backoffice.permissions import Capability
from backoffice.schema.access import of, see
from backoffice.schema.nodes import Node
from backoffice.schema.scalars import JSON

_READ = Capability.AUDIT_READ


@of(fields.audit.AUDIT_ENTRY)
class AuditEntry(Node):
    """One link of the audit trail."""

    sequence: int = see(_READ, "Its place in the chain: 1, 2, 3 …")
    at: datetime = see(_READ, "When.")
    actor_kind: permissions.ActorKind = see(_READ, "Who: staff, subscriber or system.")
    actor_name: str = see(_READ, "The name of who did it.")
    role: permissions.Role | None = see(_READ, "Their role at the time.")
    operation: str = see(_READ, "What was done.")
    outcome: models.AuditOutcome = see(_READ, "Done or refused.")
    reason: str | None = see(_READ, "The reason code.")
    note: str | None = see(_READ, "What was written about it.")
    target: str | None = see(_READ, "The global id of what was acted on.")
    before: JSON | None = see(_READ, "The values before.")
    after: JSON | None = see(_READ, "The values after.")
    hash: str = see(_READ, "The hash over this entry and the one before it.")


@of(fields.audit.ACCESS_ENTRY)
class AccessEntry(Node):
    """Someone opened this file."""

    at: datetime = see(_READ, "When.")
    kind: models.AccessKind = see(_READ, "A search or an opened file.")
    actor_kind: permissions.ActorKind = see(_READ, "Who: staff, subscriber or system.")
    actor_name: str = see(_READ, "The name of who did it.")
    operation: str | None = see(_READ, "The name of the operation.")
