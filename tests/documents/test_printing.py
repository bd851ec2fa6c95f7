"""What stands on the printed documents, how they are built for those who cannot see them, and that they never change."""

import hashlib
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pikepdf
import pytest

from backoffice.documents.credit_notes import CreditReason
from backoffice.documents.headings import Recipient
from backoffice.documents.lines import LineKind
from backoffice.documents.pages import Document
from backoffice.documents.payments import Repayment
from backoffice.documents.printing import press, to_pdf
from tests.documents import samples

Read = Callable[[Document], str]
Printed = Callable[[Document], bytes]

SAMPLES = [samples.invoice, samples.long_invoice, samples.english_invoice, samples.credit_note, samples.reversal]
PRINT = """
import hashlib
from backoffice.documents.printing import press, to_pdf
from tests.documents import samples
for sample in (samples.credit_note, samples.invoice, samples.reversal):
    print(hashlib.sha256(to_pdf(sample())).hexdigest())
"""


class TestInvoice:
    @pytest.mark.parametrize(
        "row",
        [
            "2 Accès réseau 1 43,99 € 20 % 36,66 € 7,33 € 43,99 €",
            "3 Pack Cinéma, remplacé 1 −34,99 € 10 % −15,91 € −1,59 € −17,50 €",
            "4 Tout inclus 1 74,99 € 10 % 34,09 € 3,41 € 37,50 €",
            "6 Presse numérique 1 5,90 € 5,5 % 5,59 € 0,31 € 5,90 €",
            "7 Quotidien L'Écho des collines 1 1,99 € 2,1 % 1,95 € 0,04 € 1,99 €",
            "8 Dépôt de garantie décodeur 1 75,00 € hors champ 75,00 € 0,00 € 75,00 €",
            "10 Carte SIM supplémentaire 2 4,99 € 20 % 8,32 € 1,66 € 9,98 €",
        ],
    )
    def test_prints_each_row_with_its_price_and_vat(self, read: Read, row: str) -> None:
        assert row in read(samples.invoice()).splitlines()

    @pytest.mark.parametrize(
        "row",
        [
            "20 % 69,96 € 13,99 € 83,95 €",
            "10 % 40,90 € 4,09 € 44,99 €",
            "5,5 % 5,59 € 0,31 € 5,90 €",
            "2,1 % 1,95 € 0,04 € 1,99 €",
            "Hors champ de la TVA 82,50 € 0,00 € 82,50 €",
            "Total TTC 219,33 €",
        ],
    )
    def test_prints_what_each_rate_adds_up_to(self, read: Read, row: str) -> None:
        assert row in read(samples.invoice())

    def test_prints_days_that_are_prorated_and_options_in_detail(self, read: Read) -> None:
        text = read(samples.invoice())

        assert text.count("Prorata du 16 au 30 novembre 2026 inclus, 15 jours sur 30") == 2
        assert "Cinéma, sport, jeunesse : 84 chaînes" in text
        assert "du 21 novembre au 20 décembre 2026 inclus" in text

    def test_prints_until_when_each_contract_binds(self, read: Read) -> None:
        text = read(samples.invoice())

        assert (
            "Contrat K-2025-118402 · Offre Confort (TV, Internet, fixe)\nEngagement jusqu'au 14 mars 2027 inclus"
            in text
        )
        assert "Contrat K-2024-077130 · Mobile 150 Go\nSans engagement" in text

    def test_prints_services_of_third_parties_apart(self, read: Read) -> None:
        text = read(samples.invoice())

        apart = text[text.index("Services de tiers\n") :]
        assert "12 Dons et services par SMS : Vote+" in apart
        assert "Contrat K-2024-077130" in apart

    def test_prints_what_was_settled_and_how_the_rest_will_be_paid(self, read: Read) -> None:
        text = read(samples.invoice())

        assert (
            "Montant à payer\n186,99 €\nRèglement automatique de 186,99 € le 15 décembre 2026 par prélèvement" in text
        )
        assert "(compte se terminant par 0189, mandat" in text
        assert "Crédit de votre compte, le 1er décembre 2026 −12,34 €" in text
        assert "Avoir A-2026-0003107 du 1er décembre 2026 −20,00 €" in text
        assert "Reste à payer 186,99 €" in text

    def test_names_the_issuer_its_customer_service_and_the_mediator(self, read: Read) -> None:
        text = read(samples.invoice())

        assert "Lumivia, SAS au capital de 2 000 000 €, 12 rue des Ormes, 92000 Nanterre" in text
        assert "RCS Nanterre 123 456 782 · N° de TVA FR 11 123456782" in text
        assert "Service clients : 09 70 00 12 34, 8 h – 20 h, 6 j/7. Appel non surtaxé." in text
        assert "Médiation des abonnements, BP 999, 75009 Paris" in text
        assert "mediation-abonnements.example" in text

    def test_says_by_when_and_with_which_reference_to_pay_by_oneself(self, read: Read) -> None:
        sentence = (
            "Merci de payer 274,35 € au plus tard le 15 décembre 2026, par virement, avec la référence F-2026-0048214."
        )

        assert sentence in read(samples.long_invoice())

    def test_without_a_planned_payment_says_by_when_to_pay(self, read: Read) -> None:
        text = read(replace(samples.invoice(), collection=None))

        assert "Merci de payer 186,99 € au plus tard le 15 décembre 2026, avec la référence F-2026-0048213." in text

    def test_of_a_paid_invoice_asks_for_nothing_in_english(self, read: Read) -> None:
        text = read(samples.english_invoice())

        assert "Nothing to pay\n€0.00\n" in text
        assert "3 Home cinema set 1 €1,234.56 20% €1,028.80 €205.76 €1,234.56" in text
        assert "Pro rata, 16 to 30 November 2026 inclusive" in text
        assert "15 days out of 30" in text
        assert "Paid on 1 December 2026 by card" in text
        assert "−€1,270.05" in text
        assert "Page 1 of 1" in text

    def test_keeps_large_amounts_apart(self, read: Read) -> None:
        large = (100_000_000, samples.HIGH, samples.row("Câblage", LineKind.FEE, unit_cents=100_000_000))
        text = read(replace(samples.invoice(), lines=samples.rows(large, *samples.bundle_rows())))

        assert "1 Câblage 1 1 000 000,00 € 20 % 833 333,33 € 166 666,67 € 1 000 000,00 €" in text
        assert "20 % 833 369,99 € 166 674,00 € 1 000 043,99 €" in text


