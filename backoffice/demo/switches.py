"""The lines of a change of offer within a period: the old line credited, the new offer charged, or the mistake instead."""

from collections.abc import Iterator

from backoffice.billing import changes, lines
from backoffice.billing.derivation import Draft, total_of
from backoffice.billing.periods import Period
from backoffice.billing.steps import Operator, Source
from backoffice.demo import contracts, drafts
from backoffice.demo.agreed import ChangePlan
from backoffice.demo.catalogue import Component, Price
from backoffice.demo.drafts import Charge, Place, Standing
from backoffice.models import LineKind

OVERBILLED = "difference-billed-for-whole-period"


def lines_of(
    position: int, code: str, change: ChangePlan, new: Price, period: Period, standing: list[Standing]
) -> Iterator[Charge]:
    """The lines that the next invoice carries for a change within `period`, whose issued lines are `standing`."""
    days = Period(change.on, period.ends_on)
    after = Place(position, contracts.AFTER, change.code, new)
    if change.is_overbilled:
        yield _overbilled(after, change, period, standing[0])
        return
    for old in standing:
        before = Place(position, contracts.BEFORE, code, old.price)
        credit = _change(change, period, old, new_cents=0, new=new).credit
        component = Component(f"Avoir au prorata – {old.label}", old.price.cents, old.rate)
        if credit.cents:
            yield drafts.charge(LineKind.PRORATION, before, component, days, drafts.ready(credit))
    for component in new.components:
        amount = drafts.prorated(component.cents, new.reference, days, period)
        renamed = Component(f"Prorata – {component.label}", component.cents, component.rate)
        yield drafts.charge(LineKind.PRORATION, after, renamed, days, amount)


def _overbilled(place: Place, change: ChangePlan, period: Period, old: Standing) -> Charge:
    new = place.price
    right = _change(change, period, old, new_cents=new.cents, new=new)
    draft = Draft()
    dear = draft.amount(Source.PRICE, new.cents, rule=lines.PRICE, reference=new.reference)
    cheap = draft.amount(Source.LINE, old.cents, rule=lines.PRICE, reference=old.reference)
    draft.combine(Operator.DIFFERENCE, dear, cheap, rule=OVERBILLED)
    component = Component("Rattrapage du changement d'offre", new.cents - old.cents, old.rate)
    correct = total_of([right.charge, right.credit])
    days = Period(change.on, period.ends_on)
    return drafts.charge(LineKind.PRORATION, place, component, days, drafts.ready(draft.finish()), correct=correct)


def _change(change: ChangePlan, period: Period, old: Standing, *, new_cents: int, new: Price) -> changes.DerivedChange:
    return changes.change(
        on=change.on,
        period=period,
        old_cents=old.cents,
        old_line=old.reference,
        new_cents=new_cents,
        price_version=new.reference,
        old_period=old.days,
    )
