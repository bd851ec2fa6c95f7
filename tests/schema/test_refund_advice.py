"""Advice on refunds through the graph: range, proposal, who decides, and what to look at first."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backoffice import models
from backoffice.billing import caution_phrases, lines
from backoffice.billing.cautions import Caution
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.ids import GlobalId
from backoffice.models import ContractEventKind, ContractState, LineKind, OfferKind
from backoffice.permissions import ActorKind, Role
from tests import books, factories, subscriptions
from tests.acts import everything, global_id
from tests.books import TEN, Article
from tests.graphs import Asked, asking

_ADVICE = """query($input: RefundAdviceInput!) { refundAdvice(input: $input) {
  reason least { cents } most { cents } proposed { amount { cents } derivation explanation(language: EN) }
  unusedFrom unusedUntil decidedBy mostDecidedBy rules reference warnings { code message(language: EN) }
} }"""
RENEWAL = Period(date(2026, 7, 11), date(2026, 8, 11))
JULY = datetime(2026, 7, 20, 9, 0, tzinfo=UTC)
PAID_AT = datetime(2026, 7, 11, 9, 0, tzinfo=UTC)


@dataclass
class Files:
    """A file with an option that was renewed on July 11 and paid."""

    contract: models.Contract
    item: models.ContractItem
    line: models.InvoiceLine
    payment: models.Payment | None


async def _renewed(
    database: Database,
    *,
    last_used_on: date | None = date(2026, 7, 13),
    is_paid: bool = True,
    paid_at: datetime = PAID_AT,
    billed: Period = RENEWAL,
    **contract: Any,
) -> Files:
    async with database.unit_of_work() as session:
        account = await books.create_file(session)
        offer = await subscriptions.create_offer(session, "TV", 2999)
        sport = await subscriptions.create_offer(session, "SPORT", 1999, kind=OfferKind.OPTION, is_rolling_month=True)
        agreed = await subscriptions.create_contract(session, account, offer, starts_on=date(2026, 6, 1), **contract)
        item = await subscriptions.create_item(
            session, agreed, sport, starts_on=date(2026, 6, 11), anchor_on=date(2026, 6, 11), last_used_on=last_used_on
        )
        derived = lines.prorated(full_cents=1999, price_version="SPORT 2020-01-01", served=billed, of=RENEWAL)
        article = Article(
            derived.cents,
            TEN,
            LineKind.OPTION,
            "Option Sport",
            days=RENEWAL,
            derived=derived,
            facts={"contract_id": agreed.id, "contract_item_id": item.id, "offer_id": sport.id, "unit_cents": 1999},
        )
        invoice = await books.bill(session, account, article, on=RENEWAL.starts_on, period=RENEWAL, at=PAID_AT)
        payment = await books.pay(session, account, invoice, at=paid_at) if is_paid else None
        [line] = await books.lines_of(session, invoice)
    return Files(agreed, item, line, payment)


async def _advice(by: Asked, /, **given: Any) -> Any:
    return (await by.data(_ADVICE, input=given))["refundAdvice"]


def _codes(said: Any) -> list[str]:
    return [warning["code"] for warning in said["warnings"]]


class TestRefundAdvice:
    async def test_proposes_the_days_since_the_last_use_of_an_option(self, database: Database) -> None:
        of = await _renewed(database)
        before = await everything(database)

        said = await _advice(
            asking(database, at=JULY), invoiceLineId=global_id(of.line), reason="UNUSED_OPTION", asked=1999
        )

        derivation = said["proposed"].pop("derivation")
        assert (derivation["cents"], derivation["steps"][1]["fraction"]) == (1806, "28/31")
        assert said["proposed"].pop("explanation")[1] == (
            "From 14 July 2026 to 10 August 2026 inclusive: 28 days out of the 31 of the period from 11 July 2026 to "
            "10 August 2026."
        )
        assert said == {
            "reason": "UNUSED_OPTION",
            "least": {"cents": 0},
            "most": {"cents": 1999},
            "proposed": {"amount": {"cents": 1806}},
            "unusedFrom": "2026-07-14",
            "unusedUntil": "2026-08-11",
            "decidedBy": "AGENT",
            "mostDecidedBy": "SUPERVISOR",
            "rules": [
                "refund-unused-option",
                "issued-line-not-catalogue",
                "prorata-actual-days",
                "unused-days-of-line",
                "one-rounding-per-line",
            ],
            "reference": "Règle de l'opérateur",
            "warnings": [
                {
                    "code": "PROOF_NEEDED",
                    "message": "This reason is judged case by case: ask for a proof and attach it to the ticket.",
                }
            ],
        }
        after = await everything(database)
        assert {name for name, rows in after.items() if rows != before[name]} == {models.AccessEntry.__tablename__}

    async def test_takes_the_days_that_are_given(self, database: Database) -> None:
        of = await _renewed(database)
        given = {"invoiceLineId": global_id(of.line), "reason": "SERVICE_FAILURE"}

        said = await _advice(asking(database, at=JULY), **given, unusedFrom="2026-07-20", unusedUntil="2026-07-23")

        # 19.99 x 3/31 = 1.9345
        assert (said["least"], said["proposed"]["amount"]) == ({"cents": 193}, {"cents": 193})
        assert (said["unusedFrom"], said["unusedUntil"]) == ("2026-07-20", "2026-07-23")
        assert (said["decidedBy"], said["mostDecidedBy"]) == ("AGENT", "SUPERVISOR")

    async def test_knows_the_days_without_service(self, database: Database) -> None:
        of = await _renewed(database)
        async with database.unit_of_work() as session:
            for kind, on in ((ContractEventKind.SUSPENDED, 15), (ContractEventKind.REACTIVATED, 18)):
                session.add(
                    models.ContractEvent(
                        subscriber_id=of.contract.subscriber_id,
                        id=factories.new_id(),
                        contract_id=of.contract.id,
                        kind=kind,
                        effective_on=date(2026, 7, on),
                        recorded_at=JULY,
                        actor_kind=ActorKind.SYSTEM,
                        actor_id=0,
                        actor_name="System",
                        channel="SYSTEM",
                        details={},
                    )
                )

        said = await _advice(asking(database, at=JULY), invoiceLineId=global_id(of.line), reason="UNDUE_SUSPENSION")

        assert (said["unusedFrom"], said["unusedUntil"]) == ("2026-07-15", "2026-07-18")
        assert said["proposed"]["amount"] == {"cents": 193}

    async def test_knows_the_days_after_the_end_of_the_contract(self, database: Database) -> None:
        of = await _renewed(database, ends_on=date(2026, 8, 1), state=ContractState.TERMINATING)

        said = await _advice(asking(database, at=JULY), invoiceLineId=global_id(of.line), reason="TERMINATION")

        # 19.99 x 10/31 = 6.448
        assert (said["least"], said["most"]) == ({"cents": 645}, {"cents": 645})
        assert said["unusedFrom"] == "2026-08-01"

    async def test_owes_what_was_billed_above_the_contract(self, database: Database) -> None:
        of = await _renewed(database)
        async with database.unit_of_work() as session:
            item = await session.get_one(
                models.ContractItem, {"subscriber_id": of.item.subscriber_id, "id": of.item.id}
            )
            item.ends_on = date(2026, 7, 21)
        asked = asking(database, at=JULY)

        said = await _advice(asked, invoiceLineId=global_id(of.line), reason="BILLING_ERROR")

        # 10 of 31 days were right: 6.45; 19.99 - 6.45 = 13.54
        assert (said["least"], said["proposed"]["amount"], said["most"]) == (
            {"cents": 1354},
            {"cents": 1354},
            {"cents": 1999},
        )
        assert said["reference"] == "Code civil, article 1302-1"
        assert _codes(said) == ["RULE_ASSUMED"]

    async def test_says_what_is_not_known_and_proposes_nothing(self, database: Database) -> None:
        of = await _renewed(database, last_used_on=None, is_paid=False)

        said = await _advice(
            asking(database, at=JULY), invoiceLineId=global_id(of.line), reason="UNUSED_OPTION", asked=2000
        )

        assert (said["proposed"], said["unusedFrom"], said["most"]) == (None, None, {"cents": 1999})
        assert _codes(said) == ["NOT_PAID", "DAYS_UNKNOWN", "PROOF_NEEDED", "ASKED_ABOVE_MOST"]

    @pytest.mark.parametrize(
        ("on", "is_barred"), [(date(2027, 7, 11), False), (date(2027, 7, 12), True)], ids=["last day", "day after"]
    )
    async def test_warns_of_a_claim_that_is_older_than_a_year(
        self, database: Database, on: date, is_barred: bool
    ) -> None:
        of = await _renewed(database)
        at = datetime(on.year, on.month, on.day, 9, 0, tzinfo=UTC)

        said = await _advice(asking(database, at=at), invoiceLineId=global_id(of.line), reason="UNUSED_OPTION")

        assert ("CLAIM_OLDER_THAN_A_YEAR" in _codes(said)) is is_barred

    async def test_advises_on_a_whole_payment(self, database: Database) -> None:
        of = await _renewed(database)
        asked = asking(database, at=JULY)
        given = {"paymentId": global_id(of.payment), "reason": "DUPLICATE_PARTNER_CHARGE"}

        said = await _advice(asked, **given)
        async with database.unit_of_work() as session:
            payment = await session.get_one(
                models.Payment, {"subscriber_id": of.line.subscriber_id, "id": of.payment.id if of.payment else 0}
            )
            payment.state = models.PaymentState.RETURNED
        returned = await _advice(asked, **given)

        assert (said["least"], said["most"], said["decidedBy"]) == ({"cents": 1999}, {"cents": 1999}, "AGENT")
        assert (returned["most"], _codes(returned)[:2]) == ({"cents": 0}, ["NOT_PAID", "NOTHING_STANDS"])

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({}, "BAD_INPUT"),
            ({"invoiceLineId": "line", "paymentId": "payment"}, "BAD_INPUT"),
            ({"invoiceLineId": "nonsense"}, "NOT_FOUND"),
            ({"invoiceLineId": GlobalId("InvoiceLine", 5, 6).encode()}, "NOT_FOUND"),
            ({"paymentId": "line"}, "NOT_FOUND"),
            ({"paymentId": "payment", "unusedFrom": "2026-07-14"}, "BAD_INPUT"),
            ({"invoiceLineId": "line", "unusedFrom": "2026-07-10"}, "DATES_OUTSIDE_LINE"),
            ({"invoiceLineId": "line", "unusedFrom": "2026-07-20", "unusedUntil": "2026-07-20"}, "DATES_OUTSIDE_LINE"),
            ({"invoiceLineId": "line", "unusedUntil": "2026-08-12"}, "DATES_OUTSIDE_LINE"),
            ({"invoiceLineId": "line", "asked": 0}, "AMOUNT_OUT_OF_RANGE"),
            ({"invoiceLineId": "line", "asked": 10.5}, "AMOUNT_OUT_OF_RANGE"),
        ],
    )
    async def test_refuses_what_it_cannot_answer(self, database: Database, given: dict[str, Any], code: str) -> None:
        of = await _renewed(database)
        known = {"line": global_id(of.line), "payment": global_id(of.payment)}
        given = {name: known.get(value, value) if isinstance(value, str) else value for name, value in given.items()}

        codes = await asking(database, at=JULY).codes(_ADVICE, input={"reason": "UNUSED_OPTION", **given})

        assert codes == [code]

    async def test_is_closed_to_who_may_not_read_bills(self, database: Database) -> None:
        admin = asking(database, factories.viewer(Role.ADMIN))

        assert await admin.codes(_ADVICE, input={"reason": "GOODWILL", "paymentId": "any"}) == ["FORBIDDEN"]


class TestPhrases:
    def test_say_every_caution_in_both_languages(self) -> None:
        assert set(caution_phrases.ENGLISH) == set(caution_phrases.FRENCH) == set(Caution)
