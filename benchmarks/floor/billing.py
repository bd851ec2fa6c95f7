"""The floor "rows": accounts, invoices and payments as dicts."""

from typing import Any

from benchmarks.floor.values import Lists, Reading, Row, cursor, decimal, global_id, grouped, rate

_SHOWN = 12
_LINES = 50
_METHODS = 10


def accounts(owner: int, lists: Lists) -> list[dict[str, Any]]:
    """The billing accounts with their means of payment."""
    methods = grouped(lists["methods"])
    return [
        {
            "id": global_id("BillingAccount", owner, row[0]),
            "number": row[1],
            "balance": {"cents": row[2], "decimal": decimal(row[2]), "currency": "EUR"},
            "debitDay": row[3],
            "paymentMethods": {"nodes": [_method(owner, method) for method in methods[row[0]][:_METHODS]]},
        }
        for row in lists["accounts"]
    ]


def _method(owner: int, row: Row) -> dict[str, Any]:
    return {
        "id": global_id("PaymentMethod", owner, row[0]),
        "kind": row[1],
        "state": row[2],
        "isDefault": bool(row[3]),
        "cardBrand": row[4],
        "cardLastFour": row[5],
        "expiresOn": row[6],
        "ibanLastFour": row[7],
        "mandateReference": row[8],
    }


def invoices(owner: int, lists: Lists, reading: Reading) -> dict[str, Any]:
    """The page of invoices with their lines; one row more than is shown tells that there are more."""
    lines, rows = grouped(lists["lines"]), lists["invoices"][:_SHOWN]
    nodes = [
        {
            "id": global_id("Invoice", owner, row[0]),
            "number": row[1],
            "state": row[2],
            "isOverdue": row[6] > 0 and row[4] < reading.today,
            "issuedOn": row[3],
            "dueOn": row[4],
            "total": {"decimal": decimal(row[5])},
            "due": {"decimal": decimal(row[6])},
            "lines": {"nodes": [_line(owner, line) for line in lines[row[0]][:_LINES]]},
        }
        for row in rows
    ]
    end = cursor(rows[-1][3], rows[-1][0]) if rows else None
    return {"nodes": nodes, "pageInfo": {"hasNextPage": len(lists["invoices"]) > len(rows), "endCursor": end}}


def _line(owner: int, row: Row) -> dict[str, Any]:
    return {
        "id": global_id("InvoiceLine", owner, row[0]),
        "label": row[1],
        "kind": row[2],
        "startsOn": row[3],
        "endsOn": row[4],
        "vatRate": rate(row[5]),
        "amount": {"cents": row[6], "decimal": decimal(row[6])},
        "credited": {"cents": row[7]},
    }


def payment(owner: int, row: Row, reading: Reading) -> dict[str, Any]:
    """A payment."""
    return {
        "id": global_id("Payment", owner, row[0]),
        "state": row[1],
        "amount": {"decimal": decimal(row[2])},
        "requestedAt": reading.instant(row[3]),
        "returnCode": row[4],
        "failureCode": row[5],
    }
