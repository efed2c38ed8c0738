"""Fewer vertices for a whole layer, the same for both sides of every border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.coverage.findings import Layer
from geodata.edit.change import Edit, changes, shapes_of
from geodata.edit.errors import BordersCross
from geodata.edit.keep import keep, keep_buildings
from geodata.edit.rings import parts_of, shape_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geodata.edit.change import Shape
    from geodata.edit.rings import Point, Ring

ROUNDS = 8


def simplify(
    coverage: gpd.GeoDataFrame, tolerance: float, *, outer: bool = False, buildings: gpd.GeoDataFrame | None = None
) -> Edit:
    """Leave out vertices of all borders together, so that neighbours still match; no vertex is moved.

    Args:
        coverage: column `code` and polygons that match vertex for vertex.
        tolerance: metres; a corner is left out when the triangle that it makes is smaller than the square of it.
        outer: simplify the outer edge too; by default it stays, and with it the area above.
        buildings: polygons that no border may begin to cut; borders beside them keep their vertices.

    Raises:
        BordersCross, CutsBuilding: why it cannot be.
    """
    shapes = shapes_of(coverage)
    layer = Layer(coverage, "code")
    metric = layer.metric(np.array(list(shapes.values()), dtype=object))
    if not shapely.coverage_is_valid(metric):
        raise BordersCross(grids=", ".join(shapes))
    back = _places(metric, shapes)
    made = shapely.coverage_simplify(metric, tolerance, simplify_boundary=outer)
    after = {code: _placed(shape, back) for code, shape in zip(shapes, made, strict=True)}
    if buildings is not None:
        after = _around_buildings(shapes, after, coverage, buildings)
    if outer:
        _tidy(after)
    else:
        keep(shapes, after, next(iter(shapes), ""))
    return keep_buildings(changes(shapes, after), coverage, buildings)


def _tidy(after: dict[str, Shape]) -> None:
    if not shapely.coverage_is_valid(list(after.values())):
        raise BordersCross(grids=", ".join(after))


def _places(metric: NDArray[np.object_], shapes: dict[str, Shape]) -> dict[Point, Point]:
    """For each vertex in metres the vertex of the layer: what stays is not computed but looked up."""
    flat, own = shapely.get_coordinates(metric).tolist(), shapely.get_coordinates(list(shapes.values())).tolist()
    return {(x, y): (lon, lat) for (x, y), (lon, lat) in zip(flat, own, strict=True)}


def _placed(shape: Shape, back: dict[Point, Point]) -> Shape:
    return shape_of([[[back[point] for point in ring] for ring in rings] for rings in parts_of(shape)])


def _around_buildings(
    before: dict[str, Shape], after: dict[str, Shape], coverage: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> dict[str, Shape]:
    """The simplified shapes, with the vertices of the stretches that would newly cut a building put back."""
    layer = buildings if coverage.crs is None or buildings.crs is None else buildings.to_crs(coverage.crs)
    houses = np.asarray(layer.geometry.to_numpy(), dtype=object)
    old = {segment for shape in before.values() for segment in _sides(shape)}
    for _ in range(ROUNDS):
        new = sorted({segment for shape in after.values() for segment in _sides(shape)} - old)
        if not new:
            break
        lines = shapely.linestrings(np.array(new))
        hits = np.unique(shapely.STRtree(houses).query(lines, "crosses")[0])
        if not len(hits):
            break
        bad = {new[row] for row in hits.tolist()}
        after = {code: _restored(before[code], shape, bad) for code, shape in after.items()}
    return after


def _sides(shape: Shape) -> set[tuple[Point, Point]]:
    return {
        (min(a, b), max(a, b))
        for rings in parts_of(shape)
        for ring in rings
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
    }


def _restored(was: Shape, now: Shape, bad: set[tuple[Point, Point]]) -> Shape:
    """A shape with its vertices between the ends of some of its sides put back."""
    rings = [ring for part in parts_of(was) for ring in part]
    return shape_of([[_ring(ring, rings, bad) for ring in part] for part in parts_of(now)])


def _ring(ring: Ring, full: list[Ring], bad: set[tuple[Point, Point]]) -> Ring:
    result: Ring = []
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        result.append(a)
        if (min(a, b), max(a, b)) in bad:
            result += _between(a, b, next(other for other in full if a in other and b in other))
    return result


def _between(a: Point, b: Point, ring: Ring) -> Ring:
    start = ring.index(a)
    turned = ring[start:] + ring[:start]
    return turned[1 : turned.index(b)]
