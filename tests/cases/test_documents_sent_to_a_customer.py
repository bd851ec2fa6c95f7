"""A customer wants the invoice and its correction as files: the same bytes for every agent, today and after a restart."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from backoffice.documents.native import PdfUnavailable, weasyprint
from tests import factories
from tests.acts import global_id
from tests.cases.desk import Desk
from tests.cases.test_refund_of_a_paid_invoice import paid_month
from tests.documents.conftest import text_of_pdf

LINK = "document(language: $language) { url sha256 sizeBytes }"
QUERY = f"""query($id: ID!, $language: Language) {{
  node(id: $id) {{ ... on Invoice {{ {LINK} }} ... on CreditNote {{ {LINK} }} }}
}}"""


@pytest.fixture(autouse=True)
def _pdfs() -> None:
    """Skip where nothing can be printed."""
    try:
        weasyprint()
    except PdfUnavailable as missing:
        pytest.skip(str(missing))


async def link(desk: Desk, row_id: str, language: str | None = None, *, who: str = "agent") -> Any:
    return (await desk.data(QUERY, id=row_id, language=language, who=who))["node"]["document"]


async def content(desk: Desk, told: Any, *, who: str = "agent") -> bytes:
    answered = await desk.get(told["url"], who=who)
    assert (answered.status_code, answered.headers["content-type"]) == (200, "application/pdf")
    assert hashlib.sha256(answered.content).hexdigest() == told["sha256"]
    assert len(answered.content) == told["sizeBytes"]
    return answered.content


async def test_hands_out_the_same_bytes_for_ever(desk: Desk) -> None:
    bill = await paid_month(desk)
    invoice_id = global_id(bill.invoice)
    first = await link(desk, invoice_id)
    pdf = await content(desk, first)
    note = await desk.do("refund", invoiceId=invoice_id, amount=500, reason="BILLING_ERROR", fields="creditNote { id }")
    correction = await content(desk, await link(desk, note["creditNote"]["id"], "EN"))

    await desk.clock(factories.NOW + timedelta(minutes=5))
    again = await content(desk, first)
    other = await content(desk, await link(desk, invoice_id, who="billing"), who="billing")
    foreign = await desk.get(first["url"], who="billing")
    await desk.clock(factories.NOW + timedelta(minutes=15))
    expired = await desk.get(first["url"])

    assert pdf == again == other
    assert "Payé le 15 novembre 2026 par prélèvement −22,99 €" in text_of_pdf(pdf)
    assert "Refunded by direct debit €5.00" in text_of_pdf(correction)
    assert (foreign.status_code, foreign.json()["errors"][0]["code"]) == (404, "NOT_FOUND")
    assert (expired.status_code, expired.json()["errors"][0]["code"]) == (410, "LINK_EXPIRED")
    await desk.verify()
