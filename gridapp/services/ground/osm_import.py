"""Streets and buildings of an OpenStreetMap extract as base data; an extract replaces what it brought before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import shapely

from geodata import osm
from geodata.io import read_layer
from gridapp.services.ground import basedata

SOURCE = "osm"
RANKS = {
    **dict.fromkeys(("motorway", "trunk", "motorway_link", "trunk_link"), 1),
    **dict.fromkeys(("primary", "primary_link"), 2),
    **dict.fromkeys(("secondary", "secondary_link"), 3),
    **dict.fromkeys(("tertiary", "tertiary_link"), 4),
    **dict.fromkeys(("unclassified", "residential", "living_street"), 5),
    "service": 6,
}
SMALLEST = 7
PHASES = 3


def import_osm(
    file: Path, within: Path | None = None, *, moved: Callable[[int], object] = lambda _phases: None
) -> dict[str, int]:
    """Store the streets and buildings of an extract, those that touch an area where one is given.

    `moved` is told after each of ``PHASES``.

    Raises:
        GeodataError: no extract, a broken one, or an area that cannot be read.
    """
    area = shapely.union_all(read_layer(within).geometry.to_numpy()) if within else None
    streets = osm.read_streets(file, area)
    moved(1)
    buildings = osm.read_buildings(file, area)
    moved(1)
    counts = basedata.replace(f"{SOURCE}:{file.name}", basedata.Layers(_streets(streets), _buildings(buildings)))
    moved(1)
    return counts


def _streets(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return found.assign(
        source_id=found["osm_id"],
        kind=found["class"],
        oneway=found["oneway"] != 0,
        rank=found["class"].map(RANKS).fillna(SMALLEST).astype(int),
    )


def _buildings(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return found.assign(source_id=found["osm_id"])
