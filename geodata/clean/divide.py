"""A gap too compact for one grid, divided among those around it: every point goes to the nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.faces import segments
from geodata.nearest import Plane, regions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geodata.clean.ground import Ground

STEPS = 400
"""How many points along the rim of a gap are looked at."""
OVER_M = 1e-3
"""Metres by which a middle line passes the rim, so that it surely meets it."""


def middle_lines(ground: Ground, piece: list[int], rows: Sequence[int]) -> list[BaseGeometry]:
    """Lines, in the layer's numbers, that part the ground of a piece by which of some grids is nearest."""
    hole = ground.union(piece)
    flat = Plane(ground.layer.crs, hole)
    rim, *sides = flat.there([hole, *(_side(ground, piece, row) for row in rows)])
    step = max(float(shapely.length(rim)) / STEPS, OVER_M)
    points = [_middles(side, step) for side in sides]
    owners = np.repeat(np.arange(len(points)), [len(found) for found in points])
    if len(np.unique(owners)) == 1:
        return []
    around, within = shapely.buffer(rim, OVER_M), shapely.buffer(rim, -OVER_M / 2)
    parts = list(regions(np.concatenate(points), owners, around).values())
    lines = [shapely.intersection(shapely.boundary(part), around) for part in parts[:-1]]
    inner = [part for line in lines for part in shapely.get_parts(line) if part.intersects(within)]
    return flat.back(inner) if inner else []


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
