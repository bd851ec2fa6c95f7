"""The troubles that agents meet are all there, and the first two subscribers have everything."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Date, DateTime

from backoffice.models import (
    BilledBy,
    ContractEventKind,
    ContractState,
    CreditReason,
    DeviceKind,
    DeviceState,
    LineKind,
    PaymentMethodKind,
    PaymentMethodState,
    PaymentState,
    RefundState,
    RevocationReason,
    SubscriberKind,
    TicketChannel,
    TicketPriority,
    TicketState,
)
from backoffice.models.base import Base, Instant

from .conftest import ON, Filled

NOW = datetime(2026, 11, 21, tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
_MAY_COME = {
    "due_on",
    "ends_on",
    "reminder_on",
    "commitment_ends_on",
    "expires_on",
    "billed_until",
    "first_response_due_at",
    "resolution_due_at",
}


class TestTroubles:
    def test_have_a_credit_note_of_every_reason(self, filled: Filled) -> None:
        # Who leaves has given notice before the last period is billed: nothing of it is left to credit.
        expected = set(CreditReason) - {CreditReason.TERMINATION}
        assert {note.reason for note in filled.rows("credit_notes")} == expected

    def test_have_promotions_that_end_within_a_period(self, filled: Filled) -> None:
        lines = Counter(
            (line.subscriber_id, line.invoice_id, line.contract_item_id)
            for line in filled.rows("invoice_lines")
            if line.kind is LineKind.SUBSCRIPTION and line.label in ("Pack Cinéma", "Internet Fibre", "TV Essentiel")
        )

        assert 2 in lines.values()

    def test_have_changes_within_a_period_credited_and_charged(self, filled: Filled) -> None:
        prorations = [line for line in filled.rows("invoice_lines") if line.kind is LineKind.PRORATION]

        assert any(line.ttc_cents < 0 for line in prorations)
        assert any(line.label.startswith("Rattrapage") and line.credited_ttc_cents for line in prorations)

    def test_have_expired_cards_and_suspensions(self, filled: Filled) -> None:
        suspended = [row for row in filled.rows("contracts") if row.state is ContractState.SUSPENDED]
        expired = {
            row.subscriber_id
            for row in filled.rows("payment_methods")
            if row.state is PaymentMethodState.EXPIRED and row.expires_on <= ON
        }

        assert suspended
        assert all(row.subscriber_id in expired and row.suspended_on for row in suspended)

    def test_have_returned_debits_paid_later_and_not(self, filled: Filled) -> None:
        returned = [row for row in filled.rows("payments") if row.state is PaymentState.RETURNED]
        open_accounts = {row.subscriber_id for row in filled.rows("billing_accounts") if row.balance_cents > 0}

        assert all(row.return_code and row.returned_at for row in returned)
        assert {row.subscriber_id in open_accounts for row in returned} == {True, False}

    def test_have_refused_and_pending_payments(self, filled: Filled) -> None:
        states = {row.state for row in filled.rows("payments")}

        assert {PaymentState.DENIED, PaymentState.FAILED, PaymentState.PENDING} <= states

    def test_have_the_same_television_from_a_partner(self, filled: Filled) -> None:
        twins = [row for row in filled.rows("contracts") if row.billed_by is BilledBy.PARTNER]

        assert twins
        for twin in twins:
            own = [row for row in filled.of(twin.subscriber_id, "contracts") if row.billed_by is BilledBy.OPERATOR]
            assert [row.offer_id for row in own] == [twin.offer_id]
            assert twin.partner_id
            assert twin.partner_reference

    def test_have_options_that_nobody_uses(self, filled: Filled) -> None:
        idle = [
            row
            for row in filled.rows("contract_items")
            if row.anchor_on and row.ends_on is None and row.last_used_on < ON - timedelta(days=60)
        ]

        assert idle

    def test_have_forgotten_stolen_and_blocked_devices(self, filled: Filled) -> None:
        devices = filled.rows("devices")
        long_ago = NOW - timedelta(days=150)

        assert any(row.state is DeviceState.ACTIVE and row.last_seen_at < long_ago for row in devices)
        assert any(row.guest_until and row.guest_until < ON for row in devices)
        assert {row.state for row in devices} == set(DeviceState)
        assert {RevocationReason.STOLEN, RevocationReason.FRAUD} <= {row.revocation_reason for row in devices}

    def test_have_logins_from_new_devices_abroad(self, filled: Filled) -> None:
        assert any(row.is_new_device and row.country == "PT" for row in filled.rows("device_sessions"))

    def test_have_tickets_of_all_sorts_and_late_ones(self, filled: Filled) -> None:
        tickets = filled.rows("tickets")

        assert {row.state for row in tickets} == set(TicketState)
        assert {row.channel for row in tickets} == set(TicketChannel)
        assert {row.priority for row in tickets} == set(TicketPriority)
        assert any(
            row.state in (TicketState.OPEN, TicketState.IN_PROGRESS) and row.resolution_due_at < NOW for row in tickets
        )

    def test_have_contracts_in_every_state(self, filled: Filled) -> None:
        assert {row.state for row in filled.rows("contracts")} == set(ContractState)

    def test_have_refunds_that_wait_for_a_second_person(self, filled: Filled) -> None:
        waiting = [row for row in filled.rows("refunds") if row.state is RefundState.PENDING_APPROVAL]

        assert waiting
        assert all(row.credit_note_id is None and row.amount_cents > 5000 for row in waiting)

    def test_have_overpaid_accounts(self, filled: Filled) -> None:
        allocated: Counter[tuple[int, int]] = Counter()
        for row in filled.rows("payment_allocations"):
            allocated[row.subscriber_id, row.payment_id] += row.amount_cents

        assert any(
            row.captured_at and row.amount_cents > allocated[row.subscriber_id, row.id]
            for row in filled.rows("payments")
        )

    def test_have_events_that_were_noted_late_and_by_everyone(self, filled: Filled) -> None:
        events = filled.rows("contract_events")
        late = [row for row in events if row.recorded_at.date() > row.effective_on]

        assert late
        assert {row.channel for row in events} == {"CONSOLE", "FRONT_END", "PARTNER", "SYSTEM"}
        assert any(row.device_id for row in events)
        assert {ContractEventKind.SUSPENDED, ContractEventKind.REACTIVATED} <= {row.kind for row in events}

    def test_have_businesses_and_fragile_subscribers_without_a_rejection_fee(self, filled: Filled) -> None:
        subscribers = filled.rows("subscribers")
        fragile = {row.id for row in subscribers if row.is_fragile}
        charged = {
            row.subscriber_id for row in filled.rows("invoice_lines") if row.label == "Frais de rejet de paiement"
        }

        assert SubscriberKind.BUSINESS in {row.kind for row in subscribers}
        assert fragile
        assert charged
        assert not fragile & charged


class TestTime:
    @pytest.mark.parametrize("table", sorted(Base.metadata.tables))
    def test_has_nothing_after_the_last_day(self, filled: Filled, table: str) -> None:
        never_began = (ContractState.DRAFT, ContractState.PENDING, ContractState.CANCELLED)
        future = {(row.subscriber_id, row.id) for row in filled.rows("contracts") if row.state in never_began}
        for column in Base.metadata.tables[table].columns:
            # Advance billing: a line can be about days to come.
            is_advance = column.name == "starts_on" and table in ("invoice_lines", "credit_note_lines")
            if column.name in _MAY_COME or is_advance or not isinstance(column.type, Date | DateTime | Instant):
                continue
            for row in filled.rows(table):
                value = getattr(row, column.name)
                key = (getattr(row, "subscriber_id", 0), getattr(row, "contract_id", getattr(row, "id", 0)))
                if value is not None and key not in future:
                    assert value < (NOW if isinstance(value, datetime) else ON), column.name

    def test_bills_up_to_the_day(self, filled: Filled) -> None:
        monthly = [
            row for row in filled.rows("contracts") if row.state is ContractState.ACTIVE and row.period_months == 1
        ]
        billed = [row for row in monthly if row.billed_until]

        assert all(row.billed_until > ON - timedelta(days=1) for row in billed)
        assert len(billed) > len(monthly) * 3 // 4


class TestRich:
    @pytest.mark.parametrize("place", [0, 1])
    def test_subscriber_has_everything(self, filled: Filled, place: int) -> None:
        subscriber = filled.rows("subscribers")[place]
        of = {
            table: filled.of(subscriber.id, table)
            for table in (
                "contracts", "contract_items", "contract_events", "promotions", "invoices", "invoice_lines", "credit_notes",
                "refunds", "payment_methods", "devices", "device_sessions", "tickets", "payments",
            )
        }  # fmt: skip
        kinds = {row.kind for row in of["contract_events"]}

        assert subscriber.number == f"S0100000{place + 1}"
        assert len(of["contracts"]) == 3
        assert len(of["invoices"]) >= 12
        assert all(of.values())
        assert {ContractEventKind.OPTION_ADDED, ContractEventKind.OFFER_CHANGED} <= kinds
        assert any(row.kind is LineKind.PRORATION for row in of["invoice_lines"])
        assert any(row.kind is PaymentMethodKind.DIRECT_DEBIT and row.iban_sealed for row in of["payment_methods"])
        assert any(row.kind is DeviceKind.DECODER for row in of["devices"])
        assert any(row.state is DeviceState.REVOKED for row in of["devices"])
        assert any(row.is_new_device for row in of["device_sessions"])
        assert {row.state for row in of["tickets"]} & {TicketState.OPEN, TicketState.IN_PROGRESS}
