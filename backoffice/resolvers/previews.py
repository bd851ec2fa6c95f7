"""Previews: the fields of a plan, as the graph shows them."""

from decimal import Decimal
from typing import Any

import strawberry

from backoffice.billing.derivation import Derived
from backoffice.billing.vat import VatSplit
from backoffice.fields import entity
from backoffice.models import Language
from backoffice.resolvers.context import Context, Info
from backoffice.services.plans import (
    Caution,
    Plan,
    PlannedAllocation,
    PlannedDocument,
    PlannedLine,
    PlannedPosting,
    PlannedRefund,
)
from backoffice.services.quoted_acts import Preview

_CAUTIONS: dict[Caution, tuple[str, str]] = {
    Caution.CLAIM_BARRED: (
        "Le paiement date de plus d'un an : la réclamation est prescrite (CPCE L34-2), y répondre reste possible.",
        "The payment is more than a year old: the claim is barred by law (CPCE L34-2), meeting it stays possible.",
    ),
    Caution.PERIOD_ALREADY_CREDITED: (
        "Une partie de ces jours a déjà été créditée ; elle ne l'est pas deux fois.",
        "Some of these days were credited before; they are not credited twice.",
    ),
    Caution.PARTNER_BILLS: (
        "Un partenaire facture ce contrat : ce qu'il a encaissé ne peut pas être rendu par nous.",
        "A partner bills this contract: what they collected cannot be given back by us.",
    ),
    Caution.PAYMENT_RETURNED: (
        "La banque a rejeté un paiement de cette facture.",
        "The bank took a payment of this invoice back.",
    ),
    Caution.MEANS_EXPIRED: (
        "La carte qui a payé a expiré : le remboursement peut être refusé.",
        "The card that paid has expired: the refund may be refused.",
    ),
    Caution.STAYS_ON_ACCOUNT: (
        "Aucun moyen de paiement ne peut recevoir cette somme : elle reste au crédit du compte.",
        "No means of payment can take this sum back: it stays to the credit of the account.",
    ),
    Caution.BECOMES_DUE_AGAIN: (
        "Ce qui avait été crédité redevient dû par l'abonné.",
        "What had been credited becomes due again.",
    ),
    Caution.COMMITMENT_PROLONGED: (
        "L'engagement est prolongé : l'accord exprès de l'abonné est nécessaire (L224-42-2 III).",
        "The commitment is prolonged: the subscriber's express consent is needed (L224-42-2 III).",
    ),
    Caution.PAYMENT_ON_ITS_WAY: (
        "Un paiement de ce compte est déjà demandé à la banque : celui-ci s'y ajoute.",
        "The bank has been asked for a payment of this account already: this one is added to it.",
    ),
    Caution.REFERENCE_KNOWN: (
        "Un paiement avec cette référence est déjà enregistré sur ce compte : vérifiez que ce n'est pas le même.",
        "A payment with this reference is on this account already: check that it is not the same one.",
    ),
    Caution.REFUND_ON_ITS_WAY: (
        "Un remboursement de ce paiement est en cours d'envoi : il ne peut plus être annulé.",
        "A refund of this payment is being sent: it cannot be taken back any more.",
    ),
    Caution.DEADLINE_OVER: (
        "Les huit semaines du remboursement sans motif sont passées (CMF L133-25-1) : demandez le motif à la banque.",
        "The eight weeks of a refund without reason are over (CMF L133-25-1): ask the bank for its reason.",
    ),
}


def amount(root: strawberry.Parent[Preview]) -> int:
    """What ceilings are compared with."""
    return root.plan.amount_cents


def part(root: strawberry.Parent[PlannedRefund]) -> int:
    """The amount of a refund or an allocation."""
    return root.amount_cents


def document(root: strawberry.Parent[Preview]) -> PlannedDocument | None:
    """The document that would be issued."""
    return root.plan.document


def postings(root: strawberry.Parent[Preview]) -> list[PlannedPosting]:
    """What would be booked."""
    return list(root.plan.postings)


def disposition(root: strawberry.Parent[Preview]) -> Plan:
    """Where the money would go."""
    return root.plan


def allocations(root: strawberry.Parent[Preview]) -> list[PlannedAllocation]:
    """What a payment would pay."""
    return list(root.plan.allocations)


def balance_before(root: strawberry.Parent[Preview]) -> int:
    """What the account owes now."""
    return root.plan.balance_before_cents


def balance_after(root: strawberry.Parent[Preview]) -> int:
    """What the account would owe."""
    return root.plan.balance_after_cents


def warnings(root: strawberry.Parent[Preview]) -> list[Caution]:
    """What to know before confirming."""
    return list(root.plan.cautions)


