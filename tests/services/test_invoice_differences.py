"""The causes of a difference add up to it, whatever the two invoices of an account."""

from collections import Counter
from itertools import pairwise

import pytest
from sqlalchemy import select

from backoffice.billing.causes import CauseKind
from backoffice.database import Database
from backoffice.models import Invoice
from backoffice.services import invoice_differences
from backoffice.services.invoice_differences import NotOneAccount
from tests import books
from tests.books import Article


class TestBetween:
    async def test_adds_up_for_every_two_invoices_in_a_row_of_the_demo(self, demo: Database) -> None:
        kinds: Counter[CauseKind] = Counter()
        async with demo.reading() as session:
            rows = (
                await session.execute(select(Invoice).order_by(Invoice.billing_account_id, Invoice.issued_on))
            ).scalars()
            for earlier, later in pairwise(list(rows)):
                if earlier.billing_account_id != later.billing_account_id:
                    continue
                found = await invoice_differences.between(session, earlier=earlier, later=later)
                back = await invoice_differences.between(session, earlier=later, later=earlier)
                kinds.update(cause.kind for cause in found.causes)

                assert sum(cause.cents for cause in found.causes) == found.cents == later.ttc_cents - earlier.ttc_cents
                assert sum(cause.cents for cause in back.causes) == -found.cents
                for cause in found.causes:
                    assert cause.explain("fr")
                    assert cause.explain("en")

        assert set(kinds) >= {
            CauseKind.PRICE_CHANGED,
            CauseKind.PROMOTION_ENDED,
            CauseKind.OFFER_CHANGED,
            CauseKind.DAYS,
            CauseKind.ITEM_ADDED,
            CauseKind.PRORATION,
            CauseKind.FEE,
        }
        # A cause that names nothing would be no explanation.
        assert kinds[CauseKind.OTHER] == 0

    async def test_refuses_the_invoices_of_two_accounts(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account, other = await books.create_file(session), await books.create_file(session)
            mine = await books.bill(session, account, Article(1000))
            foreign = await books.bill(session, other, Article(1100))

            with pytest.raises(NotOneAccount) as refused:
                await invoice_differences.between(session, earlier=mine, later=foreign)

        assert refused.value.code == "INVOICES_OF_TWO_ACCOUNTS"
        assert refused.value.field == "later"
