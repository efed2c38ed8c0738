"""A made-up district, whole: `make_district` draws it, `SampleDistrict` holds it."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geodata.sample.buildings import building_layer
from geodata.sample.grids import Drawing, block_layer, draw_grids, grid_layer
from geodata.sample.lattice import Lattice, bend
from geodata.sample.layout import lay_out
from geodata.sample.people import Person, Unit, make_people, make_units
from geodata.sample.sizes import HOUSEHOLDS_PER_GROUP, SIZES, SizeName
from geodata.sample.streets import street_layer, surface_layer

M2_PER_HOUSEHOLD = 130


@dataclass(frozen=True, eq=False)
class SampleDistrict:
    """Layers in WGS 84 degrees, people and units; everything follows from `size` and `seed`.

    Attributes:
        grids: code, name, name_en, level, kind (normal, special), use, parent, households; children tile their parent.
        blocks: faces between streets: group, name, name_en, use, households.
        streets: centre lines: name, name_en, kind (OSM highway class), rank, oneway, bridge.
        surfaces: water and parks: kind, name, name_en.
        buildings: code (of the building grid), name, name_en, use, floors, households.
        units: departments of the district and the street offices.
        people: everybody with an account, workers first.
    """

    size: SizeName
    seed: int
    grids: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    surfaces: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    units: tuple[Unit, ...]
    people: tuple[Person, ...]
    lattice: Lattice
    drawing: Drawing

    @property
    def compounds(self) -> gpd.GeoDataFrame:
        """The blocks that people live on, named."""
        return self.blocks[self.blocks["use"] == "residential"]

    def level(self, level: str) -> gpd.GeoDataFrame:
        """The grids of one level."""
        return self.grids[self.grids["level"] == level].reset_index(drop=True)

    def with_role(self, role: str) -> list[Person]:
        """Everybody of one role."""
        return [person for person in self.people if person.role == role]


def make_district(size: SizeName = "small", seed: int = 1) -> SampleDistrict:
    """Draw a made-up district around Yibin: the same size and seed give the same district on every machine."""
    counts = SIZES[size]
    rng = np.random.default_rng([seed, counts.groups])
    plan = lay_out(counts, rng)
    area = counts.groups * HOUSEHOLDS_PER_GROUP * M2_PER_HOUSEHOLD
    lattice = bend(plan.units, area, plan.focus, rng)
    drawing = draw_grids(plan, lattice, rng)
    grids = grid_layer(drawing, rng)
    units = make_units(grids)
    return SampleDistrict(
        size=size,
        seed=seed,
        grids=grids,
        blocks=block_layer(drawing, lattice),
        streets=street_layer(plan, lattice, rng),
        surfaces=surface_layer(plan, lattice, drawing),
        buildings=building_layer(drawing, lattice),
        units=units,
        people=tuple(make_people(grids, units, rng)),
        lattice=lattice,
        drawing=drawing,
    )
