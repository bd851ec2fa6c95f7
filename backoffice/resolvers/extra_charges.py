"""Charges that wait for the next invoice, explained in words."""

import strawberry

from backoffice.billing.derivation import Derived
from backoffice.models import ExtraCharge, Language
from backoffice.resolvers.context import Info


def explanation(root: strawberry.Parent[ExtraCharge], info: Info, language: Language = Language.FR) -> list[str]:
    """How the amount comes about, as sentences; the derivation kept with the charge tells it."""
    return Derived.from_json(root.derivation).explain(language.lower(), currency=info.context.currency)
