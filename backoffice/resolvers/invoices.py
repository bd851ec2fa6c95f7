"""Invoices: the orders of their lists, and lines explained in words and proven."""

from enum import Enum

import strawberry

from backoffice import checker
from backoffice.billing.derivation import Derived
from backoffice.models import InvoiceLine, Language
from backoffice.resolvers.context import Info


class InvoiceSort(Enum):
    """The order of a list of invoices."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    DUE_FIRST = "DUE_FIRST"
    LARGEST = "LARGEST"


def explanation(root: strawberry.Parent[InvoiceLine], info: Info, language: Language = Language.FR) -> list[str]:
    """How the amount comes about, as sentences; the derivation kept with the line tells it."""
    return Derived.from_json(root.derivation).explain(language.lower(), currency=info.context.currency)


def is_proven(root: strawberry.Parent[InvoiceLine]) -> bool:
    """Whether the checker, which does not know the engine, recomputes the amount from the derivation."""
    try:
        return checker.recompute(root.derivation) == root.ttc_cents
    except checker.Wrong:
        return False
