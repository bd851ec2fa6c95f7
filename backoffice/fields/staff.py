"""The staff, as the graph shows them: never a secret."""

from backoffice import models
from backoffice.fields.declare import Entity

STAFF_MEMBER = Entity("StaffMember", models.Staff)
