"""The staff, as the graph shows them: never a secret."""

from backoffice import models
from backoffice.fields.declare import Entity
from backoffice.permissions import Capability

STAFF_MEMBER = Entity("StaffMember", models.Staff, needs=Capability.SIGN_IN)
