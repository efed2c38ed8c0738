"""Tables of orders, people and tasks, row by row in bounded memory: CSV in UTF-8 or GBK, XLSX and Parquet."""

from __future__ import annotations

import codecs
import contextlib
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO
from xml.etree.ElementTree import ParseError

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from geodata.errors import FeaturesTooMany, FileBroken, GeodataError, RowBroken, UnknownFormat
from geodata.io.archive import BROKEN, check_archive
from geodata.io.limits import MB, Limits, check_file
from geodata.io.sniff import TABLES, format_of

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS = Limits(unpacked=512 * MB)
CELL = MB  # characters of one row of CSV
BATCH = 10_000
ENCODINGS = ("utf-8-sig", "gb18030")
WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
XLSX_ERRORS = (*BROKEN, LookupError, TypeError, AttributeError, ParseError)


class TableRow(NamedTuple):
    """One row: its number as people count, its cells by column (None where blank), what is wrong with its form."""

    number: int
    cells: dict[str, Any]
    fault: RowBroken | None = None


@dataclass(frozen=True)
class Table:
    """The columns of a table and its rows, to be walked through once."""

    columns: list[str]
    rows: Iterator[TableRow]


def read_table(path: Path | str, limits: Limits = LIMITS) -> Table:
    """Open a table by its content; rows of CSV and XLSX are numbered from 2 (the header is 1), of Parquet from 1.

    Values of CSV are text, of XLSX and Parquet what the cell holds; blank cells are None. A row that does not fit
    the header comes with a fault and the others go on.

    Raises:
        GeodataError: at once or while the rows are walked through: no table, an unsafe or broken one, too many rows.
    """
    file = Path(path)
    check_file(file, limits)
    opener = OPENERS.get(format_of(file, TABLES))
    if opener is None:
        raise UnknownFormat(file=file.name, found="a layer or an archive", found_zh="图层或压缩包", **TABLES)
    rows = opener(file, limits)
    return Table(list(next(rows).cells), rows)


def _header(cells: list[Any], file: Path) -> list[str]:
    names = [str(cell).strip() if cell is not None else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names or not all(names) or len(set(names)) < len(names):
        raise FileBroken(
            file=file.name,
            row=1,
            format="table",
            why="the header has no names, a blank one, or one twice",
            why_zh="表头为空、有空列名或重复列名",
        )
    return names


def _rows(cells: Iterator[list[Any]], file: Path, limits: Limits) -> Iterator[TableRow]:
    """The header as row 1 with its names as keys, then every row that is not blank."""
    columns = _header(next(cells, []), file)
    yield TableRow(1, dict.fromkeys(columns))
    for number, row in enumerate(cells, start=2):
        if number > limits.features + 1:  # blank rows count too: a sheet can claim any number of them
            raise FeaturesTooMany(file=file.name, limit=limits.features)
        blanked = [None if cell == "" else cell for cell in row]
        if any(cell is not None for cell in blanked):
            yield _row(number, blanked, columns, file)


def _row(number: int, cells: list[Any], columns: list[str], file: Path) -> TableRow:
    values = dict(zip(columns, cells + [None] * (len(columns) - len(cells)), strict=False))
    if all(cell is None for cell in cells[len(columns) :]):
        return TableRow(number, values)
    why = f"it has {len(cells)} cells, the header {len(columns)}"
    fault = RowBroken(file=file.name, row=number, why=why, why_zh=f"有 {len(cells)} 格，表头为 {len(columns)} 列")
    return TableRow(number, values, fault)


# --- CSV --------------------------------------------------------------------------------------------------------------


class _Lines:
    """The lines of a text for the csv module, no more than CELL characters of them a row."""

    def __init__(self, text: TextIO) -> None:
        self.text = text
        self.left = CELL

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.text.readline(self.left)
        self.left -= len(line)
        if not line and self.left:
            raise StopIteration
        if not self.left:
            raise csv.Error("it is longer than a megabyte; a quote is not closed, or this is no table")
        return line


def _csv(file: Path, limits: Limits) -> Iterator[TableRow]:
    with file.open(encoding=_encoding(file), newline="") as text:
        head = text.readline(CELL)
        text.seek(0)
        delimiter = max(",;\t", key=head.count)
        yield from _rows(_csv_cells(_Lines(text), delimiter, file), file, limits)


def _csv_cells(lines: _Lines, delimiter: str, file: Path) -> Iterator[list[Any]]:
    number = 1
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            yield row
            number, lines.left = number + 1, CELL
    except csv.Error as error:
        raise FileBroken(file=file.name, row=number, format="CSV", why=error) from error


def _encoding(file: Path) -> str:
    """The encoding in which the whole file can be read, looked for in pieces."""
    with file.open("rb") as raw:
        start = raw.read(2)
    wide = [name for mark, name in WIDE if start == mark]
    for name in wide or ENCODINGS:
        if _decodes(file, name):
            return name
    raise FileBroken(
        file=file.name,
        format="CSV",
        why="it is neither UTF-8 nor GBK, or has null bytes",
        why_zh="编码既不是 UTF-8 也不是 GBK，或含有空字节",
    )


def _decodes(file: Path, encoding: str) -> bool:
    try:
        with file.open(encoding=encoding, newline="") as text:
            return not any("\0" in block for block in iter(lambda: text.read(MB), ""))
    except UnicodeError:
        return False


# --- XLSX and Parquet -------------------------------------------------------------------------------------------------


def _xlsx(file: Path, limits: Limits) -> Iterator[TableRow]:
    check_archive(file, limits)
    try:
        with contextlib.closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # some exporters write a dimension that leaves rows out
            yield from _rows((list(row) for row in sheet.iter_rows(values_only=True)), file, limits)
    except GeodataError:
        raise
    except XLSX_ERRORS as error:
        raise FileBroken(file=file.name, format="XLSX", why=error) from error


def _parquet(file: Path, limits: Limits) -> Iterator[TableRow]:
    try:
        with pq.ParquetFile(file) as table:
            described = table.metadata
            groups = (described.row_group(number) for number in range(described.num_row_groups))
            if described.num_rows > limits.features:
                raise FeaturesTooMany(file=file.name, limit=limits.features)
            limits.check_unpacked(sum(group.total_byte_size for group in groups), file.name)
            yield TableRow(0, dict.fromkeys(table.schema_arrow.names))
            number = 0
            for batch in table.iter_batches(BATCH):
                for values in batch.to_pylist():
                    number += 1
                    yield TableRow(number, values)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileBroken(file=file.name, format="Parquet", why=error) from error


OPENERS: dict[str, Callable[[Path, Limits], Iterator[TableRow]]] = {"csv": _csv, "xlsx": _xlsx, "parquet": _parquet}
