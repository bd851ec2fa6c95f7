"""The next invoice before and after a change: the plan of the billing run, made twice, once with the change in its facts."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.items import DatedPromotion
from backoffice.models import ContractItem, OfferKind
from backoffice.services import agreements, upcoming
from backoffice.services.agreements import Agreement
from backoffice.services.billing_facts import (
    BILLED_STATES,
    AccountFacts,
    ContractFacts,
    ItemFacts,
    WaitingCharge,
)
from backoffice.services.contract_changes import Change, ChangePlan
from backoffice.services.invoicing import InvoicePlan
from backoffice.services.planned_charges import PlannedCharge
from backoffice.services.plans import Order, Situation

O = TypeVar("O", bound=Order)  # noqa: E741 - the order of an act
_NEW = 0
"""The id of what does not exist yet."""


def foretold(
    plan: Callable[[AsyncSession, Situation, O], Awaitable[ChangePlan]],
) -> Callable[[AsyncSession, Situation, O], Awaitable[ChangePlan]]:
    """Let the plan of a change also say what the next invoice is without it and with it."""

    async def planned(session: AsyncSession, situation: Situation, order: O) -> ChangePlan:
        made = await plan(session, situation, order)
        return replace(made, facts={**made.facts, "next_invoice": await compare(session, situation, made)})

    return planned


async def compare(session: AsyncSession, situation: Situation, plan: ChangePlan) -> dict[str, Any]:
    """The next invoice of the account before and after, as plain values; None where nothing will be billed."""
    subscriber_id, change = plan.target.subscriber_id, plan.change
    facts, tariff = await upcoming.known(session, subscriber_id=subscriber_id, account_id=plan.account_id)
    if facts is None:
        return {"before": None, "after": None}
    agreement = await agreements.read(session, subscriber_id=subscriber_id, contract_id=plan.contract_id)
    await tariff.prices.read(session, {*agreement.offers, *([change.begun.offer_id] if change.begun else [])})
    first_on = await upcoming.first_day(session, situation.today)
    before = upcoming.plan(facts, tariff, first_on=first_on)
    after = None
    if plan.is_scheduled:
        known = _changed(facts, agreement, _at_once(plan))
        after = upcoming.plan(known, tariff, first_on=first_on)
    if after is None or after.issued_on >= change.effective_on:
        # Nothing is billed before the change counts, so the invoice that follows already knows it.
        known = _changed(facts, agreement, change)
        after = upcoming.plan(known, tariff, first_on=max(first_on, change.effective_on))
    return {"before": _fact(before), "after": _fact(after)}


def _at_once(plan: ChangePlan) -> Change:
    """What a scheduled change does before its day."""
    change = plan.change
    return Change(
        change.kind, change.effective_on, ended=plan.ends_at_once, contract=plan.at_once, charges=plan.promised
    )


def _changed(facts: AccountFacts, agreement: Agreement, change: Change) -> AccountFacts:
    """The facts of an account once a contract is changed."""
    contracts = [
        _contract(contract, agreement, change) if contract.id == agreement.contract.id else contract
        for contract in facts.contracts
    ]
    kept = [each for each in facts.waiting if each.id not in change.cancelled]
    added = [_waiting(charge, agreement, change) for charge in change.charges]
    return replace(
        facts,
        contracts=tuple(contract for contract in contracts if contract.state in BILLED_STATES),
        waiting=(*kept, *added),
    )


def _contract(contract: ContractFacts, agreement: Agreement, change: Change) -> ContractFacts:
    named = ("state", "ends_on", "suspended_on", "billed_until")
    columns = {name: value for name, value in change.contract.items() if name in named}
    if change.bills_from is not None:
        columns["billed_until"] = max(contract.billed_until or contract.starts_on, change.bills_from)
    items = [_item(item, agreement, change) for item in agreement.items]
    if change.begun is not None:
        begun = change.begun
        items.append(
            ItemFacts(
                _NEW, begun.offer_id, begun.kind, begun.quantity, None, begun.anchor_on, None, begun.starts_on, None, ()
            )
        )
    return replace(contract, items=tuple(sorted(items, key=_in_order)), **columns)


def _item(item: ContractItem, agreement: Agreement, change: Change) -> ItemFacts:
    billed_until = item.billed_until
    if change.bills_from is not None and (item.anchor_on is not None or billed_until is not None):
        billed_until = max(billed_until or item.starts_on, change.bills_from)
    return ItemFacts(
        id=item.id,
        offer_id=item.offer_id,
        kind=item.kind,
        quantity=item.quantity,
        agreed_amount_cents=item.agreed_amount_cents,
        anchor_on=item.anchor_on,
        billed_until=billed_until,
        starts_on=item.starts_on,
        ends_on=_last_day(change.ended, item.id, item.ends_on),
        promotions=tuple(
            DatedPromotion(
                each.label,
                each.discount_cents,
                each.starts_on,
                _last_day(change.promotions, each.id, each.ends_on),
            )
            for each in agreement.promotions_of(item)
        ),
    )


def _last_day(changed: Mapping[int, date | None], row_id: int, ends_on: date | None) -> date | None:
    return changed.get(row_id, ends_on)


def _in_order(item: ItemFacts) -> tuple[int, date, int]:
    return (list(OfferKind).index(item.kind), item.starts_on, item.id)


def _waiting(charge: PlannedCharge, agreement: Agreement, change: Change) -> WaitingCharge:
    return WaitingCharge(
        id=_NEW,
        contract_id=agreement.contract.id,
        contract_item_id=charge.item_id,
        billable_from=change.effective_on,
        **charge.columns(),
    )


def _fact(invoice: InvoicePlan | None) -> dict[str, Any] | None:
    if invoice is None:
        return None
    return {
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "total_cents": invoice.total.ttc_cents,
        "ht_cents": invoice.total.ht_cents,
        "vat_cents": invoice.total.vat_cents,
        "carried_cents": sum(each.ttc_cents for each in invoice.carried),
        "lines": [{"label": line.charge.priced.label, "cents": line.split.ttc_cents} for line in invoice.lines],
    }
