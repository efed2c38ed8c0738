"""Tables out: CSV that Excel opens right, XLSX and Parquet by the ending, written beside and renamed."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell

from geodata.errors import CannotWrite
from geodata.io.beside import beside
from geodata.io.columns import as_text, is_nested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    Rows = Iterable[Mapping[str, Any]]

BATCH = 20_000
LONGEST = 32_767  # characters that a cell of Excel holds
FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s.,-]*$)")  # words that a spreadsheet would run; plain numbers are none


def write_table(rows: Rows, path: Path | str, columns: Sequence[str]) -> None:
    """Write rows as CSV, XLSX or Parquet by the ending of `path`, which is replaced as a whole at the end.

    CSV is UTF-8 with a mark, which Excel needs for Chinese; words that a spreadsheet would take for a formula are
    preceded by an apostrophe there and stay words in XLSX. Times are written in ISO 8601 with their offset.

    Raises:
        CannotWrite: another ending, a folder that is not there, a column of several types in Parquet.
    """
    target = Path(path)
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        known = " ".join(WRITERS)
        why, why_zh = f"“{target.suffix}” is no table", f"“{target.suffix}”不是表格格式"
        raise CannotWrite(file=target.name, why=why, why_zh=why_zh, hint=f"Write {known}.", hint_zh=f"请写为 {known}。")
    with beside(target) as place:
        writer(rows, place, columns)


def _cell(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return as_text(value) if is_nested(value) else value


def _csv(rows: Rows, path: Path, columns: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_harmless(_cell(row.get(name))) for name in columns] for row in rows)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def _xlsx(rows: Rows, path: Path, columns: Sequence[str]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_xlsx_cell(sheet, _cell(row.get(name))) for name in columns])
    book.save(path)


def _xlsx_cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST])
    cell.data_type = "s"  # never a formula
    return cell


def _parquet(rows: Rows, path: Path, columns: Sequence[str]) -> None:
    batches = _batches(rows)
    first = next(batches, [])
    try:
        schema = _schema(first, columns)
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for batch in itertools.chain([first], batches):
                writer.write_table(pa.Table.from_pylist([_values(row, columns) for row in batch], schema=schema))
    except pa.ArrowException as error:
        hint, hint_zh = "Write CSV, or one type a column.", "请改写 CSV，或统一列的类型。"
        raise CannotWrite(file=path.name, why=error, hint=hint, hint_zh=hint_zh) from error


def _batches(rows: Rows) -> Iterator[list[Mapping[str, Any]]]:
    walk = iter(rows)
    while batch := list(itertools.islice(walk, BATCH)):
        yield batch


def _values(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    values = {name: row.get(name) for name in columns}
    return {name: as_text(value) if is_nested(value) else value for name, value in values.items()}


def _schema(rows: list[Mapping[str, Any]], columns: Sequence[str]) -> pa.Schema:
    """The types of the first rows; a column that is blank in all of them is text."""
    found = pa.Table.from_pylist([_values(row, columns) for row in rows], schema=None) if rows else None
    kinds = {} if found is None else {entry.name: entry.type for entry in found.schema}
    return pa.schema(
        [(name, pa.string() if pa.types.is_null(kinds.get(name, pa.null())) else kinds[name]) for name in columns]
    )


WRITERS: dict[str, Callable[[Rows, Path, Sequence[str]], None]] = {
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
}
