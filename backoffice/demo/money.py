"""The money of one subscriber: invoices in order, each with its payments, returns and credits in order of time."""

from collections.abc import Callable, Iterator
from datetime import datetime

from backoffice.demo import credit_applications, credit_notes, invoices, payments, refunds, waiting
from backoffice.demo.accounts import Means
from backoffice.demo.charges import Biller
from backoffice.demo.drafts import Standing
from backoffice.demo.files import File
from backoffice.demo.invoices import Bill
from backoffice.demo.setbacks import Outcome

Step = tuple[datetime, Callable[[], None]]


def write(file: File, means: Means) -> list[Bill]:
    """Add every invoice of the plan and all that happened to it."""
    biller = Biller(file.plan, file.operator.catalogue)
    standing: dict[tuple[int, int], list[Standing]] = {}
    bills: list[Bill] = []
    together: list[Bill] = []
    for number in file.plan.invoiced():
        bill = invoices.issue(file, number, biller.charges(number, standing))
        invoices.standing(file, bill, standing)
        bills.append(bill)
        together.append(bill)
        for _, step in sorted(_steps(file, bill, means, list(together)), key=lambda step: step[0]):
            step()
        if number not in file.plan.settlements or file.plan.settlements[number].outcome is not Outcome.WITH_THE_NEXT:
            together.clear()
    _ask(file, bills)
    waiting.write(file, biller, bills, standing)
    credit_applications.settle(file, bills)
    for bill in bills:
        bill.close()
    return bills


def _steps(file: File, bill: Bill, means: Means, together: list[Bill]) -> Iterator[Step]:
    """What happens to a bill; `together` are the bills that one payment pays. What is yet to come does nothing."""
    for credit in file.plan.credits:
        if credit.period == bill.number:
            at = file.at(credit.on, 10, 17)
            yield at, lambda credit=credit, at=at: credit_notes.issue(file, bill, credit, at)  # type: ignore[misc]
    yield from _settling(file, bill, means, together)


def _settling(file: File, bill: Bill, means: Means, together: list[Bill]) -> Iterator[Step]:
    due_on = file.plan.due_on(bill.number)
    due_at = payments.moment(file, means, due_on)
    settlement = file.plan.settlements.get(bill.number)
    if settlement is None:
        yield due_at, lambda: payments.pay(file, together, means.on(due_on), due_at)
        return
    outcome, code = settlement.outcome, settlement.code
    if outcome in (Outcome.DENIED_THEN_PAID, Outcome.UNPAID):
        yield due_at, lambda: payments.fail(file, bill, means.on(due_on), due_at, code)
    if outcome is Outcome.RETURNED and settlement.failed_on:
        back_at = file.at(settlement.failed_on, 7, 9)
        yield due_at, lambda: payments.pay(file, [bill], means.on(due_on), due_at)
        yield back_at, lambda: payments.take_back(file, bill, back_at, code)
    if settlement.paid_on:
        paid_on, paid_at = settlement.paid_on, file.at(settlement.paid_on, 17, 21)
        if outcome is Outcome.TOO_MUCH:
            yield paid_at, lambda: payments.pay_too_much(file, bill, means.on(paid_on), paid_at)
        elif outcome is Outcome.IN_PART:
            yield paid_at, lambda: payments.pay_part(file, bill, means.card(paid_on), paid_at)
        else:
            yield paid_at, lambda: payments.pay(file, [bill], means.card(paid_on), paid_at)


def _ask(file: File, bills: list[Bill]) -> None:
    request = file.plan.refund_request
    paid = [bill for bill in bills if bill.paid_by and not bill.invoice["credited_cents"]]
    if request and paid:
        at = file.at(request.on, 18, 20)
        refunds.request(file, paid[-1], at, request.cents, request.state)
