"""What an invoice adds up to, and in which order it is told."""

from dataclasses import replace

from backoffice.billing.vat import VatSplit
from backoffice.documents.lines import LineKind, VatRow
from backoffice.documents.payments import Collection, Means, MeansKind
from backoffice.models import LineKind as StoredLineKind
from backoffice.models import PaymentMethodKind
from tests.documents import samples


class TestInvoice:
    def test_adds_its_lines_up_by_rate_and_in_all(self) -> None:
        invoice = samples.invoice()

        assert invoice.vat == (
            VatRow(samples.HIGH, VatSplit(6996, 1399)),
            VatRow(samples.MIDDLE, VatSplit(4090, 409)),
            VatRow(samples.LOW, VatSplit(559, 31)),
            VatRow(samples.LOWEST, VatSplit(195, 4)),
            VatRow(None, VatSplit(8250, 0)),
        )
        assert invoice.total == VatSplit(20090, 1843)

    def test_still_asks_for_what_was_not_settled(self) -> None:
        assert samples.invoice().due_cents == 21933 - 1234 - 2000
        assert samples.english_invoice().due_cents == 0

    def test_tells_contracts_first_then_the_rest_then_third_parties(self) -> None:
        told = [(section.title, [line.position for line in section.lines]) for section in samples.invoice().sections]

        assert told == [
            ("contract", [1, 2, 3, 4, 5, 6, 7, 8]),
            ("contract", [9, 10]),
            ("other", [11]),
            ("third_party", [12]),
        ]

    def test_loses_no_line_of_a_contract_that_it_does_not_know(self) -> None:
        invoice = replace(samples.invoice(), contracts=(samples.MOBILE,))

        told = [line.position for section in invoice.sections for line in section.lines]

        assert sorted(told) == list(range(1, 13))

    def test_leaves_out_sections_without_lines(self) -> None:
        assert [section.title for section in samples.english_invoice().sections] == ["contract"]


class TestKinds:
    def test_contain_those_that_are_stored(self) -> None:
        assert {*map(str, StoredLineKind)} <= {*map(str, LineKind)}
        assert {*map(str, PaymentMethodKind)} <= {*map(str, MeansKind)}


class TestCollection:
    def test_is_automatic_where_the_operator_takes_the_money(self) -> None:
        automatic = {kind for kind in MeansKind if Collection(samples.DECEMBER.starts_on, Means(kind)).is_automatic}

        assert automatic == {MeansKind.CARD, MeansKind.DIRECT_DEBIT}
