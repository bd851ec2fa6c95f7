"""The forms in which keys are compared: whoever writes a key and whoever looks one up use the same function."""

import re
import unicodedata

import phonenumbers

_LETTER_AND_DIGITS = re.compile(r"[A-Z]?(\d{8})")
_BLANKS = re.compile(r"\s+")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_SPELLED = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that are no letter with an accent."""


def fold(name: str) -> str:
    """A name without accents, case or punctuation: "Éloïse D'Arc" → "eloise d arc"."""
    decomposed = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NO_LETTERS.sub(" ", plain.casefold().translate(_SPELLED)).strip()


def email(address: str) -> str:
    """An e-mail address as compared: case does not count."""
    return address.strip().casefold()


def number(text: str) -> str:
    """A subscriber number: `S01776108`, `s 01776108` and `01776108` are one; the leading zero stays."""
    compact = _BLANKS.sub("", text).upper()
    matched = _LETTER_AND_DIGITS.fullmatch(compact)
    return matched[1] if matched else compact


def reference(text: str) -> str:
    """The number of a document, contract, account or ticket, and a serial: blanks and case do not count."""
    return _BLANKS.sub("", text).upper()


def phone(text: str, *, region: str = "FR") -> str | None:
    """The E.164 form of a telephone number in any writing, or None when it cannot be one."""
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
