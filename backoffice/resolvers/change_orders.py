"""Changes of contracts: previewed and confirmed, cancelled before their day, and taken back."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, Protocol

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.errors import BackofficeError
from backoffice.ids import GlobalId
from backoffice.models import ChangeOrder, SuspensionCause, TerminationReason
from backoffice.resolvers import acts, ids, quoted_acts
from backoffice.resolvers.context import Context, Info
from backoffice.resolvers.quoted_acts import ConfirmInput, Previewed
from backoffice.services import change_orders, withdrawals
from backoffice.services.change_days import When
from backoffice.services.change_reversals import ChangeReverseOrder
from backoffice.services.offer_changes import OfferChangeOrder
from backoffice.services.option_additions import OptionAddOrder
from backoffice.services.option_ends import OptionEnd, OptionEndOrder
from backoffice.services.plans import Order
from backoffice.services.suspensions import ReactivationOrder, SuspensionOrder
from backoffice.services.terminations import TerminationOrder
from backoffice.services.withdrawals import WithdrawalOrder


class ChangeInput(Protocol):
    """What every change of a contract says."""

    contract_id: Any
    note: str | None
    ticket_id: Any


class OptionAddInput(ChangeInput, Protocol):
    """Which option, and from when."""

    offer_id: Any
    when: When
    on: date | None
    accepts_commitment: bool


class OptionEndInput(Protocol):
    """Which option ends, and when."""

    contract_item_id: Any
    when: OptionEnd
    on: date | None
    note: str | None
    ticket_id: Any


class OfferChangeInput(OptionAddInput, Protocol):
    """Which offer, from when, and the commitment that was agreed."""

    commitment_months: int | None


class TerminationInput(ChangeInput, Protocol):
    """Why and when a contract ends."""

    reason: TerminationReason
    received_on: date | None
    on: date | None


class WithdrawalInput(ChangeInput, Protocol):
    """When the notice came in."""

    received_on: date | None


class SuspensionInput(ChangeInput, Protocol):
    """Why services are cut."""

    cause: SuspensionCause


class ReactivationInput(ChangeInput, Protocol):
    """Whether services should not have been cut."""

    is_undue: bool


class ReverseInput(Protocol):
    """Which change was a mistake."""

    change_order_id: Any
    note: str | None
    ticket_id: Any


class CancelInput(Protocol):
    """Which change is cancelled."""

    change_order_id: Any
    expected_revision: int
    idempotency_key: str


async def option_add_preview(context: Context, given: OptionAddInput) -> Previewed:
    """What adding an option would do."""

    async def order() -> Order:
        known = await _of_contract(context, given)
        offer = await ids.row(context, given.offer_id, of="Offer", field="offerId")
        return OptionAddOrder(
            **known, offer_id=offer.id, when=given.when, on=given.on, accepts_commitment=given.accepts_commitment
        )

    return await quoted_acts.preview(context, "optionAdd", order)


async def option_end_preview(context: Context, given: OptionEndInput) -> Previewed:
    """What ending an option would do."""

    async def order() -> Order:
        item = await ids.row(context, given.contract_item_id, of="ContractItem", field="contractItemId")
        return OptionEndOrder(
            **await _said(context, given, item.subscriber_id),
            contract_id=item.contract_id,
            contract_item_id=item.id,
            when=given.when,
            on=given.on,
        )

    return await quoted_acts.preview(context, "optionEnd", order)


async def offer_change_preview(context: Context, given: OfferChangeInput) -> Previewed:
    """What changing the offer would do."""

    async def order() -> Order:
        known = await _of_contract(context, given)
        offer = await ids.row(context, given.offer_id, of="Offer", field="offerId")
        return OfferChangeOrder(
            **known,
            offer_id=offer.id,
            when=given.when,
            on=given.on,
            accepts_commitment=given.accepts_commitment,
            commitment_months=given.commitment_months,
        )

    return await quoted_acts.preview(context, "offerChange", order)


async def termination_preview(context: Context, given: TerminationInput) -> Previewed:
    """What ending a contract would do."""

    async def order() -> Order:
        known = await _of_contract(context, given)
        received_on = given.received_on or context.moment.today
        return TerminationOrder(**known, reason=given.reason, received_on=received_on, on=given.on)

    return await quoted_acts.preview(context, "termination", order)


async def withdrawal_preview(context: Context, given: WithdrawalInput) -> Previewed:
    """What withdrawing from a contract would do."""

    async def order() -> Order:
        # The day of the notice is what was shown, even when a second person decides on another day.
        received_on = given.received_on or context.moment.today
        return WithdrawalOrder(**await _of_contract(context, given), received_on=received_on)

    return await quoted_acts.preview(context, "withdrawal", order)


async def suspension_preview(context: Context, given: SuspensionInput) -> Previewed:
    """What cutting the services would do."""

    async def order() -> Order:
        return SuspensionOrder(**await _of_contract(context, given), cause=given.cause)

    return await quoted_acts.preview(context, "suspension", order)


async def reactivation_preview(context: Context, given: ReactivationInput) -> Previewed:
    """What giving the services back would do."""

    async def order() -> Order:
        return ReactivationOrder(**await _of_contract(context, given), is_undue=given.is_undue)

    return await quoted_acts.preview(context, "reactivation", order)


async def change_order_reverse_preview(context: Context, given: ReverseInput) -> Previewed:
    """What taking a change back would do."""

    async def order() -> Order:
        subscriber_id, row_id = await quoted_acts.file_of(
            context, given.change_order_id, of="ChangeOrder", named="changeOrderId"
        )
        return ChangeReverseOrder(**await _said(context, given, subscriber_id), change_order_id=row_id)

    return await quoted_acts.preview(context, "changeOrderReverse", order)


def confirming(operation: str) -> Callable[[Context, ConfirmInput], Awaitable[acts.Outcome]]:
    """Make the resolver that confirms a change."""

    async def confirm(context: Context, given: ConfirmInput) -> acts.Outcome:
        return await quoted_acts.confirm(context, operation, "ChangeOrder", given)

    return confirm


async def change_order_cancel(context: Context, given: CancelInput) -> acts.Outcome:
    """Cancel a change before its day."""
    try:
        row = await ids.row(context, given.change_order_id, of="ChangeOrder", field="changeOrderId")
    except BackofficeError as refusal:
        return await acts.refused(context, "changeOrderCancel", refusal)

    async def act(session: AsyncSession) -> ChangeOrder:
        return await change_orders.cancel(
            session,
            viewer=context.viewer,
            subscriber_id=row.subscriber_id,
            change_order_id=row.id,
            expected_revision=given.expected_revision,
            at=context.at,
            today=context.moment.today,
        )

    return await acts.perform(
        context,
        operation="changeOrderCancel",
        key=given.idempotency_key,
        given=dataclasses.asdict(given),  # type: ignore[call-overload]
        target=GlobalId("ChangeOrder", row.subscriber_id, row.id),
        type_name="ChangeOrder",
        act=act,
    )


def late_surcharge(root: strawberry.Parent[ChangeOrder], info: Info, paid_on: date) -> int | None:
    """What is owed beside the refund of a withdrawal that is paid on a day."""
    policy = quoted_acts.situation(info.context).policy
    derived = withdrawals.late_surcharge(root, paid_on=paid_on, policy=policy)
    return None if derived is None else derived.cents


async def _of_contract(context: Context, given: ChangeInput) -> dict[str, Any]:
    subscriber_id, contract_id = await quoted_acts.file_of(
        context, given.contract_id, of="Contract", named="contractId"
    )
    return {**await _said(context, given, subscriber_id), "contract_id": contract_id}


async def _said(context: Context, given: Any, subscriber_id: int) -> dict[str, Any]:
    """What every order says: whose file it is about, why, and in which ticket it was asked for."""
    ticket_id = await quoted_acts.same_file(
        context, given.ticket_id, of="Ticket", named="ticketId", subscriber_id=subscriber_id
    )
    return {"subscriber_id": subscriber_id, "note": quoted_acts.note(given.note), "ticket_id": ticket_id}
