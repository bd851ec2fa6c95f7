"""Acts on money through the graph: previews, confirmations, and who does them."""

from datetime import timedelta
from typing import Any

from backoffice.database import Database
from backoffice.permissions import Role
from backoffice.services import verification
from tests import factories
from tests.acts import new_key
from tests.factories import NOW
from tests.graphs import Asked, asking

ERRORS = """userErrors { __typename code message field
  ... on AmountProblem { minimum { cents } maximum { cents } } ... on StepUpProblem { methods }
  ... on PaymentMethodProblem { usable { id } } }"""
PREVIEW = f"""{{
  quote expiresAt {ERRORS}
  preview {{
    amount {{ cents }} balanceBefore {{ cents }} balanceAfter {{ cents }} facts
    document {{
      nature reason totalExcludingVat {{ cents }} vat {{ cents }} total {{ cents }}
      lines {{
        label startsOn endsOn amountExcludingVat {{ cents }} vat {{ cents }} amount {{ cents }}
        explanation(language: EN) invoiceLine {{ id }}
      }}
    }}
    postings {{ kind entries {{ account amount {{ cents }} }} }}
    disposition {{ offset {{ cents }} refunds {{ amount {{ cents }} means }} balance {{ cents }} }}
    allocations {{ invoice {{ number }} amount {{ cents }} }}
    warnings {{ code }}
    requirements {{ requirement isMet }}
  }}
}}"""
NOTE = """{
  id number kind reason note issuedOn totalExcludingVat { cents } vat { cents } total { cents } offset { cents }
  invoice { number } reverses { number }
  lines { nodes { label startsOn endsOn amountExcludingVat { cents } vat { cents } amount { cents } } }
  refunds { nodes { id state amount { cents } } }
}"""
PAYMENT = """payment {
  id state means reference note receiptEmail returnCode amount { cents } refunded { cents }
  paymentMethod { kind } allocations { nodes { invoice { number } amount { cents } isUndone } }
  billingAccount { balance { cents } credit { cents } }
}"""
GOODWILL = """goodwillCredit {
  id state note grantedOn reversedAt amount { cents } billingAccount { balance { cents } credit { cents } }
}"""
CORRECTION = f"{{ creditNote {NOTE} extraCharge {{ id label amount {{ cents }} cancelledAt }} }}"
RESULTS = {
    "payment": PAYMENT,
    "paymentReverse": PAYMENT,
    "paymentReturn": PAYMENT,
    "paymentReturnReverse": PAYMENT,
    "goodwillCredit": GOODWILL,
    "goodwillCreditReverse": GOODWILL,
    "creditNote": f"creditNote {NOTE}",
    "creditNoteReverse": f"creditNote {NOTE}",
    "prorationCorrection": f"prorationCorrection {CORRECTION}",
    "prorationCorrectionReverse": f"prorationCorrection {CORRECTION}",
    "refund": f"refund {{ id state amount {{ cents }} creditNote {NOTE} }}",
    "refundReverse": "refund { id state amount { cents } creditNote { number reversedBy { number } } }",
}


def billing(database: Database, *, minutes: int = 60, **given: Any) -> Asked:
    """A member of the billing staff with a fresh one-time code."""
    stepped_up_until = NOW + timedelta(minutes=minutes)
    return asking(database, factories.viewer(Role.BILLING, stepped_up_until=stepped_up_until, **given))


async def preview(asked: Asked, operation: str, **given: Any) -> Any:
    """The payload of a preview for the whole input."""
    type_name = f"{operation[0].upper()}{operation[1:]}Input"
    query = f"mutation Preview($input: {type_name}!) {{ {operation}Preview(input: $input) {PREVIEW} }}"
    return (await asked.data(query, input=given))[f"{operation}Preview"]


async def confirm(asked: Asked, operation: str, quote: str, *, key: str | None = None) -> Any:
    """The payload of a confirmation."""
    shown = f"{RESULTS[operation]} approval {{ id state amount {{ cents }} revision }} replayed {ERRORS}"
    return await confirmed(asked, operation, quote, shown=shown, key=key)


async def confirmed(asked: Asked, operation: str, quote: str, *, shown: str, key: str | None = None) -> Any:
    """The payload of a confirmation, with the fields that are asked for."""
    query = f"mutation Confirm($input: ConfirmInput!) {{ {operation}Confirm(input: $input) {{ {shown} }} }}"
    given = {"quote": quote, "idempotencyKey": key or new_key()}
    return (await asked.data(query, input=given))[f"{operation}Confirm"]


async def do(asked: Asked, operation: str, **given: Any) -> Any:
    """Preview and confirm an act that must be done; the payload of the confirmation."""
    previewed = await preview(asked, operation, **given)
    assert previewed["userErrors"] == [], previewed["userErrors"]
    done = await confirm(asked, operation, previewed["quote"])
    assert done["userErrors"] == [], done["userErrors"]
    return done


def only_cents(payload: Any) -> Any:
    """The payload with each amount as its cents."""
    if isinstance(payload, dict):
        return (
            payload["cents"] if set(payload) == {"cents"} else {key: only_cents(each) for key, each in payload.items()}
        )
    return [only_cents(each) for each in payload] if isinstance(payload, list) else payload


def refusal(payload: Any) -> str:
    """The code of the one refusal of a preview or a confirmation."""
    [error] = payload["userErrors"]
    return str(error["code"])


async def faults(database: Database) -> list[verification.Fault]:
    """Every fault that `verify` would find in the books."""
    async with database.snapshot() as session:
        return [fault async for fault in verification.faults(session)]
