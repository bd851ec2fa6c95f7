"""What an invoice charges, line by line: whole and prorated periods, promotions, changes of offer, options, fees.

Advance billing: a period is billed on its first day, at the price of that day; what began or changed within a period is
billed with the next one.
"""

from collections.abc import Iterator
from datetime import date

from backoffice.billing import discounts
from backoffice.billing.derivation import total_of
from backoffice.billing.periods import Period
from backoffice.demo import contracts, drafts, schedule, switches
from backoffice.demo.agreed import ContractPlan, DiscountPlan
from backoffice.demo.catalogue import Catalogue
from backoffice.demo.drafts import Charge, Place, Standing
from backoffice.demo.plans import Plan
from backoffice.demo.setbacks import Outcome, Trouble
from backoffice.models import LineKind

WITH_FEE = (Outcome.RETURNED, Outcome.DENIED_THEN_PAID, Outcome.UNPAID)


class Biller:
    """Makes the charges of one plan."""

    def __init__(self, plan: Plan, catalogue: Catalogue) -> None:
        self._plan = plan
        self._catalogue = catalogue

    def charges(self, number: int, standing: dict[tuple[int, int], list[Standing]]) -> list[Charge]:
        """The lines of the invoice of period `number`; `standing` tells the issued offer lines by contract and period."""
        made: list[Charge] = []
        for position, contract in enumerate(self._plan.contracts):
            served = self._plan.served(contract, number)
            if not served:
                continue
            made += self.switch(position, contract, number, standing)
            for which, days in served:
                made += self._offer(position, contract, days, self._plan.periods[which])
            made += self._options(position, contract, number)
            if served[0][1].starts_on == contract.starts_on:
                made += self._welcome(position, contract)
        return [*made, *self._rejections(number)]

    def rejection(self, failed_on: date) -> Charge | None:
        """The fee of a payment that failed on a day; none for the fragile, nor where we were wrong."""
        if self._plan.is_fragile or self._plan.trouble is Trouble.UNDUE_SUSPENSION:
            return None
        return self._once(LineKind.FEE, None, None, "FRAIS-REJET", failed_on)

    def switch(
        self, position: int, contract: ContractPlan, number: int, standing: dict[tuple[int, int], list[Standing]]
    ) -> Iterator[Charge]:
        """The lines of a change of offer within the period before `number`, after that one had been billed."""
        change = contract.change
        if change is None or not number:
            return
        before = self._plan.periods[number - 1]
        if self._plan.issue_on(number - 1) < change.on < before.ends_on:
            new = self._catalogue.price(change.code, change.on)
            issued = standing[position, number - 1]
            yield from switches.lines_of(position, contract.code, change, new, before, issued)

    def _offer(self, position: int, contract: ContractPlan, days: Period, of: Period) -> Iterator[Charge]:
        code = contract.code_on(days.starts_on)
        price = self._catalogue.price(code, days.starts_on)
        place = Place(position, contracts.BEFORE if code == contract.code else contracts.AFTER, code, price)
        discount = contract.discount
        if discount and place.item == contracts.BEFORE and days.starts_on < discount.ends_on:
            yield from _discounted(place, discount, days, of)
            return
        for component in price.components:
            amount = drafts.prorated(component.cents, price.reference, days, of)
            yield drafts.charge(LineKind.SUBSCRIPTION, place, component, days, amount)

    def _options(self, position: int, contract: ContractPlan, number: int) -> Iterator[Charge]:
        for key, option in enumerate(contract.options):
            is_rolling = self._catalogue.articles[option.code].is_rolling
            ends_on = option.ends_on or contract.ends_on
            served = (
                self._cycles(option.starts_on, ends_on, number)
                if is_rolling
                else self._parts(ContractPlan(option.code, option.starts_on, option.starts_on, ends_on), number)
            )
            for days, of in served:
                price = self._catalogue.price(option.code, days.starts_on)
                place = Place(position, contracts.option_key(key), option.code, price)
                for component in price.components:
                    amount = drafts.prorated(component.cents, price.reference, days, of)
                    yield drafts.charge(LineKind.OPTION, place, component, days, amount)

    def _parts(self, option: ContractPlan, number: int) -> Iterator[tuple[Period, Period]]:
        for which, days in self._plan.served(option, number):
            yield days, self._plan.periods[which]

    def _cycles(self, starts_on: date, ends_on: date | None, number: int) -> Iterator[tuple[Period, Period]]:
        """The rolling months that began since the invoice before."""
        since_on = self._plan.issue_on(number - 1) if number else date.min
        for cycle in schedule.cycles(starts_on=starts_on, ends_on=ends_on, until_on=self._plan.issue_on(number)):
            if cycle.starts_on > since_on:
                yield cycle, cycle

    def _welcome(self, position: int, contract: ContractPlan) -> Iterator[Charge]:
        if contract.has_activation_fee:
            yield self._once(LineKind.FEE, position, contracts.FEE, "FRAIS-ACTIVATION", contract.starts_on)
        if contract.has_deposit:
            yield self._once(LineKind.DEPOSIT, position, contracts.DEPOSIT, "DEPOT-DECODEUR", contract.starts_on)

    def _rejections(self, number: int) -> Iterator[Charge]:
        """The fees of payments that failed since the last invoice."""
        if not number:
            return
        since_on, issued_on = self._plan.issue_on(number - 1), self._plan.issue_on(number)
        for settlement in self._plan.settlements.values():
            failed_on = settlement.failed_on
            if settlement.outcome in WITH_FEE and failed_on and since_on <= failed_on < issued_on:
                charge = self.rejection(failed_on)
                if charge:
                    yield charge

    def _once(self, kind: LineKind, position: int | None, item: str | None, code: str, on: date) -> Charge:
        price = self._catalogue.price(code, on)
        component = price.components[0]
        amount = drafts.once(component.cents, price.reference)
        return drafts.charge(kind, Place(position, item, code, price), component, None, amount)


def _discounted(place: Place, discount: DiscountPlan, days: Period, of: Period) -> Iterator[Charge]:
    component, reference = place.price.components[0], place.price.reference
    segments = discounts.discounted(
        full_cents=component.cents,
        price_version=reference,
        discount=discounts.AmountOff(discount.cents, discount.label),
        discount_ends_on=discount.ends_on,
        served=days,
        of=of,
    )
    if discount.is_overbilled and len(segments) > 1:
        amount = drafts.prorated(component.cents, reference, days, of)
        correct = total_of([segment.derived for segment in segments])
        yield drafts.charge(LineKind.SUBSCRIPTION, place, component, days, amount, correct=correct)
        return
    for segment in segments:
        off_cents = discount.cents if segment.period.starts_on < discount.ends_on else 0
        amount = drafts.ready(segment.derived)
        yield drafts.charge(LineKind.SUBSCRIPTION, place, component, segment.period, amount, off_cents=off_cents)
