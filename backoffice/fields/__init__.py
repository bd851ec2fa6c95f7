"""The declarations of all entities; importing this package knows them all."""

from backoffice.fields import approvals as approvals
from backoffice.fields import audit as audit
from backoffice.fields import billing_accounts as billing_accounts
from backoffice.fields import bulk_corrections as bulk_corrections
from backoffice.fields import change_orders as change_orders
from backoffice.fields import contracts as contracts
from backoffice.fields import credit_notes as credit_notes
from backoffice.fields import devices as devices
from backoffice.fields import dunning_steps as dunning_steps
from backoffice.fields import extra_charges as extra_charges
from backoffice.fields import invoices as invoices
from backoffice.fields import ledger as ledger
from backoffice.fields import offers as offers
from backoffice.fields import payments as payments
from backoffice.fields import staff as staff
from backoffice.fields import subscribers as subscribers
from backoffice.fields import tickets as tickets
from backoffice.fields.declare import ENTITIES as ENTITIES
from backoffice.fields.declare import entity as entity
