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
    """Each amount, recomputed by the checker, which does not know the engine that made it."""
    for line in (InvoiceLine, CreditNoteLine, ExtraCharge):
        async for row_id, cents, derivation in rows(session, select(line.id, line.ttc_cents, line.derivation)):
            try:
                recomputed = checker.recompute(derivation)
            except checker.Wrong as wrong:
                yield Fault("derivation", f"line {row_id}", str(wrong))
                continue
            if recomputed != cents:
                yield Fault("derivation", f"line {row_id}", f"the line says {cents} cents, its derivation {recomputed}")


async def _files(session: AsyncSession) -> Faults:
    """Each document as it was handed out, against the digest that was kept with it."""
    document = RenderedDocument
    async for row_id, sha256, content in rows(session, select(document.id, document.sha256, document.content)):
        if hashlib.sha256(content).hexdigest() != sha256:
            yield Fault("file", f"document {row_id}", "its bytes are not those that were handed out")


CHECKS: tuple[Check, ...] = (_numbers, _derivations, _files)
