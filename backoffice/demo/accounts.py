"""The billing account and its means of payment: card tokens, sealed IBANs, the card that ran out."""

from datetime import date
from typing import Any

from schwifty import IBAN

from backoffice.billing.periods import add_months
from backoffice.demo.files import File
from backoffice.demo.rows import Row
from backoffice.models import DirectoryKind, PaymentMethodKind, PaymentMethodState
from backoffice.services import keys

FICTITIOUS_BANK = "99999"
FICTITIOUS_BIC = "ZZZZFRP1"


class Means:
    """The payment methods of one account, and which of them pays on a day."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._usual = _usual(file)
        self._card: Row | None = None

    def on(self, day: date) -> Row:
        """The method that is debited on a day."""
        return next((row for row in reversed(self._usual) if row["added_on"] <= day), self._usual[0])

    def card(self, day: date) -> Row:
        """A card for a payment on line; whoever pays otherwise gives one for this once."""
        usual = self.on(day)
        if usual["kind"] is PaymentMethodKind.CARD:
            return usual
        if self._card is None:
            self._card = _card(self._file, day, None, is_default=False)
        return self._card


def write(file: File) -> Means:
    """Add the account and the method that usually pays."""
    number = f"B{file.number[1:]}"
    file.account = file.add(
        "billing_accounts",
        file.created_at,
        number=number,
        debit_day=file.plan.debit_day,
        balance_cents=0,
        is_paper_requested=file.rng.random() < 0.08,
    )
    file.enter(DirectoryKind.ACCOUNT, keys.reference(number), file.account["id"])
    return Means(file)


def _usual(file: File) -> list[Row]:
    plan, since_on = file.plan, file.plan.concluded_on
    if plan.payer is PaymentMethodKind.DIRECT_DEBIT:
        return [_direct_debit(file, since_on)]
    if plan.payer is not PaymentMethodKind.CARD:
        return [_method(file, since_on, plan.payer)]
    cards = [_card(file, since_on, plan.card_expired_on, is_default=plan.card_renewed_on is None)]
    if plan.card_renewed_on:
        cards.append(_card(file, plan.card_renewed_on, None, is_default=True))
    return cards


def _card(file: File, added_on: date, expired_on: date | None, *, is_default: bool) -> Row:
    # Some run out soon: the list that agents call before the debit fails.
    valid_until = add_months(file.window.on.replace(day=1), file.rng.choice((1, 4, 9, 15, 22, 30)))
    return _method(
        file,
        added_on,
        PaymentMethodKind.CARD,
        is_default=is_default,
        state=PaymentMethodState.EXPIRED if expired_on else PaymentMethodState.ACTIVE,
        card_token=f"tok_{file.rng.getrandbits(96):024x}",
        card_brand=file.rng.choice(("CB", "VISA", "MASTERCARD")),
        card_last_four=f"{file.rng.randrange(10_000):04d}",
        expires_on=expired_on or valid_until,
    )


def _direct_debit(file: File, added_on: date) -> Row:
    account = f"{file.plan.index:06d}{file.rng.randrange(100_000):05d}"
    iban = str(IBAN.generate("FR", bank_code=FICTITIOUS_BANK, branch_code="00001", account_code=account))
    row = _method(file, added_on, PaymentMethodKind.DIRECT_DEBIT)
    vault = file.operator.vault
    row["iban_sealed"] = vault.encrypt(iban, binding=f"payment_methods:{file.subscriber_id}:{row['id']}")
    row["iban_index"] = vault.blind_index(iban)
    row["iban_last_four"] = iban[-4:]
    row["bic"] = FICTITIOUS_BIC
    row["mandate_reference"] = f"OND{file.number}M1"
    row["mandate_signed_on"] = added_on
    return row


def _method(file: File, added_on: date, kind: PaymentMethodKind, **facts: Any) -> Row:
    usual = {"state": PaymentMethodState.ACTIVE, "is_default": True}
    return file.add(
        "payment_methods",
        file.at(added_on, 5, 6),
        billing_account_id=file.account["id"],
        kind=kind,
        added_on=added_on,
        **{**usual, **facts},
    )
