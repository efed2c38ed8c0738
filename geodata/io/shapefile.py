"""The encoding of a Shapefile's words: what the .cpg says if the words agree, else what they can be."""

from __future__ import annotations

import codecs
import struct
from typing import TYPE_CHECKING

from geodata.errors import FileBroken

if TYPE_CHECKING:
    from pathlib import Path

HEADER, DESCRIPTOR = 32, 32
SAMPLE = 4 * 1024 * 1024  # bytes of the table that are looked at
WESTERN = {0x03: "cp1252", 0x57: "cp1252", 0x01: "cp437", 0x02: "cp850"}  # language byte of the table's header
CHINESE = ("utf-8", "gb18030")
LONGEST_TAIL = 3  # bytes of a character that a full field may have cut off


def encoding_of(shp: Path) -> tuple[str, bool]:
    """The encoding to read a Shapefile's table with, and whether it differs from the one declared."""
    dbf = shp.with_suffix(".dbf")
    if not dbf.exists():
        return "utf-8", False
    declared = _declared(shp.with_suffix(".cpg"))
    words, language = _words(dbf)
    candidates = [*([declared] if declared else []), *CHINESE, WESTERN.get(language, "latin-1"), "latin-1"]
    found = next(name for name in candidates if _decodes(words, name))
    return found, declared is not None and found != declared


def check_parts(shp: Path, name: str) -> None:
    """Raise FileBroken where the index of a Shapefile is missing."""
    if not shp.with_suffix(".shx").exists():
        raise FileBroken(
            file=name,
            layer=shp.stem,
            format="Shapefile",
            why="its .shx is missing; put .shp, .shx, .dbf and .prj into the zip",
            why_zh="缺少 .shx，请将 .shp、.shx、.dbf、.prj 一并压缩",
        )


def _declared(cpg: Path) -> str | None:
    if not cpg.exists():
        return None
    name = cpg.read_bytes()[:100].decode("ascii", errors="ignore").strip()
    name = f"cp{name}" if name.isdigit() else name.removeprefix("ANSI ")
    try:
        return codecs.lookup("gb18030" if name.lower() in {"gbk", "gb2312", "cp936", "936"} else name).name
    except LookupError:
        return None


def _words(dbf: Path) -> tuple[list[bytes], int]:
    """Names and text cells of the head of a table that are not plain ASCII, and the language byte."""
    with dbf.open("rb") as file:
        data = file.read(SAMPLE)
    if len(data) < HEADER:
        return [], 0
    header, width = struct.unpack_from("<HH", data, 8)
    ends = [data[at : at + DESCRIPTOR] for at in range(HEADER, min(header, len(data)) - 1, DESCRIPTOR)]
    fields = [field for field in ends if len(field) == DESCRIPTOR and field[0] != 0x0D]  # noqa: PLR2004 - end of header
    cells = [field[:11].split(b"\0")[0] for field in fields]
    start = 1  # a byte that says whether the record is deleted
    for field in fields:
        length = field[16] + (field[17] << 8 if field[11:12] == b"C" else 0)
        if field[11:12] == b"C" and width:
            cells += [data[at : at + length].rstrip(b" \0") for at in range(header + start, len(data), width)]
        start += length
    return [cell for cell in cells if not cell.isascii()], data[29]


def _decodes(words: list[bytes], encoding: str) -> bool:
    """Whether all words can be in an encoding; a character cut off at the end of a field is forgiven."""
    return all(any(_strictly(word[: len(word) - tail], encoding) for tail in range(LONGEST_TAIL + 1)) for word in words)


def _strictly(word: bytes, encoding: str) -> bool:
    try:
        word.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
