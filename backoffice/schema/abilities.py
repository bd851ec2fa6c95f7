"""What the viewer may do with an object, so that a console can say why a button is grey."""

import strawberry

from backoffice.schema.access import plain, value
from backoffice.services.abilities import Action

strawberry.enum(Action, description="Something that can be done.")


@value
class Ability:
    """Whether one action is open to the viewer, and what it will ask."""

    action: Action = plain("What can be done.")
    allowed: bool = plain("Whether the viewer may do it now.")
    reason: str | None = plain("Why not, when it is not allowed.")
    step_up: bool = plain("Whether a fresh one-time code will be asked for.")
    second_person: bool = plain("Whether another person must approve.")
