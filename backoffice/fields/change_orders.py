"""Orders to change a contract."""

from backoffice import models
from backoffice.fields.declare import Entity, ToOne
from backoffice.permissions import Capability

CHANGE_ORDER = Entity(
    "ChangeOrder",
    models.ChangeOrder,
    needs=Capability.CONTRACT_READ,
    fields={"contract": ToOne("Contract", key="contract_id")},
)
