"""Free text as it may be stored."""

from backoffice.errors import BadInput
from backoffice.services import scrub


def cleaned(given: str, *, field: str, longest: int) -> str:
    """`given` without outer blanks and card numbers; raises BadInput when empty, longer than `longest`, or unstorable."""
    text = given.strip()
    if not 1 <= len(text) <= longest:
        raise BadInput(f"'{field}' needs 1 to {longest} characters, not {len(text)}.", field=field)
    if "\x00" in text:
        raise BadInput(f"'{field}' has a character that cannot be stored (NUL); remove it.", field=field)
    return scrub.card_numbers(text)[:longest]
