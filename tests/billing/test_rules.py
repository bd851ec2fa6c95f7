import ast
import sys
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from backoffice import billing
from backoffice.billing import rules

SOURCES = sorted(Path(str(billing.__file__)).parent.glob("*.py"))


class TestInForce:
    @pytest.mark.parametrize(
        ("on", "share", "is_assumed"),
        [
            (date(2015, 1, 1), Fraction(1, 4), True),
            (date(2022, 12, 31), Fraction(1, 4), True),
            (date(2023, 1, 1), Fraction(1, 5), False),
            (date(2026, 11, 21), Fraction(1, 5), False),
        ],
    )
    def test_keeps_an_old_contract_under_its_own_law(self, on: date, share: Fraction, is_assumed: bool) -> None:
        rule = rules.in_force(rules.TERMINAL_SHARE, on)

        assert (rule.value, rule.is_assumed) == (share, is_assumed)

    def test_refuses_a_rule_that_nobody_wrote(self) -> None:
        with pytest.raises(rules.NoRuleInForce) as refusal:
            rules.in_force("conso-L000", date(2026, 1, 1))

        assert (refusal.value.identifier, refusal.value.on) == ("conso-L000", date(2026, 1, 1))


class TestRules:
    def test_never_overlap(self) -> None:
        for year in range(2000, 2040):
            for identifier in {rule.identifier for rule in rules.RULES}:
                found = [r for r in rules.RULES if r.identifier == identifier and r.applies_on(date(year, 1, 1))]
                assert len(found) == 1

    def test_all_name_their_article_or_say_that_there_is_none(self) -> None:
        others = {rule.identifier for rule in rules.RULES if "article" not in rule.reference}

        assert others == {rules.MANDATE_MONTHS, rules.PROMOTION_REMINDER_DAYS}

    def test_list_what_nobody_has_verified(self) -> None:
        assert {rule.identifier for rule in rules.assumed()} == {
            rules.FIRST_YEAR_MONTHS,
            rules.TERMINAL_SHARE,
            rules.LATE_REFUND_MONTH,
            rules.DEBIT_REFUND_WEEKS,
            rules.UNAUTHORISED_DEBIT_MONTHS,
            rules.MANDATE_MONTHS,
            rules.ITEMISED_BILL_DAYS,
            "retention-accounting",
        }


class TestSources:
    @pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
    def test_hold_no_float_and_use_the_standard_library_only(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))

        for node in ast.walk(tree):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
            assert not (isinstance(node, ast.Name) and node.id in {"float", "open", "round"})
            assert not (isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"})
            if isinstance(node, ast.ImportFrom):
                top = str(node.module).split(".")[0]
                assert top in sys.stdlib_module_names or str(node.module).startswith("backoffice.billing")

    def test_are_found(self) -> None:
        assert len(SOURCES) > 15
