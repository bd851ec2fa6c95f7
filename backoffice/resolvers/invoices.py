"""Invoices: the orders of their lists, and lines explained in words."""

from enum import Enum

import strawberry

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
