"""The audit trail and the access log."""

from backoffice import models
from backoffice.fields.declare import Entity

AUDIT_ENTRY = Entity("AuditEntry", models.AuditEntry)
ACCESS_ENTRY = Entity("AccessEntry", models.AccessEntry)
