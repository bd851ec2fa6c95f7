"""Draws the plan of an ordinary subscriber: contracts, options, promotions, changes, and one trouble for one in two."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backoffice.billing.periods import add_months
from backoffice.demo import departures, grievances, rich, schedule, troubles
from backoffice.demo.agreed import ChangePlan, ContractPlan, DiscountPlan, OptionPlan
from backoffice.demo.homes import DOWNGRADES, HOMES, UPGRADES, WITH_DECODER, WITH_OPTIONS
from backoffice.demo.plans import Plan
from backoffice.demo.window import Window
from backoffice.models import ContractState, PaymentMethodKind, SubscriberKind

_DEBIT_DAYS = (1, 5, 5, 5, 8, 10, 15, 20, 28)
_OPENS_HOUR, _OPEN_SECONDS = 6, 14 * 3600
"""Files are opened from six to eight in the evening."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes the plan of each index, always the same for one seed, window and number of subscribers."""

    seed: int
    window: Window
    subscribers: int

    def plan(self, index: int) -> Plan:
        """The plan of subscriber number `index`, counted from 0; the first two are rich in everything."""
        rng = random.Random(f"{self.seed}:{index}:plan")
        if index < 2:
            return rich.plan(index, self.window)
        plan = _ordinary(index, self._concluded_on(index), rng, self.window)
        departures.bring(plan, self.window)
        troubles.bring(plan, rng, self.window)
        grievances.bring(plan, rng, self.window)
        return plan

    def created_at(self, index: int) -> datetime:
        """When the file was opened: in order of the index, so that numbers of subscribers are in order of time."""
        if index < 2:
            return self.window.at(self.window.starts_on, _OPENS_HOUR, index)
        day, seconds = divmod(self._elapsed_seconds(index), _OPEN_SECONDS)
        opens_at = self.window.at(self.window.starts_on + timedelta(days=day), _OPENS_HOUR, 5)
        return opens_at + timedelta(seconds=seconds)

    def _concluded_on(self, index: int) -> date:
        return self.window.starts_on + timedelta(days=self._elapsed_seconds(index) // _OPEN_SECONDS)

    def _elapsed_seconds(self, index: int) -> int:
        """Opening seconds since the start of the window: three in five come in the first weeks."""
        early, all_days = self._early_days, (self.window.last_on - self.window.starts_on).days - 1
        before, of = (index - 2) * 5, max(1, self.subscribers - 2) * 5
        first = of * 3 // 5
        if before < first:
            return before * early * _OPEN_SECONDS // first
        return early * _OPEN_SECONDS + (before - first) * (all_days - early) * _OPEN_SECONDS // (of - first)

    @property
    def _early_days(self) -> int:
        return min(27, (self.window.last_on - self.window.starts_on).days // 2)


def _ordinary(index: int, concluded_on: date, rng: random.Random, window: Window) -> Plan:
    codes: tuple[str, ...] = rng.choices([home for home, _ in HOMES], [weight for _, weight in HOMES])[0]
    trouble = troubles.of(index)
    codes = troubles.NEEDS.get(trouble, codes)
    starts_on = concluded_on + timedelta(days=rng.choice((0, 1, 2, 5, 9)))
    months = 12 if codes == ("TV-ANNUEL",) else 1
    anchor_on = starts_on.replace(day=1) if months == 1 and rng.random() < 0.5 else starts_on
    contracts = [_contract(code, concluded_on, starts_on, position, rng) for position, code in enumerate(codes)]
    plan = Plan(
        index=index,
        concluded_on=concluded_on,
        anchor_on=anchor_on,
        period_months=months,
        periods=schedule.periods(anchor_on=anchor_on, months=months, starts_on=starts_on, last_on=window.last_on),
        debit_day=rng.choice((*_DEBIT_DAYS, min(28, window.on.day))),
        payer=rng.choices(tuple(PaymentMethodKind), (50, 44, 4, 2))[0],
        contracts=contracts,
        kind=SubscriberKind.BUSINESS if index % 33 == 5 else SubscriberKind.CONSUMER,
        trouble=trouble,
        is_fragile=index % 41 == 15,
    )
    _make_lively(plan, rng, window)
    return plan


def _contract(code: str, concluded_on: date, starts_on: date, position: int, rng: random.Random) -> ContractPlan:
    later = timedelta(days=rng.randrange(3, 60) if position else 0)
    return ContractPlan(
        code=code,
        concluded_on=concluded_on + later,
        starts_on=starts_on + later,
        has_activation_fee=position == 0 and rng.random() < 0.7,
        has_deposit=code in WITH_DECODER and rng.random() < 0.4,
    )


def _make_lively(plan: Plan, rng: random.Random, window: Window) -> None:
    first = plan.contracts[0]
    if plan.period_months > 1:
        return
    if first.code in WITH_OPTIONS and rng.random() < 0.45:
        first.options = (_option(plan, rng, window),)
    if first.code in UPGRADES and rng.random() < 0.35:
        ends_on = add_months(first.starts_on, rng.choice((1, 3, 6, 12)))
        first.discount = DiscountPlan("Offre de bienvenue", rng.choice((300, 500, 800)), ends_on)
    elif len(plan.periods) > 3 and rng.random() < 0.5:
        _change(plan, rng)
    plan.contracts[1:] = [contract for contract in plan.contracts[1:] if contract.concluded_on <= window.last_on]
    for contract in plan.contracts[1:]:
        if contract.starts_on > window.last_on:
            contract.state = ContractState.PENDING


def _option(plan: Plan, rng: random.Random, window: Window) -> OptionPlan:
    starts_on = plan.contracts[0].starts_on + timedelta(days=rng.randrange(0, 200))
    code = rng.choice(("OPT-PREMIUM", "OPT-VOD", "OPT-SPORT-MOIS", "OPT-CINE-MOIS"))
    if starts_on > window.last_on:
        starts_on = plan.contracts[0].starts_on
    is_rolling = code.endswith("-MOIS")
    ends_on = add_months(starts_on, rng.randrange(1, 9)) if is_rolling and rng.random() < 0.5 else None
    return OptionPlan(code, starts_on, ends_on, used_until=window.last_on)


def _change(plan: Plan, rng: random.Random) -> None:
    first = plan.contracts[0]
    others = DOWNGRADES if rng.random() < 0.25 else UPGRADES
    if first.code not in others or len(plan.periods) < 4:
        return
    period = plan.periods[rng.randrange(2, len(plan.periods) - 1)]
    on = period.starts_on + timedelta(days=rng.randrange(3, period.days - 3))
    first.change = ChangePlan(on, others[first.code], on + timedelta(days=rng.choice((0, 0, 0, 2))))
