"""Charges that wait for the next invoice, in the graph."""

from datetime import date, datetime

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.resolvers import extra_charges as resolve
from backoffice.schema import graph
from backoffice.schema.access import of, see
from backoffice.schema.nodes import Node
from backoffice.schema.scalars import JSON, Money, Rate

_READ = Capability.BILLING_READ


@of(fields.extra_charges.EXTRA_CHARGE)
class ExtraCharge(Node):
    """A charge, or a credit below zero, that waits for the next invoice of its account."""

    kind: models.LineKind = see(_READ, "What it is about.")
    label: str = see(_READ, "The text that will be printed.")
    starts_on: date | None = see(_READ, "The first day that it covers.")
    ends_on: date | None = see(_READ, "The first day that it no longer covers.")
    unit_price: Money = see(_READ, "The price of a whole period.")
    vat_rate: Rate | None = see(_READ, "The VAT rate; none outside the scope of VAT.")
    amount: Money = see(_READ, "The amount with VAT; below zero it gives back.")
    derivation: JSON = see(_READ, "How the amount comes about, as data that a separate program can check.")
    explanation: list[str] = see(_READ, "How the amount comes about, as sentences.", by=resolve.explanation)
    cause: str = see(_READ, "The global id of what caused it.")
    billable_from: date = see(_READ, "The first day on which an invoice can have it.")
    created_at: datetime = see(_READ, "When it was made.")
    cancelled_at: datetime | None = see(_READ, "When it was taken back.")
    contract: graph.Contract | None = see(Capability.CONTRACT_READ, "The contract it is about.")
    item: graph.ContractItem | None = see(Capability.CONTRACT_READ, "The item it is about.")
    invoice_line: graph.InvoiceLine | None = see(_READ, "The line that billed it; none while it waits.")
