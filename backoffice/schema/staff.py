"""The staff in the graph."""

from backoffice import fields, permissions
from backoffice.permissions import Capability
from backoffice.schema.access import of, plain, see, value
from backoffice.schema.nodes import Node


@of(fields.staff.STAFF_MEMBER)
class StaffMember(Node):
    """Someone who works here."""

    full_name: str = see(Capability.SIGN_IN, "The name.")
    role: permissions.Role = see(Capability.SIGN_IN, "The one role.")
    login: str = see(Capability.STAFF_READ, "The login.")
    is_active: bool = see(Capability.STAFF_READ, "Whether they can sign in.")


@value
class Viewer:
    """You."""

    display_name: str = plain("Your name.")
    role: permissions.Role | None = plain("Your role.")
    contract: permissions.Contract = plain("The face of the graph that you see.")
    capabilities: list[permissions.Capability] = plain("What you may do and see.")
