"""The roots of the graph: reading."""

import strawberry

from backoffice.permissions import Capability
from backoffice.resolvers import nodes as resolve_nodes
from backoffice.resolvers import roots as resolve
from backoffice.resolvers import searching as resolve_search
from backoffice.resolvers import subscribers as resolve_subscribers
from backoffice.resolvers.context import Info
from backoffice.schema.access import lists, plain, see, value
from backoffice.schema.approvals import Approval, ApprovalWhere
from backoffice.schema.bill_replays import BillReplays
from backoffice.schema.bulk_corrections import BulkCorrection, BulkCorrectionWhere
from backoffice.schema.contracts import Contract, ContractSort, ContractWhere
from backoffice.schema.devices import Device, DeviceSort, DeviceWhere
from backoffice.schema.invoice_differences import InvoiceDifferences
from backoffice.schema.invoices import Invoice, InvoiceSort, InvoiceWhere
from backoffice.schema.nodes import Node
from backoffice.schema.offers import Offer, OfferWhere
from backoffice.schema.paging import Connection
from backoffice.schema.refund_advice import RefundAdvices
from backoffice.schema.staff import Viewer
from backoffice.schema.subscribers import Subscriber, SubscriberBy, SubscriberSort, SubscriberWhere
from backoffice.schema.tickets import Ticket, TicketSort, TicketWhere
from backoffice.services.search import MatchedBy

_FILE = Capability.SUBSCRIBER_READ

strawberry.enum(MatchedBy, description="Which key of the subscriber was found.")


@value
class SearchHit:
    """Something that the search box found."""

    matched_by: MatchedBy = plain("The key that matched.")
    node: Node = plain("What was found.")
    subscriber: Subscriber = plain("Whose it is.")


async def _subscriber(info: Info, by: SubscriberBy) -> Subscriber | None:
    found: Subscriber | None = await resolve_subscribers.by_key(info.context, by)
    return found


@strawberry.type(description="What the staff can read.")
class Query(BillReplays, InvoiceDifferences, RefundAdvices):
    viewer: Viewer = see(Capability.SIGN_IN, "You.", by=resolve.viewer)
    node: Node | None = see(Capability.SIGN_IN, "Any object by its global id.", by=resolve_nodes.node)
    subscriber: Subscriber | None = see(_FILE, "One subscriber by any key. Logged.", by=_subscriber)
    search: list[SearchHit] = see(
        _FILE,
        "Whatever the customer says: number, name with or without postcode, e-mail, telephone, invoice, contract, "
        "ticket, serial, IBAN or its last four. At most 50. Logged.",
        by=resolve_search.search,
    )
    subscribers: Connection[Subscriber] = lists(
        _FILE, "Subscribers, newest first. At most 100 a page.", where=SubscriberWhere, sort=SubscriberSort
    )
    contracts: Connection[Contract] = lists(
        Capability.CONTRACT_READ, "Contracts, newest first. At most 100 a page.", where=ContractWhere, sort=ContractSort
    )
    invoices: Connection[Invoice] = lists(
        Capability.BILLING_READ, "Invoices, newest first. At most 100 a page.", where=InvoiceWhere, sort=InvoiceSort
    )
    devices: Connection[Device] = lists(
        Capability.DEVICE_READ, "Devices, newest first. At most 100 a page.", where=DeviceWhere, sort=DeviceSort
    )
    tickets: Connection[Ticket] = lists(
        Capability.TICKET_READ, "Tickets, newest first. At most 100 a page.", where=TicketWhere, sort=TicketSort
    )
    approvals: Connection[Approval] = lists(
        Capability.APPROVAL_READ,
        "Acts that wait for a second person, or were decided by one, newest first. At most 100 a page.",
        where=ApprovalWhere,
    )
    bulk_corrections: Connection[BulkCorrection] = lists(
        Capability.BULK_WRITE, "Bulk corrections, newest first. At most 100 a page.", where=BulkCorrectionWhere
    )
    offers: Connection[Offer] = lists(
        Capability.CATALOGUE_READ, "The catalogue, by code. At most 200 a page.", where=OfferWhere
    )
