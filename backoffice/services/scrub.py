"""Free text never keeps a card number: what looks like one is taken out before it is stored."""

import re

REMOVED = "[card number removed]"

_SEPARATORS = r"[\s.\-\u2010-\u2015]{1,3}"
_RUN = re.compile(rf"\d+(?:{_SEPARATORS}\d+)*")
_GROUP = re.compile(r"\d+")
_FEWEST, _MOST = 13, 19


def card_numbers(text: str) -> str:
    """`text` without any 13 to 19 digits that pass the Luhn check: whole groups, with up to three blanks, dots or dashes
    between them, so that an expiry date or a telephone beside a card number does not hide it."""
    return _RUN.sub(lambda run: _without_cards(run[0]), text)


def _without_cards(run: str) -> str:
    groups = [group.span() for group in _GROUP.finditer(run)]
    kept, reached = "", 0
    for start, end in _merged(_cards(run, groups)):
        kept, reached = f"{kept}{run[reached:start]}{REMOVED}", end
    return kept + run[reached:]


def _cards(run: str, groups: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans of all consecutive groups that are a card number together; they may overlap."""
    found = []
    for first, (start, _) in enumerate(groups):
        digits = ""
        for begins, ends in groups[first : first + _MOST]:
            digits += run[begins:ends]
            if len(digits) > _MOST:
                break
            if len(digits) >= _FEWEST and _passes_luhn(digits):
                found.append((start, ends))
    return found


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same spans, in order, with those that overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _passes_luhn(digits: str) -> bool:
    numbers = [int(digit) for digit in digits]
    doubled = [number * 2 - 9 if number > 4 else number * 2 for number in numbers[-2::-2]]
    return (sum(numbers[-1::-2]) + sum(doubled)) % 10 == 0
