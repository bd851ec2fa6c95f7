"""How the sandbox behaves, chosen by the token of the means of payment, as payment providers' test cards do."""

from dataclasses import dataclass
from enum import StrEnum

from backoffice.gateway.protocol import Outcome

CARD_TOO_OLD, DO_NOT_HONOUR, NO_MONEY = "54", "05", "51"
"""What card schemes answer (ISO 8583, field 39)."""


class Fault(StrEnum):
    """What goes wrong on the way: a time-out meets the first request for a key alone, UNAVAILABLE meets every one."""

    NONE = "NONE"
    TIMEOUT_BEFORE = "TIMEOUT_BEFORE"
    TIMEOUT_AFTER = "TIMEOUT_AFTER"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The decision, the code that comes with it, whether it comes late, and what goes wrong on the way."""

    outcome: Outcome = Outcome.ACCEPTED
    code: str | None = None
    is_delayed: bool = False
    is_told_twice: bool = False
    fault: Fault = Fault.NONE


ORDINARY = Behaviour()
_OF_BEGINNING = {
    "declined_": Behaviour(Outcome.DECLINED, NO_MONEY),
    "expired_": Behaviour(Outcome.EXPIRED, CARD_TOO_OLD),
    "delayed_declined_": Behaviour(Outcome.DECLINED, DO_NOT_HONOUR, is_delayed=True),
    "delayed_": Behaviour(is_delayed=True),
    "twice_": Behaviour(is_delayed=True, is_told_twice=True),
    "timeout_before_": Behaviour(fault=Fault.TIMEOUT_BEFORE),
    "timeout_after_": Behaviour(fault=Fault.TIMEOUT_AFTER),
    "unavailable_": Behaviour(fault=Fault.UNAVAILABLE),
}
_TOKEN, _REFUNDS_ONLY = "tok_", "refund_"


def of_charge(token: str) -> Behaviour:
    """How a charge of `token` goes; a token that names no behaviour, or one for refunds alone, is ordinary."""
    return _named(token.removeprefix(_TOKEN)) if token.startswith(_TOKEN) else ORDINARY


def of_refund(token: str) -> Behaviour:
    """How a refund to `token` goes: as its charges do, or as `tok_refund_…` says for refunds alone."""
    return _named(token.removeprefix(_TOKEN).removeprefix(_REFUNDS_ONLY)) if token.startswith(_TOKEN) else ORDINARY


def _named(name: str) -> Behaviour:
    return next((behaviour for begins, behaviour in _OF_BEGINNING.items() if name.startswith(begins)), ORDINARY)
