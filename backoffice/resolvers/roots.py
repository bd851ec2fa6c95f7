"""The roots of reading."""

from typing import Any

from backoffice.fields import contracts as contract_fields
from backoffice.fields import devices as device_fields
from backoffice.fields import invoices as invoice_fields
from backoffice.fields import offers as offer_fields
from backoffice.fields import subscribers as subscriber_fields
from backoffice.fields import tickets as ticket_fields
from backoffice.fields.declare import Relation
from backoffice.permissions import Viewer
from backoffice.resolvers import files, read
from backoffice.resolvers.context import Context, Info
from backoffice.resolvers.pages import Page

ROOTS: dict[str, Relation] = {
    "subscribers": subscriber_fields.SUBSCRIBERS,
    "contracts": contract_fields.CONTRACTS,
    "invoices": invoice_fields.INVOICES,
    "devices": device_fields.DEVICES,
    "tickets": ticket_fields.TICKETS,
    "offers": offer_fields.OFFERS,
}
"""The lists at the root of the graph, by the name of their field."""


def viewer(info: Info) -> Viewer:
    """Who is asking."""
    return info.context.viewer


async def listed(name: str, context: Context, arguments: dict[str, Any]) -> Page:
    """A page of a root list. Lists of persons' rows are logged like searches; the catalogue is not."""
    page = await read.root(ROOTS[name], arguments, context)
    if ROOTS[name] is not offer_fields.OFFERS:
        await files.searched(context, name, len(page.rows))
    return page
