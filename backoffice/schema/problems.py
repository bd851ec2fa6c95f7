"""Refusals of writes, as data: `userErrors` say what to do next."""

from collections.abc import Sequence

import strawberry

from backoffice.errors import BackofficeError
from backoffice.schema.access import plain, value
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


def problems(refusals: Sequence[BackofficeError]) -> list[UserError]:
    """The refusals of the services as members of `userErrors`: the one place where an exception becomes data."""
    return [_problem(refusal) for refusal in refusals]


def _problem(refusal: BackofficeError) -> UserError:
    code, message, about = refusal.code, refusal.message, refusal.field
    if isinstance(refusal, Stale):
        return StaleProblem(code=code, message=message, field=about, current_revision=refusal.current_revision)
    return InputProblem(code=code, message=message, field=about)
