"""From the plan to grids with codes, names, households and boundaries that match vertex for vertex."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata import codes, crs
from geodata.sample.lattice import Floats, Lattice
from geodata.sample.layout import Node, Plan
from geodata.sample.names import COMPOUND_ENDINGS, USE_NAMES, Name, numeral, places
from geodata.sample.sizes import HOUSEHOLDS_PER_GROUP

Ints = NDArray[np.int64]

DISTRICT_CODE = "511599"
"""A number that no county of Yibin has."""
DISTRICT_NAME = Name("翠江区（样例）", "Cuijiang District (sample)")

HOUSEHOLDS_SPREAD = 30
FEWEST, MOST = 320, 480


@dataclass(frozen=True)
class Tier:
    """All grids of one level in the order of the plan: nodes, index of each one's parent in the tier above, codes."""

    level: codes.Level
    nodes: list[Node]
    parents: Ints
    shapes: NDArray[Any]
    codes: list[str]


@dataclass(frozen=True)
class Drawing:
    """What a plan becomes: five tiers, the blocks between group and building grid, households of each building grid."""

    tiers: tuple[Tier, ...]
    blocks: list[Node]
    block_of_cell: Ints
    group_of_block: Ints
    households: Ints
    compounds: list[Name]

    @property
    def cells(self) -> Tier:
        """The building grids."""
        return self.tiers[-1]

    @property
    def groups(self) -> Tier:
        """The group grids."""
        return self.tiers[-2]


def draw_grids(plan: Plan, lattice: Lattice, rng: np.random.Generator) -> Drawing:
    """Number, populate and name the grids of a plan."""
    tiers = [_tier("district", [plan.district], np.zeros(1, dtype=np.int64), lattice, [])]
    for level in ("street", "community", "group"):
        nodes, parents = _children(tiers[-1].nodes)
        tiers.append(_tier(level, nodes, parents, lattice, tiers[-1].codes))
    blocks, group_of_block = _children(tiers[-1].nodes)
    cells, block_of_cell = _children(blocks)
    tiers.append(_tier("building", cells, group_of_block[block_of_cell], lattice, tiers[-1].codes))
    households = _households(tiers[-1], lattice, rng)
    compounds = [_compound(block, stem, rng) for block, stem in zip(blocks, places(rng), strict=False)]
    return Drawing(tuple(tiers), blocks, block_of_cell, group_of_block, households, compounds)


def _children(nodes: list[Node]) -> tuple[list[Node], Ints]:
    children = [child for node in nodes for child in node.children]
    return children, np.repeat(np.arange(len(nodes)), [len(node.children) for node in nodes])


def _tier(level: codes.Level, nodes: list[Node], parents: Ints, lattice: Lattice, above: list[str]) -> Tier:
    shapes = lattice.polygons([node.rect for node in nodes])
    if not above:
        return Tier(level, nodes, parents, shapes, [DISTRICT_CODE])
    starts = np.searchsorted(parents, np.arange(len(above) + 1))
    numbered = [
        code
        for parent, (start, end) in zip(above, pairwise(starts.tolist()), strict=True)
        for code in codes.number(parent, shapes[start:end])
    ]
    return Tier(level, nodes, parents, shapes, numbered)


def _compound(block: Node, stem: Name, rng: np.random.Generator) -> Name:
    ending = USE_NAMES.get(block.use) or COMPOUND_ENDINGS[rng.integers(len(COMPOUND_ENDINGS))]
    space = " " if block.use in USE_NAMES else ""
    return Name(stem.zh + ending.zh, stem.en + space + ending.en)


def _households(cells: Tier, lattice: Lattice, rng: np.random.Generator) -> Ints:
    """Households of each building grid: each group gets its number, shared out by ground with some chance."""
    width, height = lattice.size(np.array([node.rect for node in cells.nodes], dtype=float))
    lived_in = np.array([node.use == "residential" for node in cells.nodes])
    weight = np.where(lived_in, np.sqrt(width * height) * rng.lognormal(0, 0.25, len(width)), 0)
    result = np.zeros(len(width), dtype=np.int64)
    for start, end in _runs(cells.parents):
        if weight[start:end].any():
            result[start:end] = apportion(_group_size(rng), weight[start:end])
    return result


def _group_size(rng: np.random.Generator) -> int:
    return int(np.clip(rng.normal(HOUSEHOLDS_PER_GROUP, HOUSEHOLDS_SPREAD), FEWEST, MOST))


