"""Invoices to come in the graph: what the next billing run will issue."""

from datetime import date

from backoffice import models
from backoffice.resolvers import upcoming_invoices as resolve
from backoffice.schema import graph
from backoffice.schema.access import plain, value
from backoffice.schema.previews import PreviewRate
from backoffice.schema.scalars import JSON, Money, Rate


@value
class UpcomingLine:
    """A line of the next invoice."""

    kind: models.LineKind = plain("What it is about.", by=resolve.kind)
    label: str = plain("The text that will be printed.", by=resolve.label)
    starts_on: date | None = plain("The first day that it covers.", by=resolve.line_starts_on)
    ends_on: date | None = plain("The first day that it no longer covers.", by=resolve.line_ends_on)
    quantity: int = plain("How many.", by=resolve.quantity)
    unit_price: Money = plain("The price of one for a whole period, after discount.", by=resolve.unit_price)
    vat_rate: Rate | None = plain("The VAT rate; none outside the scope of VAT.", by=resolve.vat_rate)
    amount_excluding_vat: Money = plain("The amount without VAT.", by=resolve.ht)
    vat: Money = plain("The VAT.", by=resolve.vat)
    amount: Money = plain("The amount with VAT.", by=resolve.ttc)
    derivation: JSON = plain(
        "How the amount comes about, as data that a separate program can check.", by=resolve.derivation
    )
    explanation: list[str] = plain("How the amount comes about, as sentences.", by=resolve.explanation)
    contract: graph.Contract | None = plain("The contract it is about.", by=resolve.contract)


@value
class UpcomingInvoice:
    """The next invoice of an account as things stand today, planned by what will bill it."""

    issued_on: date = plain("The day on which it will be issued.", by=resolve.issued_on)
    due_on: date = plain("The day on which it will have to be paid.", by=resolve.due_on)
    starts_on: date = plain("The first day of the period.", by=resolve.starts_on)
    ends_on: date = plain("The first day after the period.", by=resolve.ends_on)
    run_type: models.RunType = plain("Whether it is due in the billing cycle.", by=resolve.run_type)
    lines: list[UpcomingLine] = plain("Its lines, in order.", by=resolve.lines)
    rates: list[PreviewRate] = plain("Its amounts by VAT rate.", by=resolve.rates)
    total_excluding_vat: Money = plain("The total without VAT.", by=resolve.total_ht)
    vat: Money = plain("The VAT.", by=resolve.total_vat)
    total: Money = plain("The total with VAT.", by=resolve.total_ttc)
    carried_credit: Money = plain("What the credit of the account will pay of it.", by=resolve.carried_credit)
    due: Money = plain("What will be left to pay.", by=resolve.due)
    left_over: Money = plain("Credits that it has no room for: they wait for a later invoice.", by=resolve.left_over)
