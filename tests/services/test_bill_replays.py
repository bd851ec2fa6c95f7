"""Replaying a history gives what was issued from it, to the cent; where it does not, there is a reason with a name."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing.periods import Period
from backoffice.billing.verdicts import Verdict
from backoffice.database import Database
from backoffice.demo.planning import Planner
from backoffice.demo.window import Window
from backoffice.models import (
    BilledBy,
    Contract,
    ContractEvent,
    ContractEventKind,
    Invoice,
    InvoiceLine,
    LineKind,
    PriceBasis,
)
from backoffice.services import agreements, bill_replays, replay_comparisons
from backoffice.services.agreements import Agreement
from backoffice.services.replay_comparisons import Comparison
from tests.factories import TODAY

_RECURRING = (LineKind.SUBSCRIPTION, LineKind.OPTION)
_CUT = (ContractEventKind.SUSPENDED, ContractEventKind.REACTIVATED)
_PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Month:
    """A period of a contract for which something was billed, and the day on which it first was."""

    agreement: Agreement
    period: Period
    issued_on: datetime


async def _months(session: AsyncSession) -> AsyncIterator[Month]:
    """Every period of every contract of the demo that was billed."""
    contracts = await session.execute(select(Contract).where(Contract.billed_by == BilledBy.OPERATOR))
    for contract in list(contracts.scalars()):
        agreement = await agreements.read(session, subscriber_id=contract.subscriber_id, contract_id=contract.id)
        found = await session.execute(
            select(InvoiceLine.starts_on, Invoice.issued_on)
            .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
            .where(InvoiceLine.contract_id == contract.id, InvoiceLine.kind.in_(_RECURRING))
        )
        issued: dict[Period, list[datetime]] = defaultdict(list)
        for starts_on, issued_on in found:
            issued[agreement.period_on(starts_on)].append(datetime.combine(issued_on, time(12), _PARIS))
        for period, days in issued.items():
            yield Month(agreement, period, max(days))


async def _compared(session: AsyncSession, month: Month, *, known_at: datetime | None = None) -> list[Comparison]:
    replayed = await bill_replays.replay(session, month.agreement, on=month.period.starts_on, known_at=known_at)
    assert replayed.period == month.period
    return await replay_comparisons.compare(session, month.agreement.contract, replayed, known_at=known_at)


def _planted() -> Iterator[tuple[str, Period]]:
    """The periods that the demo bills wrongly on purpose, by the end of the contract's number."""
    window = Window(on=TODAY, months=14, zone="Europe/Paris")
    planner = Planner(seed=1, window=window, subscribers=40)
    for index in range(40):
        plan = planner.plan(index)
        for position, agreed in enumerate(plan.contracts):
            if agreed.discount and agreed.discount.is_overbilled:
                yield (
                    f"{index + 1:02}-{position + 1}",
                    next(each for each in plan.periods if each.contains(agreed.discount.ends_on)),
                )


def _place(month: Month) -> tuple[str, Period]:
    return month.agreement.contract.number[-4:], month.period


def _has_new_price(month: Month, compared: Comparison) -> bool:
    """Whether a price of the item changes within the period: the demo bills a period at the price of its first day."""
    offers = {line.offer_id for line in compared.issued}
    return any(
        month.period.starts_on < row.starts_on < month.period.ends_on
        for offer_id in offers
        if offer_id is not None
        for row in month.agreement.prices[offer_id].rows.values()
    )


async def _is_cut(session: AsyncSession, month: Month) -> bool:
    """Whether the services were cut, or came back, within the period, after it had been billed."""
    found = await session.execute(
        select(ContractEvent.effective_on)
        .where(ContractEvent.contract_id == month.agreement.contract.id, ContractEvent.kind.in_(_CUT))
        .where(ContractEvent.effective_on >= month.period.starts_on)
        .where(ContractEvent.effective_on < month.period.ends_on)
    )
    return found.first() is not None


