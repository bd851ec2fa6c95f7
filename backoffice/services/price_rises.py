"""Lines that billed a price rise before it could apply, and what each of them billed too much."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice.billing import price_rises
from backoffice.billing.deadlines import free_exit
from backoffice.billing.derivation import Derived
from backoffice.billing.periods import Period
from backoffice.billing.price_rises import Billed
from backoffice.billing.steps import Days
from backoffice.errors import BackofficeError, NotFound
from backoffice.models import ContractItem, Invoice, InvoiceLine, Offer, PriceBasis, PriceComponent, PriceVersion
from backoffice.services import credit_notes, given_back, standing
from backoffice.services.standing import Standing

_AT_ONCE = 200


class RiseNotCorrectable(BackofficeError):
    """What a price version billed too much cannot be worked out."""

    code = "RISE_NOT_CORRECTABLE"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}: choose the price version that took effect too early.", field="priceVersionId")


@dataclass(frozen=True, slots=True)
class Rise:
    """A price version that billed too early, the one before it, and the days on which that was too early."""

    version: PriceVersion
    former: PriceVersion
    offer_code: str
    components: Sequence[PriceComponent]
    former_components: Sequence[PriceComponent]
    early: Period

    @property
    def free_exit_until(self) -> date | None:
        """Until when subscribers may leave because of the rise; None when nobody was told of it."""
        notified_on = self.version.notified_on
        return free_exit(notified_on).due_on if notified_on else None

    def prices(self, line: InvoiceLine) -> tuple[Billed, Billed] | None:
        """The price that a line billed and the one it should have billed, after discount; None where it did not rise."""
        pairs = zip(self.components, self.former_components, strict=True)
        same = [(new, old) for new, old in pairs if new.vat_rate == line.vat_rate]
        named = [(new, old) for new, old in same if line.label.endswith((new.label_fr, new.label_en))]
        candidates = named if len(same) > 1 else same
        if len(candidates) != 1:
            return None
        [(new, old)] = candidates
        if new.amount_cents <= old.amount_cents:
            return None
        former_cents = max(0, line.unit_cents - (new.amount_cents - old.amount_cents))
        return (
            Billed(line.unit_cents, f"{self.offer_code} {self.version.starts_on}"),
            Billed(former_cents, f"{self.offer_code} {self.former.starts_on}"),
        )


@dataclass(frozen=True, slots=True)
class RiseCredit:
    """What is credited of a line, and for which days."""

    line: InvoiceLine
    derived: Derived
    days: Period


async def read(session: AsyncSession, *, price_version_id: int, billed: Period) -> Rise:
    """The rise that a version brought, and those of the days `billed` that were too early. Raises RiseNotCorrectable."""
    version = await session.get(PriceVersion, price_version_id)
    if version is None:
        raise NotFound("There is no such price version; check the id.", field="priceVersionId")
    former = await _former(session, version)
    if former is None:
        raise RiseNotCorrectable("It is the first price of its offer")
    if PriceBasis.HT in (version.basis, former.basis):
        raise RiseNotCorrectable("It is set before tax")
    parts, former_parts = [await _components(session, each) for each in (version, former)]
    if [part.vat_rate for part in parts] != [part.vat_rate for part in former_parts]:
        raise RiseNotCorrectable("Its parts are not those of the price before it")
    offer = await session.get_one(Offer, version.offer_id)
    return Rise(version, former, offer.code, parts, former_parts, _early(version, billed))


async def credits_of(session: AsyncSession, rise: Rise) -> AsyncIterator[RiseCredit]:
    """The credit of each issued line that billed the rise too early, in the order of the subscribers."""
    after = (0, 0)
    while rows := await _page(session, rise, after):
        invoices = await _standings(session, rows)
        for line, _ in rows:
            credit = await credit_of(session, rise, invoices[line.subscriber_id, line.invoice_id], line)
            if credit is not None:
                yield credit
        after = (rows[-1][0].subscriber_id, rows[-1][0].id)


async def credit_of(session: AsyncSession, rise: Rise, stands: Standing, line: InvoiceLine) -> RiseCredit | None:
    """What a line of an invoice, as it stands, billed too much; None when nothing of it is left to credit."""
    if line.starts_on is None or line.ends_on is None:
        return None
    days = Period(line.starts_on, line.ends_on).intersect(rise.early)
    prices = rise.prices(line)
    if days is None or prices is None:
        return None
    derived = price_rises.credit_rise(
        line_cents=line.ttc_cents,
        line=standing.reference(stands.invoice, line),
        risen=prices[0],
        former=prices[1],
        early=days,
        of=_period(line),
        quantity=line.quantity,
        already_credited_cents=line.ttc_cents - stands.of_line(line),
        same_days_credited_cents=await _same_days(session, stands, line, days),
    )
    return RiseCredit(line, derived, days) if derived.cents else None


async def _same_days(session: AsyncSession, stands: Standing, line: InvoiceLine, days: Period) -> int:
    """What earlier credits took of these days, in cents; lines that no note credited are not asked about."""
    changed = stands.changed.get(line.id, ())
    if not line.credited_ttc_cents:
        return given_back.share_of_days(changed, days)
    return await credit_notes.same_days(session, line, days, changed=changed)


def _early(version: PriceVersion, billed: Period) -> Period:
    """The days `billed` on which the version was in force and could not apply yet; all of them when nobody was told."""
    starts_on = max(billed.starts_on, version.starts_on)
    lawful_on = price_rises.lawful_from(version.notified_on) if version.notified_on else billed.ends_on
    ends_on = min(billed.ends_on, lawful_on, version.ends_on or billed.ends_on)
    if starts_on >= ends_on:
        raise RiseNotCorrectable(f"It could apply from {lawful_on} on, so none of these days was too early")
    return Period(starts_on, ends_on)


async def _former(session: AsyncSession, version: PriceVersion) -> PriceVersion | None:
    row = PriceVersion
    earlier = select(row).where(row.offer_id == version.offer_id, row.starts_on < version.starts_on)
    found = await session.execute(earlier.order_by(row.starts_on.desc()).limit(1))
    return found.scalar_one_or_none()


async def _components(session: AsyncSession, version: PriceVersion) -> Sequence[PriceComponent]:
    part = PriceComponent
    found = await session.execute(select(part).where(part.price_version_id == version.id).order_by(part.position))
    return found.scalars().all()


async def _page(session: AsyncSession, rise: Rise, after: tuple[int, int]) -> list[tuple[InvoiceLine, Invoice]]:
    """The next issued lines with the version; not those of a price that was agreed, which did not rise."""
    line, item = InvoiceLine, ContractItem
    found = await session.execute(
        select(line, Invoice)
        .join(Invoice, and_(Invoice.subscriber_id == line.subscriber_id, Invoice.id == line.invoice_id))
        .outerjoin(item, and_(item.subscriber_id == line.subscriber_id, item.id == line.contract_item_id))
        .where(line.price_version_id == rise.version.id, line.ttc_cents > 0, Invoice.number.is_not(None))
        .where(line.starts_on < rise.early.ends_on, line.ends_on > rise.early.starts_on)
        .where(item.agreed_amount_cents.is_(None), tuple_(line.subscriber_id, line.id) > after)
        .order_by(line.subscriber_id, line.id)
        .limit(_AT_ONCE)
    )
    return [(line_row, invoice) for line_row, invoice in found]


async def _standings(session: AsyncSession, rows: list[tuple[InvoiceLine, Invoice]]) -> dict[tuple[int, int], Standing]:
    """The invoices of these lines as they stand, by their keys."""
    line = InvoiceLine
    found = await session.execute(
        select(line)
        .where(line.subscriber_id.in_({invoice.subscriber_id for _, invoice in rows}))
        .where(line.invoice_id.in_({invoice.id for _, invoice in rows}))
        .order_by(line.subscriber_id, line.invoice_id, line.position)
    )
    lines: dict[tuple[int, int], list[InvoiceLine]] = defaultdict(list)
    for each in found.scalars():
        lines[each.subscriber_id, each.invoice_id].append(each)
    keys = {(invoice.subscriber_id, invoice.id): invoice for _, invoice in rows}
    changed = await given_back.read(session, [each for same in lines.values() for each in same])
    return {
        key: Standing(invoice, lines[key], {each.id: changed[each.id] for each in lines[key] if each.id in changed})
        for key, invoice in keys.items()
    }


def _period(line: InvoiceLine) -> Period:
    """The whole billing period of a line, as its derivation says; else the days of the line."""
    steps = Derived.from_json(line.derivation).steps
    assert line.starts_on is not None
    assert line.ends_on is not None
    days = Period(line.starts_on, line.ends_on)
    return next((step.of for step in steps if isinstance(step, Days) and step.served == days), days)
