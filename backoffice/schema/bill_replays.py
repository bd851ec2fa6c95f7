"""Replayed bills in the graph: what a period bills by its history, compared with what was issued."""

from datetime import date, datetime

import strawberry

from backoffice import models
from backoffice.billing.verdicts import Verdict
from backoffice.permissions import Capability
from backoffice.resolvers import bill_replays as resolve
from backoffice.resolvers.context import Info
from backoffice.schema import graph
from backoffice.schema.access import plain, see, value
from backoffice.schema.scalars import JSON, Cents, Money, Rate
from backoffice.services.as_if import AsIfKind

strawberry.enum(AsIfKind, description="What is supposed. SERVED: an item, or all, was served on these days only.")
strawberry.enum(
    Verdict,
    name="ReplayVerdict",
    description="How what was billed compares with the replay. CHAIN: cents of rounding, what was issued stands. "
    "CREDITED: too much was billed, and credited since. WITHOUT_SERVICE: billed before the services were cut.",
)


@strawberry.input(description="A change that is only supposed: nothing of it is written.")
class AsIfInput:
    kind: AsIfKind
    on: date = strawberry.field(description="The first day on which it counts.")
    until: date | None = strawberry.field(default=None, description="The first day on which it no longer does.")
    offer_id: strawberry.ID | None = strawberry.field(default=None, description="For OFFER_CHANGE and OPTION_ADD.")
    contract_item_id: strawberry.ID | None = strawberry.field(
        default=None, description="For OPTION_END; for PROMOTION and SERVED: none is the offer, or everything."
    )
    discount: Cents | None = strawberry.field(default=None, description="What a PROMOTION takes off a period.")


@strawberry.input(
    description="The period of a contract, by one of its days or by the invoice that bills it in advance."
)
class BillReplayInput:
    contract_id: strawberry.ID
    on: date | None = strawberry.field(default=None, description="A day of the period.")
    invoice_id: strawberry.ID | None = None
    known_at: datetime | None = strawberry.field(
        default=None, description="Leave out what was recorded after this instant; none: all that is known now."
    )
    as_if: list[AsIfInput] | None = strawberry.field(
        default=None, description="Supposed changes, in order. At most 20."
    )


@value
class ReplayedLine:
    """A line that the history of the contract gives."""

    kind: models.LineKind = plain("What it is about.")
    label: str = plain("The text as it would be printed.")
    starts_on: date | None = plain("The first day that it covers.", by=resolve.line_starts_on)
    ends_on: date | None = plain("The first day that it no longer covers.", by=resolve.line_ends_on)
    quantity: int = plain("How many.")
    unit_price: Money = plain("The price of one for a whole period, after discount.", by=resolve.unit_price)
    vat_rate: Rate | None = plain("The VAT rate; none outside the scope of VAT.", by=resolve.vat_rate)
    basis: models.PriceBasis = plain("Whether its amounts include VAT, as the price does.")
    amount: Money = plain("The amount.", by=resolve.amount)
    derivation: JSON = plain("How the amount comes about, as data.", by=resolve.derivation)
    explanation: list[str] = plain("How the amount comes about, as sentences.", by=resolve.explanation)
    item: graph.ContractItem | None = plain("The item of the contract; none: only supposed.", by=resolve.item)


@value
class ReplayComparison:
    """An item at one VAT rate: what was billed of it, and what the replay gives."""

    label: str = plain("The item.")
    vat_rate: Rate | None = plain("The VAT rate; none outside the scope of VAT.", by=resolve.vat_rate)
    issued: Money = plain("What issued lines bill, corrections within the bill among them.", by=resolve.issued_amount)
    waiting: Money = plain("What the next invoice will bill of it.", by=resolve.waiting_amount)
    credited: Money = plain("What credit notes took back since.", by=resolve.credited_amount)
    replayed: Money = plain("What the history gives.", by=resolve.replayed_amount)
    difference: Money = plain("Issued and waiting less replayed; below zero: too little.", by=resolve.item_difference)
    verdict: Verdict = plain("How they compare.", by=resolve.verdict)
    sentence: str = plain("The verdict in words, to be read to a customer.", by=resolve.sentence)
    issued_lines: list[graph.InvoiceLine] = plain("The issued lines.", by=resolve.issued_lines)


@value
class BillReplay:
    """The bill of one period of a contract, replayed from its history. Amounts are as the prices: with VAT, or before it."""

    contract: graph.Contract = plain("The contract.")
    starts_on: date = plain("The first day of the period.", by=resolve.starts_on)
    ends_on: date = plain("The first day after the period.", by=resolve.ends_on)
    known_at: datetime | None = plain("What was recorded after this instant is left out.")
    lines: list[ReplayedLine] = plain("What the history gives, in order.", by=resolve.lines)
    comparisons: list[ReplayComparison] = plain("What was billed, item by item and VAT rate by VAT rate.")
    total: Money = plain("What the history gives in all.", by=resolve.total)
    issued: Money = plain("What was issued in all.", by=resolve.issued)
    waiting: Money = plain("What waits for the next invoice in all.", by=resolve.waiting)
    credited: Money = plain("What was credited since in all.", by=resolve.credited)
    difference: Money = plain("Issued and waiting less the replay; below zero: too little.", by=resolve.difference)


async def _replay(info: Info, input: BillReplayInput) -> BillReplay | None:  # noqa: A002 - the name in the graph
    found: object = await resolve.bill_replay(info.context, input)
    return found  # type: ignore[return-value]  # its fields read it themselves


@strawberry.type
class BillReplays:
    """What a bill comes to by the history of its contract."""

    bill_replay: BillReplay | None = see(
        Capability.BILLING_READ,
        "The bill of one period of a contract, replayed from its history, as known at an instant or as if things had "
        "been otherwise, and compared with what was issued. Logged.",
        by=_replay,
    )
