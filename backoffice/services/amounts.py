"""Amounts that somebody types: checked before anything is worked out, with the figures that would be accepted."""

from dataclasses import dataclass
from decimal import Decimal

from backoffice.errors import BackofficeError
from backoffice.policy import Policy


@dataclass(frozen=True, slots=True)
class NotCents:
    """What somebody gave as an amount although it is no whole number of cents that can be used; `text` is as given."""

    text: str


class AmountRefused(BackofficeError):
    """An amount that cannot be used; `maximum_cents` would be accepted, and so would `minimum_cents`."""

    code = "AMOUNT_OUT_OF_RANGE"

    def __init__(
        self,
        message: str,
        *,
        maximum_cents: int,
        minimum_cents: int = 1,
        field: str = "amount",
        code: str | None = None,
    ) -> None:
        super().__init__(message, field=field)
        self.maximum_cents = maximum_cents
        self.minimum_cents = minimum_cents
        if code is not None:
            self.code = code  # type: ignore[misc]


def not_cents(given: NotCents, *, policy: Policy, field: str = "amount") -> AmountRefused:
    """The refusal of an amount that is no whole number of cents."""
    return AmountRefused(
        f"{given.text} is no whole number of cents: write 1250 for 12.50, at least 1 and at most {policy.largest_cents}.",
        maximum_cents=policy.largest_cents,
        field=field,
    )


def require_positive(cents: int, *, policy: Policy, field: str = "amount") -> None:
    """Raise AmountRefused unless `cents` is above zero and no slip of the keyboard."""
    if not 1 <= cents <= policy.largest_cents:
        raise AmountRefused(
            f"{written(cents)} cannot be used: give at least 0.01 and at most {written(policy.largest_cents)}.",
            maximum_cents=policy.largest_cents,
            field=field,
        )


def require_at_most(cents: int, maximum_cents: int, *, what: str, code: str, field: str = "amount") -> None:
    """Raise AmountRefused with `code` when `cents` is above what is available; `what` says what that is."""
    if cents <= maximum_cents:
        return
    advice = f"ask for {written(maximum_cents)} at most" if maximum_cents else "there is nothing left to ask for"
    raise AmountRefused(
        f"{written(cents)} is more than {what}, {written(maximum_cents)}: {advice}.",
        maximum_cents=maximum_cents,
        minimum_cents=min(1, maximum_cents),
        field=field,
        code=code,
    )


def written(cents: int) -> str:
    """An amount as an exact decimal text."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def rate_text(given: Decimal) -> str:
    """A rate as the graph writes it: exact, with two decimals at least."""
    return f"{given:.2f}" if given == round(given, 2) else f"{given:f}"
