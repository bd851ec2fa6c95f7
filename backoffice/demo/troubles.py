"""The troubles that agents meet, one after the other over the subscribers, so that a small demo has them all."""

import random
from collections.abc import Callable

from backoffice.demo import fitting, misbilled, unpaid
from backoffice.demo.plans import Plan
from backoffice.demo.setbacks import Trouble
from backoffice.demo.window import Window

_TURN = (
    Trouble.NONE,
    Trouble.CARD_EXPIRED,
    Trouble.DEBIT_RETURNED,
    Trouble.PARTNER_DUPLICATE,
    Trouble.UNUSED_OPTION,
    Trouble.PROMOTION_OVERBILLED,
    Trouble.NONE,
    Trouble.CHANGE_OVERBILLED,
    Trouble.OUTAGE,
    Trouble.NONE,
    Trouble.WITHDRAWAL,
    Trouble.CARD_RENEWED,
    Trouble.NONE,
    Trouble.DEBIT_RETURNED_AND_PAID,
    Trouble.UNDUE_SUSPENSION,
    Trouble.CARD_DENIED,
    Trouble.PAID_IN_PART,
    Trouble.OVERPAID,
    Trouble.PAID_TOGETHER,
    Trouble.GOODWILL,
    Trouble.STRANGE_LOGIN,
    Trouble.FORGOTTEN_DEVICES,
    Trouble.STOLEN_DEVICE,
    Trouble.NONE,
)

NEEDS: dict[Trouble, tuple[str, ...]] = {
    Trouble.PARTNER_DUPLICATE: ("TV-ESSENTIEL",),
    Trouble.UNUSED_OPTION: ("PACK-CINE",),
    Trouble.PROMOTION_OVERBILLED: ("PACK-CINE",),
    Trouble.CHANGE_OVERBILLED: ("PACK-CINE",),
    Trouble.WITHDRAWAL: ("PACK-CINE",),
    Trouble.CARD_EXPIRED: ("TOUT-INCLUS",),
    Trouble.UNDUE_SUSPENSION: ("TOUT-INCLUS",),
    Trouble.OUTAGE: ("CONFORT",),
    Trouble.GOODWILL: ("TOUT-INCLUS",),
    Trouble.STRANGE_LOGIN: ("PACK-SPORT",),
    Trouble.FORGOTTEN_DEVICES: ("CONFORT",),
    Trouble.STOLEN_DEVICE: ("TOUT-INCLUS",),
}
"""The offers that a trouble is about."""


def of(index: int) -> Trouble:
    """The trouble whose turn it is."""
    return _TURN[index % len(_TURN)]


def bring(plan: Plan, rng: random.Random, window: Window) -> None:
    """Work the plan's trouble into it, or make it NONE when the history is too short."""
    brings = _BRINGS.get(plan.trouble)
    if brings is None:
        return
    try:
        brings(plan, rng, window)
    except fitting.DoesNotFit:
        plan.trouble = Trouble.NONE


_BRINGS: dict[Trouble, Callable[[Plan, random.Random, Window], None]] = {
    Trouble.CARD_EXPIRED: unpaid.expire_card,
    Trouble.CARD_RENEWED: unpaid.renew_card,
    Trouble.UNDUE_SUSPENSION: unpaid.suspend_unduly,
    Trouble.CARD_DENIED: unpaid.deny_card,
    Trouble.DEBIT_RETURNED: unpaid.return_debit,
    Trouble.DEBIT_RETURNED_AND_PAID: unpaid.return_debit_and_pay,
    Trouble.PAID_IN_PART: unpaid.pay_in_part,
    Trouble.OVERPAID: unpaid.pay_too_much,
    Trouble.PAID_TOGETHER: unpaid.pay_together,
    Trouble.OUTAGE: misbilled.cut_line,
    Trouble.GOODWILL: misbilled.give,
    Trouble.UNUSED_OPTION: misbilled.forget_option,
    Trouble.PROMOTION_OVERBILLED: misbilled.overbill_promotion,
    Trouble.CHANGE_OVERBILLED: misbilled.overbill_change,
    Trouble.PARTNER_DUPLICATE: misbilled.bill_twice,
    Trouble.WITHDRAWAL: misbilled.withdraw,
}
