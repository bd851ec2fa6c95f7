"""add the money"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from backoffice.migrations import checks

revision = "20261124_2302"
down_revision = "20261121_2245"
branch_labels = None
depends_on = None


_EVENTS = (
    "CONCLUDED STARTED OFFER_CHANGED OPTION_ADDED OPTION_ENDED PROMOTION_GRANTED PROMOTION_ENDED SUSPENDED REACTIVATED "
    "TERMINATION_REQUESTED TERMINATED IMPORTED"
)
_POSTINGS = "INVOICE CREDIT_NOTE PAYMENT PAYMENT_RETURN REFUND GOODWILL OPENING"
_ACCOUNTS = "RECEIVABLE REVENUE VAT BANK DEPOSITS GOODWILL OPENING"
_REFUNDS = "REQUESTED PENDING_APPROVAL APPROVED SENT SETTLED REFUSED FAILED"
_REASONS = (
    "BILLING_ERROR PRORATION_ERROR SERVICE_FAILURE UNUSED_OPTION WITHDRAWAL DUPLICATE_PARTNER_CHARGE UNDUE_SUSPENSION "
    "GOODWILL"
)
_REOPENED = (
    "CASE WHEN refunded_cents + offset_cents > credited_cents "
    "THEN refunded_cents + offset_cents - credited_cents ELSE 0 END"
)


def upgrade() -> None:
    op.create_table(
        "billing_runs",
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached_subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("invoices", sa.BigInteger(), nullable=False),
        sa.Column("ttc_cents", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("state IN ('RUNNING', 'FINISHED')", name=op.f("ck_billing_runs_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_runs")),
        sa.UniqueConstraint("on_day", name=op.f("uq_billing_runs_on_day")),
    )
    op.create_table(
        "approvals",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("given", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("figures", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("figures_hash", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("requested_by_id", sa.BigInteger(), nullable=False),
        sa.Column("requested_by_role", sa.String(length=40), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.Column("result", sa.String(length=80), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "requested_by_role IN ('AGENT', 'SUPERVISOR', 'BILLING', 'ANALYST', 'DPO', 'ADMIN')",
            name=op.f("ck_approvals_requested_by_role_known"),
        ),
        sa.CheckConstraint(
            "state IN ('PENDING_APPROVAL', 'APPROVED', 'REFUSED', 'EXPIRED', 'OUTDATED')",
            name=op.f("ck_approvals_state_known"),
        ),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_approvals_amount_not_negative")),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> requested_by_id", name=op.f("ck_approvals_never_by_oneself")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_approvals_decided_by_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["staff.id"], name=op.f("fk_approvals_requested_by_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_approvals_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_approvals")),
    )
    op.create_index(op.f("ix_approvals_requested_at_id"), "approvals", ["requested_at", "id"], unique=False)
    op.create_index(op.f("ix_approvals_requested_by_id"), "approvals", ["requested_by_id"], unique=False)
    op.create_index(op.f("ix_approvals_state_expires_at"), "approvals", ["state", "expires_at"], unique=False)
    op.create_index(
        op.f("ix_approvals_subscriber_id_requested_at"), "approvals", ["subscriber_id", "requested_at"], unique=False
    )
    op.create_table(
        "bulk_corrections",
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("rule", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("subscribers", sa.BigInteger(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("planned_by_id", sa.BigInteger(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "reason IN ('BILLING_ERROR', 'PRORATION_ERROR', 'SERVICE_FAILURE', 'UNUSED_OPTION', 'WITHDRAWAL', 'DUPLICATE_PARTNER_CHARGE', 'UNDUE_SUSPENSION', 'GOODWILL', 'TERMINATION')",
            name=op.f("ck_bulk_corrections_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('PLANNED', 'APPROVED', 'RUNNING', 'DONE', 'REFUSED')",
            name=op.f("ck_bulk_corrections_state_known"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> planned_by_id", name=op.f("ck_bulk_corrections_never_by_oneself")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["staff.id"], name=op.f("fk_bulk_corrections_decided_by_id")),
        sa.ForeignKeyConstraint(["planned_by_id"], ["staff.id"], name=op.f("fk_bulk_corrections_planned_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_corrections")),
    )
    op.create_table(
        "rendered_documents",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('INVOICE', 'CREDIT_NOTE')", name=op.f("ck_rendered_documents_kind_known")),
        sa.CheckConstraint("language IN ('FR', 'EN')", name=op.f("ck_rendered_documents_language_known")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_rendered_documents_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_rendered_documents")),
    )
    op.create_index(
        op.f("ix_rendered_documents_subscriber_id_document_id_language"),
        "rendered_documents",
        ["subscriber_id", "document_id", "language"],
        unique=True,
    )
    op.create_table(
        "spent_quotes",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_spent_quotes_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_spent_quotes")),
    )
    op.create_table(
        "goodwill_credits",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('GRANTED', 'REVERSED')", name=op.f("ck_goodwill_credits_state_known")),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_goodwill_credits_positive")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_goodwill_credits_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_goodwill_credits_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_goodwill_credits")),
    )
    op.create_index(
        op.f("ix_goodwill_credits_subscriber_id_billing_account_id"),
        "goodwill_credits",
        ["subscriber_id", "billing_account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_goodwill_credits_subscriber_id_granted_on"),
        "goodwill_credits",
        ["subscriber_id", "granted_on"],
        unique=False,
    )
    op.create_table(
        "change_orders",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("given", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("applied", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("requested_by_id", sa.BigInteger(), nullable=False),
        sa.Column("requested_by_name", sa.String(length=120), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_code", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('OPTION_ADD', 'OPTION_END', 'OFFER_CHANGE', 'TERMINATION', 'WITHDRAWAL', 'SUSPENSION', 'REACTIVATION')",
            name=op.f("ck_change_orders_kind_known"),
        ),
        sa.CheckConstraint(
            "state <> 'APPLIED' OR applied_at IS NOT NULL", name=op.f("ck_change_orders_applied_has_its_time")
        ),
        sa.CheckConstraint(
            "state IN ('SCHEDULED', 'APPLIED', 'CANCELLED', 'FAILED', 'REVERSED')",
            name=op.f("ck_change_orders_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_id"],
            ["contracts.subscriber_id", "contracts.id"],
            name=op.f("fk_change_orders_subscriber_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_change_orders_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_change_orders")),
    )
    op.create_index(
        op.f("ix_change_orders_state_effective_on"), "change_orders", ["state", "effective_on"], unique=False
    )
    op.create_index(
        op.f("ix_change_orders_subscriber_id_contract_id_effective_on"),
        "change_orders",
        ["subscriber_id", "contract_id", "effective_on"],
        unique=False,
    )
    op.create_table(
        "credit_applications",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_credit_applications_not_zero")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_credit_applications_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_id"],
            ["invoices.subscriber_id", "invoices.id"],
            name=op.f("fk_credit_applications_subscriber_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_credit_applications_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_credit_applications")),
    )
    op.create_index(
        op.f("ix_credit_applications_subscriber_id_billing_account_id"),
        "credit_applications",
        ["subscriber_id", "billing_account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_credit_applications_subscriber_id_invoice_id"),
        "credit_applications",
        ["subscriber_id", "invoice_id"],
        unique=False,
    )
    op.create_table(
        "dunning_steps",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skipped_because", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "kind IN ('COLLECTION', 'REMINDER', 'FEE', 'SECOND_REMINDER', 'SUSPENSION')",
            name=op.f("ck_dunning_steps_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_id"],
            ["invoices.subscriber_id", "invoices.id"],
            name=op.f("fk_dunning_steps_subscriber_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_dunning_steps_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_dunning_steps")),
    )
    op.create_index(
        op.f("ix_dunning_steps_subscriber_id_invoice_id"),
        "dunning_steps",
        ["subscriber_id", "invoice_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_dunning_steps_subscriber_id_invoice_id_kind"),
        "dunning_steps",
        ["subscriber_id", "invoice_id", "kind"],
        unique=True,
    )
    op.create_table(
        "bulk_credits",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bulk_correction_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_line_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("derivation", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("credit_note_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_bulk_credits_positive")),
        sa.ForeignKeyConstraint(
            ["bulk_correction_id"], ["bulk_corrections.id"], name=op.f("fk_bulk_credits_bulk_correction_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "credit_note_id"],
            ["credit_notes.subscriber_id", "credit_notes.id"],
            name=op.f("fk_bulk_credits_subscriber_id_credit_note_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_line_id"],
            ["invoice_lines.subscriber_id", "invoice_lines.id"],
            name=op.f("fk_bulk_credits_subscriber_id_invoice_line_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_bulk_credits_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_bulk_credits")),
    )
    op.create_index(op.f("ix_bulk_credits_bulk_correction_id"), "bulk_credits", ["bulk_correction_id"], unique=False)
    op.create_table(
        "extra_charges",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("contract_item_id", sa.BigInteger(), nullable=True),
        sa.Column("offer_id", sa.BigInteger(), nullable=True),
        sa.Column("price_version_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("unit_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate", sa.Integer(), nullable=True),
        sa.Column("ttc_cents", sa.BigInteger(), nullable=False),
        sa.Column("derivation", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("billable_from", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invoice_line_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('SUBSCRIPTION', 'OPTION', 'PRORATION', 'FEE', 'DEPOSIT', 'STATEMENT')",
            name=op.f("ck_extra_charges_kind_known"),
        ),
        sa.CheckConstraint(
            "invoice_line_id IS NULL OR cancelled_at IS NULL", name=op.f("ck_extra_charges_not_billed_and_cancelled")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_extra_charges_offer_id")),
        sa.ForeignKeyConstraint(
            ["price_version_id"], ["price_versions.id"], name=op.f("fk_extra_charges_price_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_extra_charges_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_id"],
            ["contracts.subscriber_id", "contracts.id"],
            name=op.f("fk_extra_charges_subscriber_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_item_id"],
            ["contract_items.subscriber_id", "contract_items.id"],
            name=op.f("fk_extra_charges_subscriber_id_contract_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_line_id"],
            ["invoice_lines.subscriber_id", "invoice_lines.id"],
            name=op.f("fk_extra_charges_subscriber_id_invoice_line_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_extra_charges_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_extra_charges")),
    )
    op.create_index(
        op.f("ix_extra_charges_subscriber_id_billing_account_id_billable_from"),
        "extra_charges",
        ["subscriber_id", "billing_account_id", "billable_from"],
        unique=False,
    )
    op.create_index(
        op.f("ix_extra_charges_subscriber_id_contract_id"),
        "extra_charges",
        ["subscriber_id", "contract_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_extra_charges_subscriber_id_contract_item_id"),
        "extra_charges",
        ["subscriber_id", "contract_item_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_extra_charges_subscriber_id_invoice_line_id"),
        "extra_charges",
        ["subscriber_id", "invoice_line_id"],
        unique=False,
    )
    op.add_column("contracts", sa.Column("termination_reason", sa.String(length=40), nullable=True))
    op.add_column("credit_notes", sa.Column("kind", sa.String(length=40), server_default="CREDIT_NOTE", nullable=False))
    op.add_column("credit_notes", sa.Column("reverses_id", sa.BigInteger(), nullable=True))
    op.add_column("credit_notes", sa.Column("ticket_id", sa.BigInteger(), nullable=True))
    op.add_column("credit_notes", sa.Column("operation", sa.String(length=80), nullable=True))
    op.add_column("credit_notes", sa.Column("offset_cents", sa.BigInteger(), server_default="0", nullable=False))
    op.create_index(
        op.f("ix_credit_notes_subscriber_id_reverses_id"), "credit_notes", ["subscriber_id", "reverses_id"], unique=True
    )
    op.add_column("invoices", sa.Column("applied_cents", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("outbox", sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("lease", sa.String(length=32), nullable=True))
    op.add_column("outbox", sa.Column("last_error", sa.String(length=200), nullable=True))
    op.add_column("outbox", sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_outbox_subscriber_id_dedupe_key"), "outbox", ["subscriber_id", "dedupe_key"], unique=True)
    op.add_column("payments", sa.Column("means", sa.String(length=40), nullable=True))
    op.add_column("payments", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("receipt_email", sa.String(length=254), nullable=True))
    op.add_column("payment_allocations", sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("refunds", sa.Column("ticket_id", sa.BigInteger(), nullable=True))
    op.add_column("refunds", sa.Column("failure_code", sa.String(length=40), nullable=True))
    op.add_column("refunds", sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("refunds", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))

    _change_checks()
    _refuse_changes("credit_applications")


def _change_checks() -> None:
    reversals = (
        "CREDIT_NOTE_REVERSAL PAYMENT_REVERSAL PAYMENT_RETURN_REVERSAL REFUND_SENT REFUND_FAILED REFUND_REVERSAL "
        "GOODWILL_REVERSAL INDEMNITY INDEMNITY_REVERSAL"
    )
    reasons = (
        "CUSTOMER_REQUEST WITHDRAWAL PRICE_OR_TERMS_CHANGE PERFORMANCE_GAP OVER_INDEBTEDNESS BUNDLE_NOT_CONFORMING "
        "PORT_OUT DEATH UNPAID"
    )
    events = f"{_EVENTS} WITHDRAWN CHANGE_SCHEDULED CHANGE_CANCELLED CHANGE_REVERSED CORRECTED"
    gross_due = f"ttc_cents - paid_cents - offset_cents + {_REOPENED}"
    checks.replace("contract_events", "kind_known", checks.one_of("kind", events))
    checks.replace("ledger_postings", "kind_known", checks.one_of("kind", f"{_POSTINGS} {reversals}"))
    checks.replace("ledger_entries", "account_known", checks.one_of("account", f"{_ACCOUNTS} CLEARING INDEMNITIES"))
    checks.replace("refunds", "state_known", checks.one_of("state", f"{_REFUNDS} CANCELLED"))
    for table in ("credit_notes", "refunds"):
        checks.replace(table, "reason_known", checks.one_of("reason", f"{_REASONS} TERMINATION"))
    checks.replace("outbox", "kind_known", checks.one_of("kind", "MAIL REFUND CHARGE"))
    checks.add("contracts", "termination_reason_known", checks.one_of("termination_reason", reasons))
    checks.add("payments", "means_known", checks.one_of("means", "CARD DIRECT_DEBIT TRANSFER CHECK"))
    checks.add("credit_notes", "kind_known", checks.one_of("kind", "CREDIT_NOTE REVERSAL"))
    checks.add("credit_notes", "offset_within_note", "offset_cents BETWEEN 0 AND ttc_cents")
    checks.add("credit_notes", "reversal_names_its_note", "(kind = 'REVERSAL') = (reverses_id IS NOT NULL)")
    checks.add("invoices", "applied_not_negative", "applied_cents >= 0")
    checks.replace("invoices", "not_overpaid", f"applied_cents = 0 OR applied_cents <= {gross_due}")
    checks.drop("invoices", "refunded_within_paid")


def _restore_checks() -> None:
    checks.add("invoices", "refunded_within_paid", "refunded_cents <= paid_cents")
    checks.replace("invoices", "not_overpaid", "paid_cents + offset_cents <= ttc_cents")
    checks.drop("invoices", "applied_not_negative")
    for name in ("reversal_names_its_note", "offset_within_note", "kind_known"):
        checks.drop("credit_notes", name)
    checks.drop("payments", "means_known")
    checks.drop("contracts", "termination_reason_known")
    checks.replace("outbox", "kind_known", checks.one_of("kind", "MAIL"))
    for table in ("credit_notes", "refunds"):
        checks.replace(table, "reason_known", checks.one_of("reason", _REASONS))
    checks.replace("refunds", "state_known", checks.one_of("state", _REFUNDS))
    checks.replace("ledger_entries", "account_known", checks.one_of("account", _ACCOUNTS))
    checks.replace("ledger_postings", "kind_known", checks.one_of("kind", _POSTINGS))
    checks.replace("contract_events", "kind_known", checks.one_of("kind", _EVENTS))


def _refuse_changes(table: str) -> None:
    """Let rows be added, but never changed or taken away."""
    if op.get_bind().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
            )
        return
    for change, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    _restore_checks()
    op.drop_column("refunds", "failed_at")
    op.drop_column("refunds", "sent_at")
    op.drop_column("refunds", "failure_code")
    op.drop_column("refunds", "ticket_id")
    op.drop_column("payment_allocations", "undone_at")
    op.drop_column("payments", "receipt_email")
    op.drop_column("payments", "note")
    op.drop_column("payments", "means")
    op.drop_index(op.f("ix_outbox_subscriber_id_dedupe_key"), table_name="outbox")
    op.drop_column("outbox", "done_at")
    op.drop_column("outbox", "last_error")
    op.drop_column("outbox", "lease")
    op.drop_column("outbox", "leased_until")
    op.drop_column("invoices", "applied_cents")
    op.drop_index(op.f("ix_credit_notes_subscriber_id_reverses_id"), table_name="credit_notes")
    op.drop_column("credit_notes", "offset_cents")
    op.drop_column("credit_notes", "operation")
    op.drop_column("credit_notes", "ticket_id")
    op.drop_column("credit_notes", "reverses_id")
    op.drop_column("credit_notes", "kind")
    op.drop_column("contracts", "termination_reason")
    op.drop_index(op.f("ix_extra_charges_subscriber_id_invoice_line_id"), table_name="extra_charges")
    op.drop_index(op.f("ix_extra_charges_subscriber_id_contract_item_id"), table_name="extra_charges")
    op.drop_index(op.f("ix_extra_charges_subscriber_id_contract_id"), table_name="extra_charges")
    op.drop_index(op.f("ix_extra_charges_subscriber_id_billing_account_id_billable_from"), table_name="extra_charges")
    op.drop_table("extra_charges")
    op.drop_index(op.f("ix_bulk_credits_bulk_correction_id"), table_name="bulk_credits")
    op.drop_table("bulk_credits")
    op.drop_index(op.f("ix_dunning_steps_subscriber_id_invoice_id_kind"), table_name="dunning_steps")
    op.drop_index(op.f("ix_dunning_steps_subscriber_id_invoice_id"), table_name="dunning_steps")
    op.drop_table("dunning_steps")
    op.drop_index(op.f("ix_credit_applications_subscriber_id_invoice_id"), table_name="credit_applications")
    op.drop_index(op.f("ix_credit_applications_subscriber_id_billing_account_id"), table_name="credit_applications")
    op.drop_table("credit_applications")
    op.drop_index(op.f("ix_change_orders_subscriber_id_contract_id_effective_on"), table_name="change_orders")
    op.drop_index(op.f("ix_change_orders_state_effective_on"), table_name="change_orders")
    op.drop_table("change_orders")
    op.drop_index(op.f("ix_goodwill_credits_subscriber_id_granted_on"), table_name="goodwill_credits")
    op.drop_index(op.f("ix_goodwill_credits_subscriber_id_billing_account_id"), table_name="goodwill_credits")
    op.drop_table("goodwill_credits")
    op.drop_table("spent_quotes")
    op.drop_index(op.f("ix_rendered_documents_subscriber_id_document_id_language"), table_name="rendered_documents")
    op.drop_table("rendered_documents")
    op.drop_table("bulk_corrections")
    op.drop_index(op.f("ix_approvals_subscriber_id_requested_at"), table_name="approvals")
    op.drop_index(op.f("ix_approvals_state_expires_at"), table_name="approvals")
    op.drop_index(op.f("ix_approvals_requested_by_id"), table_name="approvals")
    op.drop_index(op.f("ix_approvals_requested_at_id"), table_name="approvals")
    op.drop_table("approvals")
    op.drop_table("billing_runs")
