"""Tables come back as they went out; rows that do not fit are told, tables that are none are refused."""

from __future__ import annotations

import datetime as dt
import zipfile

import openpyxl
import pytest

from geodata import errors
from geodata.io import Limits, read_table, write_table

ORDERS: list[dict[str, object]] = [
    {"number": "A1", "words": "路灯不亮，=1+1", "at": dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), "n": 1},
    {"number": "A2", "words": "=HYPERLINK(1)", "at": None, "n": None},
    {"number": "A3", "words": "-5", "at": None, "n": 3},
]


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_a_table_comes_back_as_it_went_out(tmp_path, ending):
    path = tmp_path / f"orders{ending}"
    write_table(iter(ORDERS), path, ["number", "words", "at", "n"])
    table = read_table(path)
    rows = list(table.rows)
    assert table.columns == ["number", "words", "at", "n"]
    assert [row.number for row in rows] == ([1, 2, 3] if ending == ".parquet" else [2, 3, 4])
    assert [row.cells["number"] for row in rows] == ["A1", "A2", "A3"]
    assert [str(row.cells["n"]) for row in rows] == ["1", "None", "3"]
    assert str(rows[0].cells["at"]).replace("T", " ") == "2026-01-02 03:04:00+00:00"
    assert rows[1].cells["words"] == ("'=HYPERLINK(1)" if ending == ".csv" else "=HYPERLINK(1)")
    assert rows[2].cells["words"] == "-5"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_office(tmp_path, encoding, delimiter):
    path = tmp_path / "x.csv"
    text = '编号,内容\n1,"第一行\n第二行"\n\n2,井盖\n'.replace(",", delimiter)
    path.write_bytes(text.encode(encoding))
    table = read_table(path)
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, {"编号": "1", "内容": "第一行\n第二行"}),
        (4, {"编号": "2", "内容": "井盖"}),
    ]


def test_a_row_that_does_not_fit_is_told_and_the_others_go_on(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1\n1,2,3\n4,5,,\n")
    rows = list(read_table(path).rows)
    assert [row.cells for row in rows] == [{"a": "1", "b": None}, {"a": "1", "b": "2"}, {"a": "4", "b": "5"}]
    assert [row.fault is None for row in rows] == [True, False, True]
    assert "row 3" in str(rows[1].fault)
    assert rows[1].fault is not None
    assert "行 3" in rows[1].fault.message_zh


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", errors.FileEmpty),
        (b"a,,b\n1,2,3\n", errors.FileBroken),
        (b"a,a\n1,2\n", errors.FileBroken),
        (b"a,b\n1,\x00\n" + b"x" * 5000, errors.UnknownFormat),
        (b"a,b\n" + b"x" * 5000 + b"\0", errors.FileBroken),
        (b"a,b\n" + b"x" * 5000 + b"\xff\xff", errors.FileBroken),
        (b'a,b\n"' + b"x" * 200_000, errors.FileBroken),
        (b"a,b\n" + b'"\n",' * 300_000, errors.FileBroken),
        (b"a,b\n" + b"," * 2_000_000, errors.FileBroken),
        (b"PK\x03\x04 nothing", errors.UnknownFormat),
        (b"PAR1 nothing", errors.FileBroken),
        (b'{"a": 1}', errors.UnknownFormat),
    ],
    ids=range(12),
)
def test_tables_that_are_none(tmp_path, content, error):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(error):
        list(read_table(path).rows)


def test_a_workbook_without_sense_is_a_typed_error(tmp_path, packed):
    book = openpyxl.Workbook()
    book.save(tmp_path / "empty.xlsx")
    with pytest.raises(errors.FileBroken, match="header"):
        read_table(tmp_path / "empty.xlsx")
    with pytest.raises(errors.FileBroken, match="XLSX"):
        read_table(packed(tmp_path / "odd.xlsx", {"xl/workbook.xml": b"<a", "[Content_Types].xml": b"<b"}))


def test_rows_are_counted_while_they_are_read(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a\n" + "1\n" * 20)
    with pytest.raises(errors.FeaturesTooMany, match="more than 10"):
        list(read_table(path, Limits(features=10)).rows)


def test_a_sheet_that_claims_endless_rows_ends(tmp_path, packed):
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.save(tmp_path / "x.xlsx")
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    far = b'<row r="99999999999"><c r="A99999999999" t="n"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b"</sheetData>", far)
    with pytest.raises(errors.GeodataError):
        list(read_table(packed(tmp_path / "far.xlsx", parts), Limits(features=1000)).rows)


def test_tables_are_written_only_where_they_can_be(tmp_path):
    with pytest.raises(errors.CannotWrite, match=r"\.csv \.xlsx \.parquet"):
        write_table([], tmp_path / "x.doc", ["a"])
    with pytest.raises(errors.CannotWrite):
        write_table([{"a": 1}, {"a": "x"}], tmp_path / "x.parquet", ["a"])
    assert list(tmp_path.iterdir()) == []
