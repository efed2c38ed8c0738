"""The layers of a drawing out of files: any format, several layers in one, or one OpenStreetMap extract for all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geodata import osm
from geodata.blocks.classes import COLUMNS, WITHOUT
from geodata.draw.errors import BoundaryUnknown
from geodata.io import read_layer
from geodata.io.sources import GDAL_ERRORS, quiet

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

EXTRACTS: Final = (".osm.pbf", ".pbf")
LAYERS: Final = {
    "boundary": ("boundary", "boundaries", "district", "grids", "边界"),
    "streets": ("streets", "roads", "street", "road", "highways", "lines", "道路"),
    "water": ("water", "rivers", "水系", "水域"),
    "buildings": ("buildings", "building", "建筑", "建筑物"),
}
NAMED: Final = "SELECT osm_id, name, admin_level, other_tags FROM multipolygons WHERE boundary = 'administrative'"
TRACKS: Final = (
    "SELECT osm_id, name, railway, waterway, other_tags FROM lines "
    "WHERE railway IN ('rail', 'light_rail') OR waterway IN ('river', 'canal')"
)
SHOWN: Final = 20
CLASS: Final = "class"


def read_boundary(
    path: Path | None, name: str | None, streets: Path | None, buildings: Path | None, crs: str | None = None
) -> gpd.GeoDataFrame | None:
    """The ground to divide, None where nothing says it.

    Args:
        path: a layer of polygons, or an extract.
        name: of one boundary in it; looked for in the extract of the streets or buildings where there is no `path`.
        streets: the file of the streets.
        buildings: the file of the buildings.
        crs: what the numbers of `path` are in.

    Raises:
        GeodataError: the file cannot be read, or has no boundary of that name.
    """
    extract = next((file for file in (path, streets, buildings) if file is not None and is_extract(file)), None)
    if path is not None and not is_extract(path):
        frame = _layer(path, "boundary", crs)
        return frame if name is None else _named(frame, name, path)
    if name is None:
        if path is None:
            return None
        raise BoundaryUnknown(file=path.name, name="", names=_names(_administrative(path)))
    if extract is None:
        raise BoundaryUnknown(name=name, names="-")
    return _named(_administrative(extract), name, extract)


def read_streets(path: Path | None, within: BaseGeometry | None, crs: str | None = None) -> gpd.GeoDataFrame | None:
    """Streets, with railways, rivers and canals where an extract has them."""
    if path is None:
        return None
    if not is_extract(path):
        streets, water = _layer(path, "streets", crs), _layer_of(path, "water")
        return streets if water is None else _with_water(streets, read_layer(path, water, crs))
    streets = osm.read_streets(path, within)
    tracks = _query(path, TRACKS, within)
    above = [not (isinstance(tags, str) and '"tunnel"' in tags) for tags in tracks["other_tags"]]
    tracks = tracks[above].reset_index(drop=True)
    return pd.concat([streets, tracks[["osm_id", "name", "railway", "waterway", "geometry"]]], ignore_index=True)


def _with_water(streets: gpd.GeoDataFrame, water: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets and what of the water is wide or long enough for a border."""
    kept = water[~water["kind"].isin(WITHOUT)] if "kind" in water.columns else water
    named = gpd.GeoDataFrame({CLASS: "water"}, index=range(len(kept)), geometry=kept.geometry.to_numpy(), crs=water.crs)
    column = next((name for name in COLUMNS if name in streets.columns), CLASS)
    return pd.concat([streets, named.rename(columns={CLASS: column})], ignore_index=True)


def read_buildings(path: Path, within: BaseGeometry | None, crs: str | None = None) -> gpd.GeoDataFrame:
    """Buildings; parts of buildings, which stand inside others, are left out."""
    frame = osm.read_buildings(path, within) if is_extract(path) else _layer(path, "buildings", crs)
    if "kind" in frame.columns:
        return frame[frame["kind"] != "building_part"].reset_index(drop=True)
    return frame


def is_extract(path: Path) -> bool:
    """Whether a file is an OpenStreetMap extract, by its ending."""
    return path.name.lower().endswith(EXTRACTS)


def _layer(path: Path, what: str, crs: str | None) -> gpd.GeoDataFrame:
    """The only layer, or the one that is called like what is wanted."""
    return read_layer(path, _layer_of(path, what), crs)


def _layer_of(path: Path, what: str) -> str | None:
    try:
        with quiet():
            names = [str(row[0]) for row in pyogrio.list_layers(path)]
    except GDAL_ERRORS:
        return None  # the reader tells what is wrong
    by_lower = {name.lower(): name for name in names}
    return next((by_lower[name] for name in LAYERS[what] if name in by_lower), None) if len(names) > 1 else None


def _administrative(path: Path) -> gpd.GeoDataFrame:
    return _query(path, NAMED, None)


def _query(path: Path, query: str, within: BaseGeometry | None) -> gpd.GeoDataFrame:
    try:
        with quiet():
            found = pyogrio.read_dataframe(path, sql=query, mask=within, on_invalid="ignore", TAGS_FORMAT="JSON")
    except GDAL_ERRORS:
        osm.read_streets(path, shapely.Point(0, 0))  # tells in words what is wrong with the file
        raise
    return found[found.geometry.notna()].reset_index(drop=True)


def _named(frame: gpd.GeoDataFrame, name: str, path: Path) -> gpd.GeoDataFrame:
    """The features of a name, in whatever column; of several administrative ones the highest."""
    columns = [column for column in frame.columns if column != frame.geometry.name]
    same = pd.Series(data=False, index=frame.index)
    for column in columns:
        if column in {"name", "code", "other_tags"} or "name" in str(column).lower():
            told = frame[column].map(lambda value: _says(value, name))
            same |= told.astype(bool)
    found = frame[same]
    if not len(found):
        raise BoundaryUnknown(file=path.name, name=name, names=_names(frame))
    if "admin_level" in found.columns and len(found) > 1:
        found = found.sort_values("admin_level", kind="stable").head(1)
    return found.reset_index(drop=True)


def _says(value: Any, name: str) -> bool:
    """A name itself, or one of the names among tags."""
    if isinstance(value, dict):
        return any(key.startswith("name") and told == name for key, told in value.items())
    return str(value) == name


def _names(frame: gpd.GeoDataFrame) -> str:
    column = next((column for column in ("name", "code") if column in frame.columns), None)
    if column is None:
        return "-"
    names = sorted({str(value) for value in frame[column].dropna()})
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")
