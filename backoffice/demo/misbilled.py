"""Troubles with invoices: what was billed and should not have been, and what is credited for it."""

import random
from datetime import timedelta

from backoffice.billing.periods import Period, add_months
from backoffice.demo import fitting, schedule
from backoffice.demo.agreed import ChangePlan, ContractPlan, DiscountPlan, OptionPlan
from backoffice.demo.plans import Plan
from backoffice.demo.setbacks import CreditPlan, Pick, RefundRequest
from backoffice.demo.window import Window
from backoffice.models import ContractState, CreditReason, PaymentMethodKind, RefundState, SubscriberState


def cut_line(plan: Plan, rng: random.Random, window: Window) -> None:
    """Some days without service, credited on request."""
    number = fitting.one_of(fitting.whole(plan, window, last_day=15), rng)
    starts_on = plan.periods[number].starts_on + timedelta(days=4)
    ends_on = starts_on + timedelta(days=rng.randrange(2, 6))
    on = ends_on + timedelta(days=3)
    plan.credits.append(CreditPlan(number, on, CreditReason.SERVICE_FAILURE, Pick.OFFER, Period(starts_on, ends_on)))


def give(plan: Plan, rng: random.Random, window: Window) -> None:
    """A gift that stays on the account, or a refund that an agent may not grant alone."""
    number = fitting.one_of(fitting.whole(plan, window, last_day=11), rng)
    on = plan.issue_on(number) + timedelta(days=10)
    turn = fitting.turn(plan) % 3
    if turn == 0:
        asked_cents = rng.choice((300, 500))
        plan.credits.append(
            CreditPlan(number, on, CreditReason.GOODWILL, Pick.OFFER, asked_cents=asked_cents, to_balance=True)
        )
    else:
        state = RefundState.PENDING_APPROVAL if turn == 1 else RefundState.REFUSED
        plan.refund_request = RefundRequest(window.last_on, 6000, state)


def forget_option(plan: Plan, rng: random.Random, window: Window) -> None:
    """A rolling option that nobody has used for long; for one in two its days left were credited."""
    first = plan.contracts[0]
    starts_on = min(first.starts_on + timedelta(days=rng.randrange(20)), window.last_on)
    used_until = starts_on + timedelta(days=rng.randrange(1, 25))
    first.options = (OptionPlan("OPT-SPORT-MOIS", starts_on, None, min(used_until, window.last_on)),)
    numbers = [n for n in fitting.whole(plan, window, last_day=12) if plan.issue_on(n) > add_months(starts_on, 1)]
    if fitting.turn(plan) % 2:
        return
    number = fitting.one_of(numbers, rng)
    cycle = schedule.cycles(starts_on=starts_on, ends_on=None, until_on=plan.issue_on(number))[-1]
    on = plan.issue_on(number) + timedelta(days=1)
    if on >= cycle.ends_on or cycle.starts_on <= plan.issue_on(number - 1):
        raise fitting.DoesNotFit
    first.options = (OptionPlan("OPT-SPORT-MOIS", starts_on, cycle.ends_on, used_until),)
    plan.credits.append(
        CreditPlan(number, on, CreditReason.UNUSED_OPTION, Pick.ROLLING_OPTION, Period(on, cycle.ends_on))
    )


def overbill_promotion(plan: Plan, rng: random.Random, window: Window) -> None:
    """A promotion ends in mid-period, and the whole period was billed at the full price."""
    first = plan.contracts[0]
    number = fitting.one_of(fitting.whole(plan, window, last_day=0)[:13], rng)
    ends_on = plan.periods[number].starts_on + timedelta(days=14)
    first.change, first.options = None, ()
    first.discount = DiscountPlan("Offre de bienvenue", 1000, ends_on, is_overbilled=True)
    _correct(plan, number, window, CreditReason.BILLING_ERROR)


def overbill_change(plan: Plan, rng: random.Random, window: Window) -> None:
    """A change in mid-period, of which the difference was billed for the whole period."""
    first = plan.contracts[0]
    number = fitting.one_of([n for n in fitting.whole(plan, window, last_day=0) if n >= 2], rng)
    before = plan.periods[number - 1]
    on = before.starts_on + timedelta(days=rng.randrange(6, 20))
    first.discount, first.options = None, ()
    first.change = ChangePlan(on, "TOUT-INCLUS", on + timedelta(days=1), is_overbilled=True)
    _correct(plan, number, window, CreditReason.PRORATION_ERROR)


def bill_twice(plan: Plan, rng: random.Random, window: Window) -> None:
    """The same television through a partner as well: for one in two the month billed twice was credited."""
    number = fitting.one_of(fitting.whole(plan, window, last_day=10), rng)
    first = plan.contracts[0]
    starts_on = plan.periods[number].starts_on
    first.change = None
    twin = ContractPlan(first.code, starts_on - timedelta(days=4), starts_on, partner="CORVANE")
    plan.contracts.append(twin)
    if fitting.turn(plan) % 2 == 0:
        on = starts_on + timedelta(days=9)
        plan.credits.append(CreditPlan(number, on, CreditReason.DUPLICATE_PARTNER_CHARGE, Pick.OFFER))


def withdraw(plan: Plan, rng: random.Random, window: Window) -> None:
    """Withdrew within fourteen days: all but the days served goes back to the card."""
    first = plan.contracts[0]
    plan.contracts[:] = [first]
    first.starts_on = first.concluded_on + timedelta(days=2)
    cut_on = first.starts_on + timedelta(days=6)
    period = plan.periods[0]
    is_too_late = first.starts_on + timedelta(days=20) > window.last_on
    if is_too_late or not period.contains(first.starts_on) or not period.contains(cut_on):
        raise fitting.DoesNotFit
    first.options, first.discount, first.change = (), None, None
    first.has_activation_fee = first.has_deposit = True
    first.cut_on = first.ends_on = first.asked_on = cut_on
    first.state, plan.state = ContractState.TERMINATED, SubscriberState.FORMER
    plan.payer, plan.periods = PaymentMethodKind.CARD, (period,)
    plan.debit_day = min(28, (first.starts_on + timedelta(days=8)).day)
    on = plan.due_on(0) + timedelta(days=2)
    if on > window.last_on:
        on = first.starts_on + timedelta(days=7)
    plan.credits.append(CreditPlan(0, on, CreditReason.WITHDRAWAL, Pick.EVERYTHING, Period(cut_on, period.ends_on)))


def _correct(plan: Plan, number: int, window: Window, reason: CreditReason) -> None:
    on = plan.issue_on(number) + timedelta(days=9)
    # One in three still waits for an agent to find it.
    if on <= window.last_on and fitting.turn(plan) % 3 != 1:
        plan.credits.append(CreditPlan(number, on, reason, Pick.OVERBILLED))
