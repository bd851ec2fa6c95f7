"""The double-entry ledger of a billing account."""

from backoffice import models
from backoffice.fields.declare import Column, Entity, Relation

LEDGER_POSTING = Entity(
    "LedgerPosting",
    models.LedgerPosting,
    fields={"entries": Relation("LedgerEntry", by="posting_id")},
)

LEDGER_ENTRY = Entity("LedgerEntry", models.LedgerEntry, fields={"amount": Column("amount_cents")})
