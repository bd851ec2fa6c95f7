"""What a viewer may do with a contract, its items and the orders that change it."""

from typing import Any

from backoffice.billing import deadlines
from backoffice.models import (
    ChangeOrder,
    Contract,
    ContractItem,
    ContractState,
    OfferKind,
    OrderState,
    Subscriber,
    SubscriberState,
)
from backoffice.permissions import Capability
from backoffice.services import change_reversals
from backoffice.services.abilities import Ability, Action
from backoffice.services.plans import Situation

_OPEN = (ContractState.ACTIVE, ContractState.SUSPENDED)
_STATES: dict[Action, tuple[ContractState, ...]] = {
    Action.OPTION_ADD: (ContractState.ACTIVE,),
    Action.OFFER_CHANGE: (ContractState.ACTIVE,),
    Action.TERMINATION: _OPEN,
    Action.WITHDRAWAL: (ContractState.PENDING, *_OPEN),
    Action.SUSPENSION: (ContractState.ACTIVE,),
    Action.REACTIVATION: (ContractState.SUSPENDED,),
}
"""The states of a contract in which each change is open."""


def of(situation: Situation, row: Any, *, owner: Subscriber) -> list[Ability]:
    """The changes that are open on a contract, an item or an order; none on other rows."""
    return [_ability(situation, *each, owner=owner) for each in _obstacles(situation, row).items()]


def _obstacles(situation: Situation, row: Any) -> dict[Action, str | None]:
    match row:
        case Contract():
            return _of_contract(situation, row)
        case ContractItem():
            return _of_item(situation, row)
        case ChangeOrder():
            return _of_order(situation, row)
        case _:
            return {}


def _ability(situation: Situation, action: Action, obstacle: str | None, *, owner: Subscriber) -> Ability:
    if not situation.viewer.may(Capability.CONTRACT_WRITE):
        return Ability(action, allowed=False, reason="Your role reads contracts but does not change them.")
    if owner.state is SubscriberState.ERASED:
        obstacle = "The subscriber's personal data has been erased."
    return Ability(action, allowed=obstacle is None, reason=obstacle)


def _of_contract(situation: Situation, contract: Contract) -> dict[Action, str | None]:
    found = {action: _why_not_in(contract, states) for action, states in _STATES.items()}
    if contract.ends_on is not None and found[Action.TERMINATION] is None:
        found[Action.TERMINATION] = f"The contract ends on {contract.ends_on} already."
    deadline = deadlines.withdraw(contract.concluded_on)
    if deadline.is_past(situation.today):
        found[Action.WITHDRAWAL] = f"The last day to withdraw was {deadline.due_on}."
    return found


def _why_not_in(contract: Contract, states: tuple[ContractState, ...]) -> str | None:
    return None if contract.state in states else f"The contract is {contract.state.lower()}."


def _of_item(situation: Situation, item: ContractItem) -> dict[Action, str | None]:
    if item.kind is not OfferKind.OPTION:
        return {}
    is_over = item.ends_on is not None and item.ends_on <= situation.today
    return {Action.OPTION_END: f"The option ended on {item.ends_on}." if is_over else None}


def _of_order(situation: Situation, order: ChangeOrder) -> dict[Action, str | None]:
    is_waiting = order.state is OrderState.SCHEDULED and order.effective_on > situation.today
    why_not = f"The change is {order.state.lower()}."
    is_undone_so = order.state is OrderState.APPLIED and order.kind not in change_reversals.INSTEAD
    advice = change_reversals.INSTEAD.get(order.kind) if order.state is OrderState.APPLIED else None
    return {
        Action.CHANGE_ORDER_CANCEL: None if is_waiting else why_not,
        Action.CHANGE_ORDER_REVERSE: None if is_undone_so else (f"Instead, {advice}." if advice else why_not),
    }
