"""The difference of two invoices in the graph: causes that add up to it."""

import strawberry

from backoffice.billing.causes import CauseKind
from backoffice.permissions import Capability
from backoffice.resolvers import invoice_differences as resolve
from backoffice.resolvers.context import Info
from backoffice.schema import graph
from backoffice.schema.access import plain, see, value
from backoffice.schema.scalars import Money

strawberry.enum(CauseKind, name="DifferenceKind", description="What changed from the earlier invoice to the later one.")


@value
class DifferenceCause:
    """One cause of the difference of two invoices."""

    kind: CauseKind = plain("What changed.")
    label: str = plain("The item, the promotion or the fee that it is about.")
    amount: Money = plain("What it adds to the later invoice; below zero: takes off.", by=resolve.effect)
    from_: Money = plain(
        "Before: the price or discount of a whole period where that changed, else the amount on the earlier invoice.",
        by=resolve.before,
        name="from",
    )
    to: Money = plain("After, in the same sense.", by=resolve.after)
    sentence: str = plain("The cause in words, to be read to a customer.", by=resolve.sentence)


@value
class InvoiceDifference:
    """Why two invoices of an account differ: the causes add up to the difference, to the cent."""

    earlier: graph.Invoice = plain("The invoice that is compared with.")
    later: graph.Invoice = plain("The invoice that is explained.")
    amount: Money = plain("The later total less the earlier one.", by=resolve.amount)
    causes: list[DifferenceCause] = plain("The causes, in the order of the later invoice's lines.")


async def _difference(info: Info, earlier: strawberry.ID, later: strawberry.ID) -> InvoiceDifference | None:
    found: object = await resolve.invoice_difference(info.context, earlier=earlier, later=later)
    return found  # type: ignore[return-value]  # its fields read it themselves


@strawberry.type
class InvoiceDifferences:
    """What tells two invoices apart."""

    invoice_difference: InvoiceDifference | None = see(
        Capability.BILLING_READ,
        "Why one invoice of an account differs from another one, as causes that add up. Logged.",
        by=_difference,
    )
