"""Troubles with payments: cards that ran out, debits that came back, sums too small and too large."""

import random
from datetime import timedelta

from backoffice.billing.periods import Period
from backoffice.demo import fitting
from backoffice.demo.plans import Plan
from backoffice.demo.setbacks import CARD_TOO_OLD, NO_MONEY, CreditPlan, Outcome, Pick, Settlement, SuspensionPlan
from backoffice.demo.window import Window
from backoffice.models import ContractState, CreditReason, PaymentMethodKind

RETURN_CODES = ("AM04", "MD06", "AC04", "MS03", "MD01")
CUT_AFTER_DAYS = 15
"""Days between a payment that failed and the suspension, two reminders later."""


def expire_card(plan: Plan, rng: random.Random, window: Window) -> None:
    """The card ran out, the payments since have failed, and the services are cut."""
    number = fitting.periods(plan, window, due_within=CUT_AFTER_DAYS)[-1]
    plan.payer = PaymentMethodKind.CARD
    for later in plan.invoiced():
        if later >= number:
            plan.settlements[later] = Settlement(Outcome.UNPAID, plan.due_on(later), CARD_TOO_OLD)
    plan.card_expired_on = plan.due_on(number).replace(day=1)
    plan.suspension = SuspensionPlan(plan.due_on(number) + timedelta(days=CUT_AFTER_DAYS), None)
    for contract in plan.contracts:
        if contract.is_billed and contract.starts_on <= plan.suspension.starts_on:
            contract.state = ContractState.SUSPENDED


def renew_card(plan: Plan, rng: random.Random, window: Window) -> None:
    """As before, but a new card paid and the services came back."""
    number = rng.choice(fitting.periods(plan, window, due_within=CUT_AFTER_DAYS + 5))
    due_on = plan.due_on(number)
    paid_on = due_on + timedelta(days=CUT_AFTER_DAYS + 3)
    plan.payer = PaymentMethodKind.CARD
    plan.settlements[number] = Settlement(Outcome.DENIED_THEN_PAID, due_on, CARD_TOO_OLD, paid_on)
    plan.card_expired_on, plan.card_renewed_on = due_on.replace(day=1), paid_on
    plan.suspension = SuspensionPlan(due_on + timedelta(days=CUT_AFTER_DAYS), paid_on)


def suspend_unduly(plan: Plan, rng: random.Random, window: Window) -> None:
    """The new card had been saved before the services were cut: the days without service are credited."""
    renew_card(plan, rng, window)
    suspension = plan.suspension
    if suspension is None or suspension.ends_on is None:
        raise fitting.DoesNotFit
    plan.card_renewed_on = suspension.starts_on - timedelta(days=2)
    number = next(n for n, period in enumerate(plan.periods) if period.contains(suspension.starts_on))
    days = Period(suspension.starts_on, suspension.ends_on).intersect(plan.periods[number])
    on = suspension.ends_on + timedelta(days=1)
    plan.credits.append(CreditPlan(number, on, CreditReason.UNDUE_SUSPENSION, Pick.OFFER, days))


def deny_card(plan: Plan, rng: random.Random, window: Window) -> None:
    """Not enough money on the day; five days later there was."""
    number = rng.choice(fitting.periods(plan, window, due_within=6))
    due_on = plan.due_on(number)
    plan.payer = PaymentMethodKind.CARD
    plan.settlements[number] = Settlement(Outcome.DENIED_THEN_PAID, due_on, NO_MONEY, due_on + timedelta(days=5))


def return_debit(plan: Plan, rng: random.Random, window: Window) -> None:
    """The bank took the debit back, within the eight weeks in which nobody asks why."""
    number = fitting.periods(plan, window, due_within=3)[-1]
    left = (window.last_on - plan.due_on(number)).days
    failed_on = plan.due_on(number) + timedelta(days=rng.randrange(2, min(left, 50) + 1))
    plan.payer = PaymentMethodKind.DIRECT_DEBIT
    plan.settlements[number] = Settlement(Outcome.RETURNED, failed_on, rng.choice(RETURN_CODES))


def return_debit_and_pay(plan: Plan, rng: random.Random, window: Window) -> None:
    """The debit came back and was paid by card nine days later."""
    number = rng.choice(fitting.periods(plan, window, due_within=15))
    failed_on = plan.due_on(number) + timedelta(days=rng.randrange(2, 6))
    plan.payer = PaymentMethodKind.DIRECT_DEBIT
    paid_on = failed_on + timedelta(days=9)
    plan.settlements[number] = Settlement(Outcome.RETURNED, failed_on, rng.choice(RETURN_CODES), paid_on)


def pay_in_part(plan: Plan, rng: random.Random, window: Window) -> None:
    """A part was paid on line, the rest is still open."""
    number = fitting.periods(plan, window, due_within=4)[-1]
    paid_on = plan.due_on(number) + timedelta(days=4)
    plan.settlements[number] = Settlement(Outcome.IN_PART, paid_on=paid_on)


def pay_too_much(plan: Plan, rng: random.Random, window: Window) -> None:
    """A transfer of a round sum: what is too much stays on the account."""
    number = rng.choice(fitting.periods(plan, window, due_within=0))
    plan.payer = PaymentMethodKind.TRANSFER
    plan.settlements[number] = Settlement(Outcome.TOO_MUCH, paid_on=plan.due_on(number))


def pay_together(plan: Plan, rng: random.Random, window: Window) -> None:
    """One payment for two invoices."""
    numbers = fitting.periods(plan, window, due_within=35)
    candidates = [n for n in numbers if n + 1 < len(plan.periods) and plan.due_on(n + 1) <= window.last_on]
    plan.payer = PaymentMethodKind.CARD
    plan.settlements[fitting.one_of(candidates, rng)] = Settlement(Outcome.WITH_THE_NEXT)
