"""Every act that is previewed, quoted and confirmed, by its operation: whoever decides an approval finds it here."""

from typing import Any

from backoffice.services import (
    change_reversals,
    credit_note_reversals,
    credit_notes,
    goodwill_credits,
    goodwill_reversals,
    offer_changes,
    option_additions,
    option_ends,
    payment_acts,
    payment_return_reversals,
    payment_returns,
    payment_reversals,
    proration_correction_reversals,
    proration_corrections,
    refund_acts,
    refund_reversals,
    suspensions,
    terminations,
    withdrawals,
)
from backoffice.services.quoted_acts import Act

ACTS: dict[str, Act[Any]] = {
    act.operation: act
    for act in (
        credit_notes.ACT,
        credit_note_reversals.ACT,
        proration_corrections.ACT,
        proration_correction_reversals.ACT,
        refund_acts.ACT,
        refund_reversals.ACT,
        payment_acts.ACT,
        payment_reversals.ACT,
        payment_returns.ACT,
        payment_return_reversals.ACT,
        goodwill_credits.ACT,
        goodwill_reversals.ACT,
        option_additions.ACT,
        option_ends.ACT,
        offer_changes.ACT,
        terminations.ACT,
        withdrawals.ACT,
        suspensions.SUSPEND,
        suspensions.REACTIVATE,
        change_reversals.ACT,
    )
}
