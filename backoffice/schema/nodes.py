"""What has a global id."""

import strawberry

from backoffice.permissions import Capability
from backoffice.schema.access import see


@strawberry.interface(description="Anything with a global id, which `node` finds again.")
class Node:
    id: strawberry.ID = see(Capability.SIGN_IN, "The global id: opaque, and stable for the life of the row.")
