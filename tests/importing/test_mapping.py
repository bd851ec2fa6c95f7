"""A mapping is checked whole before the file is opened, and every refusal says where and what instead."""

import re

import pytest

from backoffice.importing import BadMapping

from .desks import ROWS, SUBSCRIBER, WHOLE, Desk

REFUSED = {
    "an unknown field names the nearest": (
        'state = { constant = "ACTIVE" }',
        'stat = "id"',
        "subscriber.stat: is not known here; did you mean state?",
    ),
    "a missing field": ('language = { constant = "FR" }\n', "", "subscriber.language: is missing"),
    "an unknown value of an enum": (
        '"ACTIVE"',
        '"ACTIV"',
        "subscriber.state.constant: 'ACTIV' is not a value of this field; did you mean ACTIVE?",
    ),
    "an unknown option": (
        'number = "id"',
        'number = { colum = "id" }',
        "subscriber.number.colum: is not known here; did you mean column?",
    ),
    "an option that means nothing here": (
        'number = "id"',
        'number = { column = "id", decimal = "," }',
        "subscriber.number.decimal: does not apply to a field of type text.",
    ),
    "an option beside a constant": (
        '{ constant = "FR" }',
        '{ constant = "FR", column = "id" }',
        "subscriber.language.column: does not go with a constant",
    ),
    "a rule that is a number": ('number = "id"', "number = 7", "subscriber.number: 7 is no rule"),
    "a value of the wrong type": ('source = "desk"', "source = 7", "source: 7 is not a text."),
    "a source that is no name": ('source = "desk"', 'source = "My Desk"', "source: 'My Desk' is no name"),
    "no key": ('key = "id"', "", "key: is missing"),
    "a day that lies ahead": ("2026-10-01", "2026-11-22", "as_of: 2026-11-22 lies ahead"),
    "a day written as a text": ("2026-10-01", '"2026-10-01"', "as_of: '2026-10-01' is not a date."),
    "an unknown table": ("[subscriber]", "[subscribers]", "subscribers: is not known here; did you mean subscriber?"),
    "an unknown zone": ("as_of", 'zone = "Europe/Lutece"\nas_of', "zone: 'Europe/Lutece' is no time zone"),
    "an unknown encoding": (
        "[subscriber]",
        '[file]\nencoding = "latin-99"\n[subscriber]',
        "file.encoding: 'latin-99' is no encoding",
    ),
    "a delimiter of two characters": (
        "[subscriber]",
        '[file]\ndelimiter = ";;"\n[subscriber]',
        "file.delimiter: ';;' is not one character",
    ),
    "a list where one is meant": ("[subscriber]", "[[subscriber]]", "subscriber: is written [subscriber]"),
    "a condition on the subscriber": (
        'number = "id"',
        'number = "id"\nwhen = "id"',
        "subscriber.when: is not known here",
    ),
    "a value table that is not there": (
        'number = "id"',
        'number = { column = "id", table = "yes" }',
        "subscriber.number.table: there is no [tables.yes]",
    ),
    "a broken expression": (
        'number = "id"',
        'number = { column = "id", matches = "(" }',
        "subscriber.number.matches: '(' is no regular expression",
    ),
    "a padding of no length": (
        'number = "id"',
        'number = { column = "id", pad_left = { length = 0 } }',
        "pad_left: needs a length from 1 to 40",
    ),
    "a boolean without a table": (
        'number = "id"',
        'number = "id"\nis_fragile = "id"',
        "subscriber.is_fragile.table: is missing",
    ),
    "a blank rule that is none": (
        'number = "id"',
        'number = { column = "id", blank = "non" }',
        "subscriber.number.blank: 'non' is not known; did you mean none?",
    ),
}
REFUSED_WHOLE = {
    "a contract without an account": (
        '[account]\nnumber = { column = "id", prefix = "A-" }\n',
        "",
        "needs account to be mapped as well.",
    ),
    "a rate that is no text": (
        'amount = { column = "total", blank = "zero" }\nvat = "0.20"',
        'amount = "total"\nvat = 0.2',
        "statement.vat: 0.2 is not a text",
    ),
    "a statement without a rate": (
        'amount = { column = "total", blank = "zero" }\nvat = "0.20"',
        'amount = "total"',
        "statement.vat: None is not a text",
    ),
    "a rate above the whole": (
        'amount = { column = "total", blank = "zero" }\nvat = "0.20"',
        'amount = "total"\nvat = "20"',
        "statement.vat: write a rate below 1",
    ),
    "a commitment over two years": (
        "constant = 12",
        "constant = 36",
        "contract.commitment_months.constant: '36' is more than 24.",
    ),
    "a price with three decimals": (
        'price = "30.00"',
        'price = "30.001"',
        "offer[1].price: '30.001' has more than two decimals.",
    ),
    "a family that is none": (
        '"INTERNET"',
        '"INTERNETS"',
        "offer[1].family: 'INTERNETS' is not known; did you mean INTERNET?",
    ),
    "a field of an offer that is none": (
        "sold_from",
        "sold_form",
        "offer[1].sold_form: is not known here; did you mean sold_from?",
    ),
    "a total of nothing": (
        '{ sum = "item.agreed_amount" }',
        '{ sum = "item.amount" }',
        "totals.monthly_cents.sum: 'amount' is no number of item",
    ),
    "a total of what is not mapped": (
        '{ count = "subscriber" }',
        '{ count = "ticket" }',
        "totals.subscribers.count: 'ticket' is not mapped here",
    ),
    "a total with an unknown condition": (
        '{ count = "subscriber" }',
        '{ count = "subscriber", where = { stat = "ACTIVE" } }',
        "totals.subscribers.where.stat: is no field of subscriber; did you mean state?",
    ),
    "an expectation of nothing": (
        "[totals]",
        "[expect]\nmonthly = 1\n[totals]",
        "expect.monthly: is neither a total nor an adjustment; did you mean monthly_cents?",
    ),
    "an expectation that is no number": (
        "[totals]",
        '[expect]\nrows = "3"\n[totals]',
        "expect.rows: '3' is not a whole number.",
    ),
}