class TestLongInvoice:
    def test_repeats_the_head_of_the_table_and_numbers_its_two_pages(self, read: Read) -> None:
        text = read(samples.long_invoice())

        assert text.count("N° Désignation Qté") == 2
        assert "Page 1 sur 2" in text
        assert "Page 2 sur 2" in text

    def test_prints_every_row_and_long_names_in_full(self, read: Read) -> None:
        text = read(samples.long_invoice())
        numbers = [words[0] for words in map(str.split, text.splitlines()) if words[1:2] in (["Caméra"], ["Revue"])]

        assert numbers == [str(number) for number in range(1, 31)]
        together = " ".join(text.split())
        assert "pendant trente jours glissants" in together
        assert (
            "collectif des Date d'échéance 15 décembre 2026 copropriétaires et résidents du Domaine de la" in together
        )

    @pytest.mark.parametrize("count", range(9, 18, 2))
    def test_never_leaves_the_totals_alone_on_a_page(self, printed: Printed, count: int) -> None:
        sample = samples.long_invoice()

        pages = _pages(printed(replace(sample, lines=sample.lines[:count])))

        assert "Total TTC" in pages[-1] or "Total TTC" in pages[-2]
        assert all("Désignation" in page for page in pages if "Total TTC" in page)


class TestCreditNote:
    def test_refers_to_the_invoice_and_the_rows_that_it_corrects(self, read: Read) -> None:
        text = read(samples.credit_note())

        assert "Facture corrigée F-2026-0048213 du 1er décembre 2026" in text
        assert (
            "Correction du prorata de novembre 10 % 18,18 € 1,82 € 20,00 €\n"
            "du 16 au 30 novembre 2026 inclus, 15 jours sur 30\n"
            "Corrige la ligne 4 de la facture : Tout inclus\n"
        ) in text

    def test_says_why_and_where_every_cent_goes(self, read: Read) -> None:
        text = read(samples.credit_note())

        assert "En votre faveur\n24,99 €\nMotif : Correction d'un prorata\n" in text
        assert "Nous vous prions de nous en excuser." in text
        assert "Déduit de ce que la facture F-2026-0048213 demande encore 15,00 €" in text
        assert "Remboursé par carte bancaire se terminant par 4242, au plus tard le 17 décembre 2026 7,99 €" in text
        assert "Conservé sur votre compte, pour vos prochaines factures 2,00 €" in text

    def test_leaves_out_destinations_that_get_nothing(self, read: Read) -> None:
        whole = (Repayment(samples.CARD, 2499),)

        text = read(replace(samples.credit_note(), offset_cents=0, kept_cents=0, repayments=whole, note=None))

        assert "Remboursé par carte bancaire se terminant par 4242 24,99 €" in text
        assert "Déduit" not in text
        assert "Conservé" not in text
        assert "Message du service clients" not in text

    def test_is_written_in_english_too(self, read: Read) -> None:
        sample = samples.credit_note()
        heading = replace(sample.heading, locale="en")

        text = read(replace(sample, heading=heading, reason=CreditReason.GOODWILL))

        assert "Credit note A-2026-0003108" in text
        assert "In your favour\n€24.99\nReason: Gesture of goodwill\n" in text
        assert "Refunded by card ending in 4242, on 17 December 2026 at the latest €7.99" in text