def _is_withdrawn(month: Month) -> bool:
    ends_on = month.agreement.contract.ends_on
    return ends_on is not None and month.period.starts_on < ends_on < month.period.ends_on


class TestReplay:
    async def test_gives_the_issued_lines_of_every_period_that_was_billed_right(self, demo: Database) -> None:
        planted = set(_planted())
        counts: dict[str, int] = defaultdict(int)
        async with demo.reading() as session:
            async for month in _months(session):
                for compared in await _compared(session, month):
                    verdict = compared.verdict
                    if _place(month) in planted and compared.issued[0].kind is LineKind.SUBSCRIPTION:
                        # What a promotion took off was forgotten from some day on.
                        assert verdict in (Verdict.CREDITED, Verdict.BILLED_MORE)
                        counts["planted"] += 1
                    elif await _is_cut(session, month):
                        assert verdict in (Verdict.WITHOUT_SERVICE, Verdict.CREDITED, Verdict.SAME)
                        counts["cut"] += 1
                    elif _is_withdrawn(month):
                        assert verdict in (Verdict.CREDITED, Verdict.SAME)
                        counts["withdrawn"] += 1
                    elif _has_new_price(month, compared):
                        counts["new price"] += 1
                    elif not compared.issued:
                        # A rolling month that begins after the last run.
                        assert compared.replayed[0].days is not None
                        assert compared.replayed[0].days.starts_on > TODAY - timedelta(days=1)
                        counts["to come"] += 1
                    else:
                        assert verdict in (Verdict.SAME, Verdict.CHAIN), compared
                        counts["right"] += 1

        assert counts["right"] > 700
        assert sum(counts.values()) - counts["right"] < 40
        assert {name for name in counts if counts[name]} >= {"planted", "cut", "withdrawn", "new price"}

    async def test_gives_the_very_derivations_that_were_issued(self, demo: Database) -> None:
        proven = 0
        async with demo.reading() as session:
            async for month in _months(session):
                for compared in await _compared(session, month):
                    recurring = all(line.kind in _RECURRING for line in compared.issued)
                    if compared.verdict is not Verdict.SAME or not recurring:
                        continue
                    replayed = [line.derived.to_json() for line in compared.replayed]
                    assert [line.derivation for line in compared.issued] == replayed
                    proven += 1

        assert proven > 600

    async def test_gives_what_was_billed_when_only_that_was_known(self, demo: Database) -> None:
        surprised = 0
        async with demo.reading() as session:
            async for month in _months(session):
                if not await _is_cut(session, month) and not _is_withdrawn(month):
                    continue
                now = await _compared(session, month)
                then = await _compared(session, month, known_at=month.issued_on)
                for before, after in zip(then, now, strict=True):
                    surprised += before.replayed_cents != after.replayed_cents
                    assert before.replayed_cents == before.issued_cents
                    assert before.verdict is Verdict.SAME

        assert surprised >= 3

    async def test_gives_the_right_figure_where_the_demo_billed_a_wrong_one(self, demo: Database) -> None:
        planted, excess = set(_planted()), {}
        async with demo.reading() as session:
            async for month in _months(session):
                if _place(month) in planted:
                    [compared] = [each for each in await _compared(session, month) if each.difference_cents]
                    left = compared.difference_cents - compared.credited_cents
                    excess[_place(month)[0]] = (
                        compared.issued_cents,
                        [line.derived.cents for line in compared.replayed],
                        compared.verdict,
                        left,
                    )
                    assert compared.basis is PriceBasis.TTC

        assert excess == {
            # 10.00 off until the day in the middle: 14 of 31 days, then the full price for 17.
            "02-1": (3799, [1264, 2083], Verdict.CREDITED, 0),
            "06-1": (3499, [1129, 1919], Verdict.CREDITED, 0),
            # Nobody has found this one yet.
            "30-1": (3499, [1129, 1919], Verdict.BILLED_MORE, 451),
        }
