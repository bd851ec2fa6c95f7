"""Unusual files: contracts that never began, and subscribers who have left or are leaving."""

from dataclasses import replace
from datetime import date, timedelta

from backoffice.demo.agreed import ContractPlan
from backoffice.demo.plans import Plan
from backoffice.demo.setbacks import Trouble
from backoffice.demo.window import Window
from backoffice.models import ContractState, SubscriberState


def bring(plan: Plan, window: Window) -> None:
    """Contracts in every state, and those who have left; an unusual file has no other trouble."""
    first = plan.contracts[0]
    never_began = {11: ContractState.DRAFT, 31: ContractState.PENDING, 51: ContractState.CANCELLED}
    if plan.index % 100 in never_began:
        first.state = never_began[plan.index % 100]
        first.starts_on = window.on + timedelta(days=8)
        first.ends_on = first.starts_on if first.state is ContractState.CANCELLED else None
        plan.contracts[:] = [replace(first, options=(), discount=None, change=None)]
        plan.state = SubscriberState.PROSPECT
        plan.periods, plan.trouble = (), Trouble.NONE
    elif first.starts_on > window.last_on:
        plan.contracts[:] = [replace(first, state=ContractState.PENDING, options=(), discount=None, change=None)]
        plan.periods, plan.trouble, plan.state = (), Trouble.NONE, SubscriberState.PROSPECT
    elif plan.index % 25 == 7 and len(plan.periods) > 3:
        _leave(plan, window)
    elif plan.index % 50 == 9:
        _is_leaving(plan, window)


def _leave(plan: Plan, window: Window) -> None:
    ends_on = plan.periods[len(plan.periods) * 2 // 3].starts_on
    plan.trouble, plan.state = Trouble.NONE, SubscriberState.FORMER
    if plan.index % 100 == 32:
        plan.state = SubscriberState.DECEASED
    if plan.index % 100 == 82:
        plan.state = SubscriberState.ERASED
    plan.contracts[:] = [contract for contract in plan.contracts if contract.starts_on < plan.periods[0].ends_on]
    for contract in plan.contracts:
        _end(contract, ends_on, ContractState.TERMINATED)
        contract.asked_on = ends_on - timedelta(days=12)


def _is_leaving(plan: Plan, window: Window) -> None:
    plan.trouble = Trouble.NONE
    for contract in plan.contracts:
        if contract.starts_on <= window.last_on:
            _end(contract, plan.periods[-1].ends_on, ContractState.TERMINATING)
            contract.asked_on = max(contract.starts_on, window.last_on - timedelta(days=3))


def _end(contract: ContractPlan, ends_on: date, state: ContractState) -> None:
    contract.ends_on, contract.state = ends_on, state
    contract.options = tuple(
        replace(option, ends_on=min(option.ends_on or ends_on, ends_on))
        for option in contract.options
        if option.starts_on < ends_on - timedelta(days=62)
    )
    if contract.change and contract.change.on > ends_on - timedelta(days=62):
        contract.change = None
