"""A card runs out: the charge is refused, two reminders go out, the services are cut, and come back on the day of payment."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.models import ContractState, PaymentMethodKind, SuspensionCause
from backoffice.services import payments
from tests.acts import global_id
from tests.cases import books, goods
from tests.cases.desk import Desk
from tests.cases.waiting import until
from tests.factories import create_account, create_device, create_method, create_subscriber

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
FILE = """query File($invoice: ID!, $contract: ID!, $account: ID!) {
  invoice: node(id: $invoice) { ... on Invoice {
    due { cents } dunningSteps { nodes { kind dueOn skippedBecause } }
  } }
  contract: node(id: $contract) { ... on Contract {
    state suspensionCause suspendedOn billedUntil history { nodes { kind effectiveOn } }
  } }
  account: node(id: $account) { ... on BillingAccount {
    balance { cents }
    invoices(sort: DUE_FIRST) { nodes { number runType state total { cents } due { cents } } }
    extraCharges { nodes { label amount { cents } } }
  } }
}"""
FEE, REMINDER = {"kind": "FEE", "dueOn": "2026-10-05"}, {"kind": "REMINDER", "dueOn": "2026-10-05"}
SECOND, CUT = {"kind": "SECOND_REMINDER", "dueOn": "2026-10-13"}, {"kind": "SUSPENSION", "dueOn": "2026-10-20"}


@dataclass
class Debtor:
    """Tout inclus, October billed in advance, and a card that is good until the end of September."""

    account: models.BillingAccount
    contract: models.Contract
    bill: books.Bill
    card: models.PaymentMethod
    device: models.Device

    @property
    def ids(self) -> dict[str, str]:
        """What the case looks at."""
        rows = {"invoice": self.bill.invoice, "contract": self.contract, "account": self.account}
        return {name: global_id(row) for name, row in rows.items()}


async def debtor(desk: Desk, *, card_ends_on: date = date(2026, 10, 1), **given: Any) -> Debtor:
    """74.99 of October, due on the 5th."""
    await desk.clock("2026-09-21T08:00+02:00")
    async with desk.database.unit_of_work() as session:
        subscriber = await create_subscriber(session, **given)
        account = await create_account(session, subscriber)
        everything = await goods.sell(session, "TOUT-INCLUS")
        await goods.sell(session, "FRAIS-REJET")
        contract, item = await books.subscribe(
            session, account, everything, starts_on=date(2026, 1, 1), billed_until=OCTOBER.ends_on
        )
        bill = await books.bill(
            session,
            account,
            books.period_of(everything, item, OCTOBER),
            issued_on=date(2026, 9, 21),
            days=OCTOBER,
        )
        card = await create_method(
            session,
            account,
            kind=PaymentMethodKind.CARD,
            is_default=True,
            card_token="tok_expired_1",
            expires_on=card_ends_on,
        )
        return Debtor(account, contract, bill, card, await create_device(session, subscriber))


async def charge(desk: Desk, of: Debtor) -> None:
    """Ask the card that is known for what is due, and let the bank refuse it."""
    async with desk.database.unit_of_work() as session:
        payments.ask(session, account=of.account, method=of.card, cents=7499, at=desk.now)
    await desk.run("work", "--once")


async def bill_on(desk: Desk, *days: str) -> None:
    """The run of each morning."""
    for day in days:
        await desk.clock(f"{day}T08:00+02:00")
        await desk.run("bill", "--on", day)


async def new_card(desk: Desk, of: Debtor, *, added_on: date) -> models.PaymentMethod:
    """The subscriber saves another card, which is charged from now on."""
    async with desk.database.unit_of_work() as session:
        old = await session.get_one(models.PaymentMethod, {"subscriber_id": of.card.subscriber_id, "id": of.card.id})
        old.is_default = False
        return await create_method(
            session,
            of.account,
            kind=PaymentMethodKind.CARD,
            is_default=True,
            card_token="tok_ok_1",
            expires_on=date(2029, 1, 1),
            added_on=added_on,
        )


def steps(shown: Any) -> list[dict[str, Any]]:
    """The steps that were taken about October, without what they were not skipped for."""
    return [
        {name: value for name, value in step.items() if value is not None}
        for step in shown["invoice"]["dunningSteps"]["nodes"]
    ]


async def test_pays_the_invoice_and_the_fee_and_has_everything_back_that_day(desk: Desk) -> None:
    of = await debtor(desk)
    await desk.run("bill", "--on", "2026-09-21")
    async with desk.database.reading() as session:
        [mail] = await session.scalars(select(models.OutboxMessage.payload))
    assert mail == {"template": "card_ends", "about": of.card.id}

    await desk.clock("2026-10-05T06:00+02:00")
    await charge(desk, of)
    await bill_on(desk, "2026-10-05", "2026-10-13", "2026-10-20", "2026-10-21")
    cut = await desk.data(FILE, **of.ids)

    assert steps(cut) == [FEE, REMINDER, SECOND, CUT]
    assert cut["contract"]["state"] == "SUSPENDED"
    assert (cut["contract"]["suspensionCause"], cut["contract"]["suspendedOn"]) == ("UNPAID", "2026-10-20")
    # No period will come while the services are cut, so the fee is billed by itself.
    assert [(each["runType"], each["due"]) for each in cut["account"]["invoices"]["nodes"]] == [
        ("ON_CYCLE", 7499),
        ("OFF_CYCLE", 750),
    ]
    assert cut["account"]["balance"] == 8249

    await desk.clock("2026-10-23T10:00+02:00")
    card = await new_card(desk, of, added_on=date(2026, 10, 23))
    paid = await desk.do(
        "payment", amount=8249, billingAccountId=global_id(of.account), paymentMethodId=global_id(card)
    )
    await until(desk, paid["id"], "Payment", "amount { cents }", state="CAPTURED")
    back = await desk.data(FILE, **of.ids)

    assert back["account"]["balance"] == 0
    assert [each["state"] for each in back["account"]["invoices"]["nodes"]] == ["PAID", "PAID"]
    assert (back["contract"]["state"], back["contract"]["suspensionCause"]) == ("ACTIVE", None)
    assert back["contract"]["billedUntil"] == "2026-11-01"
    assert [each for each in back["contract"]["history"]["nodes"] if each["kind"] == "REACTIVATED"] == [
        {"kind": "REACTIVATED", "effectiveOn": "2026-10-23"}
    ]
    async with desk.database.reading() as session:
        device = await session.get_one(models.Device, {"subscriber_id": of.device.subscriber_id, "id": of.device.id})
    assert device.state is models.DeviceState.ACTIVE
    await desk.verify()


async def test_asks_a_card_that_only_the_bank_knows_to_be_over_and_reminds_the_same_day(desk: Desk) -> None:
    of = await debtor(desk, card_ends_on=date(2029, 1, 1))

    await bill_on(desk, "2026-10-04", "2026-10-05")
    await desk.run("work", "--once")
    await bill_on(desk, "2026-10-05", "2026-10-06", "2026-10-13", "2026-10-20")

    shown = await desk.data(FILE, **of.ids)
    assert {step["kind"]: step["dueOn"] for step in steps(shown)} == {
        **dict.fromkeys(("COLLECTION", "FEE", "REMINDER"), "2026-10-05"),
        "SECOND_REMINDER": "2026-10-13",
        "SUSPENSION": "2026-10-20",
    }
    async with desk.database.reading() as session:
        [payment] = await session.scalars(select(models.Payment))
    assert (payment.state, payment.amount_cents, payment.requested_at.date()) == ("FAILED", 7499, date(2026, 10, 5))
    assert [each["amount"] for each in shown["account"]["extraCharges"]["nodes"]] == [750]
    await desk.verify()


async def test_asks_no_fee_of_a_fragile_consumer(desk: Desk) -> None:
    of = await debtor(desk, is_fragile=True)
    await desk.clock("2026-10-05T06:00+02:00")
    await charge(desk, of)

    await bill_on(desk, "2026-10-05")

    shown = await desk.data(FILE, **of.ids)
    assert steps(shown) == [{**FEE, "skippedBecause": "FRAGILE"}, REMINDER]
    assert shown["account"]["extraCharges"]["nodes"] == []
    assert shown["account"]["balance"] == 7499
    await desk.verify()


async def test_neither_cuts_nor_charges_when_we_asked_the_old_card_again(desk: Desk) -> None:
    of = await debtor(desk)
    await bill_on(desk, "2026-10-06", "2026-10-14")
    await new_card(desk, of, added_on=date(2026, 10, 18))
    await desk.clock("2026-10-18T10:00+02:00")
    await charge(desk, of)

    await bill_on(desk, "2026-10-21", "2026-10-23")

    shown = await desk.data(FILE, **of.ids)
    assert [step.get("skippedBecause") for step in steps(shown) if step["kind"] == "FEE"] == ["EXCUSED"]
    assert "SUSPENSION" not in [step["kind"] for step in steps(shown)]
    assert shown["contract"]["state"] == ContractState.ACTIVE
    assert shown["account"]["balance"] == 7499
    await desk.verify()


async def test_credits_the_days_of_a_cut_that_was_our_mistake(desk: Desk) -> None:
    of = await debtor(desk)
    await new_card(desk, of, added_on=date(2026, 10, 18))
    # Cut by hand before anybody looked at the new card.
    async with desk.database.unit_of_work() as session:
        contract = await session.get_one(
            models.Contract, {"subscriber_id": of.contract.subscriber_id, "id": of.contract.id}
        )
        contract.state, contract.suspension_cause = ContractState.SUSPENDED, SuspensionCause.UNPAID
        contract.suspended_on = date(2026, 10, 20)
    await desk.clock("2026-10-23T10:00+02:00")

    await desk.do(
        "reactivation", contractId=global_id(of.contract), isUndue=True, note="La nouvelle carte était enregistrée."
    )

    shown = await desk.data(FILE, **of.ids)
    assert (shown["contract"]["state"], shown["contract"]["billedUntil"]) == ("ACTIVE", "2026-11-01")
    async with desk.database.reading() as session:
        note = (await session.scalars(select(models.CreditNote))).one()
        line = (await session.scalars(select(models.CreditNoteLine))).one()
    # 74.99 × 3/31 = 7.257
    assert (note.reason, note.ttc_cents, note.ht_cents, note.vat_cents) == ("UNDUE_SUSPENSION", 726, 660, 66)
    assert (line.starts_on, line.ends_on) == (date(2026, 10, 20), date(2026, 10, 23))
    assert shown["account"]["balance"] == 7499 - 726
    await desk.verify()
