"""A gap too compact for one grid, divided among those around it: every point goes to the nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import crs
from geodata.faces import segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

    from geodata.clean.ground import Ground
    from geodata.coverage.findings import Layer

STEPS = 400
"""How many points along the rim of a gap are looked at."""
OVER_M = 1e-3
"""Metres by which a middle line passes the rim, so that it surely meets it."""


def middle_lines(ground: Ground, piece: list[int], rows: Sequence[int]) -> list[BaseGeometry]:
    """Lines, in the layer's numbers, that part the ground of a piece by which of some grids is nearest."""
    hole = ground.union(piece)
    flat = _Flat(ground.layer, hole)
    rim, *sides = flat.there([hole, *(_side(ground, piece, row) for row in rows)])
    step = max(float(shapely.length(rim)) / STEPS, OVER_M)
    points = [_middles(side, step) for side in sides]
    owners = np.repeat(np.arange(len(points)), [len(found) for found in points])
    if len(np.unique(owners)) == 1:
        return []
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(np.concatenate(points)), ordered=True))
    regions = [shapely.union_all(cells[owners == number]) for number in np.unique(owners)]
    around, within = shapely.buffer(rim, OVER_M), shapely.buffer(rim, -OVER_M / 2)
    lines = [shapely.intersection(shapely.boundary(region), around) for region in regions[:-1]]
    return flat.back([part for line in lines for part in shapely.get_parts(line) if part.intersects(within)])


def _side(ground: Ground, piece: list[int], row: int) -> shapely.MultiLineString:
    """The common border of a piece and of what a grid holds beside it."""
    inside = set(piece)
    shared: set[tuple[tuple[float, float], tuple[float, float]]] = set()
    for face in piece:
        mine = set(segments(ground.faces.shapes[face]))
        for other in ground.faces.beside(face):
            if other not in inside and ground.owner[other] == row:
                shared |= mine & set(segments(ground.faces.shapes[other]))
    return shapely.MultiLineString(sorted(shared))


def _middles(side: BaseGeometry, step: float) -> NDArray[np.float64]:
    """The middles of the steps along a side: none of them on a corner, which two grids share."""
    lines = shapely.get_parts(shapely.segmentize(side, step))
    if not len(lines):
        return np.empty((0, 2))
    return np.concatenate([(points[:-1] + points[1:]) / 2 for points in map(shapely.get_coordinates, lines)])


class _Flat:
    """Metres around a place, and back to the numbers of the layer."""

    def __init__(self, layer: Layer, place: BaseGeometry) -> None:
        self._own = layer.crs
        self._metric: CRS | None = None
        if layer.crs is not None:
            degrees = crs.transform_geometries(np.array([place]), layer.crs, crs.WGS84)
            self._metric = crs.metric_crs(float(shapely.get_x(shapely.centroid(degrees[0]))))

    def there(self, shapes: list[BaseGeometry]) -> list[BaseGeometry]:
        return self._moved(shapes, self._own, self._metric)

    def back(self, shapes: list[BaseGeometry]) -> list[BaseGeometry]:
        return self._moved(shapes, self._metric, self._own)

    def _moved(self, shapes: list[BaseGeometry], source: CRS | None, target: CRS | None) -> list[BaseGeometry]:
        if source is None or target is None:
            return shapes
        return list(crs.transform_geometries(np.array(shapes, dtype=object), source, target))
