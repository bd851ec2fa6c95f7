"""A bank takes a whole debit back, after a part of it had gone back already: all of it is due again, and nothing is lost."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backoffice import models
from backoffice.billing.periods import Period
from backoffice.models import PaymentMethodKind
from tests.acts import global_id
from tests.cases import books
from tests.cases.desk import Desk
from tests.cases.waiting import until
from tests.factories import create_account, create_method, create_subscriber

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
LEDGER = """query Ledger($id: ID!) { node(id: $id) { ... on BillingAccount {
  balance { cents } credit { cents }
  invoices { nodes { state due { cents } } }
  payments { nodes { state returnCode refunded { cents } allocations { nodes { isUndone } } } }
  postings(first: 20) { nodes { kind entries { nodes { account amount { cents } } } } }
} } }"""


@dataclass(frozen=True)
class Debited:
    """October, debited on the fifth, with 6.40 of it given back in November for days without service."""

    account: models.BillingAccount
    bill: books.Bill
    payment: models.Payment


async def debited(desk: Desk) -> Debited:
    await desk.clock("2026-11-15T10:00+01:00")
    async with desk.database.unit_of_work() as session:
        account = await create_account(session, await create_subscriber(session))
        charge = books.once("Télévision et Internet, octobre", 5998, Decimal("0.20"))
        bill = await books.bill(session, account, [charge], issued_on=OCTOBER.starts_on, days=OCTOBER)
        method = await create_method(
            session, account, kind=PaymentMethodKind.DIRECT_DEBIT, mandate_reference="RUM0001", iban_last_four="7606"
        )
        payment = await books.pay(session, account, bill, on=date(2026, 10, 5), method=method)
    credited = await desk.do(
        "creditNote",
        invoiceId=global_id(bill.invoice),
        amount=640,
        reason="SERVICE_FAILURE",
        fields="total { cents } refunds { nodes { id state amount { cents } } }",
    )
    [refund] = credited["refunds"]["nodes"]
    assert (credited["total"], refund["state"], refund["amount"]) == (640, "APPROVED", 640)
    await desk.clock("2026-11-15T10:11+01:00")  # it has waited its ten minutes
    await until(desk, refund["id"], "Refund", "id", state="SETTLED")
    await desk.clock("2026-11-24T09:00+01:00")
    return Debited(account, bill, payment)


async def ledger(desk: Desk, account: models.BillingAccount) -> Any:
    node = (await desk.data(LEDGER, id=global_id(account)))["node"]
    receivable = [
        (posting["kind"], entry["amount"])
        for posting in node["postings"]["nodes"]
        for entry in posting["entries"]["nodes"]
        if entry["account"] == "RECEIVABLE"
    ]
    return {**node, "receivable": receivable}


async def test_opens_the_invoice_and_loses_nothing(desk: Desk) -> None:
    case = await debited(desk)

    shown = await desk.preview("paymentReturn", who="billing", paymentId=global_id(case.payment), returnCode="MD06")
    returned = await desk.confirm(
        "paymentReturn", shown["quote"], who="billing", fields="state returnCode billingAccount { balance { cents } }"
    )

    # Eight weeks from the fifth of October end on the thirtieth of November.
    assert shown["preview"]["facts"]["unconditional_refund_until"] == "2026-11-30"
    assert shown["preview"]["facts"]["refunded_cents"] == 640
    assert [part["amount"] for part in shown["preview"]["allocations"]] == [-5998]
    assert returned["payment"] == {"state": "RETURNED", "returnCode": "MD06", "billingAccount": {"balance": 5998}}
    after = await ledger(desk, case.account)
    assert sorted(after["receivable"]) == [
        ("CREDIT_NOTE", -640),
        ("INVOICE", 5998),
        ("PAYMENT", -5998),
        ("PAYMENT_RETURN", 5998),
        ("REFUND", 640),
    ]
    assert (after["balance"], after["credit"]) == (5998, 0)
    assert after["invoices"]["nodes"] == [{"state": "ISSUED", "due": 5998}]
    await desk.verify()


async def test_refuses_to_refund_it_and_debits_nothing_by_itself(desk: Desk) -> None:
    case = await debited(desk)
    await desk.do("paymentReturn", who="billing", paymentId=global_id(case.payment), returnCode="AM04")
    given = {"amount": 100, "reason": "SERVICE_FAILURE"}

    of_invoice = await desk.refusal("refund", who="billing", invoiceId=global_id(case.bill.invoice), **given)
    of_payment = await desk.refusal("refund", who="billing", paymentId=global_id(case.payment), **given)

    assert (of_invoice["code"], of_payment["code"]) == ("PAYMENT_RETURNED", "PAYMENT_RETURNED")
    payments = (await ledger(desk, case.account))["payments"]["nodes"]
    assert payments == [
        {"state": "RETURNED", "returnCode": "AM04", "refunded": 640, "allocations": {"nodes": [{"isUndone": True}]}}
    ]
    await desk.verify()


async def test_is_as_before_when_the_return_was_a_mistake(desk: Desk) -> None:
    case = await debited(desk)
    before = await ledger(desk, case.account)
    await desk.do("paymentReturn", who="billing", paymentId=global_id(case.payment), returnCode="AM04")

    await desk.do("paymentReturnReverse", who="billing", paymentId=global_id(case.payment), note="Autre dossier")

    after = await ledger(desk, case.account)
    assert (before["balance"], before["invoices"]) == (0, {"nodes": [{"state": "PAID", "due": 0}]})
    assert (after["balance"], after["credit"], after["invoices"]) == (0, 0, before["invoices"])
    assert len(after["receivable"]) == len(before["receivable"]) + 2
    await desk.verify()
