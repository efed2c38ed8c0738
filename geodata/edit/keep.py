"""What every edit keeps: the ground, whole grids, valid outlines, matching edges, and buildings in one grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import crs
from geodata.coverage.parents import CUT_SHARE
from geodata.edit.errors import BordersCross, CutsBuilding, OuterEdge, SelfCrossing, SplitsNeighbour, SwallowsNeighbour

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geodata.edit.change import Edit, Shape
    from geodata.faces import Faces

SAME_GROUND = 1e-10
"""Share of the ground that the rounding of a crossing may cost."""


def same_outer_edge(before: Mapping[str, Shape], after: Mapping[str, Shape]) -> bool:
    """Whether the outer edge of some grids together is vertex for vertex the same."""
    edges = [shapely.coverage_union_all(list(shapes.values())) for shapes in (before, after)]
    return bool(shapely.equals_exact(edges[0], edges[1], normalize=True))


def keep(before: Mapping[str, Shape], after: Mapping[str, Shape], grid: str) -> None:
    """Refuse what would not be a tidy layer on the same ground.

    Raises:
        SelfCrossing, BordersCross, OuterEdge: why it cannot be.
    """
    for code, shape in after.items():
        if not shape.is_valid:
            raise SelfCrossing(grid=code)
    if not shapely.coverage_is_valid(list(after.values())):
        raise BordersCross(grids=", ".join(sorted(after)))
    if same_outer_edge(before, after):
        return
    old, new = (shapely.coverage_union_all(list(shapes.values())) for shapes in (before, after))
    if shapely.symmetric_difference(old, new).area > SAME_GROUND * old.area:
        raise OuterEdge(grid=grid)


def whole(faces: Faces, mine: list[int], code: str, was: Shape, grid: str) -> Shape:
    """The new shape of a grid, in no more parts than it had.

    Raises:
        SwallowsNeighbour, SplitsNeighbour: nothing is left of it, or it falls apart.
    """
    if not mine:
        raise SwallowsNeighbour(neighbour=code, grid=grid)
    shape = faces.union(mine)
    parts = int(shapely.get_num_geometries(shape))
    if parts > shapely.get_num_geometries(was):
        raise SplitsNeighbour(neighbour=code, parts=parts)
    return shape


def keep_buildings(edit: Edit, coverage: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None) -> Edit:
    """The edit, unless a building that stood in one grid would stand in several after it.

    Raises:
        CutsBuilding: names the first such building, by its number from 1, and the grids.
    """
    if buildings is None or not len(buildings) or not edit.after:
        return edit
    layer = buildings if coverage.crs is None else crs.transform_frame(buildings, coverage.crs)
    houses = np.asarray(layer.geometry.to_numpy(), dtype=object)
    codes, now = list(edit.after), np.array(list(edit.after.values()), dtype=object)
    here = np.unique(shapely.STRtree(houses).query(now, "intersects")[1])
    cut_before = _cut(houses[here], np.array(list(edit.before.values()), dtype=object))
    cut_now = _cut(houses[here], now)
    fresh = np.flatnonzero((cut_now > 1) & (cut_now > np.maximum(cut_before, 1)))
    if len(fresh):
        house = houses[here[fresh[0]]]
        parts = [code for code, shape in zip(codes, now, strict=True) if _share(house, shape) > CUT_SHARE]
        raise CutsBuilding(building=int(here[fresh[0]]) + 1, grids=", ".join(sorted(parts)))
    return edit


def _cut(houses: NDArray[np.object_], grids: NDArray[np.object_]) -> NDArray[np.int64]:
    """For each building how many of some grids hold more than a little of it."""
    house, grid = shapely.STRtree(grids).query(houses, "intersects")
    ground = shapely.area(shapely.intersection(houses[house], grids[grid]))
    share = ground / np.maximum(shapely.area(houses[house]), np.finfo(float).tiny)
    return np.bincount(house[share > CUT_SHARE], minlength=len(houses))


def _share(house: BaseGeometry, grid: Shape) -> float:
    return float(shapely.intersection(house, grid).area / max(house.area, np.finfo(float).tiny))
