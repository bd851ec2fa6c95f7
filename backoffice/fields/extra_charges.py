"""Charges and credits that wait for the next invoice."""

from backoffice import models
from backoffice.fields.declare import Column, Entity, ToOne
from backoffice.permissions import Capability

EXTRA_CHARGE = Entity(
    "ExtraCharge",
    models.ExtraCharge,
    needs=Capability.BILLING_READ,
    fields={
        "unit_price": Column("unit_cents"),
        "amount": Column("ttc_cents"),
        "contract": ToOne("Contract", key="contract_id"),
        "item": ToOne("ContractItem", key="contract_item_id"),
        "invoice_line": ToOne("InvoiceLine", key="invoice_line_id"),
    },
)
