"""Deadlines through the graph: each from a day that a row holds, and none from a day that nobody wrote down."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from backoffice import models
from backoffice.billing import deadlines
from backoffice.billing.deadlines import DeadlineKind
from backoffice.database import Database
from backoffice.models import (
    ContractEventKind,
    ContractState,
    CreditReason,
    InvoiceState,
    OfferKind,
    PaymentMethodKind,
    PaymentState,
    RefundState,
    SubscriberKind,
)
from backoffice.permissions import ActorKind, Role
from tests import agreed, books, factories, subscriptions
from tests.acts import global_id
from tests.books import Article
from tests.graphs import asking

_FIELDS = "deadlines { kind dueOn opensOn rule reference isAssumed isPast }"
_DEADLINES = f"""query($id: ID!) {{ node(id: $id) {{
  ... on Contract {{ {_FIELDS} }} ... on Invoice {{ {_FIELDS} }} ... on Payment {{ {_FIELDS} }}
  ... on Refund {{ {_FIELDS} }} ... on Ticket {{ {_FIELDS} }}
}} }}"""
# Half past midnight of November 2nd in Paris.
LATE = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)


async def _clocks(database: Database, row: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await asking(database).data(_DEADLINES, id=global_id(row)))["node"]["deadlines"]
    return found


async def _days(database: Database, row: Any) -> list[tuple[str, str]]:
    return [(clock["kind"], clock["dueOn"]) for clock in await _clocks(database, row)]


async def _contract(
    database: Database, *, kind: SubscriberKind = SubscriberKind.CONSUMER, **given: Any
) -> models.Contract:
    """A contract of November 1st on an offer whose price rises on January 1st, as was said on November 20th."""
    async with database.unit_of_work() as session:
        account = await books.create_file(session, kind=kind)
        ends = {"price": {"ends_on": date(2027, 1, 1)}}
        offer = await subscriptions.create_offer(session, "TV", 2999, **ends)
        rise = subscriptions.version(offer, 3199, starts_on=date(2027, 1, 1), notified_on=date(2026, 11, 20))
        session.add(rise)
        return await subscriptions.create_contract(session, account, offer, **given)


class TestContract:
    async def test_tells_every_clock_that_a_row_starts(self, database: Database) -> None:
        contract = await _contract(
            database, state=ContractState.TERMINATING, commitment_months=12, commitment_ends_on=date(2027, 11, 1)
        )
        async with database.unit_of_work() as session:
            item = await subscriptions.create_item(
                session,
                contract,
                await subscriptions.create_offer(session, "SPORT", 999, kind=OfferKind.OPTION),
            )
            session.add(
                models.Promotion(
                    subscriber_id=contract.subscriber_id,
                    id=factories.new_id(),
                    contract_id=contract.id,
                    contract_item_id=item.id,
                    label="Bienvenue",
                    discount_cents=500,
                    starts_on=contract.starts_on,
                    ends_on=date(2026, 12, 15),
                    reminder_on=date(2026, 12, 8),
                )
            )
            for is_withdrawal in (False, True):
                session.add(
                    models.ContractEvent(
                        subscriber_id=contract.subscriber_id,
                        id=factories.new_id(),
                        contract_id=contract.id,
                        kind=ContractEventKind.TERMINATION_REQUESTED,
                        effective_on=date(2026, 12, 31),
                        recorded_at=LATE,
                        actor_kind=ActorKind.STAFF,
                        actor_id=7,
                        actor_name="Alix Agent",
                        channel="CONSOLE",
                        details={"is_withdrawal": is_withdrawal},
                    )
                )

        found = await _clocks(database, contract)

        assert [(clock["kind"], clock["dueOn"], clock["isPast"]) for clock in found] == [
            # Received on November 2nd, where the operator is.
            ("TERMINATION_EFFECT", "2026-11-12", True),
            # Day fourteen is a Sunday.
            ("WITHDRAWAL", "2026-11-16", True),
            ("CONTRACT_CHANGE_NOTICE", "2026-12-01", False),
            ("PROMOTION_REMINDER", "2026-12-08", False),
            ("FREE_EXIT", "2027-03-20", False),
            ("COMMITMENT_END", "2027-10-31", False),
        ]
        assert found[1] == {
            "kind": "WITHDRAWAL",
            "dueOn": "2026-11-16",
            "opensOn": None,
            "rule": "conso-L221-18",
            "reference": "Code de la consommation, article L221-18",
            "isAssumed": False,
            "isPast": True,
        }

    async def test_gives_a_business_no_right_to_withdraw(self, database: Database) -> None:
        contract = await _contract(database, kind=SubscriberKind.BUSINESS)

        assert [kind for kind, _ in await _days(database, contract)] == ["CONTRACT_CHANGE_NOTICE", "FREE_EXIT"]

    async def test_says_nothing_of_a_price_that_does_not_touch_it(self, database: Database) -> None:
        contract = await _contract(database, ends_on=date(2027, 1, 1))
        later = await _contract_after_the_rise(database)

        assert [kind for kind, _ in await _days(database, contract)] == ["WITHDRAWAL"]
        assert [kind for kind, _ in await _days(database, later)] == ["WITHDRAWAL"]

    @pytest.mark.parametrize("state", [ContractState.DRAFT, ContractState.CANCELLED])
    async def test_has_none_before_it_begins(self, database: Database, state: ContractState) -> None:
        assert await _days(database, await _contract(database, state=state)) == []


async def _contract_after_the_rise(database: Database) -> models.Contract:
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        offer = await subscriptions.create_offer(
            session, "LATER", 3199, price={"starts_on": date(2026, 10, 1), "notified_on": date(2026, 8, 1)}
        )
        return await subscriptions.create_contract(session, account, offer)


class TestMoney:
    async def test_bars_the_claim_of_the_operator_a_year_after_the_due_date(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            due, paid = (
                await books.bill(session, account, Article(1000)),
                await books.bill(session, account, Article(700)),
            )
            await books.pay(session, account, paid)
            draft = await factories.create_invoice(session, account, state=InvoiceState.DRAFT)

        # Due on November 15th 2026.
        assert await _days(database, due) == [("OPERATOR_CLAIM", "2027-11-15")]
        assert await _days(database, paid) == []
        assert await _days(database, draft) == []

    @pytest.mark.parametrize(
        ("means", "state", "expected"),
        [
            (
                PaymentMethodKind.DIRECT_DEBIT,
                PaymentState.CAPTURED,
                [("DIRECT_DEBIT_REFUND", "2026-12-28"), ("CLAIM", "2027-11-02")],
            ),
            (PaymentMethodKind.CHECK, PaymentState.CAPTURED, [("CLAIM", "2027-11-02")]),
            (None, PaymentState.CAPTURED, [("DIRECT_DEBIT_REFUND", "2026-12-28"), ("CLAIM", "2027-11-02")]),
            (PaymentMethodKind.DIRECT_DEBIT, PaymentState.RETURNED, []),
        ],
        ids=["debit", "check", "debit by a known mandate", "returned"],
    )
    async def test_counts_from_the_day_of_the_payment(
        self,
        database: Database,
        means: PaymentMethodKind | None,
        state: PaymentState,
        expected: list[tuple[str, str]],
    ) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            method = await factories.create_method(session, account, kind=PaymentMethodKind.DIRECT_DEBIT)
            payment = await books.pay(
                session, account, cents=500, at=LATE, means=means, payment_method_id=method.id if not means else None
            )
            payment.state = state

        assert await _days(database, payment) == expected

    @pytest.mark.parametrize(
        ("reason", "state", "expected"),
        [
            (CreditReason.WITHDRAWAL, RefundState.APPROVED, [("WITHDRAWAL_REFUND", "2026-11-16")]),
            (CreditReason.WITHDRAWAL, RefundState.CANCELLED, []),
            (CreditReason.GOODWILL, RefundState.APPROVED, []),
        ],
    )
    async def test_wants_the_money_back_a_fortnight_after_a_withdrawal(
        self, database: Database, reason: CreditReason, state: RefundState, expected: list[tuple[str, str]]
    ) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            refund = models.Refund(
                subscriber_id=account.subscriber_id,
                id=factories.new_id(),
                billing_account_id=account.id,
                state=state,
                reason=reason,
                amount_cents=500,
                requested_at=LATE,
            )
            session.add(refund)

        assert await _days(database, refund) == expected

    async def test_counts_a_withdrawal_from_its_notice(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            catalogue = await agreed.create_catalogue(session)
            made = await agreed.conclude(session, catalogue, "PACK-CINE", on=date(2026, 11, 1))
            await agreed.bill(session, made, books.NOVEMBER)
        desk = agreed.staff(database, on=date(2026, 11, 12))
        await agreed.do(desk, "withdrawal", contractId=made.contract_id, receivedOn="2026-11-09")

        [refund] = await agreed.rows(database, models.Refund, made)

        assert await _days(database, refund) == [("WITHDRAWAL_REFUND", "2026-11-23")]

    async def test_counts_a_termination_from_the_day_it_came_in(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            catalogue = await agreed.create_catalogue(session)
            made = await agreed.conclude(session, catalogue, "PACK-CINE", on=date(2026, 1, 1))
        desk = agreed.staff(database, on=date(2026, 11, 20))
        await agreed.do(
            desk,
            "termination",
            contractId=made.contract_id,
            receivedOn="2026-11-18",
            on="2026-12-10",
            reason="CUSTOMER_REQUEST",
        )

        assert ("TERMINATION_EFFECT", "2026-11-28") in await _days(database, made.contract)


class TestTicket:
    @pytest.mark.parametrize(
        ("opened_at", "is_past"),
        [
            (datetime(2027, 11, 2, 9, tzinfo=UTC), False),
            (datetime(2027, 11, 2, 22, 30, tzinfo=UTC), False),
            (datetime(2027, 11, 2, 23, 30, tzinfo=UTC), True),
        ],
        ids=["the last day", "its last hour", "the day after"],
    )
    @pytest.mark.parametrize("is_of_line", [False, True])
    async def test_judges_the_claim_on_the_day_it_was_made(
        self, database: Database, opened_at: datetime, is_past: bool, is_of_line: bool
    ) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            invoice = await books.bill(session, account, Article(1000))
            await books.pay(session, account, invoice, at=LATE)
            [line] = await books.lines_of(session, invoice)
            subscriber = await session.get_one(models.Subscriber, account.subscriber_id)
            about = {"invoice_line_id": line.id} if is_of_line else {"invoice_id": invoice.id}
            ticket = await factories.create_ticket(session, subscriber, opened_at=opened_at, **about)
            other = await factories.create_ticket(session, subscriber, opened_at=opened_at)

        [clock] = await _clocks(database, ticket)

        assert (clock["kind"], clock["dueOn"], clock["isPast"]) == ("CLAIM", "2027-11-02", is_past)
        assert await _clocks(database, other) == []

    async def test_is_closed_to_who_may_not_read_bills(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            invoice = await books.bill(session, account, Article(1000))

        admin = asking(database, factories.viewer(Role.ADMIN))

        assert (await admin.ask(_DEADLINES, id=global_id(invoice))).body["data"] == {"node": None}


class TestCommitmentEnd:
    def test_is_the_last_day_that_binds(self) -> None:
        found = deadlines.commitment_end(date(2027, 11, 1))

        assert (found.kind, found.due_on) == (DeadlineKind.COMMITMENT_END, date(2027, 10, 31))
        assert found.reference == "Code de la consommation, article L224-28, I"
        assert (found.is_past(date(2027, 10, 31)), found.is_past(date(2027, 11, 1))) == (False, True)
