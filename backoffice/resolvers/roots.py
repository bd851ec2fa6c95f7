"""The roots of reading."""

from enum import Enum
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from backoffice.fields import approvals as approval_fields
from backoffice.fields import bulk_corrections as bulk_fields
from backoffice.fields import contracts as contract_fields
from backoffice.fields import devices as device_fields
from backoffice.fields import invoices as invoice_fields
from backoffice.fields import offers as offer_fields
from backoffice.fields import subscribers as subscriber_fields
from backoffice.fields import tickets as ticket_fields
from backoffice.fields.declare import Relation, entity
from backoffice.permissions import Viewer
from backoffice.resolvers import files, read
from backoffice.resolvers.context import Context, Info
from backoffice.resolvers.filters import Frozen, freeze
from backoffice.resolvers.pages import Page

ROOTS: dict[str, Relation] = {
    "subscribers": subscriber_fields.SUBSCRIBERS,
    "contracts": contract_fields.CONTRACTS,
    "invoices": invoice_fields.INVOICES,
    "devices": device_fields.DEVICES,
    "tickets": ticket_fields.TICKETS,
    "offers": offer_fields.OFFERS,
    "approvals": approval_fields.APPROVALS,
    "bulk_corrections": bulk_fields.BULK_CORRECTIONS,
}
"""The lists at the root of the graph, by the name of their field."""


def viewer(info: Info) -> Viewer:
    """Who is asking."""
    return info.context.viewer


async def listed(name: str, context: Context, arguments: dict[str, Any]) -> Page:
    """A page of a root list. Lists of persons' rows are logged as a search that opens files; the catalogue is not."""
    page = await read.root(ROOTS[name], arguments, context)
    target = entity(ROOTS[name].target)
    if target.is_of_subscriber:
        said = _said(freeze(arguments.get("where")) or ())
        await files.listed(context, f"{name} {said}".strip(), [target.subscriber_of(row) for row in page.rows])
    return page


def _said(where: Frozen) -> str:
    """The filters of a list and their values, as the graph names them."""
    return ", ".join(f"{to_camel_case(name.rstrip('_'))}: {_told(value)}" for name, value in where if value is not None)


def _told(value: Any) -> str:
    match value:
        case ((str(), _), *_):
            return f"{{{_said(value)}}}"
        case tuple():
            return f"[{', '.join(_told(each) for each in value)}]"
        case bool():
            return str(value).lower()
        case Enum():
            return str(value.value)
        case _:
            return str(value)
