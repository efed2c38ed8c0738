"""A block or a building goes to a neighbour, with the ground that belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import crs
from geodata.edit.change import Edit, changes, plain
from geodata.edit.errors import NotBeside, NotOneArea
from geodata.edit.keep import keep, keep_buildings, whole
from geodata.edit.place import grids_near, grids_of, units
from geodata.edit.put import put_on
from geodata.faces import Faces
from geodata.nearest import LocalMetres, regions

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

    from geodata.edit.change import Shape
    from geodata.edit.place import Shapes

SLACK_M = 1.0
"""A block this near to a border (m) reaches it: blocks and grids are drawn by different hands."""
STEP_M = 2.0
"""How finely walls are looked at when ground is parted among buildings."""
AROUND_M = 150.0
"""Buildings farther off than this have no part in the ground around one."""


def hand_block(
    coverage: gpd.GeoDataFrame,
    block: Shape,
    to: str,
    *,
    slack_m: float = SLACK_M,
    buildings: gpd.GeoDataFrame | None = None,
) -> Edit:
    """Give a block to a grid beside it; what it covers of other grids goes over.

    Args:
        coverage: all grids under one parent, as in `reshape`.
        block: a polygon in the CRS of the layer; ground of it outside all grids does not matter.
        to: code of the grid that gets it.
        slack_m: metres by which its edge may miss the borders.
        buildings: polygons that no border may begin to cut.

    Raises:
        GridUnknown, NotOneArea, NotBeside, SwallowsNeighbour, SplitsNeighbour, CutsBuilding: why it cannot be.
    """
    shapes = grids_of(coverage, to)
    wish = plain(block)
    if not isinstance(wish, shapely.Polygon) or wish.is_empty or not wish.is_valid:
        raise NotOneArea(grid=to)
    slack = units(slack_m, coverage.crs)
    around = grids_near(shapes, [wish, shapes[to]])
    return keep_buildings(_handed(around, wish, to, slack), coverage, buildings)


def hand_building(
    coverage: gpd.GeoDataFrame,
    building: Shape,
    to: str,
    buildings: gpd.GeoDataFrame,
    *,
    slack_m: float = SLACK_M,
) -> Edit:
    """Give a building to a grid beside it, with the ground nearer to it than to any other building of its grid.

    Args:
        coverage: all grids under one parent, as in `reshape`.
        building: its polygon in the CRS of the layer.
        to: code of the grid that gets it.
        buildings: all buildings around, polygons in any CRS; none of them is cut.
        slack_m: as in `hand_block`.

    Raises:
        GridUnknown, NotBeside, SwallowsNeighbour, SplitsNeighbour, CutsBuilding: why it cannot be.
    """
    shapes = grids_of(coverage, to)
    house = shapely.point_on_surface(building)
    donor = next((code for code, shape in shapes.items() if shapely.intersects(shape, house)), None)
    if donor is None or donor == to:
        raise NotBeside(grids=", ".join(sorted({to, donor or "-"})))
    ground = _ground(building, shapes[donor], buildings, coverage)
    around = grids_near(shapes, [shapes[donor], shapes[to]])
    slack = units(slack_m, coverage.crs)
    return keep_buildings(_handed(around, ground, to, slack, only=donor), coverage, buildings)


def _handed(around: Shapes, area: shapely.Polygon, to: str, slack: float, only: str | None = None) -> Edit:
    """The edit that gives an area, of one grid or of all, to another."""
    wish = put_on({to: area}, np.array(list(around.values()), dtype=object), slack)[to]
    faces = Faces([wish, *around.values()])
    codes = list(around)
    owner = [codes[row] if row >= 0 else None for row in faces.owners(list(around.values()))]
    inside = shapely.intersects(wish, faces.inner)
    for face, code in enumerate(owner):
        if code is not None and inside[face] and only in (None, code):
            owner[face] = to
    mine = {code: [face for face, who in enumerate(owner) if who == code] for code in codes}
    if len(faces.pieces(mine[to])) > int(shapely.get_num_geometries(around[to])):
        raise NotBeside(grids=", ".join(sorted({to, only or to})))
    after = {code: whole(faces, mine[code], code, around[code], to) for code in codes}
    keep(around, after, to)
    return changes(around, after)


def _ground(building: Shape, donor: Shape, buildings: gpd.GeoDataFrame, coverage: gpd.GeoDataFrame) -> shapely.Polygon:
    """The ground of a grid that is nearer to one building than to any other, the others' walls left out."""
    layer = buildings if coverage.crs is None else crs.transform_frame(buildings, coverage.crs)
    houses = np.asarray(layer.geometry.to_numpy(), dtype=object)
    reach = shapely.buffer(building, units(AROUND_M, coverage.crs))
    near = houses[shapely.STRtree(houses).query(reach, "intersects")]
    inner = shapely.point_on_surface(near)
    own = shapely.intersects(shapely.buffer(building, 0), inner) | shapely.intersects(
        near, shapely.point_on_surface(building)
    )
    others = near[~own & shapely.intersects(donor, inner)]
    if not len(others):
        return _part(donor, building)
    cell = _cell(building, others, coverage.crs)
    ground = shapely.intersection(shapely.union(cell, building), donor)
    return _part(shapely.difference(ground, shapely.union_all(others)), building)


def _cell(building: Shape, others: NDArray[np.object_], own: CRS | None) -> BaseGeometry:
    """All ground nearer to a building than to some others."""
    plane = LocalMetres(own, building)
    walls = shapely.segmentize(shapely.boundary(plane.there([building, *others])), STEP_M)
    points, house = shapely.get_coordinates(walls, return_index=True)
    extent = shapely.buffer(shapely.box(*shapely.total_bounds(walls)), AROUND_M)
    return plane.back([regions(points, house, extent)[0]])[0]


def _part(ground: BaseGeometry, building: Shape) -> shapely.Polygon:
    """The part of some ground that holds most of a building."""
    parts = [part for part in shapely.get_parts(ground).tolist() if isinstance(part, shapely.Polygon)]
    return max(parts, key=lambda part: (shapely.intersection(part, building).area, part.area))
