"""One loader a format: geometries and attributes as they stand in the file, in its own numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyproj.exceptions import CRSError

from geodata.crs import WGS84
from geodata.errors import FeaturesTooMany, FileBroken, UnknownFormat
from geodata.io import geojson, shapefile
from geodata.io.columns import as_text, plain
from geodata.io.limits import too_large
from geodata.io.notes import Note
from geodata.io.sniff import LAYERS
from geodata.io.sources import GDAL_ERRORS, Source, broken, quiet

if TYPE_CHECKING:
    from collections.abc import Callable

    from geodata.crs import CrsLike
    from geodata.io.limits import Limits
    from geodata.io.mend import Geometries

KML_OWN = (
    "timestamp",
    "begin",
    "end",
    "altitudeMode",
    "tessellate",
    "extrude",
    "visibility",
    "drawOrder",
    "icon",
    "snippet",
)
PARQUET_ERRORS = (ValueError, KeyError, TypeError, OSError, pa.ArrowException, shapely.errors.GEOSException, CRSError)


@dataclass
class Raw:
    """What a file says before anything is made of it; `crs` is None where it says nothing of coordinates."""

    geometries: Geometries
    attributes: pd.DataFrame
    crs: CrsLike | None
    declared: bool
    notes: list[Note] = field(default_factory=list)


def load(source: Source, limits: Limits) -> Raw:
    """The layer of `source`; raises FileBroken or FeaturesTooMany."""
    return LOADERS[source.format](source, limits)


def _geojson(source: Source, limits: Limits) -> Raw:
    size = source.path.stat().st_size
    if size > limits.packed:
        raise too_large(size, limits.packed, source.file)
    parsed = geojson.parse(source.path, limits)
    names = list(dict.fromkeys(name for row in parsed.properties for name in row))
    index = pd.RangeIndex(len(parsed.properties))
    columns = {name: _column([row.get(name) for row in parsed.properties]) for name in names}
    attributes = pd.DataFrame(columns, index=index)
    return Raw(parsed.geometries, attributes, parsed.crs, parsed.declared, parsed.notes)


def _column(values: list[Any]) -> pd.Series[Any]:
    """Values of JSON as a column: whole numbers stay whole beside gaps, words stay words beside numbers."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {int} and None in values:
        return pd.Series(values, dtype="Int64")
    if kinds == {bool} and None in values:
        return pd.Series(values, dtype="boolean")
    if len(kinds) > 1 and not kinds <= {int, float}:
        values = [None if value is None else as_text(value) for value in values]
    return pd.Series(values)


def _gdal(source: Source, limits: Limits, encoding: str | None = None) -> Raw:
    try:
        with quiet():
            frame = pyogrio.read_dataframe(
                source.path,
                layer=source.layer,
                encoding=encoding,
                max_features=limits.features + 1,
                on_invalid="fix",
            )
    except (*GDAL_ERRORS, shapely.errors.GEOSException, ValueError) as error:
        raise broken(error, source.path, source.format, source.file) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise FileBroken(format=source.format, why="it has no geometries", why_zh="没有几何")
    _check_count(len(frame), limits)
    return _raw(frame)


def _declared(crs: Any) -> CrsLike | None:
    """What a frame declares; GeoPackages say “Undefined …” where they mean nothing."""
    undefined = crs is None or str(crs.name).startswith(("Undefined", "unknown", "Unknown"))
    return None if undefined else crs


def _raw(frame: gpd.GeoDataFrame) -> Raw:
    others = [name for name in frame.columns if isinstance(frame[name].dtype, gpd.array.GeometryDtype)]
    attributes = pd.DataFrame(frame.drop(columns=others)).reset_index(drop=True)
    attributes.columns = [str(name) for name in attributes.columns]
    attributes = plain(attributes)
    geometries = np.asarray(frame.geometry.to_numpy(), dtype=object)
    crs = _declared(frame.crs)
    return Raw(geometries, attributes, crs, crs is not None)


def _shapefile(source: Source, limits: Limits) -> Raw:
    shapefile.check_parts(source.path, source.file)
    encoding, differs = shapefile.encoding_of(source.path)
    raw = _gdal(source, limits, encoding)
    return Raw(raw.geometries, raw.attributes, raw.crs, raw.declared, [Note("encoding")] if differs else [])


def _kml(source: Source, limits: Limits) -> Raw:
    raw = _gdal(source, limits)
    columns = raw.attributes
    unused = [
        name for name in KML_OWN if name in columns and (columns[name].isna() | columns[name].isin([-1, 0])).all()
    ]
    unused += [name for name in ("Name", "description") if name in columns and columns[name].isna().all()]
    if "id" in columns and columns["id"].astype("str").str.fullmatch(r".*\.\d+").all():
        unused.append("id")  # made up by the writer, not by a person
    kept = columns.drop(columns=unused)
    if "name" not in kept:
        kept = kept.rename(columns={"Name": "name"})
    return Raw(raw.geometries, kept, WGS84, declared=True)


def _parquet(source: Source, limits: Limits) -> Raw:
    try:
        described = pq.read_metadata(source.path)
    except PARQUET_ERRORS as error:
        raise FileBroken(format="Parquet", why=error) from error
    if b"geo" not in (described.metadata or {}):
        raise UnknownFormat(found="a Parquet table without geometries", found_zh="不含几何的 Parquet 表", **LAYERS)
    _check_count(described.num_rows, limits)
    groups = (described.row_group(number) for number in range(described.num_row_groups))
    limits.check_unpacked(sum(group.total_byte_size for group in groups), source.file)
    try:
        frame = gpd.read_parquet(source.path)
        return _raw(frame)
    except PARQUET_ERRORS as error:
        raise FileBroken(format="GeoParquet", why=error) from error


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.features:
        raise FeaturesTooMany(limit=limits.features)


LOADERS: dict[str, Callable[[Source, Limits], Raw]] = {
    "geojson": _geojson,
    "gpkg": _gdal,
    "shapefile": _shapefile,
    "kml": _kml,
    "parquet": _parquet,
}
