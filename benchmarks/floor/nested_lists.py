"""The lists of the JSON floor that have lists of their own: each a query of one column `j` within the statement."""

from benchmarks.floor.dialects import Dialect


def accounts(say: Dialect) -> str:
    """The billing accounts with their means of payment."""
    methods = f"""
        SELECT {say.object}('id', {say.id("PaymentMethod", "s.id", "m.id")}, 'kind', m.kind, 'state', m.state,
          'isDefault', {say.flag("m.is_default")}, 'cardBrand', m.card_brand, 'cardLastFour', m.card_last_four,
          'expiresOn', m.expires_on, 'ibanLastFour', m.iban_last_four, 'mandateReference', m.mandate_reference) AS j
        FROM payment_methods m WHERE m.subscriber_id = b.subscriber_id AND m.billing_account_id = b.id
        ORDER BY m.added_on DESC, m.id DESC LIMIT 10"""
    return f"""
    SELECT {say.object}('id', {say.id("BillingAccount", "s.id", "b.id")}, 'number', b.number,
      'balance', {say.object}('cents', b.balance_cents, 'decimal', {say.decimal("b.balance_cents")}, 'currency', 'EUR'),
      'debitDay', b.debit_day, 'paymentMethods', {say.object}('nodes', {say.all(methods)})) AS j
    FROM billing_accounts b WHERE b.subscriber_id = s.id ORDER BY b.number, b.id LIMIT 10"""


def contracts(say: Dialect) -> str:
    """The contracts with their items and the promotions on those."""
    partner = f"""
        SELECT {say.object}('id', {say.id("Partner", "0", "r.id")}, 'name', r.name)
        FROM partners r WHERE r.id = c.partner_id"""
    return f"""
    SELECT {say.object}('id', {say.id("Contract", "s.id", "c.id")}, 'number', c.number, 'state', c.state,
      'startsOn', c.starts_on, 'endsOn', c.ends_on, 'commitmentEndsOn', c.commitment_ends_on,
      'suspensionCause', c.suspension_cause, 'billedBy', c.billed_by,
      'partner', {say.one(partner)}, 'offer', {_offer(say)},
      'items', {say.object}('nodes', {say.all(_items(say))})) AS j
    FROM contracts c JOIN offers o ON o.id = c.offer_id
    WHERE c.subscriber_id = s.id ORDER BY c.starts_on DESC, c.id DESC LIMIT 10"""


def _items(say: Dialect) -> str:
    promotions = f"""
            SELECT {say.object}('id', {say.id("Promotion", "s.id", "p.id")}, 'label', p.label, 'endsOn', p.ends_on,
              'discount', {say.object}('decimal', {say.decimal("p.discount_cents")})) AS j
            FROM promotions p WHERE p.subscriber_id = i.subscriber_id AND p.contract_item_id = i.id
            ORDER BY p.starts_on, p.id LIMIT 50"""
    return f"""
        SELECT {say.object}('id', {say.id("ContractItem", "s.id", "i.id")}, 'kind', i.kind, 'startsOn', i.starts_on,
          'endsOn', i.ends_on, 'lastUsedOn', i.last_used_on, 'offer', {_offer(say)},
          'promotions', {say.object}('nodes', {say.all(promotions)})) AS j
        FROM contract_items i JOIN offers o ON o.id = i.offer_id
        WHERE i.subscriber_id = c.subscriber_id AND i.contract_id = c.id ORDER BY i.starts_on, i.id LIMIT 50"""


def _offer(say: Dialect) -> str:
    return f"{say.object}('id', {say.id('Offer', '0', 'o.id')}, 'code', o.code, 'nameFr', o.name_fr)"


def invoices(say: Dialect) -> str:
    """The invoices with their lines."""
    due = "(i.ttc_cents - i.paid_cents - i.offset_cents)"
    lines = f"""
        SELECT {say.object}('id', {say.id("InvoiceLine", "s.id", "l.id")}, 'label', l.label, 'kind', l.kind,
          'startsOn', l.starts_on, 'endsOn', l.ends_on, 'vatRate', {say.rate("l.vat_rate")},
          'amount', {say.object}('cents', l.ttc_cents, 'decimal', {say.decimal("l.ttc_cents")}),
          'credited', {say.object}('cents', l.credited_ttc_cents)) AS j
        FROM invoice_lines l WHERE l.subscriber_id = i.subscriber_id AND l.invoice_id = i.id
        ORDER BY l.position, l.id LIMIT 50"""
    return f"""
    SELECT {say.object}('id', {say.id("Invoice", "s.id", "i.id")}, 'number', i.number, 'state', i.state,
      'isOverdue', {say.flag(f"({due} > 0 AND i.due_on < $2)")}, 'issuedOn', i.issued_on, 'dueOn', i.due_on,
      'total', {say.object}('decimal', {say.decimal("i.ttc_cents")}), 'due', {say.object}('decimal', {say.decimal(due)}),
      'lines', {say.object}('nodes', {say.all(lines)})) AS j
    FROM invoices i WHERE i.subscriber_id = s.id ORDER BY i.issued_on DESC, i.id DESC LIMIT 12"""


def tickets(say: Dialect) -> str:
    """The tickets with their events."""
    late = """coalesce(t.waiting_since IS NULL AND t.state NOT IN ('RESOLVED', 'CLOSED', 'REJECTED', 'CANCELLED')
        AND ((t.first_response_at IS NULL AND t.first_response_due_at < $3)
          OR (t.resolved_at IS NULL AND t.resolution_due_at < $3)), FALSE)"""
    events = f"""
        SELECT {say.object}('id', {say.id("TicketEvent", "s.id", "e.id")}, 'kind', e.kind, 'at', {say.instant("e.at")},
          'authorName', e.author_name, 'body', e.body, 'state', e.state, 'isPublic', {say.flag("e.is_public")}) AS j
        FROM ticket_events e WHERE e.subscriber_id = t.subscriber_id AND e.ticket_id = t.id
        ORDER BY e.at, e.id LIMIT 50"""
    return f"""
    SELECT {say.object}('id', {say.id("Ticket", "s.id", "t.id")}, 'number', t.number, 'subject', t.subject,
      'topic', t.topic, 'state', t.state, 'priority', t.priority, 'openedAt', {say.instant("t.opened_at")},
      'resolutionDueAt', {say.instant("t.resolution_due_at")}, 'isLate', {say.flag(late)},
      'events', {say.object}('nodes', {say.all(events)})) AS j
    FROM tickets t WHERE t.subscriber_id = s.id ORDER BY t.opened_at DESC, t.id DESC LIMIT 10"""
