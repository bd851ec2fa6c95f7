"""An invoice is printed as it was issued, with what has been paid since as it is known on the day of the printing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from backoffice import models
from backoffice.billing import lines
from backoffice.billing.periods import Period
from backoffice.database import Database
from backoffice.documents import operators
from backoffice.documents.headings import Recipient
from backoffice.documents.invoices import ContractBlock, Invoice
from backoffice.documents.lines import Days
from backoffice.documents.payments import Collection, Means, MeansKind, Paid
from backoffice.models import Language, LineKind
from backoffice.services import rendered_documents
from backoffice.services.document_headings import Edition, FiguresDiffer, NotIssued
from tests import books, catalogues, factories
from tests.books import NOVEMBER, TEN, Article
from tests.factories import TODAY

FRENCH = Edition(operators.read().french, Language.FR, "EUR", "Europe/Paris", TODAY)
ENGLISH = replace(FRENCH, issuer=operators.read().english, language=Language.EN)
ISSUED_ON = date(2026, 11, 1)


async def printed(session: AsyncSession, invoice: models.Invoice, edition: Edition = FRENCH) -> Invoice:
    await session.flush()
    document = await rendered_documents.printable(session, invoice, edition)
    assert isinstance(document, Invoice)
    return document


async def file_of(session: AsyncSession, account: models.BillingAccount) -> models.Subscriber:
    return await session.get_one(models.Subscriber, account.subscriber_id)


async def every(session: AsyncSession, model: type[Any], at_most: int) -> Sequence[Any]:
    return (await session.scalars(select(model).order_by(model.id).limit(at_most))).all()


class TestHeading:
    async def test_is_dated_by_its_booking(self, database: Database) -> None:
        at = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
        async with database.unit_of_work() as session:
            invoice = await books.bill(session, await books.create_file(session), Article(3499), at=at)

            heading = (await printed(session, invoice)).heading

        assert (heading.number, heading.issued_at, heading.issued_on) == ("F2026-0000001", at, ISSUED_ON)

    async def test_names_every_holder_in_the_language_of_the_document(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            subscriber = await file_of(session, account)
            await factories.create_holder(session, subscriber, "Luc", "Petit", position=1)
            await factories.create_holder(session, subscriber, "Ève", "Petit", civility="Madame")
            invoice = await books.bill(session, account, Article(3499))

            names = [(await printed(session, invoice, each)).heading.recipient.name for each in (FRENCH, ENGLISH)]

        assert names == ["Madame Ève Petit et Luc Petit", "Madame Ève Petit and Luc Petit"]

    async def test_goes_to_the_number_where_nobody_is_named(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session, number="S00000042")
            invoice = await books.bill(session, account, Article(3499))

            heading = (await printed(session, invoice)).heading

        assert heading.recipient == Recipient("S00000042", ())
        assert (heading.subscriber_number, heading.account_number) == ("S00000042", account.number)

    async def test_goes_to_where_bills_went_on_the_day_of_issue(self, database: Database) -> None:
        moved_on = ISSUED_ON + timedelta(days=1)
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            subscriber, kind = await file_of(session, account), models.AddressKind.BILLING
            await factories.create_address(session, subscriber, city="Home")
            await factories.create_address(session, subscriber, kind=kind, line2="Bât. C", ends_on=moved_on)
            await factories.create_address(session, subscriber, kind=kind, city="Elsewhere", starts_on=moved_on)
            invoice = await books.bill(session, account, Article(3499))

            address = (await printed(session, invoice)).heading.recipient.address

        assert address == ("3 rue des Lilas", "Bât. C", "68000 Colmar")

    async def test_goes_home_where_bills_go_nowhere_else_and_abroad_with_the_country(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            await factories.create_address(session, await file_of(session, account), country="BE", city="Mons")
            invoice = await books.bill(session, account, Article(3499))

            address = (await printed(session, invoice)).heading.recipient.address

        assert address == ("3 rue des Lilas", "68000 Mons", "BE")

    async def test_of_a_draft_is_refused(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            invoice = await books.bill(session, await books.create_file(session), Article(3499))
            invoice.number, invoice.state = None, models.InvoiceState.DRAFT

            with pytest.raises(NotIssued):
                await printed(session, invoice)


class TestLines:
    async def test_tell_their_days_out_of_those_of_the_period(self, database: Database) -> None:
        served = Period(date(2026, 11, 16), NOVEMBER.ends_on)
        derived = lines.prorated(full_cents=3499, price_version="P", served=served, of=NOVEMBER)
        part = Article(derived.cents, days=served, derived=derived, kind=LineKind.PRORATION)
        async with database.unit_of_work() as session:
            fee = Article(4900, days=None, kind=LineKind.FEE)
            invoice = await books.bill(session, await books.create_file(session), part, Article(3499), fee)

            document = await printed(session, invoice)

        assert [line.days for line in document.lines] == [Days(served, NOVEMBER), Days(NOVEMBER, NOVEMBER), None]
        assert [line.position for line in document.lines] == [1, 2, 3]

    async def test_speak_the_catalogue_s_other_language(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            offer = await catalogues.create_offer(session, "Confort", (date(2024, 1, 1), [(600, TEN), (400, TEN)]))
            offer.name_en = "Comfort"
            labels = ["Confort", "Prorata – Confort – Partie 1", "Avoir au prorata – Confort", "Geste du mois"]
            articles = [Article(1000, label=label, facts={"offer_id": offer.id}) for label in labels]
            invoice = await books.bill(session, await books.create_file(session), *articles)

            english = await printed(session, invoice, ENGLISH)
            french = await printed(session, invoice)

        assert [line.label for line in french.lines] == labels
        assert [line.label for line in english.lines] == [
            "Comfort",
            "Pro rata – Comfort – Part 1",
            "Credit pro rata – Comfort",
            "Geste du mois",
        ]

    async def test_tell_the_contract_the_commitment_and_what_is_taken_off(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            old = await catalogues.create_offer(session, "Avant", (date(2024, 1, 1), [(3499, TEN)]))
            new = await catalogues.create_offer(session, "Après", (date(2024, 1, 1), [(3499, TEN)]))
            contract, item = await catalogues.create_contract(
                session, account, old, commitment_ends_on=date(2027, 3, 15), commitment_months=12
            )
            await catalogues.create_item(session, contract, new, starts_on=date(2026, 11, 2))
            days = {"starts_on": date(2026, 10, 1), "ends_on": date(2026, 11, 20), "reminder_on": date(2026, 11, 13)}
            await catalogues.create_promotion(session, item, discount_cents=500, **days)
            facts = {"contract_id": contract.id, "contract_item_id": item.id, "offer_id": old.id}
            invoice = await books.bill(session, account, Article(3499, facts=facts))

            document = await printed(session, invoice)

        assert document.contracts == (ContractBlock(contract.number, "Avant", date(2027, 3, 15)),)
        [line] = document.lines
        assert line.contract_number == contract.number
        assert line.detail is not None
        assert line.detail.replace("\N{NO-BREAK SPACE}", " ") == (
            "Offre de bienvenue : 5,00 € de remise, jusqu'au 19 novembre 2026 inclus"
        )

    async def test_say_nothing_of_a_commitment_that_is_over(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            offer = await catalogues.create_offer(session, "TV", (date(2024, 1, 1), [(3499, TEN)]))
            contract, _ = await catalogues.create_contract(session, account, offer, commitment_ends_on=ISSUED_ON)
            invoice = await books.bill(session, account, Article(3499, facts={"contract_id": contract.id}))

            document = await printed(session, invoice)

        assert document.contracts == (ContractBlock(contract.number, "TV", None),)


class TestSettlements:
    async def test_are_none_on_an_open_invoice_which_will_be_debited(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            known = {"iban_last_four": "0189", "mandate_reference": "M-1", "is_default": True}
            await factories.create_method(session, account, **known)
            invoice = await books.bill(session, account, Article(3499))
            invoice.due_on = TODAY

            document = await printed(session, invoice)

        assert (document.settlements, document.due_cents, document.known_on) == ((), 3499, TODAY)
        assert document.collection == Collection(TODAY, Means(MeansKind.DIRECT_DEBIT, "0189", "M-1"))

    async def test_announce_no_debit_for_a_day_that_is_past(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            await factories.create_method(session, account, is_default=True)
            invoice = await books.bill(session, account, Article(3499))
            invoice.due_on = TODAY - timedelta(days=1)

            document = await printed(session, invoice)

        assert document.collection is None

    async def test_announce_no_debit_of_a_card_that_will_have_expired(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            known = {"kind": models.PaymentMethodKind.CARD, "is_default": True, "expires_on": TODAY}
            await factories.create_method(session, account, **known)
            invoice = await books.bill(session, account, Article(3499))
            invoice.due_on = TODAY

            document = await printed(session, invoice)

        assert document.collection is None

    async def test_are_the_payments_that_stand_by_their_means(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            card = await factories.create_method(
                session, account, kind=models.PaymentMethodKind.CARD, card_last_four="4242"
            )
            invoice = await books.bill(session, account, Article(3499))
            late = datetime(2026, 11, 15, 23, 30, tzinfo=UTC)
            await books.pay(session, account, invoice, cents=1000, payment_method_id=card.id, captured_at=late)
            await books.pay(session, account, invoice, cents=499, means=models.PaymentMethodKind.CHECK)
            await books.pay(session, account, invoice, cents=1, means=None)

            document = await printed(session, invoice)

        assert document.settlements == (
            Paid(date(2026, 11, 16), Means(MeansKind.CARD, "4242"), 1000),
            Paid(TODAY, Means(MeansKind.CHECK), 499),
            Paid(TODAY, None, 1),
        )
        assert document.due_cents == 1999

    async def test_are_what_the_credit_of_the_account_pays(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            first = await books.bill(session, account, Article(1000))
            second = await books.bill(session, account, Article(3499))
            await books.pay(session, account, first, cents=1500)

            document = await printed(session, second)

        assert document.settlements == (Paid(TODAY, Means(MeansKind.ACCOUNT_BALANCE), 500),)
        assert document.due_cents == 2999


class TestDemo:
    async def test_prints_what_is_booked(self, demo: Database) -> None:
        async with demo.snapshot() as session:
            invoices = await every(session, models.Invoice, 120)
            notes = await every(session, models.CreditNote, 30)

            for row in (*invoices, *notes):
                # It raises FiguresDiffer or Unbalanced where it does not.
                await rendered_documents.printable(session, row, FRENCH)

        assert len(invoices) == 120
        assert notes


class TestFiguresDiffer:
    async def test_says_where_to_look_and_prints_nothing(self, database: Database) -> None:
        async with database.unit_of_work() as session:
            account = await books.create_file(session)
            invoice = await books.bill(session, account, Article(3499))
            row = models.InvoiceLine
            wrong = {"ht_cents": row.ht_cents + 1, "ttc_cents": row.ttc_cents + 1}
            await session.execute(update(row).where(row.invoice_id == invoice.id).values(wrong))

            with pytest.raises(FiguresDiffer, match="F2026-0000001 would say 3182 cents where 3181 are booked"):
                await printed(session, invoice)
