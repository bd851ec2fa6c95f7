"""The floor "rows", its SQL: one plain statement for each list of Subscriber 360, the same for both databases.

The first takes the subscriber number as the directory keeps it (`$1`) and the civil day (`$2`). All others take the
subscriber's id (`$1`), which all their rows carry, so that no list waits for the one above it.
"""

HEAD = """
SELECT s.id, s.number,
  (SELECT h.full_name FROM holders h WHERE h.subscriber_id = s.id ORDER BY h.position, h.id LIMIT 1),
  s.state, s.kind, s.language, s.is_fragile, s.contact_email, s.billing_email,
  (SELECT count(*) FROM devices d WHERE d.subscriber_id = s.id
    AND d.state IN ('PENDING', 'ACTIVE', 'BLOCKED') AND d.is_lent IS FALSE),
  (SELECT cast(coalesce(sum(o.device_slots * i.quantity), 0) AS bigint)
    FROM contract_items i JOIN offers o ON o.id = i.offer_id
    WHERE i.subscriber_id = s.id AND i.starts_on <= $2 AND (i.ends_on IS NULL OR i.ends_on > $2))
FROM directory k JOIN subscribers s ON s.id = k.subscriber_id WHERE k.kind = 'NUMBER' AND k.key = $1"""

PHONES = "SELECT id, kind, typed, number FROM phones WHERE subscriber_id = $1 ORDER BY kind, id LIMIT 10"

ADDRESSES = """
SELECT id, line1, line2, postcode, city, kind FROM addresses
WHERE subscriber_id = $1 AND kind IN ('INSTALLATION', 'BILLING') ORDER BY starts_on DESC, id DESC"""

ACCOUNTS = """
SELECT id, number, balance_cents, debit_day FROM billing_accounts
WHERE subscriber_id = $1 ORDER BY number, id LIMIT 10"""

METHODS = """
SELECT id, kind, state, is_default, card_brand, card_last_four, expires_on, iban_last_four, mandate_reference,
  billing_account_id
FROM payment_methods WHERE subscriber_id = $1 ORDER BY added_on DESC, id DESC"""

CONTRACTS = """
SELECT c.id, c.number, c.state, c.starts_on, c.ends_on, c.commitment_ends_on, c.suspension_cause, c.billed_by,
  r.id, r.name, o.id, o.code, o.name_fr
FROM contracts c JOIN offers o ON o.id = c.offer_id LEFT JOIN partners r ON r.id = c.partner_id
WHERE c.subscriber_id = $1 ORDER BY c.starts_on DESC, c.id DESC LIMIT 10"""

ITEMS = """
SELECT i.id, i.kind, i.starts_on, i.ends_on, i.last_used_on, o.id, o.code, o.name_fr, i.contract_id
FROM contract_items i JOIN offers o ON o.id = i.offer_id
WHERE i.subscriber_id = $1 ORDER BY i.starts_on, i.id"""

PROMOTIONS = """
SELECT id, label, ends_on, discount_cents, contract_item_id FROM promotions
WHERE subscriber_id = $1 ORDER BY starts_on, id"""

INVOICES = """
SELECT id, number, state, issued_on, due_on, ttc_cents, ttc_cents - paid_cents - offset_cents FROM invoices
WHERE subscriber_id = $1 ORDER BY issued_on DESC, id DESC LIMIT 13"""

LINES = """
SELECT l.id, l.label, l.kind, l.starts_on, l.ends_on, l.vat_rate, l.ttc_cents, l.credited_ttc_cents, l.invoice_id
FROM (SELECT id FROM invoices WHERE subscriber_id = $1 ORDER BY issued_on DESC, id DESC LIMIT 12) i
JOIN invoice_lines l ON l.subscriber_id = $1 AND l.invoice_id = i.id ORDER BY l.position, l.id"""

PAYMENTS = """
SELECT id, state, amount_cents, requested_at, return_code, failure_code FROM payments
WHERE subscriber_id = $1 ORDER BY requested_at DESC, id DESC LIMIT 6"""

DEVICES = """
SELECT id, kind, state, name, model, serial, is_lent, last_seen_at, revocation_reason FROM devices
WHERE subscriber_id = $1 ORDER BY linked_at DESC, id DESC LIMIT 20"""

SESSIONS = """
SELECT v.id, v.opened_at, v.last_seen_at, v.ended_at, v.city, v.is_new_device, d.id, d.name
FROM device_sessions v LEFT JOIN devices d ON d.subscriber_id = v.subscriber_id AND d.id = v.device_id
WHERE v.subscriber_id = $1 ORDER BY v.opened_at DESC, v.id DESC LIMIT 5"""

TICKETS = """
SELECT id, number, subject, topic, state, priority, opened_at, resolution_due_at,
  waiting_since, first_response_at, first_response_due_at, resolved_at
FROM tickets WHERE subscriber_id = $1 ORDER BY opened_at DESC, id DESC LIMIT 10"""

EVENTS = """
SELECT e.id, e.kind, e.at, e.author_name, e.body, e.state, e.is_public, e.ticket_id
FROM (SELECT id FROM tickets WHERE subscriber_id = $1 ORDER BY opened_at DESC, id DESC LIMIT 10) t
JOIN ticket_events e ON e.subscriber_id = $1 AND e.ticket_id = t.id ORDER BY e.at, e.id"""

LISTS = {
    "phones": PHONES,
    "addresses": ADDRESSES,
    "accounts": ACCOUNTS,
    "methods": METHODS,
    "contracts": CONTRACTS,
    "items": ITEMS,
    "promotions": PROMOTIONS,
    "invoices": INVOICES,
    "lines": LINES,
    "payments": PAYMENTS,
    "devices": DEVICES,
    "sessions": SESSIONS,
    "tickets": TICKETS,
    "events": EVENTS,
}
