"""Previews and confirmations, whatever the act: ids become rows, and one unit of work does or undoes all of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import policy
from backoffice.errors import BackofficeError
from backoffice.resolvers import acts, ids
from backoffice.resolvers.context import Context
from backoffice.services import amounts, approvals, quoted_acts, quotes, texts
from backoffice.services.amounts import NotCents
from backoffice.services.money_acts import ACTS
from backoffice.services.plans import Order, Situation
from backoffice.services.quoted_acts import Act, Preview

_LONGEST_NOTE = 1_000


class ConfirmInput(Protocol):
    """What confirms an act: its quote, and nothing that the quote does not say already."""

    quote: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Previewed:
    """A preview, or why there is none."""

    preview: Preview | None = None
    refusals: list[BackofficeError] = field(default_factory=list)


def situation(context: Context) -> Situation:
    """Who acts, when and under which policy."""
    today = context.moment.today
    return Situation(viewer=context.viewer, at=context.at, today=today, policy=policy.in_force(today))


async def preview(context: Context, operation: str, order: Callable[[], Awaitable[Order]]) -> Previewed:
    """What the act `operation` would do; `order` turns the input of the graph into the act's own."""
    try:
        wanted = await order()
        async with context.database.snapshot() as session:
            made = await quoted_acts.preview(session, situation(context), ACTS[operation], wanted, vault=context.vault)
    except acts.FAULTS:
        raise
    except ValidationError as invalid:
        return Previewed(refusals=[_refusal(context, invalid)])
    except BackofficeError as refusal:
        return Previewed(refusals=[refusal])
    return Previewed(made)


async def confirm(context: Context, operation: str, type_name: str, given: ConfirmInput) -> acts.Outcome:
    """Do what a quote promises, once for its key, or hand it to a second person."""
    act = ACTS[operation]
    try:
        quote = quotes.unseal(context.vault, given.quote, viewer=context.viewer, operation=operation)
    except BackofficeError as refusal:
        return await acts.refused(context, f"{operation}Confirm", refusal)

    async def do(session: AsyncSession) -> Any:
        return await _confirmed(session, situation(context), act, quote)

    return await acts.perform(
        context,
        operation=f"{operation}Confirm",
        key=given.idempotency_key,
        given={"quote": given.quote},
        target=quote.target,
        type_name=type_name,
        act=do,
    )


async def file_of(context: Context, text: str, *, of: str, named: str) -> tuple[int, int]:
    """The subscriber and the id of the row that a global id of the input stands for; raises NotFound."""
    row = await ids.row(context, text, of=of, field=named)
    return (row.id if of == "Subscriber" else row.subscriber_id), row.id


async def same_file(context: Context, text: str | None, *, of: str, named: str, subscriber_id: int) -> int | None:
    """The id of a row that must be the same subscriber's, or None where none was named; raises NotFound."""
    if text is None:
        return None
    owner, row_id = await file_of(context, text, of=of, named=named)
    if owner != subscriber_id:
        raise ids.not_found(of, named)
    return row_id


async def ticket(context: Context, text: str | None, *, subscriber_id: int) -> int | None:
    """The id of the ticket in which an act was asked for, or None; raises NotFound."""
    return await same_file(context, text, of="Ticket", named="ticketId", subscriber_id=subscriber_id)


def note(text: str | None) -> str | None:
    """The note of an act as it may be kept; raises BadInput."""
    return texts.cleaned(text, field="note", longest=_LONGEST_NOTE) if text else None


def _refusal(context: Context, invalid: ValidationError) -> BackofficeError:
    """An order takes whole cents only; what else was given is said to whoever gave it. Anything else is our own fault."""
    for error in invalid.errors():
        if isinstance(error["input"], NotCents):
            named = str(error["loc"][-1]).removesuffix("_cents")
            return amounts.not_cents(error["input"], policy=situation(context).policy, field=named)
    raise invalid


async def _confirmed(session: AsyncSession, by: Situation, act: Act[Any], quote: quotes.Quote) -> Any:
    checked = await quoted_acts.check(session, by, act, quote)
    if checked.needs_approval:
        return await approvals.request(session, by, act, checked.order, checked.plan)
    return await quoted_acts.carry_out(session, by, act, checked.order, checked.plan)
