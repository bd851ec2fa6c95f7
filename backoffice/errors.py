"""The root of every refusal the product makes.

An error lives beside the function that raises it and carries its facts; only what several layers must recognise is here.
"""

from typing import ClassVar


class BackofficeError(Exception):
    """A refusal: `code` is stable and for programs, the message tells a person what to do next."""

    code: ClassVar[str] = "INTERNAL"
    exit_status: ClassVar[int] = 2
    """The exit code of a command that ends with this error: 2 bad input, 1 a failed check."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class BadInput(BackofficeError):
    """What was given cannot be used; nothing was written."""

    code = "BAD_INPUT"


class NotFound(BackofficeError):
    """Malformed, unknown and foreign ids all end here, so that an answer never tells which it was."""

    code = "NOT_FOUND"


class Forbidden(BackofficeError):
    """The viewer is known, but may not do or see this."""

    code = "FORBIDDEN"


class Unauthenticated(BackofficeError):
    """Nobody is signed in, or the session has ended."""

    code = "UNAUTHENTICATED"
