"""One vertex is moved or taken away: all grids that share it follow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import shapely

from geodata.edit.change import Edit, changes
from geodata.edit.errors import NodeNeeded, OuterEdge
from geodata.edit.keep import keep, keep_buildings, same_outer_edge
from geodata.edit.place import SNAP_M, grids_near, grids_of, units, vertex_at
from geodata.edit.rings import parts_of, shape_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from geodata.edit.change import Shape
    from geodata.edit.place import Place, Shapes
    from geodata.edit.rings import Ring

TRIANGLE = 3


def move_node(
    coverage: gpd.GeoDataFrame,
    start: Place,
    end: Place,
    *,
    snap_m: float = SNAP_M,
    buildings: gpd.GeoDataFrame | None = None,
) -> Edit:
    """Move one vertex; all grids that share it follow.

    Args:
        coverage: all grids under one parent, as in `reshape`.
        start: where the vertex is, in the CRS of the layer.
        end: where it shall be.
        snap_m: metres around `start` in which a vertex is looked for.
        buildings: polygons that no border may begin to cut.

    Raises:
        NodeUnknown, SelfCrossing, BordersCross, OuterEdge, CutsBuilding: why it cannot be.
    """
    reach = units(snap_m, coverage.crs)
    shapes = grids_of(coverage)
    around = grids_near(shapes, [shapely.Point(start).buffer(reach), shapely.Point(end)])
    node = vertex_at(around, start, reach)

    def moved(ring: Ring) -> Ring:
        return [end if point == node else point for point in ring]

    return keep_buildings(_redrawn(shapes, _sharing(around, node), moved), coverage, buildings)


def remove_node(
    coverage: gpd.GeoDataFrame, node: Place, *, snap_m: float = SNAP_M, buildings: gpd.GeoDataFrame | None = None
) -> Edit:
    """Take one vertex away; all grids that share it follow.

    A vertex along a border is left out, and the border runs straight. A corner where borders meet is drawn onto the
    next vertex along the shortest of them, so that they meet there.

    Args:
        coverage: all grids under one parent, as in `reshape`.
        node: where the vertex is, in the CRS of the layer.
        snap_m: metres around it in which it is looked for.
        buildings: polygons that no border may begin to cut.

    Raises:
        NodeUnknown, NodeNeeded, SelfCrossing, BordersCross, OuterEdge, CutsBuilding: why it cannot be.
    """
    reach = units(snap_m, coverage.crs)
    shapes = grids_of(coverage)
    around = grids_near(shapes, [shapely.Point(node).buffer(reach)])
    here = vertex_at(around, node, reach)
    sharing = _sharing(around, here)
    ways = {step for shape in sharing.values() for step in _steps(shape, here)}
    onto = None if len(ways) <= 2 else min(ways, key=lambda way: (math.dist(way, here), way))  # noqa: PLR2004 - two sides

    def without(ring: Ring) -> Ring:
        if onto is None:
            return [point for point in ring if point != here]
        return _tidy([onto if point == here else point for point in ring])

    return keep_buildings(_redrawn(shapes, sharing, without), coverage, buildings)


def _sharing(around: Shapes, node: Place) -> Shapes:
    return {
        code: shape
        for code, shape in around.items()
        if any(node in ring for rings in parts_of(shape) for ring in rings)
    }


def _steps(shape: Shape, node: Place) -> set[Place]:
    """The vertices next to one along the rings of a shape."""
    found: set[Place] = set()
    for rings in parts_of(shape):
        for ring in rings:
            for place, point in enumerate(ring):
                if point == node:
                    found |= {ring[place - 1], ring[(place + 1) % len(ring)]}
    return found


def _tidy(ring: Ring) -> Ring:
    """A ring without a vertex twice in a row."""
    return [point for place, point in enumerate(ring) if point != ring[place - 1]]


def _redrawn(shapes: Shapes, sharing: Shapes, draw: Callable[[Ring], Ring]) -> Edit:
    """The edit that draws the rings of the grids that share a vertex anew."""
    after: Shapes = {}
    for code, shape in sharing.items():
        parts = [[draw(ring) for ring in rings] for rings in parts_of(shape)]
        if any(len(ring) < TRIANGLE for rings in parts for ring in rings):
            raise NodeNeeded(grid=code)
        after[code] = shape_of(parts)
    around = grids_near(shapes, [*after.values(), *sharing.values()])
    now = {**around, **after}
    keep(around, now, min(sharing))
    if not same_outer_edge(around, now):
        raise OuterEdge(grid=min(sharing))
    return changes(around, now)
