"""A gap that no single grid can take, cut across where the grids around it change."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.faces import segments
from geodata.nearest import LocalMetres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geodata.clean.ground import Ground
    from geodata.faces import Segment

OVER_M = 1e-3
"""Metres by which a cut passes the rim at both ends, so that they surely meet."""
SHARP = np.radians(30)
"""By how much a corner must turn to reach into a gap."""
FARTHEST = 2.0
"""How many times as long as the tolerance a cut may be: an equilateral gap is 1.5 times as high as it is wide."""


def cuts(ground: Ground, piece: list[int], rows: Sequence[int], tolerance: float) -> list[BaseGeometry]:
    """Lines, in the layer's numbers, across a piece.

    From every corner where the grid beside the rim changes, or that reaches into the gap, they run to the nearest place
    of each other grid; where there is no such way, to the middle of the gap.
    """
    hole = ground.union(piece)
    plane = LocalMetres(ground.layer.crs, hole)
    flat, *sides = plane.there([hole, *(_side(ground, piece, row) for row in rows)])
    corners = _corners(sides) + _reaching(flat, sides)
    lines = [
        shapely.shortest_line(shapely.Point(corner), side)
        for corner, at in corners
        for number, side in enumerate(sides)
        if number not in at
    ]
    if not lines:
        middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(np.array([flat], dtype=object)))[0]
        lines = [shapely.LineString([corner, middle]) for corner, _ in corners]
    short = [line for line in lines if 0 < line.length <= FARTHEST * tolerance]
    return plane.back([_longer(line) for line in short]) if short else []


def _side(ground: Ground, piece: list[int], row: int) -> shapely.MultiLineString:
    """The common border of a piece and of what a grid holds beside it."""
    inside = set(piece)
    shared: set[Segment] = set()
    for face in piece:
        mine = set(segments(ground.faces.shapes[face]))
        for other in ground.faces.beside(face):
            if other not in inside and ground.owner[other] == row:
                shared |= mine & set(segments(ground.faces.shapes[other]))
    return shapely.MultiLineString(sorted(shared))


def _corners(sides: Sequence[BaseGeometry]) -> list[tuple[NDArray[np.float64], set[int]]]:
    """The places that two or more sides share, with the numbers of those sides."""
    ends = [set(map(tuple, shapely.get_coordinates(side).tolist())) for side in sides]
    places = sorted({place for one, other in combinations(ends, 2) for place in one & other})
    return [(np.array(place), {number for number, own in enumerate(ends) if place in own}) for place in places]


def _reaching(hole: BaseGeometry, sides: Sequence[BaseGeometry]) -> list[tuple[NDArray[np.float64], set[int]]]:
    """The corners of grids that reach into a gap, with the numbers of the sides that they are on."""
    owners = [set(map(tuple, shapely.get_coordinates(side).tolist())) for side in sides]
    found = []
    for ring in shapely.get_rings(shapely.orient_polygons(shapely.get_parts(hole))):
        points = shapely.get_coordinates(ring)[:-1]
        there, back = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
        turns = np.arctan2(there[:, 0] * back[:, 1] - there[:, 1] * back[:, 0], np.einsum("ij,ij->i", there, back))
        sharp = points[turns < -SHARP]
        found += [(at, {number for number, own in enumerate(owners) if tuple(at.tolist()) in own}) for at in sharp]
    return found


def _longer(line: BaseGeometry) -> BaseGeometry:
    start, end = shapely.get_coordinates(line)
    over = (end - start) * (OVER_M / np.hypot(*(end - start)))
    return shapely.LineString([start - over, end + over])
