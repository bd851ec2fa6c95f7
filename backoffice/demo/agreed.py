"""What the plan of a contract agrees: offer, options, promotion, change of offer."""

from dataclasses import dataclass
from datetime import date

from backoffice.billing.periods import Period
from backoffice.models import ContractState


@dataclass(frozen=True, slots=True)
class OptionPlan:
    """An option on `[starts_on, ends_on)`; `used_until` is the last use that the platform saw."""

    code: str
    starts_on: date
    ends_on: date | None = None
    used_until: date | None = None


@dataclass(frozen=True, slots=True)
class DiscountPlan:
    """A promotion from the contract's start to `ends_on`, `cents` off each period."""

    label: str
    cents: int
    ends_on: date
    is_overbilled: bool = False
    """The period in which it ends was billed at the full price."""


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """Another offer from the day `on`; recorded `recorded_on`, which may be later."""

    on: date
    code: str
    recorded_on: date
    is_overbilled: bool = False
    """The difference was billed for the whole period instead of the days left."""


@dataclass(slots=True)
class ContractPlan:
    """One contract. `cut_on` is a withdrawal: an end that was not known when the period was billed."""

    code: str
    concluded_on: date
    starts_on: date
    ends_on: date | None = None
    state: ContractState = ContractState.ACTIVE
    asked_on: date | None = None
    cut_on: date | None = None
    options: tuple[OptionPlan, ...] = ()
    discount: DiscountPlan | None = None
    change: ChangePlan | None = None
    partner: str | None = None
    has_activation_fee: bool = False
    has_deposit: bool = False

    @property
    def is_billed(self) -> bool:
        """Whether we bill it: not what a partner bills, nor what never began."""
        never_began = (ContractState.DRAFT, ContractState.PENDING, ContractState.CANCELLED)
        return self.partner is None and self.state not in never_began

    def code_on(self, day: date) -> str:
        """The code of the offer that is in force on a day."""
        return self.change.code if self.change and self.change.on <= day else self.code

    def served(self, period: Period) -> Period | None:
        """The days of `period` on which the contract runs, as known when it is billed."""
        ends_on = self.ends_on if self.ends_on and not self.cut_on else period.ends_on
        starts_on, ends_on = max(self.starts_on, period.starts_on), min(ends_on, period.ends_on)
        if self.cut_on and self.cut_on <= period.starts_on:
            return None
        return Period(starts_on, ends_on) if starts_on < ends_on else None
