"""Faces: the pieces of ground between all lines, old and new. Every new shape is a union of faces, so edges match."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Point = tuple[float, float]
    Segment = tuple[Point, Point]


HALF_TURN, NEAR_POLE = 180.0, 89.0
"""Numbers up to these are taken for degrees, of which those of longitude shrink with the latitude."""


class Faces:
    """The faces between the outlines of some shapes, and how long each two of them run side by side.

    Attributes:
        shapes: the faces, polygons whose edges match vertex for vertex.
        inner: a point inside each.
    """

    def __init__(
        self, outlines: Iterable[BaseGeometry], lines: Iterable[BaseGeometry] = (), *, grid_size: float | None = None
    ) -> None:
        """Cut the ground along the boundaries of `outlines` and along further `lines`.

        Args:
            outlines: shapes whose boundaries cut.
            lines: more of what cuts; ends that lead nowhere cut nothing.
            grid_size: what vertices are rounded to where lines meet; nothing is rounded where not given.
        """
        drawn = [*(shapely.boundary(shape) for shape in outlines), *lines]
        noded = shapely.union_all(drawn, grid_size=grid_size)
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
        self.shapes: NDArray[np.object_] = np.asarray(faces, dtype=object)
        self.inner = shapely.point_on_surface(self.shapes)
        self._sides = _sides(self.shapes.tolist())

    def __len__(self) -> int:
        return len(self.shapes)

    def owners(self, shapes: Sequence[BaseGeometry]) -> list[int]:
        """For each face the first shape that holds it, -1 where none does."""
        owner = np.full(len(self.shapes), -1)
        for index in range(len(shapes) - 1, -1, -1):
            owner[shapely.intersects(shapes[index], self.inner)] = index
        return [int(index) for index in owner]

    def holds(self, face: int, place: Point) -> bool:
        """Whether a place is in a face."""
        return bool(shapely.intersects_xy(self.shapes[face], *place))

    @staticmethod
    def of_owner(owners: Sequence[int], owner: int) -> list[int]:
        """The faces of one owner."""
        return [face for face, who in enumerate(owners) if who == owner]

    def beside(self, face: int) -> dict[int, float]:
        """The faces on the other side of a face's edges, with the length of the common edges in the layer's units."""
        return self._sides[face]

    def union(self, faces: Sequence[int]) -> shapely.Polygon | shapely.MultiPolygon:
        """Some faces together, every vertex kept."""
        some = self.shapes[list(faces)]
        try:
            whole = shapely.coverage_union_all(some)
        except shapely.errors.GEOSException:  # where lines nearly coincide, faces may overlap by a rounding
            whole = shapely.union_all(some)
        parts = shapely.get_parts(whole).tolist()
        return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)

    def pieces(self, faces: Iterable[int]) -> list[list[int]]:
        """Faces gathered into connected pieces, the largest first."""
        left = set(faces)
        pieces = []
        while left:
            queue = [left.pop()]
            piece = list(queue)
            while queue:
                near = left & self._sides[queue.pop()].keys()
                left -= near
                queue += near
                piece += near
            pieces.append(sorted(piece))
        return sorted(pieces, key=lambda piece: -sum(self.shapes[face].area for face in piece))


def _sides(shapes: list[shapely.Polygon]) -> list[dict[int, float]]:
    users: dict[Segment, list[int]] = defaultdict(list)
    bounds = shapely.total_bounds(np.asarray(shapes, dtype=object))
    degrees = bool(np.abs(bounds).max() <= HALF_TURN) if shapes else False
    for face, shape in enumerate(shapes):
        for segment in segments(shape):
            users[segment].append(face)
    sides: list[dict[int, float]] = [defaultdict(float) for _ in shapes]
    for (a, b), faces in users.items():
        if len(faces) > 1:
            narrow = math.cos(math.radians(min(abs(a[1]), NEAR_POLE))) if degrees else 1.0
            length = math.hypot((a[0] - b[0]) * narrow, a[1] - b[1])
            sides[faces[0]][faces[1]] += length
            sides[faces[1]][faces[0]] += length
    return sides


def segments(shape: BaseGeometry) -> Iterable[Segment]:
    """The segments of all rings of a polygon, each the same way round whoever owns it."""
    for ring in shapely.get_rings(shape):
        points = [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]
        for a, b in pairwise(points):
            yield (a, b) if a < b else (b, a)


def hand_over(faces: Faces, owner: dict[int, str], loose: Iterable[int], allowed: dict[int, set[str]]) -> list[int]:
    """Give loose faces to the owner they run beside the longest, those with an owner beside first.

    `owner` grows; `allowed` says who may own a loose face. Returns the faces that nobody could be given.
    """
    waiting = sorted(loose)
    while waiting:
        taken = [(face, _nearest(faces, owner, face, allowed[face])) for face in waiting]
        given = {face: code for face, code in taken if code is not None}
        if not given:
            return waiting
        owner.update(given)
        waiting = [face for face in waiting if face not in given]
    return []


def _nearest(faces: Faces, owner: dict[int, str], face: int, allowed: set[str]) -> str | None:
    lengths: dict[str, float] = defaultdict(float)
    for other, length in faces.beside(face).items():
        if owner.get(other) in allowed:
            lengths[owner[other]] += length
    return max(sorted(lengths), key=lengths.__getitem__, default=None)
