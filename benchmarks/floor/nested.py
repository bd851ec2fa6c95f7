"""The floor "JSON in the database": the whole answer of Subscriber 360 as one statement of nested JSON functions.

`$1` is the subscriber number as the directory keeps it, `$2` the civil day, `$3` the instant. What the two databases
write differently comes from a `Dialect`; the answer's keys stand in the order of the operation.
"""

from benchmarks.floor.dialects import Dialect
from benchmarks.floor.nested_lists import accounts, contracts, invoices, tickets


def statement(say: Dialect) -> str:
    """The statement: one row with the subscriber's id and the JSON of the answer, or none."""
    made = say.object
    return f"""
SELECT s.id, {made}(
  'id', {say.id("Subscriber", "s.id", "s.id")}, 'number', s.number,
  'fullName', (SELECT h.full_name FROM holders h WHERE h.subscriber_id = s.id ORDER BY h.position, h.id LIMIT 1),
  'state', s.state, 'kind', s.kind, 'language', s.language, 'isFragile', {say.flag("s.is_fragile")},
  'contactEmail', s.contact_email, 'billingEmail', s.billing_email,
  'phones', {made}('nodes', {say.all(_phones(say))}),
  'installationAddress', {say.one(_address(say, "INSTALLATION"))},
  'billingAddress', {say.one(_address(say, "BILLING"))},
  'billingAccounts', {made}('nodes', {say.all(accounts(say))}),
  'contracts', {made}('nodes', {say.all(contracts(say))}),
  'invoices', {made}('nodes', {say.all(invoices(say))}, 'pageInfo', {made}(
    'hasNextPage', {say.flag("(SELECT count(*) FROM invoices i WHERE i.subscriber_id = s.id) > 12")},
    'endCursor', (SELECT {say.cursor("l.issued_on", "l.id")} FROM (
      SELECT i.issued_on, i.id FROM invoices i WHERE i.subscriber_id = s.id
      ORDER BY i.issued_on DESC, i.id DESC LIMIT 12) l ORDER BY l.issued_on, l.id LIMIT 1))),
  'payments', {made}('nodes', {say.all(_payments(say))}),
  'deviceSlotsUsed', (SELECT count(*) FROM devices d WHERE d.subscriber_id = s.id
    AND d.state IN ('PENDING', 'ACTIVE', 'BLOCKED') AND d.is_lent IS FALSE),
  'deviceSlotsAllowed', (SELECT coalesce(sum(o.device_slots * i.quantity), 0)
    FROM contract_items i JOIN offers o ON o.id = i.offer_id
    WHERE i.subscriber_id = s.id AND i.starts_on <= $2 AND (i.ends_on IS NULL OR i.ends_on > $2)),
  'devices', {made}('nodes', {say.all(_devices(say))}),
  'sessions', {made}('nodes', {say.all(_sessions(say))}),
  'tickets', {made}('nodes', {say.all(tickets(say))}))
FROM directory k JOIN subscribers s ON s.id = k.subscriber_id WHERE k.kind = 'NUMBER' AND k.key = $1"""


def _phones(say: Dialect) -> str:
    return f"""
    SELECT {say.object}('id', {say.id("Phone", "s.id", "p.id")}, 'kind', p.kind, 'typed', p.typed,
      'number', p.number) AS j
    FROM phones p WHERE p.subscriber_id = s.id ORDER BY p.kind, p.id LIMIT 10"""


def _address(say: Dialect, kind: str) -> str:
    return f"""
    SELECT {say.object}('id', {say.id("Address", "s.id", "a.id")}, 'line1', a.line1, 'line2', a.line2,
      'postcode', a.postcode, 'city', a.city)
    FROM addresses a WHERE a.subscriber_id = s.id AND a.kind = '{kind}'
    ORDER BY a.starts_on DESC, a.id DESC LIMIT 1"""


def _payments(say: Dialect) -> str:
    return f"""
    SELECT {say.object}('id', {say.id("Payment", "s.id", "p.id")}, 'state', p.state,
      'amount', {say.object}('decimal', {say.decimal("p.amount_cents")}),
      'requestedAt', {say.instant("p.requested_at")}, 'returnCode', p.return_code, 'failureCode', p.failure_code) AS j
    FROM payments p WHERE p.subscriber_id = s.id ORDER BY p.requested_at DESC, p.id DESC LIMIT 6"""


def _devices(say: Dialect) -> str:
    return f"""
    SELECT {say.object}('id', {say.id("Device", "s.id", "d.id")}, 'kind', d.kind, 'state', d.state, 'name', d.name,
      'model', d.model, 'serial', d.serial, 'isLent', {say.flag("d.is_lent")},
      'lastSeenAt', {say.instant("d.last_seen_at")}, 'revocationReason', d.revocation_reason) AS j
    FROM devices d WHERE d.subscriber_id = s.id ORDER BY d.linked_at DESC, d.id DESC LIMIT 20"""


def _sessions(say: Dialect) -> str:
    device = f"""
        SELECT {say.object}('id', {say.id("Device", "s.id", "d.id")}, 'name', d.name)
        FROM devices d WHERE d.subscriber_id = v.subscriber_id AND d.id = v.device_id"""
    return f"""
    SELECT {say.object}('id', {say.id("DeviceSession", "s.id", "v.id")}, 'openedAt', {say.instant("v.opened_at")},
      'lastSeenAt', {say.instant("v.last_seen_at")}, 'endedAt', {say.instant("v.ended_at")}, 'city', v.city,
      'isNewDevice', {say.flag("v.is_new_device")}, 'device', {say.one(device)}) AS j
    FROM device_sessions v WHERE v.subscriber_id = s.id ORDER BY v.opened_at DESC, v.id DESC LIMIT 5"""
