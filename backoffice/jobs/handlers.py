"""Which messages are carried out, and how: a kind without an entry here waits in the outbox."""

from collections.abc import Mapping
from functools import partial

from backoffice.database import Database
from backoffice.gateway import Gateway
from backoffice.jobs import charges, refunds
from backoffice.jobs.tasks import Handler
from backoffice.models import OutboxKind


def of_money(database: Database, gateway: Gateway, *, currency: str) -> Mapping[OutboxKind, Handler]:
    """The handlers that move money, all through one gateway and in one currency."""
    return {
        OutboxKind.REFUND: partial(refunds.send, database=database, gateway=gateway, currency=currency),
        OutboxKind.CHARGE: partial(charges.collect, database=database, gateway=gateway, currency=currency),
    }
