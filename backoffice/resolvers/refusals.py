"""Refusals of reading: arguments that cannot be used."""

from backoffice.errors import BadInput


class PageTooLarge(BadInput):
    """More rows were asked for than a page may have."""

    code = "PAGE_TOO_LARGE"

    def __init__(self, asked: int, largest: int) -> None:
        super().__init__(f"'first' must be between 1 and {largest}, not {asked}; ask for the next page with 'after'.")
        self.largest = largest


class BadCursor(BadInput):
    """A cursor that this list did not give out in this order."""

    code = "BAD_CURSOR"

    def __init__(self) -> None:
        super().__init__("'after' must be a cursor of this same list in the same order; start again without it.")
