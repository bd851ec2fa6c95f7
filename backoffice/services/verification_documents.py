"""Documents: gapless numbers in the order of their days, derivations that give their amounts, files as they were kept."""

import hashlib
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import checker
from backoffice.models import (
    CreditNote,
    CreditNoteLine,
    ExtraCharge,
    Invoice,
    InvoiceLine,
    NumberSeries,
    RenderedDocument,
    Ticket,
)
from backoffice.services.verification_reading import Check, Fault, Faults, rows

_PRINTED = ("unit_cents", "quantity", "starts_on", "ends_on")


async def _numbers(session: AsyncSession) -> Faults:
    """Each series is given out without gap, and documents in the order of their days."""
    last = dict((await session.execute(select(NumberSeries.code, NumberSeries.last_number))).all())
    for number, day in ((Invoice.number, Invoice.issued_on), (CreditNote.number, CreditNote.issued_on)):
        async for fault in _series(session, last, select(number, day).where(number.is_not(None)).order_by(number)):
            yield fault
    # A ticket is no document of account: its number must not be missing, but may be a minute out of order.
    async for fault in _series(session, last, select(Ticket.number, literal(0)).order_by(Ticket.number)):
        yield fault


async def _series(session: AsyncSession, last: dict[str, int], numbered: Any) -> Faults:
    seen: dict[str, tuple[int, Any]] = {}
    async for text, on in rows(session, numbered):
        series, _, digits = text.partition("-")
        if series not in last or not digits.isdigit():
            continue  # a number that was not given out here: it came with an import
        before, before_on = seen.get(series, (0, on))
        if int(digits) != before + 1:
            yield Fault("number", f"number {text}", f"{series}-{before + 1:07} is missing before it")
        if on < before_on:
            yield Fault("number", f"number {text}", f"is dated {on}, before the number that precedes it")
        seen[series] = (int(digits), on)
    for series, (highest, _) in seen.items():
        if last[series] != highest:
            yield Fault("number", f"series {series}", f"counts {last[series]}, the highest number is {highest}")


async def _derivations(session: AsyncSession) -> Faults:
    """Each amount and what is printed beside it, by the checker, which does not know the engine that made them."""
    for line, printed in ((InvoiceLine, _PRINTED), (CreditNoteLine, ()), (ExtraCharge, ())):
        columns = [getattr(line, name) for name in printed]
        async for row_id, cents, derivation, *facts in rows(
            session, select(line.id, line.ttc_cents, line.derivation, *columns)
        ):
            message = _unlike(derivation, cents, dict(zip(printed, facts, strict=True)))
            if message is not None:
                yield Fault("derivation", f"line {row_id}", message)


def _unlike(derivation: Any, cents: int, printed: dict[str, Any]) -> str | None:
    """What a derivation says otherwise than its line; None where they agree."""
    try:
        recomputed = checker.recompute(derivation)
    except checker.Wrong as wrong:
        return str(wrong)
    if recomputed != cents:
        return f"the line says {cents} cents, its derivation {recomputed}"
    return checker.contradiction(derivation, **printed) if printed else None


async def _files(session: AsyncSession) -> Faults:
    """Each document as it was handed out, against the digest that was kept with it."""
    document = RenderedDocument
    async for row_id, sha256, content in rows(session, select(document.id, document.sha256, document.content)):
        if hashlib.sha256(content).hexdigest() != sha256:
            yield Fault("file", f"document {row_id}", "its bytes are not those that were handed out")


CHECKS: tuple[Check, ...] = (_numbers, _derivations, _files)
