"""Refusals of writes, as data: `userErrors` say what to do next."""

from collections.abc import Sequence
from datetime import date
from typing import cast

import strawberry

from backoffice.errors import BackofficeError
from backoffice.schema import graph
from backoffice.schema.access import plain, value
from backoffice.schema.scalars import Money
from backoffice.services.amounts import AmountRefused
from backoffice.services.change_days import DateRefused
from backoffice.services.device_slots import DeviceLimitReached
from backoffice.services.payment_means import MeansUnusable
from backoffice.services.requirements import StepUpNeeded
from backoffice.services.revisions import Stale


@strawberry.interface(description="Why a write was refused. Nothing was written.")
class UserError:
    code: str = plain("Stable, for programs.")
    message: str = plain("For people: what to do next.")
    field: str | None = plain("The input field that it is about.")


@value
class InputProblem(UserError):
    """What was asked cannot be done."""


@value
class StaleProblem(UserError):
    """Someone changed the object since it was read."""

    current_revision: int = plain("The revision to repeat with, once read again.")


@value
class AmountProblem(UserError):
    """An amount that cannot be used; what would be accepted lies between the two."""

    minimum: Money = plain("The least that would be accepted.")
    maximum: Money = plain("The most that would be accepted.")


@value
class DateProblem(UserError):
    """A day that cannot be used; the days from the one to the other would be accepted, both included."""

    earliest: date = plain("The earliest day that would be accepted.")
    latest: date = plain("The latest day that would be accepted.")


@value
class StepUpProblem(UserError):
    """A fresh one-time code is needed; the same quote stays valid."""

    methods: list[str] = plain("How to give one: TOTP, by POST /staff/step-up.")


@value
class PaymentMethodProblem(UserError):
    """A means of payment that cannot be charged."""

    usable: list[graph.PaymentMethod] = plain("The means of this account that can be.")


@value
class DeviceLimitProblem(UserError):
    """Every slot for devices is taken."""

    used: int = plain("Linked devices that take a slot.")
    limit: int = plain("Slots of the offers in force.")
    inactive: list[graph.Device] = plain("Linked devices that were not used lately, longest unused first. At most 20.")


PROBLEMS = (
    InputProblem,
    StaleProblem,
    AmountProblem,
    DateProblem,
    StepUpProblem,
    PaymentMethodProblem,
    DeviceLimitProblem,
)
"""The members of `userErrors`."""


def problems(refusals: Sequence[BackofficeError]) -> list[UserError]:
    """The refusals of the services as members of `userErrors`: the one place where an exception becomes data."""
    return [_problem(refusal) for refusal in refusals]


def _problem(refusal: BackofficeError) -> UserError:
    code, message, about = refusal.code, refusal.message, refusal.field
    made: UserError = InputProblem(code=code, message=message, field=about)
    match refusal:
        case Stale(current_revision=revision):
            made = StaleProblem(code=code, message=message, field=about, current_revision=revision)
        case AmountRefused():
            least, most = cast(Money, refusal.minimum_cents), cast(Money, refusal.maximum_cents)
            made = AmountProblem(code=code, message=message, field=about, minimum=least, maximum=most)
        case DateRefused(earliest=earliest, latest=latest):
            made = DateProblem(code=code, message=message, field=about, earliest=earliest, latest=latest)
        case MeansUnusable():
            usable = cast(list[graph.PaymentMethod], refusal.usable)
            made = PaymentMethodProblem(code=code, message=message, field=about, usable=usable)
        case StepUpNeeded():
            made = StepUpProblem(code=code, message=message, field=about, methods=list(refusal.methods))
        case DeviceLimitReached(slots=slots):
            unused = cast(list[graph.Device], refusal.inactive)
            made = DeviceLimitProblem(
                code=code, message=message, field=about, used=slots.used, limit=slots.limit, inactive=unused
            )
    return made
