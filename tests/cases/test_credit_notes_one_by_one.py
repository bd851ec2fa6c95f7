"""Four lines priced without VAT, each credited by a note of its own: the notes never exceed the invoice by the odd cent."""

from datetime import date
from decimal import Decimal

from backoffice.billing.periods import Period
from backoffice.billing.vat import Basis
from backoffice.models import SubscriberKind
from tests.acts import global_id
from tests.cases import books
from tests.cases.desk import Desk
from tests.factories import create_account, create_subscriber

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1))
RATE = Decimal("0.20")


async def business_invoice(desk: Desk) -> books.Bill:
    """Lines of 68.33, 68.33, 57.50 and 85.00 without VAT, paid: 279.16, with VAT 334.99."""
    async with desk.database.unit_of_work() as session:
        business = await create_subscriber(session, kind=SubscriberKind.BUSINESS)
        account = await create_account(session, business)
        charges = [books.once("Ligne professionnelle", cents, RATE) for cents in (6833, 6833, 5750, 8500)]
        bill = await books.bill(session, account, charges, issued_on=OCTOBER.starts_on, days=OCTOBER, basis=Basis.HT)
        await books.pay(session, account, bill, on=date(2026, 10, 20))
        return bill


async def test_each_note_is_what_all_of_them_come_to_less_the_earlier_ones(desk: Desk) -> None:
    bill = await business_invoice(desk)
    assert (bill.invoice.ht_cents, bill.invoice.vat_cents, bill.invoice.ttc_cents) == (27916, 5583, 33499)
    await desk.step_up("billing")

    notes = []
    for position in (0, 2, 3, 1):
        line = global_id(bill.lines[position])
        given = {
            "invoiceId": global_id(bill.invoice),
            "invoiceLineId": line,
            "reason": "BILLING_ERROR",
            "note": "Erreur",
        }
        shown = await desk.preview("creditNote", who="billing", **given)
        made = await desk.confirm(
            "creditNote",
            shown["quote"],
            who="billing",
            fields="number totalExcludingVat { cents } vat { cents } total { cents }",
        )
        assert shown["preview"]["document"]["total"] == made["creditNote"]["total"]
        notes.append(made["creditNote"])

    assert notes == [
        {"number": "A2026-0000001", "totalExcludingVat": 6833, "vat": 1367, "total": 8200},
        {"number": "A2026-0000002", "totalExcludingVat": 5750, "vat": 1150, "total": 6900},
        {"number": "A2026-0000003", "totalExcludingVat": 8500, "vat": 1700, "total": 10200},
        {"number": "A2026-0000004", "totalExcludingVat": 6833, "vat": 1366, "total": 8199},
    ]
    nothing = await desk.refusal("creditNote", who="billing", invoiceId=global_id(bill.invoice), reason="BILLING_ERROR")
    assert nothing["code"] == "NOTHING_TO_CREDIT"
    await desk.verify()
