"""Files as they come: encodings, marks, separators, quotes, and the line on which every row starts."""

import re

import pytest

from backoffice.errors import BackofficeError
from backoffice.importing import BadCsv, BadEncoding, BadFile

from .desks import SUBSCRIBER, Desk

NAMED = SUBSCRIBER + '[[holder]]\nlast_name = "name"\n'


def told(**options: str) -> str:
    """The mapping with lines under [file]."""
    return NAMED + "[file]\n" + "\n".join(f"{name} = {value}" for name, value in options.items())


class TestRows:
    @pytest.mark.parametrize(
        ("options", "content"),
        [
            ({}, "id,name\nS1,Zoé\n".encode()),
            ({}, "id,name\nS1,Zoé\n".encode("utf-8-sig")),
            ({"encoding": '"utf-8"'}, "id,name\r\nS1,Zoé".encode("utf-8-sig")),
            ({}, "id,name\nS1,Zoé\n".encode("utf-16")),
            ({"encoding": '"cp1252"'}, "id,name\nS1,Zoé\n".encode("cp1252")),
            ({"fallback": '"cp1252"'}, "id,name\nS1,Zoé\n".encode("cp1252")),
            ({"fallback": '"cp1252"'}, "id,name\nS1,Zoé\n".encode()),
            ({"delimiter": '";"'}, "id;name\nS1;Zoé\n".encode()),
            ({"delimiter": '"\\t"'}, "id\tname\nS1\tZoé\n".encode()),
            ({"quote": '"\'"'}, "id,name\nS1,'Zoé'\n".encode()),
            ({}, " id , name \nS1,Zoé\n".encode()),
        ],
    )
    def test_are_the_same_in_every_writing(self, desk: Desk, options: dict[str, str], content: bytes) -> None:
        desk.put(told(**options), content)

        assert desk.read() == [(2, {"id": "S1", "name": "Zoé"}, None)]

    def test_start_on_their_physical_line(self, desk: Desk) -> None:
        desk.put(NAMED, 'id,name\nS1,"Zoé\nou ""Zo"",\r\nsans plus"\n\nS2,Ada\nS3,"a\n"\nS4,b')

        rows = desk.read()

        assert [(line, cells["id"]) for line, cells, _ in rows] == [(2, "S1"), (6, "S2"), (7, "S3"), (9, "S4")]
        assert rows[0][1]["name"] == 'Zoé\nou "Zo",\r\nsans plus'

    def test_with_too_many_or_too_few_cells_have_a_fault(self, desk: Desk) -> None:
        desk.put(NAMED, "id,name\nS1\nS2,Ada,x\nS3,Zoé\nS4,a\0b\n")

        assert [(line, fault) for line, _, fault in desk.read()] == [
            (2, "has 1 cells, the header has 2"),
            (3, "has 3 cells, the header has 2"),
            (4, None),
            (5, "has a NUL character"),
        ]

    def test_may_leave_columns_out_on_purpose(self, desk: Desk) -> None:
        desk.put(told(ignore='["shoe"]'), "id,name,shoe\nS1,Zoé,38\n")

        assert len(desk.read()) == 1

    def test_may_leave_all_other_columns_out(self, desk: Desk) -> None:
        desk.put(told(ignore='"*"'), "id,name,shoe,hat\nS1,Zoé,38,56\n")

        assert len(desk.read()) == 1


REFUSED: dict[str, tuple[dict[str, str], bytes, type[BackofficeError], str, str]] = {
    "an empty file": ({}, b"", BadCsv, "IMPORT_CSV", "The file is empty"),
    "a header without a name": ({}, b"id,name,\n", BadCsv, "IMPORT_CSV", "Column 3 of the header has no name"),
    "a header with a name twice": ({}, b"id,name,id\n", BadCsv, "IMPORT_CSV", "names the column 'id' twice"),
    "a column that is not there": (
        {},
        b"id,nom\n",
        BadCsv,
        "IMPORT_CSV",
        "holder[1].last_name: the file has no column 'name'",
    ),
    "a column that nobody mapped": (
        {},
        b"id,name,shoe\nS1,Ada,38\n",
        BadCsv,
        "IMPORT_CSV",
        "says nothing of the column shoe",
    ),
    "the wrong separator": ({}, b"id;name\nS1;Ada\n", BadCsv, "IMPORT_CSV", "no column 'id'; known are id;name"),
    "a quote that never ends": (
        {},
        b'id,name\nS1,Ada\nS2,"Zoe\nS3,x\n',
        BadCsv,
        "IMPORT_CSV",
        "Line 3 is no well-formed CSV",
    ),
    "a quote within a cell": ({}, b'id,name\nS1,"A"da\n', BadCsv, "IMPORT_CSV", "Line 2 is no well-formed CSV"),
    "a cell without end": ({}, b"id,name\nS1," + b"a" * 200_000, BadCsv, "IMPORT_CSV", "Line 2 is no well-formed CSV"),
    "another encoding": (
        {},
        "id,name\nS1,Ada\nS2,Zoé\n".encode("cp1252"),
        BadEncoding,
        "IMPORT_ENCODING",
        "file.csv, line 3, is not utf-8",
    ),
    "a mark against the mapping": (
        {"encoding": '"cp1252"'},
        "id,name\n".encode("utf-8-sig"),
        BadEncoding,
        "IMPORT_ENCODING",
        "begins with the mark of utf-8-sig",
    ),
    "half a character": (
        {"encoding": '"utf-16"'},
        b"\xff\xfei\0d",
        BadEncoding,
        "IMPORT_ENCODING",
        "file.csv is not utf-16",
    ),
}


class TestRefuses:
    @pytest.mark.parametrize(("options", "content", "error", "code", "message"), REFUSED.values(), ids=REFUSED)
    def test_file(
        self, desk: Desk, options: dict[str, str], content: bytes, error: type[BackofficeError], code: str, message: str
    ) -> None:
        desk.put(told(**options), content)

        with pytest.raises(error, match=re.escape(message)) as refused:
            desk.read()

        assert (refused.value.code, refused.value.exit_status) == (code, 2)

    def test_file_that_is_not_there(self, desk: Desk) -> None:
        desk.put(NAMED, "")
        (desk.folder / "file.csv").unlink()

        with pytest.raises(BadFile, match="No such file") as refused:
            desk.read()

        assert (refused.value.code, refused.value.exit_status) == ("IMPORT_FILE", 2)

    def test_folder(self, desk: Desk) -> None:
        desk.put(NAMED, "")
        (desk.folder / "file.csv").unlink()
        (desk.folder / "file.csv").mkdir()

        with pytest.raises(BadFile, match="check its path and that it is a file"):
            desk.read()
