"""Who the subscribers are, and that every key finds them."""

from collections import Counter, defaultdict

import pyotp
from schwifty import IBAN

from backoffice.models import DirectoryKind, PaymentMethodKind, PhoneKind
from backoffice.services import keys

from .conftest import VAULT, Filled

_FICTION = ("063998", "019900", "026191", "035301", "046571", "053649")


class TestDirectory:
    def test_holds_every_key_of_every_row(self, filled: Filled) -> None:
        expected = set()
        for kind, table, column in (
            (DirectoryKind.CONTRACT, "contracts", "number"),
            (DirectoryKind.ACCOUNT, "billing_accounts", "number"),
            (DirectoryKind.INVOICE, "invoices", "number"),
            (DirectoryKind.CREDIT_NOTE, "credit_notes", "number"),
            (DirectoryKind.TICKET, "tickets", "number"),
            (DirectoryKind.SERIAL, "devices", "serial"),
        ):
            for row in filled.rows(table):
                expected.add((kind, keys.reference(getattr(row, column)), row.subscriber_id, row.id))
        for row in filled.rows("phones"):
            expected.add((DirectoryKind.PHONE, str(keys.phone(row.typed)), row.subscriber_id, row.id))
        for row in filled.rows("subscribers"):
            expected.add((DirectoryKind.NUMBER, keys.number(row.number), row.id, row.id))
            if row.login:
                expected.add((DirectoryKind.LOGIN, keys.email(row.login), row.id, row.id))
                for address in (row.contact_email, row.billing_email):
                    expected.add((DirectoryKind.EMAIL, keys.email(address), row.id, row.id))

        assert {(row.kind, row.key, row.subscriber_id, row.target_id) for row in filled.rows("directory")} == expected


class TestPeople:
    def test_have_names_folded_for_the_search(self, filled: Filled) -> None:
        for row in filled.rows("holders"):
            assert row.name_key == keys.fold(row.full_name)
            assert row.full_name == " ".join(part for part in (row.first_name, row.last_name) if part)

    def test_have_numbers_that_fiction_may_use(self, filled: Filled) -> None:
        for row in filled.rows("phones"):
            assert ("0" + row.number.removeprefix("+33")).startswith(_FICTION)
            assert row.number == keys.phone(row.typed)

    def test_share_a_telephone_only_within_a_household(self, filled: Filled) -> None:
        owners = defaultdict(set)
        for row in filled.rows("phones"):
            owners[row.kind, row.number].add(row.subscriber_id)
        shared = [(kind, found) for (kind, _), found in owners.items() if len(found) > 1]
        lines = Counter((row.subscriber_id, row.line1) for row in filled.rows("addresses"))

        assert shared
        for kind, subscriber_ids in shared:
            assert kind is PhoneKind.HOME
            assert len({line for subscriber_id, line in lines if subscriber_id in subscriber_ids}) <= 2

    def test_have_addresses_that_no_one_reads(self, filled: Filled) -> None:
        for row in filled.rows("subscribers"):
            if row.contact_email:
                assert row.contact_email.endswith(("@example.net", "@example.org", "@example.com"))
                assert row.contact_email_key == keys.email(row.contact_email)


class TestBankAccounts:
    def test_are_sealed_valid_and_of_no_real_bank(self, filled: Filled) -> None:
        debits = [row for row in filled.rows("payment_methods") if row.kind is PaymentMethodKind.DIRECT_DEBIT]

        assert debits
        for row in debits:
            iban = VAULT.decrypt(row.iban_sealed, binding=f"payment_methods:{row.subscriber_id}:{row.id}")
            assert IBAN(iban, validate_bban=True).bank_code == "99999"
            assert row.iban_index == VAULT.blind_index(iban)
            assert row.iban_last_four == iban[-4:]

    def test_cards_are_tokens(self, filled: Filled) -> None:
        for row in filled.rows("payment_methods"):
            if row.kind is PaymentMethodKind.CARD:
                assert row.card_token.startswith("tok_")
                assert row.iban_sealed is None


class TestStaff:
    def test_can_open_its_second_factor(self, filled: Filled) -> None:
        secrets = {row.login: VAULT.decrypt(row.totp_sealed, binding=f"staff:{row.id}") for row in filled.rows("staff")}

        for access in filled.credentials["staff"].values():
            assert secrets[access["login"]] == access["totp_secret"]
            assert len(pyotp.TOTP(access["totp_secret"]).now()) == 6
