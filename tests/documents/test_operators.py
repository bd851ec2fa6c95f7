"""Who bills is read from the operator's own file, and refused where a document would miss what the law asks for."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from backoffice.demo.shelf import BRAND
from backoffice.documents import operators
from backoffice.documents.operators import FICTIONAL, BadOperator

OWN = FICTIONAL.read_text(encoding="utf-8")


def refusal(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadOperator) as refused:
        operators.read(path)
    assert refused.value.code == "BAD_OPERATOR"
    return refused.value.message


class TestRead:
    def test_is_the_operator_of_the_demo_where_none_is_named(self) -> None:
        operator = operators.read()

        assert operator.french.name == operator.english.name == BRAND
        assert (operator.french.siren, operator.french.vat_number) == ("123 456 782", "FR 11 123456782")

    def test_speaks_the_language_of_the_document(self) -> None:
        operator = operators.read()

        assert operator.issuer("fr").customer_service.hours == "8 h – 20 h, 6 j/7"
        assert operator.issuer("en").customer_service.hours == "8 am to 8 pm, six days a week"
        assert operator.issuer("en").mentions == ("VAT is due when paid. No discount for early payment.",)
        assert operator.issuer("en").mediator == operator.issuer("fr").mediator

    def test_says_in_english_what_it_says_in_french_where_nothing_else_is_written(self, tmp_path: Path) -> None:
        (tmp_path / "own.toml").write_text(OWN.partition("[en]")[0], encoding="utf-8")

        operator = operators.read(tmp_path / "own.toml")

        assert operator.english == operator.french

    @pytest.mark.parametrize(
        ("written", "instead", "fault"),
        [
            ('siren = "123 456 782"', 'siren = "123 456 789"', "'siren': Value error, a SIREN has nine digits"),
            ('siren = "123 456 782"', 'siren = "١٢٣ 456 782"', "'siren': Value error, a SIREN has nine digits"),
            ("FR 11 123456782", "FR 12 123456782", "the VAT number of this SIREN is FR11123456782"),
            ("09 70 00 12 34", "0 892 70 12 34", "'customer_service.phone': Value error, a number for customers"),
            ("09 70 00 12 34", "+33 810 700 123", "'customer_service.phone': Value error, a number for customers"),
            ('site = "mediation-abonnements.example"', "", "'mediator.site': Field required"),
            ('name = "Ondoline"', 'name = " "', "'name': String should have at least 1 character"),
            ('name = "Ondoline"', 'name = "Ondo\\nline"', "'name': String should match pattern"),
            ('name = "Ondoline"', 'nom = "Ondoline"', "'name': Field required"),
            ('name = "Ondoline"', 'name = "Ondoline"\nfax = "1"', "'fax': Extra inputs are not permitted"),
            ("[mediator]", "[mediator", "it is no TOML in UTF-8"),
        ],
    )
    def test_refuses_what_no_document_may_print(self, tmp_path: Path, written: str, instead: str, fault: str) -> None:
        assert OWN.count(written) == 1

        message = refusal(tmp_path / "own.toml", OWN.replace(written, instead))

        assert message.startswith(f"{tmp_path}/own.toml cannot be used: ")
        assert fault in message
        assert message.endswith("docs/operators.md says what the file needs.")

    def test_refuses_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(BadOperator, match="it cannot be opened"):
            operators.read(tmp_path / "none.toml")

    def test_refuses_a_file_in_another_encoding(self, tmp_path: Path) -> None:
        (tmp_path / "own.toml").write_bytes(OWN.encode("latin-1", errors="replace"))

        with pytest.raises(BadOperator, match="it is no TOML in UTF-8"):
            operators.read(tmp_path / "own.toml")


class TestFictional:
    def test_is_all_that_a_file_may_say(self) -> None:
        facts: dict[str, Any] = tomllib.loads(OWN)

        assert set(facts) == {
            "name",
            "address",
            "legal_form",
            "registration",
            "siren",
            "vat_number",
            "mentions",
            "customer_service",
            "mediator",
            "en",
        }
