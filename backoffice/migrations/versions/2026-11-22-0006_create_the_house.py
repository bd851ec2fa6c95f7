"""create the house"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261121_2245"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = (
    "audit_entries",
    "contract_events",
    "device_events",
    "ledger_entries",
    "ledger_postings",
    "ticket_events",
)


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("subscriber_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=True),
        sa.Column("query", sa.String(length=200), nullable=True),
        sa.Column("hits", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "actor_kind IN ('STAFF', 'SUBSCRIBER', 'PARTNER', 'SYSTEM')", name=op.f("ck_access_log_actor_kind_known")
        ),
        sa.CheckConstraint("kind IN ('SEARCH', 'FILE')", name=op.f("ck_access_log_kind_known")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_access_log")),
    )
    op.create_index(op.f("ix_access_log_actor_id_at"), "access_log", ["actor_id", "at"], unique=False)
    op.create_index(op.f("ix_access_log_subscriber_id_at"), "access_log", ["subscriber_id", "at"], unique=False)
    op.create_table(
        "audit_entries",
        sa.Column("subscriber_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("target", sa.String(length=80), nullable=True),
        sa.Column("before", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("after", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "actor_kind IN ('STAFF', 'SUBSCRIBER', 'PARTNER', 'SYSTEM')", name=op.f("ck_audit_entries_actor_kind_known")
        ),
        sa.CheckConstraint("outcome IN ('DONE', 'REFUSED')", name=op.f("ck_audit_entries_outcome_known")),
        sa.CheckConstraint(
            "role IN ('AGENT', 'SUPERVISOR', 'BILLING', 'ANALYST', 'DPO', 'ADMIN')",
            name=op.f("ck_audit_entries_role_known"),
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "sequence", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_subscriber_id_at"), "audit_entries", ["subscriber_id", "at"], unique=False)
    op.create_table(
        "channels",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("theme", sa.String(length=40), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("code", name=op.f("uq_channels_code")),
    )
    op.create_table(
        "number_series",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_number_series_not_negative")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_number_series")),
    )
    op.create_table(
        "offers",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_fr", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("commitment_months", sa.BigInteger(), nullable=False),
        sa.Column("has_subsidised_terminal", sa.Boolean(), nullable=False),
        sa.Column("is_rolling_month", sa.Boolean(), nullable=False),
        sa.Column("device_slots", sa.BigInteger(), nullable=False),
        sa.Column("simultaneous_streams", sa.BigInteger(), nullable=False),
        sa.Column("sold_from", sa.Date(), nullable=False),
        sa.Column("sold_until", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "family IN ('TV', 'INTERNET', 'FIXED', 'MOBILE', 'BUNDLE')", name=op.f("ck_offers_family_known")
        ),
        sa.CheckConstraint("kind IN ('OFFER', 'OPTION', 'FEE', 'DEPOSIT')", name=op.f("ck_offers_kind_known")),
        sa.CheckConstraint("commitment_months BETWEEN 0 AND 24", name=op.f("ck_offers_commitment_at_most_24_months")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("code", name=op.f("uq_offers_code")),
    )
    op.create_table(
        "partners",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partners")),
        sa.UniqueConstraint("code", name=op.f("uq_partners_code")),
    )
    op.create_table(
        "sla_policies",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("first_response_hours", sa.BigInteger(), nullable=False),
        sa.Column("resolution_hours", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "channel IN ('WEB', 'EMAIL', 'CHAT', 'PHONE', 'LETTER')", name=op.f("ck_sla_policies_channel_known")
        ),
        sa.CheckConstraint(
            "priority IN ('LOW', 'NORMAL', 'HIGH', 'URGENT')", name=op.f("ck_sla_policies_priority_known")
        ),
        sa.CheckConstraint(
            "first_response_hours > 0 AND resolution_hours > 0", name=op.f("ck_sla_policies_hours_positive")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policies")),
    )
    op.create_index(
        op.f("ix_sla_policies_channel_priority_starts_on"),
        "sla_policies",
        ["channel", "priority", "starts_on"],
        unique=True,
    )
    op.create_table(
        "staff",
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "role IN ('AGENT', 'SUPERVISOR', 'BILLING', 'ANALYST', 'DPO', 'ADMIN')", name=op.f("ck_staff_role_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "subscribers",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("contact_email_key", sa.String(length=254), nullable=True),
        sa.Column("billing_email", sa.String(length=254), nullable=True),
        sa.Column("billing_email_key", sa.String(length=254), nullable=True),
        sa.Column("is_fragile", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("source_note", sa.String(length=400), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('CONSUMER', 'BUSINESS', 'UNIDENTIFIED')", name=op.f("ck_subscribers_kind_known")),
        sa.CheckConstraint("language IN ('FR', 'EN')", name=op.f("ck_subscribers_language_known")),
        sa.CheckConstraint(
            "state IN ('PROSPECT', 'ACTIVE', 'FORMER', 'DECEASED', 'ERASED')", name=op.f("ck_subscribers_state_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
    )
    op.create_index(op.f("ix_subscribers_billing_email_key"), "subscribers", ["billing_email_key"], unique=False)
    op.create_index(op.f("ix_subscribers_contact_email_key"), "subscribers", ["contact_email_key"], unique=False)
    op.create_index(op.f("ix_subscribers_state_id"), "subscribers", ["state", "id"], unique=False)
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    op.create_table(
        "addresses",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("line1", sa.String(length=120), nullable=False),
        sa.Column("line2", sa.String(length=120), nullable=True),
        sa.Column("postcode", sa.String(length=12), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('INSTALLATION', 'BILLING')", name=op.f("ck_addresses_kind_known")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_addresses_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_postcode"), "addresses", ["postcode"], unique=False)
    op.create_index(op.f("ix_addresses_subscriber_id_kind"), "addresses", ["subscriber_id", "kind"], unique=False)
    op.create_table(
        "billing_accounts",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("debit_day", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("is_paper_requested", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("debit_day BETWEEN 1 AND 28", name=op.f("ck_billing_accounts_debit_day_known")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_billing_accounts_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_billing_accounts")),
    )
    op.create_index(
        op.f("ix_billing_accounts_subscriber_id_number"), "billing_accounts", ["subscriber_id", "number"], unique=False
    )
    op.create_table(
        "consents",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "kind IN ('MARKETING_EMAIL', 'MARKETING_PHONE', 'USAGE_ANALYSIS')", name=op.f("ck_consents_kind_known")
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_consents_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_consents")),
    )
    op.create_index(
        op.f("ix_consents_subscriber_id_kind_decided_at"),
        "consents",
        ["subscriber_id", "kind", "decided_at"],
        unique=False,
    )
    op.create_table(
        "directory",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=254), nullable=False),
        sa.Column("subscriber_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('NUMBER', 'LOGIN', 'EMAIL', 'PHONE', 'CONTRACT', 'ACCOUNT', 'INVOICE', 'CREDIT_NOTE', 'TICKET', 'SERIAL', 'IDEMPOTENCY', 'IMPORT')",
            name=op.f("ck_directory_kind_known"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_directory_subscriber_id")),
        sa.PrimaryKeyConstraint("kind", "key", "subscriber_id", name=op.f("pk_directory")),
    )
    op.create_index(op.f("ix_directory_subscriber_id_kind"), "directory", ["subscriber_id", "kind"], unique=False)
    op.create_index(
        "uq_directory_owned_by_one",
        "directory",
        ["kind", "key"],
        unique=True,
        sqlite_where=sa.text("kind NOT IN ('EMAIL', 'PHONE')"),
        postgresql_where=sa.text("kind NOT IN ('EMAIL', 'PHONE')"),
    )
    op.create_table(
        "holders",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("civility", sa.String(length=20), nullable=True),
        sa.Column("first_name", sa.String(length=80), nullable=True),
        sa.Column("last_name", sa.String(length=120), nullable=False),
        sa.Column("full_name", sa.String(length=201), nullable=False),
        sa.Column(
            "name_key",
            sa.String(length=201).with_variant(sa.String(length=201, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "name_key_reversed",
            sa.String(length=201).with_variant(sa.String(length=201, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("birth_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_holders_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_holders")),
    )
    op.create_index(op.f("ix_holders_name_key"), "holders", ["name_key"], unique=False)
    op.create_index(op.f("ix_holders_name_key_reversed"), "holders", ["name_key_reversed"], unique=False)
    op.create_index(op.f("ix_holders_subscriber_id_position"), "holders", ["subscriber_id", "position"], unique=False)
    op.create_table(
        "idempotent_answers",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("input_digest", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_idempotent_answers_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_idempotent_answers")),
    )
    op.create_table(
        "offer_channels",
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_offer_channels_channel_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_offer_channels_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_channels")),
    )
    op.create_index(
        op.f("ix_offer_channels_offer_id_starts_on"), "offer_channels", ["offer_id", "starts_on"], unique=False
    )
    op.create_table(
        "outbox",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('MAIL')", name=op.f("ck_outbox_kind_known")),
        sa.CheckConstraint("state IN ('PENDING', 'DONE', 'DEAD')", name=op.f("ck_outbox_state_known")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_outbox_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_outbox")),
    )
    op.create_index(op.f("ix_outbox_state_available_at"), "outbox", ["state", "available_at"], unique=False)
    op.create_table(
        "phones",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("typed", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=True),
        sa.CheckConstraint("kind IN ('MOBILE', 'HOME', 'OTHER')", name=op.f("ck_phones_kind_known")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_phones_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_phones")),
    )
    op.create_index(op.f("ix_phones_number"), "phones", ["number"], unique=False)
    op.create_index(op.f("ix_phones_subscriber_id_kind"), "phones", ["subscriber_id", "kind"], unique=False)
    op.create_table(
        "price_versions",
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("notified_on", sa.Date(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("basis IN ('TTC', 'HT')", name=op.f("ck_price_versions_basis_known")),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_price_versions_not_negative")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_price_versions_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_versions")),
    )
    op.create_index(
        op.f("ix_price_versions_offer_id_starts_on"), "price_versions", ["offer_id", "starts_on"], unique=True
    )
    op.create_table(
        "spent_codes",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("time_step", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_spent_codes_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "time_step", name=op.f("pk_spent_codes")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stepped_up_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("kind IN ('COOKIE', 'TOKEN')", name=op.f("ck_staff_sessions_kind_known")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_sessions_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_staff_sessions_token_digest")),
    )
    op.create_index(
        op.f("ix_staff_sessions_staff_id_ended_at"), "staff_sessions", ["staff_id", "ended_at"], unique=False
    )
    op.create_table(
        "contracts",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("concluded_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("period_months", sa.BigInteger(), nullable=False),
        sa.Column("billed_until", sa.Date(), nullable=True),
        sa.Column("commitment_months", sa.BigInteger(), nullable=False),
        sa.Column("commitment_ends_on", sa.Date(), nullable=True),
        sa.Column("has_subsidised_terminal", sa.Boolean(), nullable=False),
        sa.Column("is_express_start_requested", sa.Boolean(), nullable=False),
        sa.Column("suspension_cause", sa.String(length=40), nullable=True),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("partner_reference", sa.String(length=80), nullable=True),
        sa.Column("billed_by", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("billed_by IN ('OPERATOR', 'PARTNER')", name=op.f("ck_contracts_billed_by_known")),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'PENDING', 'ACTIVE', 'SUSPENDED', 'TERMINATING', 'TERMINATED', 'CANCELLED')",
            name=op.f("ck_contracts_state_known"),
        ),
        sa.CheckConstraint(
            "suspension_cause IN ('UNPAID', 'FRAUD', 'REQUEST')", name=op.f("ck_contracts_suspension_cause_known")
        ),
        sa.CheckConstraint(
            "commitment_months BETWEEN 0 AND 24", name=op.f("ck_contracts_commitment_at_most_24_months")
        ),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_contracts_period_is_ordered")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_contracts_offer_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partners.id"], name=op.f("fk_contracts_partner_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_contracts_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_contracts_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_contracts")),
    )
    op.create_index(op.f("ix_contracts_partner_id"), "contracts", ["partner_id"], unique=False)
    op.create_index(
        op.f("ix_contracts_subscriber_id_billing_account_id"),
        "contracts",
        ["subscriber_id", "billing_account_id"],
        unique=False,
    )
    op.create_index(op.f("ix_contracts_subscriber_id_number"), "contracts", ["subscriber_id", "number"], unique=False)
    op.create_table(
        "invoices",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("run_type", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("ht_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.Column("ttc_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("offset_cents", sa.BigInteger(), nullable=False),
        sa.Column("credited_cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('INVOICE', 'OPENING_STATEMENT')", name=op.f("ck_invoices_kind_known")),
        sa.CheckConstraint("run_type IN ('ON_CYCLE', 'OFF_CYCLE')", name=op.f("ck_invoices_run_type_known")),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'ISSUED', 'PARTIALLY_PAID', 'PAID', 'CREDITED')", name=op.f("ck_invoices_state_known")
        ),
        sa.CheckConstraint(
            "credited_cents BETWEEN offset_cents AND ttc_cents", name=op.f("ck_invoices_credited_within_invoice")
        ),
        sa.CheckConstraint("ht_cents + vat_cents = ttc_cents", name=op.f("ck_invoices_vat_adds_up")),
        sa.CheckConstraint("paid_cents + offset_cents <= ttc_cents", name=op.f("ck_invoices_not_overpaid")),
        sa.CheckConstraint("refunded_cents <= paid_cents", name=op.f("ck_invoices_refunded_within_paid")),
        sa.CheckConstraint(
            "ttc_cents >= 0 AND paid_cents >= 0 AND offset_cents >= 0 AND refunded_cents >= 0",
            name=op.f("ck_invoices_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_invoices_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_invoices_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_invoices")),
    )
    op.create_index(op.f("ix_invoices_issued_on_id"), "invoices", ["issued_on", "id"], unique=False)
    op.create_index(op.f("ix_invoices_state_due_on"), "invoices", ["state", "due_on"], unique=False)
    op.create_index(
        op.f("ix_invoices_subscriber_id_billing_account_id"),
        "invoices",
        ["subscriber_id", "billing_account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoices_subscriber_id_issued_on"), "invoices", ["subscriber_id", "issued_on"], unique=False
    )
    op.create_index(op.f("ix_invoices_subscriber_id_number"), "invoices", ["subscriber_id", "number"], unique=False)
    op.create_table(
        "ledger_postings",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('INVOICE', 'CREDIT_NOTE', 'PAYMENT', 'PAYMENT_RETURN', 'REFUND', 'GOODWILL', 'OPENING')",
            name=op.f("ck_ledger_postings_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_ledger_postings_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_ledger_postings_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_ledger_postings")),
    )
    op.create_index(
        op.f("ix_ledger_postings_subscriber_id_billing_account_id_booked_on"),
        "ledger_postings",
        ["subscriber_id", "billing_account_id", "booked_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_postings_subscriber_id_document_id"),
        "ledger_postings",
        ["subscriber_id", "document_id"],
        unique=False,
    )
    op.create_table(
        "payment_methods",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("card_token", sa.String(length=80), nullable=True),
        sa.Column("card_brand", sa.String(length=20), nullable=True),
        sa.Column("card_last_four", sa.String(length=4), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("iban_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("iban_index", sa.String(length=64), nullable=True),
        sa.Column("iban_last_four", sa.String(length=4), nullable=True),
        sa.Column("bic", sa.String(length=11), nullable=True),
        sa.Column("mandate_reference", sa.String(length=35), nullable=True),
        sa.Column("mandate_signed_on", sa.Date(), nullable=True),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('CARD', 'DIRECT_DEBIT', 'TRANSFER', 'CHECK')", name=op.f("ck_payment_methods_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('ACTIVE', 'EXPIRED', 'REPLACED', 'REVOKED')", name=op.f("ck_payment_methods_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_payment_methods_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_payment_methods_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_payment_methods")),
    )
    op.create_index(op.f("ix_payment_methods_iban_index"), "payment_methods", ["iban_index"], unique=False)
    op.create_index(op.f("ix_payment_methods_iban_last_four"), "payment_methods", ["iban_last_four"], unique=False)
    op.create_index(
        op.f("ix_payment_methods_subscriber_id_billing_account_id"),
        "payment_methods",
        ["subscriber_id", "billing_account_id"],
        unique=False,
    )
    op.create_table(
        "price_components",
        sa.Column("price_version_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("label_fr", sa.String(length=120), nullable=False),
        sa.Column("label_en", sa.String(length=120), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["price_version_id"], ["price_versions.id"], name=op.f("fk_price_components_price_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_components")),
    )
    op.create_index(
        op.f("ix_price_components_price_version_id_position"),
        "price_components",
        ["price_version_id", "position"],
        unique=False,
    )
    op.create_table(
        "contract_items",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("agreed_amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("anchor_on", sa.Date(), nullable=True),
        sa.Column("billed_until", sa.Date(), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('OFFER', 'OPTION', 'FEE', 'DEPOSIT')", name=op.f("ck_contract_items_kind_known")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_contract_items_period_is_ordered")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_contract_items_quantity_positive")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_contract_items_offer_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_id"],
            ["contracts.subscriber_id", "contracts.id"],
            name=op.f("fk_contract_items_subscriber_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_contract_items_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_contract_items")),
    )
    op.create_index(
        op.f("ix_contract_items_subscriber_id_contract_id_starts_on"),
        "contract_items",
        ["subscriber_id", "contract_id", "starts_on"],
        unique=False,
    )
    op.create_table(
        "credit_notes",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=True),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ht_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.Column("ttc_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('BILLING_ERROR', 'PRORATION_ERROR', 'SERVICE_FAILURE', 'UNUSED_OPTION', 'WITHDRAWAL', 'DUPLICATE_PARTNER_CHARGE', 'UNDUE_SUSPENSION', 'GOODWILL')",
            name=op.f("ck_credit_notes_reason_known"),
        ),
        sa.CheckConstraint("ht_cents + vat_cents = ttc_cents", name=op.f("ck_credit_notes_vat_adds_up")),
        sa.CheckConstraint("ttc_cents > 0", name=op.f("ck_credit_notes_positive")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_credit_notes_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_id"],
            ["invoices.subscriber_id", "invoices.id"],
            name=op.f("fk_credit_notes_subscriber_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_credit_notes_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_credit_notes")),
    )
    op.create_index(
        op.f("ix_credit_notes_subscriber_id_billing_account_id"),
        "credit_notes",
        ["subscriber_id", "billing_account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_credit_notes_subscriber_id_invoice_id"), "credit_notes", ["subscriber_id", "invoice_id"], unique=False
    )
    op.create_index(
        op.f("ix_credit_notes_subscriber_id_number"), "credit_notes", ["subscriber_id", "number"], unique=False
    )
    op.create_table(
        "devices",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("model", sa.String(length=80), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("is_lent", sa.Boolean(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guest_until", sa.Date(), nullable=True),
        sa.Column("revocation_reason", sa.String(length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('DECODER', 'ISP_BOX', 'SMART_TV', 'STICK', 'TABLET', 'PHONE', 'COMPUTER')",
            name=op.f("ck_devices_kind_known"),
        ),
        sa.CheckConstraint(
            "revocation_reason IN ('LOST', 'STOLEN', 'FORGOTTEN', 'GUEST', 'FRAUD', 'REQUEST')",
            name=op.f("ck_devices_revocation_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('PENDING', 'ACTIVE', 'BLOCKED', 'REVOKED', 'REMOVED')", name=op.f("ck_devices_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_id"],
            ["contracts.subscriber_id", "contracts.id"],
            name=op.f("fk_devices_subscriber_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_devices_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_devices")),
    )
    op.create_index(op.f("ix_devices_serial"), "devices", ["serial"], unique=False)
    op.create_index(
        op.f("ix_devices_subscriber_id_contract_id"), "devices", ["subscriber_id", "contract_id"], unique=False
    )
    op.create_index(op.f("ix_devices_subscriber_id_state"), "devices", ["subscriber_id", "state"], unique=False)
    op.create_table(
        "ledger_entries",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("posting_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "account IN ('RECEIVABLE', 'REVENUE', 'VAT', 'BANK', 'DEPOSITS', 'GOODWILL', 'OPENING')",
            name=op.f("ck_ledger_entries_account_known"),
        ),
        sa.CheckConstraint("amount_cents <> 0", name=op.f("ck_ledger_entries_not_zero")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "posting_id"],
            ["ledger_postings.subscriber_id", "ledger_postings.id"],
            name=op.f("fk_ledger_entries_subscriber_id_posting_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_ledger_entries_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(
        op.f("ix_ledger_entries_subscriber_id_account"), "ledger_entries", ["subscriber_id", "account"], unique=False
    )
    op.create_index(
        op.f("ix_ledger_entries_subscriber_id_posting_id"),
        "ledger_entries",
        ["subscriber_id", "posting_id"],
        unique=False,
    )
    op.create_table(
        "payments",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_method_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_code", sa.String(length=40), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_code", sa.String(length=4), nullable=True),
        sa.CheckConstraint(
            "state IN ('PENDING', 'AUTHORIZED', 'CAPTURED', 'FAILED', 'DENIED', 'CANCELLED', 'RETURNED')",
            name=op.f("ck_payments_state_known"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payments_positive")),
        sa.CheckConstraint(
            "refunded_cents BETWEEN 0 AND amount_cents", name=op.f("ck_payments_refunded_within_payment")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_payments_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "payment_method_id"],
            ["payment_methods.subscriber_id", "payment_methods.id"],
            name=op.f("fk_payments_subscriber_id_payment_method_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_payments_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_payments")),
    )
    op.create_index(
        op.f("ix_payments_subscriber_id_billing_account_id"),
        "payments",
        ["subscriber_id", "billing_account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payments_subscriber_id_payment_method_id"),
        "payments",
        ["subscriber_id", "payment_method_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payments_subscriber_id_requested_at"), "payments", ["subscriber_id", "requested_at"], unique=False
    )
    op.create_table(
        "contract_events",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_item_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.CheckConstraint(
            "actor_kind IN ('STAFF', 'SUBSCRIBER', 'PARTNER', 'SYSTEM')",
            name=op.f("ck_contract_events_actor_kind_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('CONCLUDED', 'STARTED', 'OFFER_CHANGED', 'OPTION_ADDED', 'OPTION_ENDED', 'PROMOTION_GRANTED', 'PROMOTION_ENDED', 'SUSPENDED', 'REACTIVATED', 'TERMINATION_REQUESTED', 'TERMINATED', 'IMPORTED')",
            name=op.f("ck_contract_events_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_id"],
            ["contracts.subscriber_id", "contracts.id"],
            name=op.f("fk_contract_events_subscriber_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_item_id"],
            ["contract_items.subscriber_id", "contract_items.id"],
            name=op.f("fk_contract_events_subscriber_id_contract_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "device_id"],
            ["devices.subscriber_id", "devices.id"],
            name=op.f("fk_contract_events_subscriber_id_device_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_contract_events_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_contract_events")),
    )
    op.create_index(
        op.f("ix_contract_events_subscriber_id_contract_id_effective_on"),
        "contract_events",
        ["subscriber_id", "contract_id", "effective_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_events_subscriber_id_contract_item_id"),
        "contract_events",
        ["subscriber_id", "contract_item_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_events_subscriber_id_device_id"),
        "contract_events",
        ["subscriber_id", "device_id"],
        unique=False,
    )
    op.create_table(
        "device_events",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(length=40), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("details", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "actor_kind IN ('STAFF', 'SUBSCRIBER', 'PARTNER', 'SYSTEM')", name=op.f("ck_device_events_actor_kind_known")
        ),
        sa.CheckConstraint(
            "kind IN ('LINKED', 'RENAMED', 'FIRST_LOGIN', 'BLOCKED', 'REVOKED', 'REMOVED', 'RESTORED')",
            name=op.f("ck_device_events_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "device_id"],
            ["devices.subscriber_id", "devices.id"],
            name=op.f("fk_device_events_subscriber_id_device_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_device_events_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_device_events")),
    )
    op.create_index(
        op.f("ix_device_events_subscriber_id_device_id_at"),
        "device_events",
        ["subscriber_id", "device_id", "at"],
        unique=False,
    )
    op.create_table(
        "device_sessions",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("city", sa.String(length=80), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("is_new_device", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "device_id"],
            ["devices.subscriber_id", "devices.id"],
            name=op.f("fk_device_sessions_subscriber_id_device_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_device_sessions_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_device_sessions")),
    )
    op.create_index(
        op.f("ix_device_sessions_subscriber_id_device_id"),
        "device_sessions",
        ["subscriber_id", "device_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_device_sessions_subscriber_id_opened_at"),
        "device_sessions",
        ["subscriber_id", "opened_at"],
        unique=False,
    )
    op.create_table(
        "invoice_lines",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("contract_item_id", sa.BigInteger(), nullable=True),
        sa.Column("offer_id", sa.BigInteger(), nullable=True),
        sa.Column("price_version_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_rate", sa.Integer(), nullable=True),
        sa.Column("ht_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.Column("ttc_cents", sa.BigInteger(), nullable=False),
        sa.Column("credited_ht_cents", sa.BigInteger(), nullable=False),
        sa.Column("credited_ttc_cents", sa.BigInteger(), nullable=False),
        sa.Column("derivation", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('SUBSCRIPTION', 'OPTION', 'PRORATION', 'FEE', 'DEPOSIT', 'STATEMENT')",
            name=op.f("ck_invoice_lines_kind_known"),
        ),
        sa.CheckConstraint(
            "credited_ttc_cents = 0 OR credited_ttc_cents BETWEEN 0 AND ttc_cents",
            name=op.f("ck_invoice_lines_credited_within_line"),
        ),
        sa.CheckConstraint("ht_cents + vat_cents = ttc_cents", name=op.f("ck_invoice_lines_vat_adds_up")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_invoice_lines_offer_id")),
        sa.ForeignKeyConstraint(
            ["price_version_id"], ["price_versions.id"], name=op.f("fk_invoice_lines_price_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_id"],
            ["contracts.subscriber_id", "contracts.id"],
            name=op.f("fk_invoice_lines_subscriber_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_item_id"],
            ["contract_items.subscriber_id", "contract_items.id"],
            name=op.f("fk_invoice_lines_subscriber_id_contract_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_id"],
            ["invoices.subscriber_id", "invoices.id"],
            name=op.f("fk_invoice_lines_subscriber_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_invoice_lines_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_invoice_lines")),
    )
    op.create_index(
        op.f("ix_invoice_lines_subscriber_id_contract_id_starts_on"),
        "invoice_lines",
        ["subscriber_id", "contract_id", "starts_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoice_lines_subscriber_id_contract_item_id"),
        "invoice_lines",
        ["subscriber_id", "contract_item_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_invoice_lines_subscriber_id_invoice_id_position"),
        "invoice_lines",
        ["subscriber_id", "invoice_id", "position"],
        unique=False,
    )
    op.create_table(
        "payment_allocations",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_allocations_positive")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_id"],
            ["invoices.subscriber_id", "invoices.id"],
            name=op.f("fk_payment_allocations_subscriber_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "payment_id"],
            ["payments.subscriber_id", "payments.id"],
            name=op.f("fk_payment_allocations_subscriber_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_payment_allocations_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_payment_allocations")),
    )
    op.create_index(
        op.f("ix_payment_allocations_subscriber_id_invoice_id"),
        "payment_allocations",
        ["subscriber_id", "invoice_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_payment_allocations_subscriber_id_payment_id"),
        "payment_allocations",
        ["subscriber_id", "payment_id"],
        unique=False,
    )
    op.create_table(
        "promotions",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_item_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("discount_cents", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reminder_on", sa.Date(), nullable=False),
        sa.CheckConstraint("discount_cents > 0", name=op.f("ck_promotions_discount_positive")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_id"],
            ["contracts.subscriber_id", "contracts.id"],
            name=op.f("fk_promotions_subscriber_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_item_id"],
            ["contract_items.subscriber_id", "contract_items.id"],
            name=op.f("fk_promotions_subscriber_id_contract_item_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_promotions_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_promotions")),
    )
    op.create_index(
        op.f("ix_promotions_subscriber_id_contract_id"), "promotions", ["subscriber_id", "contract_id"], unique=False
    )
    op.create_index(
        op.f("ix_promotions_subscriber_id_contract_item_id"),
        "promotions",
        ["subscriber_id", "contract_item_id"],
        unique=False,
    )
    op.create_table(
        "refunds",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("billing_account_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=True),
        sa.Column("invoice_id", sa.BigInteger(), nullable=True),
        sa.Column("credit_note_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "reason IN ('BILLING_ERROR', 'PRORATION_ERROR', 'SERVICE_FAILURE', 'UNUSED_OPTION', 'WITHDRAWAL', 'DUPLICATE_PARTNER_CHARGE', 'UNDUE_SUSPENSION', 'GOODWILL')",
            name=op.f("ck_refunds_reason_known"),
        ),
        sa.CheckConstraint(
            "state IN ('REQUESTED', 'PENDING_APPROVAL', 'APPROVED', 'SENT', 'SETTLED', 'REFUSED', 'FAILED')",
            name=op.f("ck_refunds_state_known"),
        ),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_refunds_positive")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "billing_account_id"],
            ["billing_accounts.subscriber_id", "billing_accounts.id"],
            name=op.f("fk_refunds_subscriber_id_billing_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "credit_note_id"],
            ["credit_notes.subscriber_id", "credit_notes.id"],
            name=op.f("fk_refunds_subscriber_id_credit_note_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_id"],
            ["invoices.subscriber_id", "invoices.id"],
            name=op.f("fk_refunds_subscriber_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "payment_id"],
            ["payments.subscriber_id", "payments.id"],
            name=op.f("fk_refunds_subscriber_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_refunds_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_refunds")),
    )
    op.create_index(
        op.f("ix_refunds_subscriber_id_billing_account_id"),
        "refunds",
        ["subscriber_id", "billing_account_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_refunds_subscriber_id_credit_note_id"), "refunds", ["subscriber_id", "credit_note_id"], unique=False
    )
    op.create_index(
        op.f("ix_refunds_subscriber_id_invoice_id"), "refunds", ["subscriber_id", "invoice_id"], unique=False
    )
    op.create_index(
        op.f("ix_refunds_subscriber_id_payment_id"), "refunds", ["subscriber_id", "payment_id"], unique=False
    )
    op.create_table(
        "credit_note_lines",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("credit_note_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_line_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("vat_rate", sa.Integer(), nullable=True),
        sa.Column("ht_cents", sa.BigInteger(), nullable=False),
        sa.Column("vat_cents", sa.BigInteger(), nullable=False),
        sa.Column("ttc_cents", sa.BigInteger(), nullable=False),
        sa.Column("derivation", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.CheckConstraint("ht_cents + vat_cents = ttc_cents", name=op.f("ck_credit_note_lines_vat_adds_up")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "credit_note_id"],
            ["credit_notes.subscriber_id", "credit_notes.id"],
            name=op.f("fk_credit_note_lines_subscriber_id_credit_note_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_line_id"],
            ["invoice_lines.subscriber_id", "invoice_lines.id"],
            name=op.f("fk_credit_note_lines_subscriber_id_invoice_line_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_credit_note_lines_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_credit_note_lines")),
    )
    op.create_index(
        op.f("ix_credit_note_lines_subscriber_id_credit_note_id_position"),
        "credit_note_lines",
        ["subscriber_id", "credit_note_id", "position"],
        unique=False,
    )
    op.create_index(
        op.f("ix_credit_note_lines_subscriber_id_invoice_line_id"),
        "credit_note_lines",
        ["subscriber_id", "invoice_line_id"],
        unique=False,
    )
    op.create_table(
        "tickets",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("escalation", sa.String(length=40), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("invoice_id", sa.BigInteger(), nullable=True),
        sa.Column("invoice_line_id", sa.BigInteger(), nullable=True),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("concerns_from", sa.Date(), nullable=True),
        sa.Column("concerns_until", sa.Date(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_response_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolution_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('WEB', 'EMAIL', 'CHAT', 'PHONE', 'LETTER')", name=op.f("ck_tickets_channel_known")
        ),
        sa.CheckConstraint(
            "escalation IN ('NONE', 'CONSUMER_SERVICE', 'MEDIATOR')", name=op.f("ck_tickets_escalation_known")
        ),
        sa.CheckConstraint("priority IN ('LOW', 'NORMAL', 'HIGH', 'URGENT')", name=op.f("ck_tickets_priority_known")),
        sa.CheckConstraint(
            "state IN ('OPEN', 'IN_PROGRESS', 'WAITING_SUBSCRIBER', 'WAITING_THIRD_PARTY', 'RESOLVED', 'CLOSED', 'REJECTED', 'CANCELLED')",
            name=op.f("ck_tickets_state_known"),
        ),
        sa.CheckConstraint(
            "topic IN ('BILLING', 'PAYMENT', 'CONTRACT', 'TECHNICAL', 'DEVICE', 'SECURITY', 'PERSONAL_DATA', 'OTHER')",
            name=op.f("ck_tickets_topic_known"),
        ),
        sa.ForeignKeyConstraint(["assignee_id"], ["staff.id"], name=op.f("fk_tickets_assignee_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "contract_id"],
            ["contracts.subscriber_id", "contracts.id"],
            name=op.f("fk_tickets_subscriber_id_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "device_id"],
            ["devices.subscriber_id", "devices.id"],
            name=op.f("fk_tickets_subscriber_id_device_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_id"],
            ["invoices.subscriber_id", "invoices.id"],
            name=op.f("fk_tickets_subscriber_id_invoice_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "invoice_line_id"],
            ["invoice_lines.subscriber_id", "invoice_lines.id"],
            name=op.f("fk_tickets_subscriber_id_invoice_line_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_tickets_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_assignee_id"), "tickets", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_tickets_opened_at_id"), "tickets", ["opened_at", "id"], unique=False)
    op.create_index(op.f("ix_tickets_state_resolution_due_at"), "tickets", ["state", "resolution_due_at"], unique=False)
    op.create_index(
        op.f("ix_tickets_subscriber_id_contract_id"), "tickets", ["subscriber_id", "contract_id"], unique=False
    )
    op.create_index(op.f("ix_tickets_subscriber_id_device_id"), "tickets", ["subscriber_id", "device_id"], unique=False)
    op.create_index(
        op.f("ix_tickets_subscriber_id_invoice_id"), "tickets", ["subscriber_id", "invoice_id"], unique=False
    )
    op.create_index(
        op.f("ix_tickets_subscriber_id_invoice_line_id"), "tickets", ["subscriber_id", "invoice_line_id"], unique=False
    )
    op.create_index(op.f("ix_tickets_subscriber_id_number"), "tickets", ["subscriber_id", "number"], unique=False)
    op.create_index(op.f("ix_tickets_subscriber_id_opened_at"), "tickets", ["subscriber_id", "opened_at"], unique=False)
    op.create_table(
        "ticket_events",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_kind", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "author_kind IN ('STAFF', 'SUBSCRIBER', 'PARTNER', 'SYSTEM')",
            name=op.f("ck_ticket_events_author_kind_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('OPENED', 'MESSAGE', 'NOTE', 'STATE_CHANGED', 'ASSIGNED', 'ESCALATED')",
            name=op.f("ck_ticket_events_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'IN_PROGRESS', 'WAITING_SUBSCRIBER', 'WAITING_THIRD_PARTY', 'RESOLVED', 'CLOSED', 'REJECTED', 'CANCELLED')",
            name=op.f("ck_ticket_events_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "ticket_id"],
            ["tickets.subscriber_id", "tickets.id"],
            name=op.f("fk_ticket_events_subscriber_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_ticket_events_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_ticket_events")),
    )
    op.create_index(
        op.f("ix_ticket_events_subscriber_id_ticket_id_at"),
        "ticket_events",
        ["subscriber_id", "ticket_id", "at"],
        unique=False,
    )
    op.create_table(
        "attachments",
        sa.Column("subscriber_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_event_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_key", sa.String(length=80), nullable=False),
        sa.Column("captured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size_bytes > 0", name=op.f("ck_attachments_size_positive")),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "ticket_event_id"],
            ["ticket_events.subscriber_id", "ticket_events.id"],
            name=op.f("fk_attachments_subscriber_id_ticket_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id", "ticket_id"],
            ["tickets.subscriber_id", "tickets.id"],
            name=op.f("fk_attachments_subscriber_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_attachments_subscriber_id")),
        sa.PrimaryKeyConstraint("subscriber_id", "id", name=op.f("pk_attachments")),
    )
    op.create_index(
        op.f("ix_attachments_subscriber_id_ticket_event_id"),
        "attachments",
        ["subscriber_id", "ticket_event_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_attachments_subscriber_id_ticket_id"), "attachments", ["subscriber_id", "ticket_id"], unique=False
    )
    _refuse_changes()


def downgrade() -> None:
    _allow_changes()
    op.drop_index(op.f("ix_attachments_subscriber_id_ticket_id"), table_name="attachments")
    op.drop_index(op.f("ix_attachments_subscriber_id_ticket_event_id"), table_name="attachments")
    op.drop_table("attachments")
    op.drop_index(op.f("ix_ticket_events_subscriber_id_ticket_id_at"), table_name="ticket_events")
    op.drop_table("ticket_events")
    op.drop_index(op.f("ix_tickets_subscriber_id_opened_at"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_subscriber_id_number"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_subscriber_id_invoice_line_id"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_subscriber_id_invoice_id"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_subscriber_id_device_id"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_subscriber_id_contract_id"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_state_resolution_due_at"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_opened_at_id"), table_name="tickets")
    op.drop_index(op.f("ix_tickets_assignee_id"), table_name="tickets")
    op.drop_table("tickets")
    op.drop_index(op.f("ix_credit_note_lines_subscriber_id_invoice_line_id"), table_name="credit_note_lines")
    op.drop_index(op.f("ix_credit_note_lines_subscriber_id_credit_note_id_position"), table_name="credit_note_lines")
    op.drop_table("credit_note_lines")
    op.drop_index(op.f("ix_refunds_subscriber_id_payment_id"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_subscriber_id_invoice_id"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_subscriber_id_credit_note_id"), table_name="refunds")
    op.drop_index(op.f("ix_refunds_subscriber_id_billing_account_id"), table_name="refunds")
    op.drop_table("refunds")
    op.drop_index(op.f("ix_promotions_subscriber_id_contract_item_id"), table_name="promotions")
    op.drop_index(op.f("ix_promotions_subscriber_id_contract_id"), table_name="promotions")
    op.drop_table("promotions")
    op.drop_index(op.f("ix_payment_allocations_subscriber_id_payment_id"), table_name="payment_allocations")
    op.drop_index(op.f("ix_payment_allocations_subscriber_id_invoice_id"), table_name="payment_allocations")
    op.drop_table("payment_allocations")
    op.drop_index(op.f("ix_invoice_lines_subscriber_id_invoice_id_position"), table_name="invoice_lines")
    op.drop_index(op.f("ix_invoice_lines_subscriber_id_contract_item_id"), table_name="invoice_lines")
    op.drop_index(op.f("ix_invoice_lines_subscriber_id_contract_id_starts_on"), table_name="invoice_lines")
    op.drop_table("invoice_lines")
    op.drop_index(op.f("ix_device_sessions_subscriber_id_opened_at"), table_name="device_sessions")
    op.drop_index(op.f("ix_device_sessions_subscriber_id_device_id"), table_name="device_sessions")
    op.drop_table("device_sessions")
    op.drop_index(op.f("ix_device_events_subscriber_id_device_id_at"), table_name="device_events")
    op.drop_table("device_events")
    op.drop_index(op.f("ix_contract_events_subscriber_id_device_id"), table_name="contract_events")
    op.drop_index(op.f("ix_contract_events_subscriber_id_contract_item_id"), table_name="contract_events")
    op.drop_index(op.f("ix_contract_events_subscriber_id_contract_id_effective_on"), table_name="contract_events")
    op.drop_table("contract_events")
    op.drop_index(op.f("ix_payments_subscriber_id_requested_at"), table_name="payments")
    op.drop_index(op.f("ix_payments_subscriber_id_payment_method_id"), table_name="payments")
    op.drop_index(op.f("ix_payments_subscriber_id_billing_account_id"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_ledger_entries_subscriber_id_posting_id"), table_name="ledger_entries")
    op.drop_index(op.f("ix_ledger_entries_subscriber_id_account"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(op.f("ix_devices_subscriber_id_state"), table_name="devices")
    op.drop_index(op.f("ix_devices_subscriber_id_contract_id"), table_name="devices")
    op.drop_index(op.f("ix_devices_serial"), table_name="devices")
    op.drop_table("devices")
    op.drop_index(op.f("ix_credit_notes_subscriber_id_number"), table_name="credit_notes")
    op.drop_index(op.f("ix_credit_notes_subscriber_id_invoice_id"), table_name="credit_notes")
    op.drop_index(op.f("ix_credit_notes_subscriber_id_billing_account_id"), table_name="credit_notes")
    op.drop_table("credit_notes")
    op.drop_index(op.f("ix_contract_items_subscriber_id_contract_id_starts_on"), table_name="contract_items")
    op.drop_table("contract_items")
    op.drop_index(op.f("ix_price_components_price_version_id_position"), table_name="price_components")
    op.drop_table("price_components")
    op.drop_index(op.f("ix_payment_methods_subscriber_id_billing_account_id"), table_name="payment_methods")
    op.drop_index(op.f("ix_payment_methods_iban_last_four"), table_name="payment_methods")
    op.drop_index(op.f("ix_payment_methods_iban_index"), table_name="payment_methods")
    op.drop_table("payment_methods")
    op.drop_index(op.f("ix_ledger_postings_subscriber_id_document_id"), table_name="ledger_postings")
    op.drop_index(op.f("ix_ledger_postings_subscriber_id_billing_account_id_booked_on"), table_name="ledger_postings")
    op.drop_table("ledger_postings")
    op.drop_index(op.f("ix_invoices_subscriber_id_number"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_subscriber_id_issued_on"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_subscriber_id_billing_account_id"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_state_due_on"), table_name="invoices")
    op.drop_index(op.f("ix_invoices_issued_on_id"), table_name="invoices")
    op.drop_table("invoices")
    op.drop_index(op.f("ix_contracts_subscriber_id_number"), table_name="contracts")
    op.drop_index(op.f("ix_contracts_subscriber_id_billing_account_id"), table_name="contracts")
    op.drop_index(op.f("ix_contracts_partner_id"), table_name="contracts")
    op.drop_table("contracts")
    op.drop_index(op.f("ix_staff_sessions_staff_id_ended_at"), table_name="staff_sessions")
    op.drop_table("staff_sessions")
    op.drop_table("spent_codes")
    op.drop_index(op.f("ix_price_versions_offer_id_starts_on"), table_name="price_versions")
    op.drop_table("price_versions")
    op.drop_index(op.f("ix_phones_subscriber_id_kind"), table_name="phones")
    op.drop_index(op.f("ix_phones_number"), table_name="phones")
    op.drop_table("phones")
    op.drop_index(op.f("ix_outbox_state_available_at"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_offer_channels_offer_id_starts_on"), table_name="offer_channels")
    op.drop_table("offer_channels")
    op.drop_table("idempotent_answers")
    op.drop_index(op.f("ix_holders_subscriber_id_position"), table_name="holders")
    op.drop_index(op.f("ix_holders_name_key_reversed"), table_name="holders")
    op.drop_index(op.f("ix_holders_name_key"), table_name="holders")
    op.drop_table("holders")
    op.drop_index(
        "uq_directory_owned_by_one",
        table_name="directory",
        sqlite_where=sa.text("kind NOT IN ('EMAIL', 'PHONE')"),
        postgresql_where=sa.text("kind NOT IN ('EMAIL', 'PHONE')"),
    )
    op.drop_index(op.f("ix_directory_subscriber_id_kind"), table_name="directory")
    op.drop_table("directory")
    op.drop_index(op.f("ix_consents_subscriber_id_kind_decided_at"), table_name="consents")
    op.drop_table("consents")
    op.drop_index(op.f("ix_billing_accounts_subscriber_id_number"), table_name="billing_accounts")
    op.drop_table("billing_accounts")
    op.drop_index(op.f("ix_addresses_subscriber_id_kind"), table_name="addresses")
    op.drop_index(op.f("ix_addresses_postcode"), table_name="addresses")
    op.drop_table("addresses")
    op.drop_table("throttles")
    op.drop_index(op.f("ix_subscribers_state_id"), table_name="subscribers")
    op.drop_index(op.f("ix_subscribers_contact_email_key"), table_name="subscribers")
    op.drop_index(op.f("ix_subscribers_billing_email_key"), table_name="subscribers")
    op.drop_table("subscribers")
    op.drop_table("staff")
    op.drop_index(op.f("ix_sla_policies_channel_priority_starts_on"), table_name="sla_policies")
    op.drop_table("sla_policies")
    op.drop_table("partners")
    op.drop_table("offers")
    op.drop_table("number_series")
    op.drop_table("channels")
    op.drop_index(op.f("ix_audit_entries_subscriber_id_at"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_index(op.f("ix_access_log_subscriber_id_at"), table_name="access_log")
    op.drop_index(op.f("ix_access_log_actor_id_at"), table_name="access_log")
    op.drop_table("access_log")


def _refuse_changes() -> None:
    """Let rows of the trails and of the ledger be added, but never changed or taken away."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _APPEND_ONLY:
            for change in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} can only be added to'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% can only be added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in _APPEND_ONLY:
        for change, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change} BEFORE {change} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )


def _allow_changes() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _APPEND_ONLY:
        for change in ("update", "delete") if is_sqlite else ("update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER {table}_refuses_{change}" + ("" if is_sqlite else f" ON {table}"))
    if not is_sqlite:
        op.execute("DROP FUNCTION refuse_change()")