class TestLoad:
    @pytest.mark.parametrize(("old", "new", "message"), REFUSED.values(), ids=REFUSED)
    def test_refuses(self, desk: Desk, old: str, new: str, message: str) -> None:
        self.refuses(desk, SUBSCRIBER, old, new, message)

    @pytest.mark.parametrize(("old", "new", "message"), REFUSED_WHOLE.values(), ids=REFUSED_WHOLE)
    def test_refuses_in_a_whole_mapping(self, desk: Desk, old: str, new: str, message: str) -> None:
        self.refuses(desk, WHOLE, old, new, message)

    def refuses(self, desk: Desk, mapping: str, old: str, new: str, message: str) -> None:
        assert old in mapping
        desk.put(mapping.replace(old, new), ROWS)

        with pytest.raises(BadMapping, match=re.escape(message)) as refused:
            desk.load()

        assert refused.value.code == "IMPORT_MAPPING"
        assert refused.value.exit_status == 2
        assert refused.value.message.startswith("mapping.toml")

    def test_names_the_line_of_bad_toml(self, desk: Desk) -> None:
        desk.put('source = "desk"\nkey = id\n', ROWS)

        with pytest.raises(BadMapping, match="at line 2"):
            desk.load()

    def test_refuses_a_mapping_that_is_not_there(self, desk: Desk) -> None:
        with pytest.raises(BadMapping, match="cannot be read"):
            desk.load()

    def test_refuses_a_mapping_that_is_not_utf_8(self, desk: Desk) -> None:
        desk.put("", ROWS)
        (desk.folder / "mapping.toml").write_bytes('source = "é"'.encode("cp1252"))

        with pytest.raises(BadMapping, match="save the mapping as UTF-8"):
            desk.load()

    def test_takes_every_rule_of_a_whole_mapping(self, desk: Desk) -> None:
        mapping = desk.put(WHOLE, ROWS).load()

        assert [section.path for section in mapping.sections] == [
            "subscriber",
            "holder[1]",
            "account",
            "payment_method",
            "contract",
            "item[1]",
            "statement",
        ]
