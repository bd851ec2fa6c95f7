"""The difference of two invoices: two ids become causes that add up."""

import strawberry

from backoffice.billing.causes import Cause
from backoffice.models import Language
from backoffice.resolvers import files, ids
from backoffice.resolvers.context import Context, Info
from backoffice.services import invoice_differences
from backoffice.services.invoice_differences import Difference


async def invoice_difference(context: Context, *, earlier: str, later: str) -> Difference:
    """Why the later invoice is another amount; raises NotFound and NotOneAccount. Opening the file is logged."""
    first = await ids.row(context, earlier, of="Invoice", field="earlier")
    second = await ids.row(context, later, of="Invoice", field="later")
    await files.all_opened(context, (first.subscriber_id, second.subscriber_id))
    async with context.database.reading() as session:
        return await invoice_differences.between(session, earlier=first, later=second)


def amount(root: strawberry.Parent[Difference]) -> int:
    """The difference of the totals."""
    return root.cents


def effect(root: strawberry.Parent[Cause]) -> int:
    """What a cause adds."""
    return root.cents


def before(root: strawberry.Parent[Cause]) -> int:
    """What it was on the earlier invoice."""
    return root.from_cents


def after(root: strawberry.Parent[Cause]) -> int:
    """What it is on the later invoice."""
    return root.to_cents


def sentence(root: strawberry.Parent[Cause], info: Info, language: Language = Language.FR) -> str:
    """A cause in words."""
    return root.explain(language.lower(), currency=info.context.currency)
