"""Dunning in the graph: what was done about an unpaid invoice."""

from datetime import date, datetime

from backoffice import fields, models
from backoffice.permissions import Capability
from backoffice.schema import graph
from backoffice.schema.access import of, see
from backoffice.schema.nodes import Node

_READ = Capability.BILLING_READ


@of(fields.dunning_steps.DUNNING_STEP)
class DunningStep(Node):
    """A step that was taken about an unpaid invoice, or skipped for a reason; each is taken once."""

    kind: models.DunningStepKind = see(_READ, "What was done.")
    due_on: date = see(_READ, "The day on which it was due.")
    taken_at: datetime = see(_READ, "When it was taken.")
    skipped_because: str | None = see(
        _READ,
        "Why it was not done: FRAGILE (Code de la consommation, L224-37), EXCUSED, NOTHING_TO_CUT; for a collection "
        "UNDER_WAY (a payment that was asked for already covers it) or REFUSED (the bank has said no since it was due).",
    )
    invoice: graph.Invoice = see(_READ, "The invoice it is about.")
