"""Steps of dunning."""

from backoffice import models
from backoffice.fields.declare import Entity, ToOne
from backoffice.permissions import Capability

DUNNING_STEP = Entity(
    "DunningStep",
    models.DunningStep,
    needs=Capability.BILLING_READ,
    fields={"invoice": ToOne("Invoice", key="invoice_id")},
)
