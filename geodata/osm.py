"""Streets and buildings out of an OpenStreetMap extract (.osm.pbf), in EPSG:4326, degrees, longitude first.

GDAL reads the extract in bounded memory and spills nodes to disk. A layer of its driver has a column `boundary`, which
`frame.boundary` of geopandas hides: such columns are asked for by `frame["boundary"]` alone.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pyogrio

from geodata.errors import FeaturesTooMany, UnknownFormat
from geodata.io.limits import MB, Limits, check_file
from geodata.io.sniff import format_of
from geodata.io.sources import GDAL_ERRORS, broken, quiet

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

LIMITS = Limits(packed=2048 * MB)
EXTRACT: dict[str, Any] = {
    "known": "an OpenStreetMap extract (.osm.pbf)",
    "known_zh": " OpenStreetMap 数据（.osm.pbf）",
}
STREETS = "SELECT osm_id, name, highway, other_tags FROM lines WHERE highway IS NOT NULL"
BUILDINGS = (
    "SELECT osm_id, osm_way_id, name, building, amenity, shop, office, other_tags FROM multipolygons "
    "WHERE building IS NOT NULL AND building <> 'no'"
)
NO_STREETS = frozenset(
    {"abandoned", "bus_stop", "construction", "corridor", "disused", "elevator", "no", "planned", "platform"}
    | {"proposed", "razed", "rest_area", "services"}
)
ONEWAY = {"yes": 1, "true": 1, "1": 1, "-1": -1, "reverse": -1}
ONEWAY_BY_NATURE = frozenset({"motorway", "motorway_link"})
USES = {
    "residential": "apartments bungalow cabin detached dormitory farm hut house houseboat residential"
    " semidetached_house static_caravan terrace",
    "commercial": "commercial hotel kiosk mall office retail supermarket",
    "industrial": "factory industrial manufacture warehouse",
    "public": "cathedral chapel church civic clinic college fire_station government hospital kindergarten library"
    " mosque museum police public religious school shrine sports_hall stadium temple train_station"
    " transportation university",
    "mixed": "mixed mixed_use",
    "auxiliary": "barn bridge carport farm_auxiliary garage garages greenhouse parking roof service shed stable",
}
USE_OF = {kind: use for use, kinds in USES.items() for kind in kinds.split()}
STOREY, FOOT = 3.0, 0.3048  # metres
TALLEST = 163  # floors of the tallest building there is; more is a slip
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def read_streets(path: Path | str, within: BaseGeometry | None = None, limits: Limits = LIMITS) -> gpd.GeoDataFrame:
    """Streets and ways of an extract that exist and can be walked or driven, whole where they touch `within`.

    Columns: `osm_id`, `class` (the value of highway, `residential` …), `name` (None where it has none), `oneway`
    (1 along the line, -1 against it, 0 both ways), `geometry` (lines, EPSG:4326).

    Raises:
        GeodataError: no file, no extract, a broken or cut off one, too much of it.
    """
    found = _read(Path(path), STREETS, within, limits)
    kept = found[~found["highway"].isin(NO_STREETS)].reset_index(drop=True)
    tags = _tags(kept)
    return gpd.GeoDataFrame(
        {
            "osm_id": kept["osm_id"],
            "class": kept["highway"],
            "name": _names(kept, tags),
            "oneway": pd.Series(
                [_oneway(way, of_way) for way, of_way in zip(kept["highway"], tags, strict=True)], dtype="int8"
            ),
        },
        geometry=kept.geometry.to_numpy(),
        crs=found.crs,
    )


def read_buildings(path: Path | str, within: BaseGeometry | None = None, limits: Limits = LIMITS) -> gpd.GeoDataFrame:
    """Buildings of an extract, whole where they touch `within` (EPSG:4326).

    Columns: `osm_id` (`w…` of a way, `r…` of a relation), `floors` (missing where nothing tells), `floors_from`
    (`levels`, `height` at 3 m a floor, or None), `use` (residential, commercial, industrial, public, mixed, auxiliary,
    unknown), `name`, `geometry` (polygons of several parts, EPSG:4326).

    Raises:
        GeodataError: as `read_streets`.
    """
    found = _read(Path(path), BUILDINGS, within, limits)
    tags = _tags(found)
    floors = [_floors(of_building) for of_building in tags]
    ways = found["osm_way_id"].map(lambda way: f"w{way}", na_action="ignore")
    return gpd.GeoDataFrame(
        {
            "osm_id": ways.fillna("r" + found["osm_id"].astype("str")),
            "floors": pd.Series([count for count, _ in floors], dtype="Int64"),
            "floors_from": pd.Series([source for _, source in floors], dtype="object"),
            "use": _uses(found),
            "name": _names(found, tags),
        },
        geometry=found.geometry.to_numpy(),
        crs=found.crs,
    )


def _read(path: Path, query: str, within: BaseGeometry | None, limits: Limits) -> gpd.GeoDataFrame:
    """Features of one query; asking by SQL tells the driver to forget the layers that are not asked for."""
    check_file(path, limits)
    if format_of(path, EXTRACT) != "pbf":
        raise UnknownFormat(file=path.name, found="another format", found_zh="其他格式", **EXTRACT)
    try:
        with quiet():
            found = pyogrio.read_dataframe(
                path,
                sql=query,
                mask=within,
                max_features=limits.features + 1,
                on_invalid="ignore",  # rings of two points, as extracts cut them off
                TAGS_FORMAT="JSON",
            )
    except GDAL_ERRORS as error:
        raise broken(error, path, "pbf", path.name) from error
    if len(found) > limits.features:
        raise FeaturesTooMany(file=path.name, limit=limits.features)
    return found[found.geometry.notna()].reset_index(drop=True)


def _tags(found: gpd.GeoDataFrame) -> list[dict[str, str]]:
    """The tags that have no column of their own."""
    return [tags if isinstance(tags, dict) else {} for tags in found["other_tags"]]


def _names(found: gpd.GeoDataFrame, tags: list[dict[str, str]]) -> list[str | None]:
    plain = (name if isinstance(name, str) else None for name in found["name"])
    return [name or other.get("name:zh") or other.get("name:en") for name, other in zip(plain, tags, strict=True)]


def _oneway(way: str, tags: dict[str, str]) -> int:
    told = tags.get("oneway")
    if told is None:
        return int(way in ONEWAY_BY_NATURE or tags.get("junction") == "roundabout")
    return ONEWAY.get(told, 0)


def _floors(tags: dict[str, str]) -> tuple[int | None, str | None]:
    """Floors by their count, else by the height; half floors count whole, of “3;4” the higher."""
    levels = [float(number) for number in NUMBER.findall(tags.get("building:levels", ""))]
    if levels and 1 <= (count := math.ceil(max(levels))) <= TALLEST:
        return count, "levels"
    height = tags.get("height", "")
    metres = [float(number) * (FOOT if "'" in height or "ft" in height else 1) for number in NUMBER.findall(height)[:1]]
    if metres and 0 < metres[0] <= TALLEST * STOREY:
        return max(1, round(metres[0] / STOREY)), "height"
    return None, None


def _uses(found: gpd.GeoDataFrame) -> list[str]:
    """By the kind of building, else by what is in it."""
    rows = zip(found["building"], found["amenity"], found["shop"], found["office"], strict=True)
    return [USE_OF.get(kind) or _use_inside(amenity, shop, office) for kind, amenity, shop, office in rows]


def _use_inside(amenity: Any, shop: Any, office: Any) -> str:
    if isinstance(amenity, str):
        return USE_OF.get(
            amenity, "commercial" if amenity in {"restaurant", "cafe", "bank", "marketplace"} else "public"
        )
    return "commercial" if isinstance(shop, str) or isinstance(office, str) else "unknown"
