"""The audit trail and the access log."""

from backoffice import models
from backoffice.fields.declare import Entity
from backoffice.permissions import Capability

AUDIT_ENTRY = Entity("AuditEntry", models.AuditEntry, needs=Capability.AUDIT_READ)
ACCESS_ENTRY = Entity("AccessEntry", models.AccessEntry, needs=Capability.AUDIT_READ)
