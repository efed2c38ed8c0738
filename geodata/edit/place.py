"""Where an edit reaches: the grids nearby, vertices that are meant, lines that are to end on a border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.edit.change import shapes_of
from geodata.edit.errors import GridUnknown, NodeUnknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import geopandas as gpd
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

    from geodata.edit.change import Shape

    Shapes = dict[str, Shape]
    Place = tuple[float, float]

SNAP_M = 0.05
"""A vertex this near to a present one (m) is that one: what comes back from a browser is rounded."""
METRES_PER_DEGREE = 111_195.0


def grids_of(coverage: gpd.GeoDataFrame, *needed: str) -> Shapes:
    """The shapes by code.

    Raises:
        GridUnknown: one that is needed is not there.
    """
    shapes = shapes_of(coverage)
    for code in needed:
        if code not in shapes:
            raise GridUnknown(grid=code)
    return shapes


def grids_near(shapes: Mapping[str, Shape], places: Iterable[BaseGeometry]) -> Shapes:
    """The grids that touch one of the places, and theirs around: all that an edit there can reach."""
    codes, array = list(shapes), np.array(list(shapes.values()), dtype=object)
    tree = shapely.STRtree(array)
    rows = np.unique(tree.query(np.array(list(places), dtype=object), "intersects")[1])
    rows = np.union1d(rows, tree.query(array[rows], "intersects")[1])
    return {codes[row]: array[row] for row in rows.tolist()}


def units(metres: float, crs: CRS | None) -> float:
    """Metres in the numbers of a layer: degrees of latitude, feet, or metres where nobody knows."""
    if crs is None:
        return metres
    return metres / (METRES_PER_DEGREE if crs.is_geographic else float(crs.axis_info[0].unit_conversion_factor))


def snapped(drawn: BaseGeometry, shapes: Mapping[str, Shape], reach: float) -> BaseGeometry:
    """What was drawn, with vertices that are nearly present ones put on them, and no vertex twice in a row."""
    present = np.unique(shapely.get_coordinates(list(shapes.values())), axis=0)
    vertices = shapely.STRtree(np.asarray(shapely.points(present), dtype=object))

    def put(points: np.ndarray) -> np.ndarray:
        mine, there = vertices.query_nearest(shapely.points(points), max_distance=reach, all_matches=False)
        points = points.copy()
        points[mine] = present[there]
        return points

    return shapely.remove_repeated_points(shapely.transform(shapely.force_2d(drawn), put))


def snapped_area(drawn: shapely.Polygon, shapes: Mapping[str, Shape], reach: float) -> shapely.Polygon:
    """As `snapped`, of an area."""
    put = snapped(drawn, shapes, reach)
    return put if isinstance(put, shapely.Polygon) else drawn


def vertex_at(shapes: Mapping[str, Shape], place: Place, reach: float) -> Place:
    """The vertex of a border at a place.

    Raises:
        NodeUnknown: none is within reach.
    """
    present = shapely.get_coordinates(list(shapes.values()))
    if len(present):
        away = np.hypot(*(present - place).T)
        nearest = int(np.argmin(away))
        if away[nearest] <= reach:
            return float(present[nearest, 0]), float(present[nearest, 1])
    raise NodeUnknown(x=place[0], y=place[1])


def to_the_border(lines: BaseGeometry, shape: Shape, reach: float) -> BaseGeometry:
    """Lines whose loose ends inside a shape are led on to its border, straight where that is within reach.

    An end that points at no border within reach goes to the nearest place of the border; one too far away stays loose.
    """
    parts = [part for part in shapely.get_parts(shapely.line_merge(lines)) if part.length]
    ends: dict[Place, list[Place]] = {}
    for part in parts:
        points = [(float(x), float(y)) for x, y in shapely.get_coordinates(part)]
        ends.setdefault(points[0], []).append(points[1])
        ends.setdefault(points[-1], []).append(points[-2])
    border = shapely.boundary(shape)
    loose = {end: before[0] for end, before in ends.items() if len(before) == 1}
    inside = [end for end in loose if shapely.contains_xy(shape, *end)]
    led = [_led(end, loose[end], border, reach) for end in inside]
    return shapely.union_all([*parts, *(line for line in led if line is not None)])


def _led(end: Place, before: Place, border: BaseGeometry, reach: float) -> BaseGeometry | None:
    """The way from a loose end to the border, a little over it so that they surely meet; None where it is too far."""
    ahead = np.array(end) - np.array(before)
    ahead *= reach / np.hypot(*ahead)
    straight = shapely.intersection(shapely.LineString([end, np.array(end) + ahead]), border)
    if not straight.is_empty:
        hit = min(
            shapely.get_coordinates(straight).tolist(), key=lambda point: float(np.hypot(*(np.array(point) - end)))
        )
    else:
        nearest = shapely.shortest_line(shapely.Point(end), border)
        if nearest.length > reach:
            return None
        hit = shapely.get_coordinates(nearest)[1].tolist()
    onward = np.array(hit) - np.array(end)
    return shapely.LineString([end, np.array(hit) + onward * 1e-6]) if np.hypot(*onward) else None
