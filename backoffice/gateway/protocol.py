"""What a payment gateway can be asked, whoever it is.

The caller chooses a key for each thing that it wants done. The same key again gets the answer of the first time and moves
nothing, so that a request whose answer was lost is simply sent again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from backoffice.errors import BackofficeError


class Outcome(StrEnum):
    """PENDING: the bank has the request and has not decided; EXPIRED: the means of payment is too old to be used."""

    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank says. `reference` is its own name for the movement, `code` its reason when it refuses."""

    outcome: Outcome
    reference: str
    code: str | None
    at: datetime

    @property
    def is_final(self) -> bool:
        """Whether the bank will say the same for ever."""
        return self.outcome is not Outcome.PENDING


class GatewayTimeout(BackofficeError):
    """No answer came in time: the thing may have been done or not. Ask again with the same key."""

    code = "GATEWAY_TIMEOUT"

    def __init__(self) -> None:
        super().__init__("The payment gateway did not answer in time; the request is repeated with the same key.")


class GatewayUnavailable(BackofficeError):
    """The gateway could not be reached: nothing was done."""

    code = "GATEWAY_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The payment gateway cannot be reached; the request is repeated later.")


class KeyReused(BackofficeError):
    """The key was used for something else before: a fault of the caller, which no repetition heals."""

    code = "GATEWAY_KEY_REUSED"

    def __init__(self, key: str) -> None:
        super().__init__(f"The key {key} was used for another movement; nothing was done. Take a new key.")
        self.key = key


class Gateway(Protocol):
    """Moves money. Amounts are whole cents above zero; `key` is the caller's name for this one movement.

    Every call raises GatewayTimeout and GatewayUnavailable; `charge` and `refund` raise KeyReused for a key whose
    first use had other figures.
    """

    async def charge(self, *, key: str, token: str, amount_cents: int, currency: str, description: str) -> Answer:
        """Take money from the means of payment that `token` stands for; `description` is what its owner reads."""
        ...

    async def refund(self, *, key: str, original_reference: str, amount_cents: int, currency: str) -> Answer:
        """Give money back to the means that paid `original_reference`."""
        ...

    async def find(self, key: str) -> Answer | None:
        """What is known about a key by now; None when the gateway never heard of it. Moves nothing."""
        ...
