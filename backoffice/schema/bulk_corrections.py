"""Bulk corrections in the graph: one credit for many subscribers, read, planned and decided."""

from datetime import date, datetime

import strawberry

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.resolvers import acts
from backoffice.resolvers import bulk_corrections as resolve
from backoffice.resolvers import invoices as resolve_invoices
from backoffice.resolvers.context import Info
from backoffice.schema import graph
from backoffice.schema.access import of, plain, see, value
from backoffice.schema.nodes import Node
from backoffice.schema.offers import PriceVersion
from backoffice.schema.paging import Connection
from backoffice.schema.problems import UserError, problems
from backoffice.schema.scalars import JSON, InstantRange, Money
from backoffice.schema.staff import StaffMember

_BULK = Capability.BULK_WRITE


@of(fields.bulk_corrections.BULK_CREDIT)
class BulkCredit(Node):
    """One credit of a bulk correction."""

    amount: Money = see(_BULK, "What is credited, with VAT.")
    derivation: JSON = see(_BULK, "How the amount comes about, as data.")
    explanation: list[str] = see(_BULK, "How the amount comes about, as sentences.", by=resolve_invoices.explanation)
    subscriber: graph.Subscriber = see(Capability.SUBSCRIBER_READ, "Whose it is.")
    invoice_line: graph.InvoiceLine = see(Capability.BILLING_READ, "The issued line that billed too much.")
    credit_note: graph.CreditNote | None = see(Capability.BILLING_READ, "The note, once it was issued.")


@strawberry.input(description="Which bulk corrections.")
class BulkCorrectionWhere:
    state: list[models.BulkState] | None = None
    planned: InstantRange | None = None
    and_: list["BulkCorrectionWhere"] | None = strawberry.field(name="and", default=None)
    or_: list["BulkCorrectionWhere"] | None = strawberry.field(name="or", default=None)
    not_: "BulkCorrectionWhere | None" = strawberry.field(name="not", default=None)


@of(fields.bulk_corrections.BULK_CORRECTION)
class BulkCorrection(Node):
    """A price rise that was billed too early, credited to everybody who was billed it."""

    state: models.BulkState = see(_BULK, "Where it stands. An approved one is run by `backoffice bulk run ID`.")
    reason: models.CreditReason = see(_BULK, "Why, as printed on the notes.")
    note: str = see(_BULK, "Why, in words; printed on the notes.")
    price_version: PriceVersion = see(_BULK, "The price that was billed too early.", by=resolve.price_version)
    early_from: date = see(_BULK, "The first day that is credited.", by=resolve.early_from)
    early_until: date = see(_BULK, "The first day that is no longer credited.", by=resolve.early_until)
    free_exit_until: date | None = see(
        _BULK, "Until when subscribers may leave because of the rise, without a fee.", by=resolve.free_exit_until
    )
    plan_hash: str = see(_BULK, "The hash of the whole list: what is approved is this and nothing else.")
    subscribers: int = see(_BULK, "How many subscribers are credited.")
    total: Money = see(_BULK, "All credits together.")
    credited: int = see(_BULK, "How many credits have their note. Some never do: see the end of the run.")
    credits: Connection[BulkCredit] = see(_BULK, "The whole list, by subscriber. At most 100 a page. Logged.")
    planned_at: datetime = see(_BULK, "When it was planned.")
    planned_by: StaffMember = see(_BULK, "Who planned it.")
    decided_at: datetime | None = see(_BULK, "When it was decided.")
    decided_by: StaffMember | None = see(_BULK, "Who decided.")
    finished_at: datetime | None = see(_BULK, "When the run ended.")
    revision: int = see(_BULK, "Raised by each change; give it back as `expectedRevision`.")


@strawberry.input(description="Which price was billed too early, on which days, and why it is credited.")
class BulkCorrectionPlanInput:
    price_version_id: strawberry.ID
    billed_from: date = strawberry.field(description="The first day to look at.")
    billed_until: date = strawberry.field(description="The first day that is left out.")
    reason: models.CreditReason
    note: str = strawberry.field(description="Why, in words; printed on the credit notes.")


@strawberry.input(description="What is decided on a list that somebody else planned.")
class BulkCorrectionDecideInput:
    bulk_correction_id: strawberry.ID
    is_approved: bool = strawberry.field(description="True: it can be run. False: it never will.")
    plan_hash: str = strawberry.field(description="The hash of the list that you read.")
    note: str | None = strawberry.field(default=None, description="Why; kept in the trail.")
    expected_revision: int = strawberry.field(description="The revision that you read.")


@value
class BulkCorrectionPayload:
    """The correction after the act, or why it was refused."""

    bulk_correction: BulkCorrection | None = plain("The correction; none when refused.")
    user_errors: list[UserError] = plain("Why it was refused; empty when it was done.")


async def _plan(info: Info, input: BulkCorrectionPlanInput) -> BulkCorrectionPayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.bulk_correction_plan(info.context, input))


async def _decide(info: Info, input: BulkCorrectionDecideInput) -> BulkCorrectionPayload:  # noqa: A002 - the name in the graph
    return _payload(await resolve.bulk_correction_decide(info.context, input))


def _payload(outcome: acts.Outcome) -> BulkCorrectionPayload:
    return BulkCorrectionPayload(bulk_correction=outcome.row, user_errors=problems(outcome.refusals))


@strawberry.type
class BulkCorrectionActs:
    """What can be done with bulk corrections."""

    bulk_correction_plan: BulkCorrectionPayload = see(
        _BULK, "List what a price rise billed too early: a dry run, which credits nothing.", by=_plan
    )
    bulk_correction_decide: BulkCorrectionPayload = see(
        _BULK, "Approve or refuse a list that somebody else planned, by its hash.", by=_decide
    )
