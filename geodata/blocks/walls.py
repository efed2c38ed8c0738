"""Where a border can run inside a block: half-way between its buildings, never through one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.plane import Plane

SHRUNK_M: Final = 0.4
"""Buildings wall to wall are drawn in by this much, so that the wall between them is found."""
APART_M: Final = 6.0
"""Metres between the places of an outline from which the middle is measured."""
SMOOTH_M: Final = 1.5
"""The middle line is smoothed by about this much."""
SLIP: Final = 0.01
"""Share of the smaller building below which an overlap is a slip of the pen."""


def joined(count: int, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """The group of each of `count` things, of which pairs belong together; a group is named by its first member."""
    group = np.arange(count)
    while True:
        low = np.minimum(group[one], group[other])
        before = group.copy()
        np.minimum.at(group, one, low)
        np.minimum.at(group, other, low)
        group = group[group]
        if np.array_equal(before, group):
            return group


def lumps(bodies: NDArray[Any]) -> NDArray[np.int64]:
    """The lump of each building, named by its first member: buildings that overlap can only go together."""
    one, other = shapely.STRtree(bodies).query(bodies, "intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    shared = shapely.area(shapely.intersection(bodies[one], bodies[other]))
    areas = shapely.area(bodies)
    deep = shared > SLIP * np.minimum(areas[one], areas[other])
    return joined(len(bodies), one[deep], other[deep])


def bodies_of(buildings: NDArray[Any]) -> NDArray[Any]:
    """Buildings as one valid polygon each: those of several parts by their hull."""
    bodies = np.where(shapely.get_num_geometries(buildings) > 1, shapely.convex_hull(buildings), buildings)
    return np.asarray(shapely.get_geometry(bodies, 0))


def cells(
    block: shapely.Polygon, bodies: NDArray[Any], lump: NDArray[np.int64], plane: Plane
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The ground of a block that is nearer to one lump than to any other, smoothed a little.

    Args:
        block: a polygon in degrees.
        bodies: the polygons of its buildings in degrees.
        lump: the lump of each.
        plane: the metres that distances are measured in.

    Returns:
        Polygons in degrees, of one or several parts, and the lump of each.
    """
    metric = plane.metres(bodies)
    small = shapely.buffer(metric, -SHRUNK_M, join_style="mitre")
    small = np.where(shapely.is_empty(small), shapely.point_on_surface(metric), small)
    xy, owner = shapely.get_coordinates(shapely.segmentize(small, APART_M), return_index=True)
    points, first = np.unique(np.round(xy, 2), axis=0, return_index=True)
    of = lump[owner[first]]
    frame = plane.metres(np.array([block]))[0]
    drawn = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=frame, ordered=True))
    order = np.argsort(of, kind="stable")
    names, starts = np.unique(of[order], return_index=True)
    merged = [shapely.coverage_union_all(drawn[part]) for part in np.split(order, starts[1:])]
    smooth = shapely.coverage_simplify(np.array(merged, dtype=object), SMOOTH_M)
    degrees = plane.degrees(smooth)
    return np.asarray(shapely.intersection(degrees, block)), names
