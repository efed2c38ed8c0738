"""The layers that a file holds, however it is packed, and the one that is meant."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyogrio

from geodata.errors import FileBroken, LayerUnknown, UnknownFormat
from geodata.io.archive import unpacked
from geodata.io.limits import DEFAULT, Limits, check_file
from geodata.io.sniff import LAYERS, Format, format_of, head_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.CRSError,
    UnicodeDecodeError,
)
STRANGE = {
    "xlsx": ("an Excel workbook", " Excel 工作簿"),
    "csv": ("plain text or a table", "纯文本或表格"),
    "pbf": ("OSM PBF", " OSM PBF"),
}


@dataclass(frozen=True)
class Source:
    """One layer: the file on this disk that holds it, its format, its name, and the file's name as it was given."""

    path: Path
    format: Format
    layer: str
    file: str


@contextmanager
def quiet() -> Iterator[None]:
    """GDAL's warnings silenced: what matters of them is told by errors and notes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@contextmanager
def source_of(path: Path, layer: str | None, limits: Limits = DEFAULT) -> Iterator[Source]:
    """The layer named, or the only one; unpacked for as long as the context lasts."""
    check_file(path, limits)
    kind = format_of(path)
    if kind != "zip":
        yield _chosen(_sources(path, kind, path.name), layer, path.name)
        return
    with unpacked(path, limits) as parts:
        sources = [source for part in parts for source in _packed_sources(part, path.name)]
        if not sources:
            raise UnknownFormat(
                file=path.name, found="an archive without a layer", found_zh="不含图层的压缩包", **LAYERS
            )
        yield _chosen(sources, layer, path.name)


def _chosen(sources: list[Source], layer: str | None, file: str) -> Source:
    fitting = [source for source in sources if layer in {None, source.layer}]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(source.layer for source in sources)
    if layer is None:
        raise LayerUnknown(file=file, why="it has several layers", why_zh="含有多个图层", layers=names)
    raise LayerUnknown(file=file, why=f"it has no layer “{layer}”", why_zh=f"没有图层“{layer}”", layers=names)


def _packed_sources(part: Path, file: str) -> list[Source]:
    """The layers of one member; parts of Shapefiles and stray files are none."""
    if part.suffix in {".shx", ".dbf", ".prj", ".cpg"} or not part.stat().st_size:
        return []
    kind = format_of(part)
    return [] if kind == "zip" else _sources(part, kind, file)


def _sources(path: Path, kind: Format, file: str) -> list[Source]:
    if kind in STRANGE:
        found, found_zh = STRANGE[kind]
        raise UnknownFormat(file=file, found=found, found_zh=found_zh, **LAYERS)
    if kind not in {"gpkg", "kml"}:
        return [Source(path, kind, path.stem, file)]
    if kind == "kml" and b"<!DOCTYPE" in head_of(path):
        raise FileBroken(file=file, format="KML", why="it declares XML entities", why_zh="含有 XML 实体声明")
    try:
        with quiet():
            layers = pyogrio.list_layers(path)
    except GDAL_ERRORS as error:
        raise broken(error, path, kind, file) from error
    return [Source(path, kind, str(name), file) for name, shape in layers if shape is not None]


def broken(error: Exception, path: Path, kind: Format, file: str, layer: str | None = None) -> FileBroken:
    """A complaint of GDAL as a typed error, without the path of a temporary folder."""
    why = str(error).replace(str(path), file).split("; It might help")[0].strip().rstrip(".")
    return FileBroken(file=file, layer=layer, format=kind, why=why)
