"""What a file is by its first bytes; endings are asked last, because people rename files."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Any, Literal

from geodata.errors import UnknownFormat

if TYPE_CHECKING:
    from pathlib import Path

Format = Literal["geojson", "gpkg", "shapefile", "zip", "kml", "parquet", "xlsx", "csv", "pbf"]

LAYERS: dict[str, Any] = {
    "known": "GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ or GeoParquet",
    "known_zh": " GeoJSON、GeoPackage、压缩的 Shapefile、KML、KMZ 或 GeoParquet",
}
TABLES: dict[str, Any] = {"known": "CSV, XLSX or Parquet", "known_zh": " CSV、XLSX 或 Parquet"}
HEAD = 4096
MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"SQLite format 3\0", "gpkg"),
    (b"PAR1", "parquet"),
    (b"\x00\x00\x27\x0a", "shapefile"),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
STRANGERS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG", "a PNG picture", " PNG 图片"),
    (b"\xff\xd8\xff", "a JPEG picture", " JPEG 图片"),
    (b"GIF8", "a GIF picture", " GIF 图片"),
    (b"%PDF", "a PDF document", " PDF 文档"),
    (b"\x1f\x8b", "a gzip archive", " gzip 压缩包"),
    (b"7z\xbc\xaf", "a 7z archive", " 7z 压缩包"),
    (b"Rar!", "a RAR archive", " RAR 压缩包"),
    (b"PMTiles", "a PMTiles archive of map tiles", " PMTiles 切片包"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word document", "旧版 Excel 或 Word 文档"),
    (b"\x7fELF", "a program", "可执行程序"),
)
XML = {
    b"kml": ("KML", "KML"),
    b"gpx": ("a GPX track", " GPX 轨迹"),
    b"html": ("a web page", "网页"),
    b"osm": ("OSM in XML; it is read as .osm.pbf", " XML 格式的 OSM 数据（请用 .osm.pbf）"),
    b"OGRVRTDataSource": ("a GDAL virtual layer", " GDAL 虚拟图层"),
}
ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s>/]")


def head_of(path: Path) -> bytes:
    """The first bytes, without a byte order mark."""
    with path.open("rb") as file:
        return file.read(HEAD).removeprefix(b"\xef\xbb\xbf")


def format_of(path: Path, known: dict[str, Any] = LAYERS) -> Format:
    """The format of the content; UnknownFormat says what it is instead, and names the `known` ones."""
    head = head_of(path)
    for magic, named in MAGIC:
        if head.startswith(magic):
            return named
    if head.startswith(ZIP):
        return "xlsx" if _is_workbook(path) else "zip"
    if b"OSMHeader" in head[:64]:
        return "pbf"
    for magic, en, zh in STRANGERS:
        if head.startswith(magic):
            raise UnknownFormat(file=path.name, found=en, found_zh=zh, **known)
    return _format_of_text(path, head, known)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return False


def _format_of_text(path: Path, head: bytes, known: dict[str, Any]) -> Format:
    text = head.lstrip()
    if text.startswith((b"{", b"[")):
        return "geojson"
    if text.startswith(b"<"):
        root = ROOT.search(text)
        if root is not None and root[1] == b"kml":
            return "kml"
        found, found_zh = XML.get(root[1] if root else b"", ("some other XML", "其他 XML"))
        raise UnknownFormat(file=path.name, found=found, found_zh=found_zh, **known)
    if not text or (b"\0" in text and not text.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise UnknownFormat(file=path.name, found="not known", found_zh="未知数据", **known)
    return "csv"