class TestReversal:
    def test_refers_to_the_credit_note_that_it_undoes(self, read: Read) -> None:
        text = read(samples.reversal())

        assert "Annulation d'avoir D-2026-0000042" in text
        assert "Avoir annulé A-2026-0003108 du 3 décembre 2026" in text
        assert "Facture concernée F-2026-0048213 du 1er décembre 2026" in text
        assert "Crédité sur la ligne 4 de la facture : Tout inclus" in text

    def test_says_how_what_is_owed_again_is_settled(self, read: Read) -> None:
        text = read(samples.reversal())

        assert "À nouveau dû\n24,99 €\nRèglement automatique de 22,99 € le 15 décembre 2026" in text
        assert "Repris sur le crédit de votre compte 2,00 €\nÀ payer 22,99 €" in text


class TestToPdf:
    @pytest.mark.parametrize("sample", SAMPLES)
    def test_tags_the_document_for_screen_readers(self, printed: Printed, sample: Callable[[], Document]) -> None:
        document = sample()

        with pikepdf.open(BytesIO(printed(document))) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert str(pdf.Root.Lang) == document.heading.locale
            assert "/StructTreeRoot" in pdf.Root
            assert {"/H1", "/H2", "/Table", "/THead", "/TH", "/TD"} <= set(_tags(pdf.Root.StructTreeRoot))
            assert pdf.Root.ViewerPreferences.DisplayDocTitle
            assert str(pdf.docinfo["/Title"]).endswith(document.heading.number)
            with pdf.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1"

    @pytest.mark.parametrize("sample", SAMPLES)
    def test_makes_nothing_that_acts_or_leads_out(self, printed: Printed, sample: Callable[[], Document]) -> None:
        with pikepdf.open(BytesIO(printed(sample()))) as pdf:
            names = {str(name) for thing in pdf.objects for name in _names(thing)}

        assert (
            names & {"/JavaScript", "/JS", "/URI", "/Launch", "/OpenAction", "/AA", "/EmbeddedFiles", "/Link"} == set()
        )
        assert "/MarkInfo" in names

    def test_writes_european_names_with_the_bundled_fonts(self, printed: Printed) -> None:
        heading = replace(samples.HEADING, recipient=Recipient("Łucja Ğ. Șerban, Ωμέγα, Привет, Nguyễn", ()))

        with pikepdf.open(BytesIO(printed(replace(samples.invoice(), heading=heading)))) as pdf:
            fonts = {str(thing["/BaseFont"]) for thing in pdf.objects if "/BaseFont" in _names(thing)}

        assert {font.split("+")[1].lower() for font in fonts} == {"plex", "plex-semi-bold"}

    def test_is_dated_by_the_issue(self, printed: Printed) -> None:
        with pikepdf.open(BytesIO(printed(samples.invoice()))) as pdf:
            assert str(pdf.docinfo["/CreationDate"]) == "D:20261201053000+00'00"

    def test_makes_the_same_bytes_in_another_process(self, printed: Printed) -> None:
        environment = {**os.environ, "PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
        here = [
            hashlib.sha256(printed(sample())).hexdigest()
            for sample in (samples.credit_note, samples.invoice, samples.reversal)
        ]

        there = subprocess.run(
            [sys.executable, "-c", PRINT], env=environment, capture_output=True, text=True, check=True
        )

        assert there.stdout.split() == here

    def test_makes_the_same_bytes_after_other_documents(self, printed: Printed) -> None:
        first = printed(samples.invoice())
        to_pdf(samples.english_invoice())

        assert to_pdf(samples.invoice()) == first

    def test_leaves_weasyprint_nothing_to_complain_about(
        self, printed: Printed, caplog: pytest.LogCaptureFixture
    ) -> None:
        press.cache_clear()

        with caplog.at_level(logging.WARNING):
            to_pdf(samples.invoice())

        assert caplog.messages == []


class TestHostileText:
    @pytest.mark.parametrize(
        "text",
        [
            "<img src=file:///etc/passwd>",
            "</style><style>@import url(http://127.0.0.1:9/x.css);</style>",
            "</title><link rel=attachment href=file:///etc/hostname>",
            "\"><object data='data:text/html,x'></object>",
            '<p style="background:url(http://127.0.0.1:9/)">',
            "{{ 7 * 7 }} {% include 'base.html' %}",
            "url(asset:document.css)",
        ],
    )
    def test_is_printed_as_it_was_written(self, read: Read, text: str) -> None:
        sample = samples.english_invoice()
        heading = replace(sample.heading, recipient=Recipient(text, (text,)), issuer=replace(samples.ISSUER, name=text))
        line = replace(sample.lines[0], label=text, detail=text)

        words = read(replace(sample, heading=heading, lines=(line, *sample.lines[1:])))

        together = "".join(words.split())
        assert together.count("".join(text.split())) >= 2
        assert "root:" not in words


def _pages(pdf: bytes) -> list[str]:
    command = ["pdftotext", "-layout", "-enc", "UTF-8", "-", "-"]
    text = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()
    return text.rstrip("\f").split("\f")


def _tags(element: Any) -> Iterator[str]:
    if isinstance(element, pikepdf.Array):
        for child in element:
            yield from _tags(child)
    elif isinstance(element, pikepdf.Dictionary):
        if "/S" in element:
            yield str(element.S)
        yield from _tags(element.get("/K"))


def _names(thing: Any) -> Iterator[str]:
    """The keys of a dictionary and the names that it holds."""
    if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        for key, value in thing.items():
            yield key
            if isinstance(value, pikepdf.Name):
                yield str(value)
            elif isinstance(value, pikepdf.Dictionary) and not value.is_indirect:
                yield from _names(value)
