"""Free text as it may be stored."""

from email_validator import EmailNotValidError, validate_email

from backoffice.errors import BadInput
from backoffice.services import scrub


def cleaned(given: str, *, field: str, longest: int) -> str:
    """`given` without outer blanks and card numbers; raises BadInput when empty, longer than `longest`, or unstorable."""
    text = given.strip()
    if not 1 <= len(text) <= longest:
        raise BadInput(f"'{field}' needs 1 to {longest} characters, not {len(text)}.", field=field)
    require_storable(text, field=field)
    return scrub.card_numbers(text)[:longest]


def email(given: str, *, field: str) -> str:
    """An e-mail address as it is stored, whether or not it exists; raises BadInput."""
    try:
        return validate_email(given.strip(), check_deliverability=False).normalized
    except EmailNotValidError as invalid:
        raise BadInput(f"'{field}' is no e-mail address; write it as name@example.org.", field=field) from invalid


def require_storable(text: str, *, field: str) -> None:
    """Raise BadInput for a text that no row can have, so that none needs to be looked for either."""
    if not is_storable(text):
        raise BadInput(f"'{field}' has a character that cannot be stored (NUL or half a pair); remove it.", field=field)


def is_storable(text: str) -> bool:
    """Whether both databases take the text: no NUL, no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
