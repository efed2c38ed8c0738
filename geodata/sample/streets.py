"""Streets with names and classes, bridges, the river and the parks of a made-up town."""

from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geodata import crs
from geodata.sample.grids import Drawing
from geodata.sample.lattice import Lattice
from geodata.sample.layout import BANK, Plan, StreetKind, StreetLine
from geodata.sample.names import Name, places

RANKS: Final[dict[StreetKind, int]] = {"primary": 1, "secondary": 2, "tertiary": 3, "residential": 4}
ENDINGS: Final[dict[StreetKind, Name]] = {
    "primary": Name("大道", " Avenue"),
    "secondary": Name("路", " Road"),
    "tertiary": Name("街", " Street"),
    "residential": Name("巷", " Lane"),
}
BRIDGE: Final = Name("大桥", " Bridge")
RIVER: Final = Name("样江", "Yang River")
WATER: Final = 0.8
"""Share of the way from the middle of the river to its quay that is water."""


def street_layer(plan: Plan, lattice: Lattice, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Centre lines of streets; they cross and meet in common vertices.

    Columns: name, name_en, kind (an OSM highway class), rank (1 the biggest), oneway, bridge, geometry (degrees).
    """
    names = list(_named(plan.streets, places(rng)))
    return gpd.GeoDataFrame(
        {
            "name": [name.zh for name in names],
            "name_en": [name.en for name in names],
            "kind": [street.kind for street in plan.streets],
            "rank": [RANKS[street.kind] for street in plan.streets],
            "oneway": False,
            "bridge": [street.bridge for street in plan.streets],
        },
        geometry=[lattice.line(street.cut) for street in plan.streets],
        crs=crs.WGS84,
    )


def _named(streets: list[StreetLine], stems: Iterator[Name]) -> Iterator[Name]:
    for street in streets:
        if street.name:
            yield street.name
        else:
            stem, ending = next(stems), BRIDGE if street.bridge else ENDINGS[street.kind]
            yield Name(stem.zh + ending.zh, stem.en + ending.en)


def surface_layer(plan: Plan, lattice: Lattice, drawing: Drawing) -> gpd.GeoDataFrame:
    """Water and parks to draw below everything else: kind (water, park), name, name_en, geometry (degrees)."""
    parks = [i for i, block in enumerate(drawing.blocks) if block.use == "park"]
    names = [RIVER, *(drawing.compounds[i] for i in parks)]
    return gpd.GeoDataFrame(
        {
            "kind": ["water"] + ["park"] * len(parks),
            "name": [name.zh for name in names],
            "name_en": [name.en for name in names],
        },
        geometry=[_river(plan, lattice), *lattice.polygons([drawing.blocks[i].rect for i in parks])],
        crs=crs.WGS84,
    )


def _river(plan: Plan, lattice: Lattice) -> shapely.Polygon:
    x = np.arange(plan.units[0] + 1, dtype=float)
    south = lattice.at(x, np.full_like(x, plan.river - BANK * WATER))
    north = lattice.at(x, np.full_like(x, plan.river + BANK * WATER))
    return shapely.Polygon(np.concatenate([south, north[::-1]]))
