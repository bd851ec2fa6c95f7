"""The difference between two invoices as causes that add up to it exactly, to the cent."""

from collections.abc import Iterable, Iterator, Sequence

from backoffice.billing.billed import SUBSCRIPTION, BilledLine
from backoffice.billing.causes import Cause, CauseKind
from backoffice.billing.comparisons import compare, label_of, total_of

_SINGLE = {
    "PRORATION": CauseKind.PRORATION,
    "FEE": CauseKind.FEE,
    "DEPOSIT": CauseKind.DEPOSIT,
}
Lines = list[BilledLine]


def between(earlier: Sequence[BilledLine], later: Sequence[BilledLine]) -> tuple[Cause, ...]:
    """The causes, in the order of the later invoice's lines, then what only the earlier one had.

    Their cents add up to the later total less the earlier one. An item whose contract has another offer
    now is one cause and not an end and a beginning. What moves nothing is left out.
    """
    return tuple(cause for cause in _causes(earlier, later) if cause.cents)


def _causes(earlier: Sequence[BilledLine], later: Sequence[BilledLine]) -> Iterator[Cause]:
    before, after = _items(earlier), _items(later)
    for old, new in _pairs(before, after):
        if old and new:
            yield from compare(old, new)
        elif new:
            yield Cause(CauseKind.ITEM_ADDED, total_of(new), label_of(new), 0, total_of(new))
        else:
            yield Cause(CauseKind.ITEM_ENDED, -total_of(old), label_of(old), total_of(old), 0)
    yield from _single_causes(earlier, later)


def _items(lines: Iterable[BilledLine]) -> dict[str, Lines]:
    items: dict[str, Lines] = {}
    for line in lines:
        if line.is_recurring:
            items.setdefault(line.key, []).append(line)
    return items


def _pairs(before: dict[str, Lines], after: dict[str, Lines]) -> Iterator[tuple[Lines, Lines]]:
    ended = {key: lines for key, lines in before.items() if key not in after}
    for key, lines in after.items():
        if key in before:
            yield before[key], lines
            continue
        replaced = next((old for old, its in ended.items() if _is_replaced_by(its[0], lines[0])), None)
        yield ended.pop(replaced) if replaced is not None else [], lines
    for lines in ended.values():
        yield lines, []


def _is_replaced_by(old: BilledLine, new: BilledLine) -> bool:
    """A contract has one subscription at a time; an option is the same one only with the same offer."""
    if not old.contract or (old.contract, old.kind) != (new.contract, new.kind):
        return False
    return old.kind == SUBSCRIPTION or (old.offer == new.offer and old.offer != "")


def _single_causes(earlier: Sequence[BilledLine], later: Sequence[BilledLine]) -> Iterator[Cause]:
    before, after = _singles(earlier), _singles(later)
    for place in dict.fromkeys((*after, *before)):
        kind, _, label = place
        from_cents, to_cents = before.get(place, 0), after.get(place, 0)
        yield Cause(_SINGLE.get(kind, CauseKind.OTHER), to_cents - from_cents, label, from_cents, to_cents)


def _singles(lines: Iterable[BilledLine]) -> dict[tuple[str, str, str], int]:
    singles: dict[tuple[str, str, str], int] = {}
    for line in lines:
        if not line.is_recurring:
            place = (line.kind, line.key, line.label)
            singles[place] = singles.get(place, 0) + line.ttc_cents
    return singles