def requirements(root: strawberry.Parent[Preview]) -> list[Any]:
    """What is asked for."""
    return root.asked


def facts(root: strawberry.Parent[Preview]) -> dict[str, Any]:
    """Further figures."""
    return {**root.plan.facts, **root.plan.dated}


def offset(root: strawberry.Parent[Plan]) -> int:
    """Against what is due."""
    return root.offset_cents


def refunds(root: strawberry.Parent[Plan]) -> list[PlannedRefund]:
    """Back to the means that paid."""
    return list(root.refunds)


def to_balance(root: strawberry.Parent[Plan]) -> int:
    """To the credit of the account."""
    return root.to_balance_cents


def code(root: strawberry.Parent[Caution]) -> Caution:
    """The caution itself."""
    return root


def message(root: strawberry.Parent[Caution], language: Language = Language.FR) -> str:
    """The caution in words."""
    french, english = _CAUTIONS[root]
    return english if language is Language.EN else french


def ht(root: strawberry.Parent[PlannedLine]) -> int:
    """The amount without VAT."""
    return root.split.ht_cents


def vat(root: strawberry.Parent[PlannedLine]) -> int:
    """The VAT."""
    return root.split.vat_cents


def ttc(root: strawberry.Parent[PlannedLine]) -> int:
    """The amount with VAT."""
    return root.split.ttc_cents


def explanation(root: strawberry.Parent[PlannedLine], info: Info, language: Language = Language.FR) -> list[str]:
    """How the amount of a line comes about, as sentences."""
    return Derived.from_json(root.derivation).explain(language.lower(), currency=info.context.currency)


def total_ht(root: strawberry.Parent[PlannedDocument]) -> int:
    """The total without VAT."""
    return root.total.ht_cents


def total_vat(root: strawberry.Parent[PlannedDocument]) -> int:
    """The VAT of all lines."""
    return root.total.vat_cents


def total_ttc(root: strawberry.Parent[PlannedDocument]) -> int:
    """The total with VAT."""
    return root.total.ttc_cents


def rates(root: strawberry.Parent[PlannedDocument]) -> list[tuple[Decimal | None, VatSplit]]:
    """The amounts of each VAT rate, in order of appearance."""
    found = dict.fromkeys(line.vat_rate for line in root.lines)
    return [(rate, _of_rate(root, rate)) for rate in found]


def rate(root: strawberry.Parent[tuple[Decimal | None, VatSplit]]) -> Decimal | None:
    """The rate itself."""
    return root[0]


def rate_ht(root: strawberry.Parent[tuple[Decimal | None, VatSplit]]) -> int:
    """The lines of a rate without VAT."""
    return root[1].ht_cents


def rate_vat(root: strawberry.Parent[tuple[Decimal | None, VatSplit]]) -> int:
    """The VAT of a rate."""
    return root[1].vat_cents


def rate_ttc(root: strawberry.Parent[tuple[Decimal | None, VatSplit]]) -> int:
    """The lines of a rate with VAT."""
    return root[1].ttc_cents


def entries(root: strawberry.Parent[PlannedPosting]) -> list[tuple[str, int]]:
    """The entries of a posting that are not zero."""
    return [(account, cents) for account, cents in root.entries.items() if cents]


def entry_account(root: strawberry.Parent[tuple[str, int]]) -> str:
    """The account of an entry."""
    return root[0]


def entry_amount(root: strawberry.Parent[tuple[str, int]]) -> int:
    """The cents of an entry."""
    return root[1]


async def invoice_line(root: strawberry.Parent[PlannedLine], info: Info) -> Any:
    """The issued line that a line corrects."""
    return await _row(info.context, "InvoiceLine", root.subscriber_id, root.invoice_line_id)


async def invoice(root: strawberry.Parent[PlannedAllocation], info: Info) -> Any:
    """The invoice that a document or an allocation is about."""
    return await _row(info.context, "Invoice", root.subscriber_id, root.invoice_id)


async def payment(root: strawberry.Parent[PlannedRefund], info: Info) -> Any:
    """The payment that goes back."""
    return await _row(info.context, "Payment", root.subscriber_id, root.payment_id)


async def _row(context: Context, name: str, subscriber_id: int, row_id: int | None) -> Any:
    return None if row_id is None else await context.loaders.row(entity(name)).load((subscriber_id, row_id))


def _of_rate(document: PlannedDocument, rate: Decimal | None) -> VatSplit:
    same = [line.split for line in document.lines if line.vat_rate == rate]
    return VatSplit(sum(split.ht_cents for split in same), sum(split.vat_cents for split in same))
