"""Deadlines in the graph: until when something may, or must, be done."""

from datetime import date

import strawberry

from backoffice.billing.deadlines import DeadlineKind
from backoffice.resolvers import deadlines as resolve
from backoffice.schema.access import plain, value

strawberry.enum(DeadlineKind, description="What has to happen by the last day, or is no longer possible after it.")


@value
class Deadline:
    """A legal clock, or one of the operator's rules, that runs from a day which is on file."""

    kind: DeadlineKind = plain("What has to happen by then, or is no longer possible after it.", by=resolve.kind)
    due_on: date = plain("The last day in time.", by=resolve.due_on)
    opens_on: date | None = plain("The first day in time; none: open from the start.", by=resolve.opens_on)
    rule: str = plain("The identifier of the rule.", by=resolve.rule)
    reference: str = plain("The article, or the operator's own rule.", by=resolve.reference)
    is_assumed: bool = plain("Whether nobody has checked the article in the text in force yet.", by=resolve.is_assumed)
    is_past: bool = plain(
        "Whether the last day is over: today, and for a ticket on the day it was opened.", by=resolve.is_past
    )
