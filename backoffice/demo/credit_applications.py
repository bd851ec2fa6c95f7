"""The credit of an account pays its oldest open invoices, by the rule that every act follows."""

from backoffice.demo.files import File
from backoffice.demo.invoices import Bill


def settle(file: File, bills: list[Bill]) -> None:
    """Let what the account has to its credit at the end pay what is open, so that no later act moves anything else."""
    left_cents = sum(bill.due_cents for bill in bills) - file.account["balance_cents"]
    for bill in sorted(bills, key=lambda bill: (bill.invoice["due_on"], bill.invoice["id"])):
        cents = min(left_cents, bill.due_cents)
        if cents <= 0:
            continue
        left_cents -= cents
        bill.invoice["applied_cents"] = cents
        file.add(
            "credit_applications",
            file.window.ends_at,
            billing_account_id=file.account["id"],
            invoice_id=bill.invoice["id"],
            amount_cents=cents,
            at=file.window.ends_at,
        )
