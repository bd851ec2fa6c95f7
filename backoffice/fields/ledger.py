"""The double-entry ledger of a billing account."""

from backoffice import models
from backoffice.fields.declare import Column, Entity, Relation
from backoffice.permissions import Capability

LEDGER_POSTING = Entity(
    "LedgerPosting",
    models.LedgerPosting,
    needs=Capability.BILLING_READ,
    fields={"entries": Relation("LedgerEntry", by="posting_id")},
)

LEDGER_ENTRY = Entity(
    "LedgerEntry", models.LedgerEntry, needs=Capability.BILLING_READ, fields={"amount": Column("amount_cents")}
)
