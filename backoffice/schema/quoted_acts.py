"""What confirms every act that was previewed."""

import strawberry

from backoffice.resolvers import acts


@strawberry.input(description="Confirms an act that was previewed: its quote says everything else.")
class ConfirmInput:
    quote: str = strawberry.field(description="The quote of the preview; it works once.")
    idempotency_key: str = strawberry.field(description=acts.KEY)


REPLAYED = "Whether this key had been used before, for the same act."
ERRORS = "Why it was refused; empty when it was done or waits for approval."
WAITS = "The request for a second person, when the act is beyond your ceiling: nothing was done yet."
