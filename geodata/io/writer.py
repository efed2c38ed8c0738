"""Layers out: the format by the ending, the coordinates asked for, written beside and renamed."""

from __future__ import annotations

import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pandas as pd
import pyogrio
import shapely

from geodata import crs as systems
from geodata.errors import CannotWrite, CrsMissing
from geodata.guess import guess_of
from geodata.io.beside import beside
from geodata.io.columns import for_kml, for_shapefile, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    import geopandas as gpd

    from geodata.crs import CrsLike, System

FAMILIES = {0: "Point", 1: "LineString", 2: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "LineString", 6: "Polygon"}
WRITE_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    ValueError,
)


def write_layer(
    frame: gpd.GeoDataFrame,
    path: Path | str,
    crs: CrsLike | None = None,
    *,
    layer: str | None = None,
    encoding: str = "UTF-8",
) -> None:
    """Write `frame` as GeoJSON, GeoPackage, zipped Shapefile, KML, KMZ or GeoParquet by the ending of `path`.

    Args:
        frame: with its coordinate system declared.
        path: replaced as a whole when everything is written, untouched after an error.
        crs: what to write the numbers in; the frame's own where not given. GCJ-02 and BD-09 are declared by name in
            GeoJSON and left undeclared elsewhere.
        layer: its name where the format has one; the name of the file where not given.
        encoding: of a Shapefile's words, UTF-8 or GBK.

    Raises:
        CannotWrite: the format cannot hold the layer, or the folder cannot be written.
    """
    target = Path(path)
    writer = WRITERS.get(target.suffix.lower())
    if writer is None:
        raise _cannot(target, f"“{target.suffix}” is no format", f"“{target.suffix}”不是可写的格式", " ".join(WRITERS))
    if frame.crs is None:
        raise CrsMissing(file=target.name, **guess_of(frame))
    system = systems.system(frame.crs if crs is None else crs)
    moved = systems.transform_frame(frame, system)
    attributes = plain(pd.DataFrame(moved.drop(columns=moved.geometry.name)))
    made = moved[[moved.geometry.name]].join(attributes)[[*attributes.columns, moved.geometry.name]]
    try:
        with beside(target) as place:
            writer(made, place, system, layer or target.name.split(".")[0], encoding)
    except CannotWrite as error:
        error.file = target.name
        raise
    except WRITE_ERRORS as error:
        raise _cannot(target, str(error), str(error), "GeoPackage") from error


def _cannot(path: Path, why: str, why_zh: str, other: str) -> CannotWrite:
    return CannotWrite(
        file=path.name, why=why, why_zh=why_zh, hint=f"Write {other} instead.", hint_zh=f"请改用 {other}。"
    )


def _put(frame: gpd.GeoDataFrame, path: Path, **how: Any) -> None:
    with warnings.catch_warnings():
        # GCJ-02 and BD-09 have no CRS that could be declared: to say nothing is the truth
        warnings.filterwarnings("ignore", message="'crs' was not provided", category=UserWarning)
        pyogrio.write_dataframe(frame, path, **how)


def _geojson(frame: gpd.GeoDataFrame, path: Path, system: System, _layer: str, _encoding: str) -> None:
    with path.open("wb") as file:
        _write_features(file, frame, system)


def _write_features(file: BinaryIO, frame: gpd.GeoDataFrame, system: System) -> None:
    """One feature a line, so that differences can be seen; no `crs` for WGS 84, as RFC 7946 wants it."""
    file.write(b'{"type": "FeatureCollection",')
    if not systems.is_wgs84(system):
        name = system.label.replace("EPSG:", "urn:ogc:def:crs:EPSG::")
        file.write(b'"crs": ' + orjson.dumps({"type": "name", "properties": {"name": name}}) + b",")
    file.write(b'"features": [')
    file.writelines((b",\n" if number else b"\n") + line for number, line in enumerate(_feature_lines(frame)))
    file.write(b"\n]}\n")


def _feature_lines(frame: gpd.GeoDataFrame) -> Iterator[bytes]:
    attributes = frame.drop(columns=frame.geometry.name)
    names = [str(name) for name in attributes.columns]
    shapes = shapely.to_geojson(shapely.orient_polygons(frame.geometry.to_numpy(), exterior_cw=False))
    for values, shape in zip(attributes.itertuples(index=False, name=None), shapes, strict=True):
        properties = orjson.dumps(
            dict(zip(names, values, strict=True)), default=_json, option=orjson.OPT_SERIALIZE_NUMPY
        )
        yield b'{"type": "Feature", "properties": %b, "geometry": %b}' % (properties, (shape or "null").encode())


def _json(value: Any) -> Any:
    return None if value is pd.NA or value is pd.NaT else str(value)


def _geopackage(frame: gpd.GeoDataFrame, path: Path, _system: System, layer: str, _encoding: str) -> None:
    identifier = "fid" if "fid" not in {str(name).lower() for name in frame.columns} else "row_id"
    _put(frame, path, driver="GPKG", layer=layer, layer_options={"FID": identifier})


def _shapefile(frame: gpd.GeoDataFrame, path: Path, _system: System, layer: str, encoding: str) -> None:
    families = {FAMILIES.get(int(kind)) for kind in shapely.get_type_id(frame.geometry.to_numpy()) if kind >= 0}
    if len(families) > 1 or None in families:
        raise _cannot(path, "a Shapefile holds one kind of geometry", "Shapefile 只能容纳一种几何类型", "GeoPackage")
    ready = for_shapefile(frame, encoding, path.name)
    with tempfile.TemporaryDirectory(prefix="shapefile-") as folder:
        kind = None if families else "Polygon"
        _put(ready, Path(folder) / f"{layer}.shp", driver="ESRI Shapefile", encoding=encoding, geometry_type=kind)
        _zipped(sorted(Path(folder).iterdir()), path)


def _zipped(parts: list[Path], path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.write(part, part.name)


def _kml(frame: gpd.GeoDataFrame, path: Path, system: System, layer: str, _encoding: str) -> None:
    if not systems.is_wgs84(system):
        raise _cannot(path, "KML is always WGS 84", "KML 只能是 WGS 84 坐标", "it without --crs, or GeoPackage")
    _put(for_kml(frame), path, driver="LIBKML", layer=layer)


def _kmz(frame: gpd.GeoDataFrame, path: Path, system: System, layer: str, encoding: str) -> None:
    with tempfile.TemporaryDirectory(prefix="kmz-") as folder:
        document = Path(folder) / "doc.kml"
        _kml(frame, document, system, layer, encoding)
        _zipped([document], path)


def _parquet(frame: gpd.GeoDataFrame, path: Path, _system: System, _layer: str, _encoding: str) -> None:
    frame.to_parquet(path, index=False, compression="zstd")


WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path, System, str, str], None]] = {
    ".geojson": _geojson,
    ".json": _geojson,
    ".gpkg": _geopackage,
    ".zip": _shapefile,
    ".kml": _kml,
    ".kmz": _kmz,
    ".parquet": _parquet,
}
