"""Sample documents, for tests and for the pictures of `docs/`: `python -m tests.documents.samples docs/images`."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from backoffice.billing.periods import Period
from backoffice.billing.vat import VatSplit, document, split_ttc
from backoffice.documents.credit_notes import CreditNote, CreditNoteReversal, CreditReason
from backoffice.documents.headings import CustomerService, Heading, Issuer, Mediator, Recipient, Reference
from backoffice.documents.invoices import ContractBlock, Invoice
from backoffice.documents.lines import CreditedLine, Days, Line, LineKind
from backoffice.documents.pages import Document
from backoffice.documents.payments import Collection, Means, MeansKind, Offset, Paid, Repayment
from backoffice.documents.printing import to_pdf

DECEMBER = Period(date(2026, 12, 1), date(2027, 1, 1))
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1))
ROLLING = Period(date(2026, 11, 21), date(2026, 12, 21))
FROM_16 = Days(Period(date(2026, 11, 16), date(2026, 12, 1)), NOVEMBER)
WHOLE = Days(DECEMBER, DECEMBER)
SUBSCRIPTION, OPTION, PRORATION, FEE = LineKind.SUBSCRIPTION, LineKind.OPTION, LineKind.PRORATION, LineKind.FEE
HIGH, MIDDLE, LOW, LOWEST = Decimal("0.20"), Decimal("0.10"), Decimal("0.055"), Decimal("0.021")

MANDATE = Means(MeansKind.DIRECT_DEBIT, last_four="0189", mandate_reference="LUM-2024-00018273")
CARD = Means(MeansKind.CARD, last_four="4242")
BALANCE = Means(MeansKind.ACCOUNT_BALANCE)

ISSUER = Issuer(
    name="Lumivia",
    address=("12 rue des Ormes", "92000 Nanterre"),
    legal_form="SAS au capital de 2 000 000 €",
    registration="RCS Nanterre",
    siren="123 456 782",
    vat_number="FR 11 123456782",
    customer_service=CustomerService(phone="09 70 00 12 34", hours="8 h – 20 h, 6 j/7", site="aide.lumivia.example"),
    mediator=Mediator(
        name="Médiation des abonnements",
        address=("BP 999", "75009 Paris"),
        site="mediation-abonnements.example",
    ),
    mentions=("TVA acquittée sur les débits. Pas d'escompte en cas de paiement anticipé.",),
)
ENGLISH_ISSUER = replace(
    ISSUER,
    customer_service=replace(ISSUER.customer_service, hours="8 am to 8 pm, six days a week"),
    mentions=("VAT is due when paid. No discount for early payment.",),
)
RECIPIENT = Recipient(name="Mme Éléonore Weber", address=("Bâtiment C", "48 avenue des Tilleuls", "69003 Lyon"))
HEADING = Heading(
    issuer=ISSUER,
    recipient=RECIPIENT,
    subscriber_number="S00482913",
    account_number="C-00482913-1",
    number="F-2026-0048213",
    issued_at=datetime(2026, 12, 1, 5, 30, tzinfo=UTC),
    issued_on=date(2026, 12, 1),
)
BUSINESS = Recipient(
    name="Société coopérative d'intérêt collectif des copropriétaires et résidents du Domaine de la Vallée-aux-Loups",
    address=("148 bis avenue du Général-de-Lattre-de-Tassigny", "33000 Bordeaux"),
    vat_number="FR 40 987654321",
)
SITES = tuple(
    ContractBlock(f"K-2026-20000{site}", f"Internet Fibre Pro, résidence n° {site}", date(2028, 1, 1))
    for site in (1, 2, 3)
)
LONG_LABEL = (
    "sauvegarde externalisée des enregistrements de vidéosurveillance, conservation pendant trente jours glissants"
)
BUNDLE = ContractBlock("K-2025-118402", "Offre Confort (TV, Internet, fixe)", date(2027, 3, 15))
MOBILE = ContractBlock("K-2024-077130", "Mobile 150 Go")


PRORATION_CREDIT = CreditedLine(
    label="Correction du prorata de novembre",
    amount=split_ttc(2000, MIDDLE),
    vat_rate=MIDDLE,
    corrected="Tout inclus",
    position=4,
    days=FROM_16,
)
SIM_CREDIT = CreditedLine(
    label="Carte SIM jamais reçue",
    amount=split_ttc(499, HIGH),
    vat_rate=HIGH,
    corrected="Carte SIM supplémentaire",
    position=10,
)


def rows(*drafts: tuple[int, Decimal | None, Line]) -> tuple[Line, ...]:
    """Lines numbered from 1 whose VAT is split as on an issued invoice: one rounding a rate."""
    taxed = [(cents, rate) for cents, rate, _ in drafts if rate is not None]
    splits = iter(document(taxed).lines)
    return tuple(
        replace(line, position=number, vat_rate=rate, amount=VatSplit(cents, 0) if rate is None else next(splits))
        for number, (cents, rate, line) in enumerate(drafts, start=1)
    )


def row(label: str, kind: LineKind, of: ContractBlock | None = BUNDLE, **given: Any) -> Line:
    """A line whose number, rate and amount `rows` will set."""
    known = {"contract_number": of and of.number, "amount": VatSplit(0, 0), "vat_rate": None, "position": 0, **given}
    return Line(kind=kind, label=label, **known)


def bundle_rows() -> list[tuple[int, Decimal | None, Line]]:
    """Items in advance, a change of offer in the middle of November, options at four rates, a deposit."""
    discount, channels = "Remise fidélité de 1,00 € jusqu'au 20 décembre 2026", "Cinéma, sport, jeunesse : 84 chaînes"
    rolling = Days(ROLLING, ROLLING)
    return [
        (600, MIDDLE, row("TV (droits payés par usager)", SUBSCRIPTION, days=WHOLE, unit_cents=600)),
        (4399, HIGH, row("Accès réseau", SUBSCRIPTION, days=WHOLE, unit_cents=4399)),
        (-1750, MIDDLE, row("Pack Cinéma, remplacé", PRORATION, days=FROM_16, unit_cents=-3499)),
        (3750, MIDDLE, row("Tout inclus", PRORATION, days=FROM_16, unit_cents=7499, detail=channels)),
        (1899, MIDDLE, row("Option sport, un mois glissant", OPTION, days=rolling, unit_cents=1899, detail=discount)),
        (590, LOW, row("Presse numérique", OPTION, detail="12 titres en illimité", days=WHOLE, unit_cents=590)),
        (199, LOWEST, row("Quotidien L'Écho des collines", OPTION, days=WHOLE, unit_cents=199)),
        (7500, None, row("Dépôt de garantie décodeur", LineKind.DEPOSIT, unit_cents=7500)),
    ]


def mobile_rows() -> list[tuple[int, Decimal | None, Line]]:
    """A second contract, a fee of none, and what a third party sells."""
    vote = "Dons et services par SMS : Vote+ (éditeur Sémaphore)"
    return [
        (2499, HIGH, row("Mobile 150 Go", SUBSCRIPTION, MOBILE, days=WHOLE, unit_cents=2499)),
        (998, HIGH, row("Carte SIM supplémentaire", OPTION, MOBILE, days=WHOLE, quantity=2, unit_cents=499)),
        (750, None, row("Frais de rejet de paiement du 5 novembre 2026", FEE, None, unit_cents=750)),
        (499, HIGH, row(vote, LineKind.THIRD_PARTY, MOBILE, unit_cents=499)),
    ]


def invoice() -> Invoice:
    """Two contracts, four VAT rates and items outside of VAT; a debit is to come."""
    return Invoice(
        heading=HEADING,
        due_on=date(2026, 12, 15),
        period=DECEMBER,
        contracts=(BUNDLE, MOBILE),
        lines=rows(*bundle_rows(), *mobile_rows()),
        settlements=(Paid(date(2026, 12, 1), BALANCE, 1234), Offset(date(2026, 12, 1), "A-2026-0003107", 2000)),
        collection=Collection(date(2026, 12, 15), MANDATE),
    )


def long_invoice() -> Invoice:
    """Thirty lines of a business with very long names, to be paid by transfer."""
    return Invoice(
        heading=replace(HEADING, recipient=BUSINESS, number="F-2026-0048214"),
        due_on=date(2026, 12, 15),
        period=DECEMBER,
        contracts=SITES,
        lines=rows(*(_of_a_site(number) for number in range(1, 31))),
        collection=Collection(date(2026, 12, 15), Means(MeansKind.TRANSFER)),
    )


def _of_a_site(number: int) -> tuple[int, Decimal, Line]:
    rate = (HIGH, MIDDLE, HIGH, LOW, HIGH, LOWEST)[number % 6]
    name = f"Caméra {number}" if rate in (HIGH, MIDDLE) else f"Revue {number}"
    label = name if number % 20 else f"{name}, {LONG_LABEL}"
    return 899 + number, rate, row(label, OPTION, SITES[(number - 1) // 10], days=WHOLE, unit_cents=899 + number)


def english_invoice() -> Invoice:
    """An English invoice that is paid in full by card."""
    contract = ContractBlock("K-2026-301144", "TV Essentials")
    lines = rows(
        (2299, MIDDLE, row("TV Essentials", SUBSCRIPTION, contract, days=WHOLE, unit_cents=2299)),
        (1250, MIDDLE, row("Cinema pack", PRORATION, contract, days=FROM_16, unit_cents=2499, detail="12 channels")),
        (123456, HIGH, row("Home cinema set", FEE, contract, unit_cents=123456)),
    )
    return Invoice(
        heading=replace(HEADING, issuer=ENGLISH_ISSUER, locale="en", number="F-2026-0048215"),
        due_on=date(2026, 12, 15),
        period=DECEMBER,
        contracts=(contract,),
        lines=lines,
        settlements=(Paid(date(2026, 12, 1), CARD, 127005),),
    )


def credit_note() -> CreditNote:
    """A month charged in full although the offer changed on the 16th: offset first, then back to the card."""
    return CreditNote(
        heading=replace(HEADING, number="A-2026-0003108", issued_on=date(2026, 12, 3)),
        invoice=Reference("F-2026-0048213", date(2026, 12, 1)),
        reason=CreditReason.PRORATION_ERROR,
        lines=(PRORATION_CREDIT, SIM_CREDIT),
        note="Bonjour, le mois entier avait été facturé alors que votre offre a changé le 16 novembre.\n"
        "Nous vous prions de nous en excuser.",
        offset_cents=1500,
        repayments=(Repayment(CARD, 799, date(2026, 12, 17)),),
        kept_cents=200,
    )


def reversal() -> CreditNoteReversal:
    """The credit note above, undone."""
    undone = credit_note()
    return CreditNoteReversal(
        heading=replace(HEADING, number="D-2026-0000042", issued_on=date(2026, 12, 4)),
        credit_note=Reference(undone.heading.number, undone.heading.issued_on),
        invoice=undone.invoice,
        lines=undone.lines,
        note="L'avoir avait été établi sur le mauvais dossier.",
        due_cents=2299,
        taken_cents=200,
        collection=Collection(date(2026, 12, 15), MANDATE),
    )


def main(folder: Path) -> None:
    """Draw the samples as PNG files, in few colours so that they stay small."""
    pages: list[tuple[str, Document, int]] = [("invoice", invoice(), 1), ("invoice-page-2", long_invoice(), 2)]
    pages += [("credit-note", credit_note(), 1), ("invoice-en", english_invoice(), 1)]
    for name, sample, page in pages:
        command = ["pdftoppm", "-png", "-r", "110", "-f", str(page), "-singlefile"]
        drawn = subprocess.run(command, input=to_pdf(sample), capture_output=True, check=True).stdout
        Image.open(BytesIO(drawn)).quantize(48).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