def _runs(values: Ints) -> Iterator[tuple[int, int]]:
    """Begin and end of each run of equal values."""
    edges = np.flatnonzero(np.diff(values)) + 1
    yield from pairwise([0, *edges.tolist(), len(values)])


def apportion(total: int, weights: Floats) -> Ints:
    """Whole numbers that add up to `total`, as near to the weights as can be (largest remainder)."""
    exact = total * weights / weights.sum()
    whole = np.floor(exact).astype(np.int64)
    most = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[most] += 1
    return np.asarray(whole, dtype=np.int64)


def grid_layer(drawing: Drawing, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """All grids of all levels, from the district down.

    Columns: code, name, name_en, level, kind (normal, special), use, parent (code or None), households,
    geometry (degrees).
    """
    named = _named(drawing, rng)
    frames, households = [], drawing.households
    for tier, above in zip(reversed(drawing.tiers), [*reversed(drawing.tiers[:-1]), None], strict=True):
        frames.append(_frame(tier, above, households, named[tier.level]))
        if above:
            households = np.bincount(tier.parents, households, len(above.nodes)).astype(np.int64)
    table = pd.concat(reversed(frames), ignore_index=True)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=crs.WGS84)


def _frame(tier: Tier, above: Tier | None, households: Ints, names: list[Name]) -> pd.DataFrame:
    uses = [node.use for node in tier.nodes]
    special = tier.level == "group"
    return pd.DataFrame(
        {
            "code": tier.codes,
            "name": [name.zh for name in names],
            "name_en": [name.en for name in names],
            "level": tier.level,
            "kind": ["special" if special and use != "residential" else "normal" for use in uses],
            "use": uses,
            "parent": [above.codes[i] if above else None for i in tier.parents.tolist()],
            "households": households,
            "geometry": tier.shapes,
        }
    )


def _named(drawing: Drawing, rng: np.random.Generator) -> dict[codes.Level, list[Name]]:
    stems = places(rng)
    _, streets, communities, groups, cells = drawing.tiers
    towns = [next(stems) for _ in communities.nodes]
    return {
        "district": [DISTRICT_NAME],
        "street": [Name(f"{s.zh}街道", f"{s.en} Subdistrict") for s, _ in zip(stems, streets.nodes, strict=False)],
        "community": [Name(f"{s.zh}社区", f"{s.en} Community") for s in towns],
        "group": [
            _group_name(towns[parent], node, code)
            for parent, node, code in zip(groups.parents.tolist(), groups.nodes, groups.codes, strict=True)
        ],
        "building": _cell_names(drawing, len(cells.nodes)),
    }


def _group_name(town: Name, node: Node, code: str) -> Name:
    if node.use != "residential":
        place = USE_NAMES[node.use]
        return Name(f"{town.zh}{place.zh}", f"{town.en} {place.en}")
    order = int(code[-3:])
    return Name(f"{town.zh}社区第{numeral(order)}居民小组", f"{town.en} Community Group {order}")


def _cell_names(drawing: Drawing, count: int) -> list[Name]:
    sizes = np.bincount(drawing.block_of_cell)
    first = np.concatenate([[0], np.cumsum(sizes)])
    return [
        drawing.compounds[block]
        if sizes[block] == 1
        else Name(
            f"{drawing.compounds[block].zh}{numeral(cell - first[block] + 1)}区",
            f"{drawing.compounds[block].en}, Part {cell - first[block] + 1}",
        )
        for cell, block in zip(range(count), drawing.block_of_cell.tolist(), strict=True)
    ]


def block_layer(drawing: Drawing, lattice: Lattice) -> gpd.GeoDataFrame:
    """The faces between the streets: code of the group, name of the compound on it, use, households, geometry."""
    households = np.bincount(drawing.block_of_cell, drawing.households, len(drawing.blocks)).astype(np.int64)
    return gpd.GeoDataFrame(
        {
            "group": [drawing.groups.codes[i] for i in drawing.group_of_block.tolist()],
            "name": [name.zh for name in drawing.compounds],
            "name_en": [name.en for name in drawing.compounds],
            "use": [block.use for block in drawing.blocks],
            "households": households,
        },
        geometry=list(lattice.polygons([block.rect for block in drawing.blocks])),
        crs=crs.WGS84,
    )
