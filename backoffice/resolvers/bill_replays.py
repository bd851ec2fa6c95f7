"""Replayed bills: what a period of a contract bills by its history, or as if it had been otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import strawberry

from backoffice import policy
from backoffice.billing import verdicts
from backoffice.billing.encoding import JsonObject
from backoffice.billing.verdicts import Verdict
from backoffice.errors import BadInput
from backoffice.fields import entity
from backoffice.models import Contract, InvoiceLine, Language
from backoffice.resolvers import files, ids
from backoffice.resolvers.context import Context, Info
from backoffice.services import agreements, amounts, bill_replays, replay_comparisons
from backoffice.services.amounts import NotCents
from backoffice.services.as_if import AsIf, AsIfKind
from backoffice.services.bill_replays import Replayed, ReplayedLine
from backoffice.services.replay_comparisons import Comparison

_MOST_CHANGES = 20


class AsIfInput(Protocol):
    """A supposed change."""

    kind: AsIfKind
    on: date
    until: date | None
    offer_id: Any
    contract_item_id: Any
    discount: Any


class ReplayInput(Protocol):
    """Which period of which contract, as known when, and what is supposed."""

    contract_id: Any
    on: date | None
    invoice_id: Any
    known_at: datetime | None
    as_if: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """A replayed period, compared with what was billed of it."""

    contract: Contract
    replayed: Replayed
    comparisons: Sequence[Comparison]
    known_at: datetime | None


async def bill_replay(context: Context, given: ReplayInput) -> Answer:
    """The replay; raises NotFound, BadInput and what the services refuse. Opening the file is logged."""
    if (given.on is None) == (given.invoice_id is None):
        raise BadInput("Give either 'on', a day of the period, or 'invoiceId'.", field="on")
    contract = await ids.row(context, given.contract_id, of="Contract", field="contractId")
    await files.opened(context, contract.subscriber_id)
    invoice_id = await _invoice_id(context, given, contract)
    changes = [await _change(context, each, contract) for each in _within(given.as_if or ())]
    async with context.database.reading() as session:
        agreement = await agreements.read(
            session,
            subscriber_id=contract.subscriber_id,
            contract_id=contract.id,
            wanted=[change.offer_id for change in changes if change.offer_id],
        )
        on = given.on or await bill_replays.billed_on(session, agreement, invoice_id)
        made = await bill_replays.replay(session, agreement, on=on, known_at=given.known_at, changes=changes)
        compared = await replay_comparisons.compare(session, agreement.contract, made, known_at=given.known_at)
    return Answer(contract, made, compared, given.known_at)


def starts_on(root: strawberry.Parent[Answer]) -> date:
    """The first day of the period."""
    return root.replayed.period.starts_on


def ends_on(root: strawberry.Parent[Answer]) -> date:
    """The first day after the period."""
    return root.replayed.period.ends_on


def lines(root: strawberry.Parent[Answer]) -> list[ReplayedLine]:
    """What the history gives."""
    return list(root.replayed.lines)


def total(root: strawberry.Parent[Answer]) -> int:
    """What the history gives in all."""
    return sum(each.replayed_cents for each in root.comparisons)


def issued(root: strawberry.Parent[Answer]) -> int:
    """What issued lines bill in all."""
    return sum(each.issued_cents for each in root.comparisons)


def waiting(root: strawberry.Parent[Answer]) -> int:
    """What waits for the next invoice in all."""
    return sum(each.waiting_cents for each in root.comparisons)


def credited(root: strawberry.Parent[Answer]) -> int:
    """What was credited in all."""
    return sum(each.credited_cents for each in root.comparisons)


def difference(root: strawberry.Parent[Answer]) -> int:
    """What was billed more, in all."""
    return sum(each.difference_cents for each in root.comparisons)


def line_starts_on(root: strawberry.Parent[ReplayedLine]) -> date | None:
    """The first day of a line."""
    return root.days.starts_on if root.days else None


def line_ends_on(root: strawberry.Parent[ReplayedLine]) -> date | None:
    """The first day after a line."""
    return root.days.ends_on if root.days else None


def unit_price(root: strawberry.Parent[ReplayedLine]) -> int:
    """The price of one for a whole period."""
    return root.unit_cents


def amount(root: strawberry.Parent[ReplayedLine]) -> int:
    """The amount of a line."""
    return root.derived.cents


def derivation(root: strawberry.Parent[ReplayedLine]) -> JsonObject:
    """How a line comes about, as data."""
    return root.derived.to_json()


def explanation(root: strawberry.Parent[ReplayedLine], info: Info, language: Language = Language.FR) -> list[str]:
    """How a line comes about, as sentences."""
    return root.derived.explain(language.lower(), currency=info.context.currency)


async def item(root: strawberry.Parent[ReplayedLine], info: Info) -> Any:
    """The item of the contract, or None for a supposed one."""
    if root.item.id is None:
        return None
    return await info.context.loaders.row(entity("ContractItem")).load((root.subscriber_id, root.item.id))


def vat_rate(root: strawberry.Parent[ReplayedLine | Comparison]) -> Decimal | None:
    """The VAT rate."""
    return root.rate


def issued_lines(root: strawberry.Parent[Comparison]) -> list[InvoiceLine]:
    """The issued lines."""
    return list(root.issued)


def issued_amount(root: strawberry.Parent[Comparison]) -> int:
    """What issued lines bill."""
    return root.issued_cents


def waiting_amount(root: strawberry.Parent[Comparison]) -> int:
    """What waits for the next invoice."""
    return root.waiting_cents


def credited_amount(root: strawberry.Parent[Comparison]) -> int:
    """What was credited."""
    return root.credited_cents


def replayed_amount(root: strawberry.Parent[Comparison]) -> int:
    """What the history gives."""
    return root.replayed_cents


def item_difference(root: strawberry.Parent[Comparison]) -> int:
    """What was billed more."""
    return root.difference_cents


def verdict(root: strawberry.Parent[Comparison]) -> Verdict:
    """How the two compare."""
    return root.verdict


def sentence(root: strawberry.Parent[Comparison], info: Info, language: Language = Language.FR) -> str:
    """The verdict in words."""
    return verdicts.explain(
        root.verdict,
        label=root.label,
        billed_cents=root.billed_cents,
        replayed_cents=root.replayed_cents,
        locale=language.lower(),
        currency=info.context.currency,
    )


async def _invoice_id(context: Context, given: ReplayInput, contract: Contract) -> int:
    """The id of the invoice that was named, which must be the same subscriber's; 0 where a day was given instead."""
    if given.invoice_id is None:
        return 0
    found = await ids.row(context, given.invoice_id, of="Invoice", field="invoiceId")
    if found.subscriber_id != contract.subscriber_id:
        raise ids.not_found("Invoice", "invoiceId")
    return int(found.id)


def _within(changes: Sequence[AsIfInput]) -> Sequence[AsIfInput]:
    if len(changes) > _MOST_CHANGES:
        raise BadInput(f"At most {_MOST_CHANGES} changes can be supposed at once: give fewer.", field="asIf")
    return changes


async def _change(context: Context, given: AsIfInput, contract: Contract) -> AsIf:
    if isinstance(given.discount, NotCents):
        in_force = policy.in_force(context.moment.today)
        raise amounts.not_cents(given.discount, policy=in_force, field="asIf")
    offer, named = (
        await _row(context, given.offer_id, "Offer"),
        await _row(context, given.contract_item_id, "ContractItem"),
    )
    if named is not None and named.contract_id != contract.id:
        raise ids.not_found("ContractItem", "asIf")
    return AsIf(
        kind=given.kind,
        on=given.on,
        until=given.until,
        offer_id=offer.id if offer else None,
        item_id=named.id if named else None,
        discount_cents=given.discount,
    )


async def _row(context: Context, text: str | None, of: str) -> Any:
    return await ids.row(context, text, of=of, field="asIf") if text else None
