"""Vertices near a border are put on it, the same for everybody who shares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.edit.rings import parts_of, shape_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geodata.edit.change import Shape
    from geodata.edit.place import Place
    from geodata.edit.rings import Ring

ROUNDS = 10
TRIANGLE = 3


def put_on(shapes: Mapping[str, Shape], targets: NDArray[np.object_], reach: float) -> dict[str, Shape]:
    """Shapes with every vertex within reach of the targets on their nearest vertex, else on their nearest edge.

    Where that would spoil a shape, none of its vertices is moved, in no other shape either.
    """
    moves = _moves(np.unique(shapely.get_coordinates(list(shapes.values())), axis=0), targets, reach)
    for _ in range(ROUNDS):
        made = {code: _moved(shape, moves) for code, shape in shapes.items()}
        spoilt = [code for code, shape in made.items() if shape is None or not shape.is_valid]
        if not spoilt:
            return {code: shape for code, shape in made.items() if shape is not None}
        for code in spoilt:
            for point in shapely.get_coordinates(shapes[code]).tolist():
                moves.pop((point[0], point[1]), None)
    return dict(shapes)


def _moves(points: NDArray[np.float64], targets: NDArray[np.object_], reach: float) -> dict[Place, Place]:
    """Where each vertex within reach goes."""
    corners = np.unique(shapely.get_coordinates(targets), axis=0)
    mine, there = _nearest(_points(points), _points(corners), reach)
    moves = dict(zip(map(tuple, points[mine].tolist()), map(tuple, corners[there].tolist()), strict=True))
    rest = points[np.setdiff1d(np.arange(len(points)), mine)]
    edges = shapely.get_parts(shapely.boundary(targets))
    mine, there = _nearest(_points(rest), edges, reach)
    ways = shapely.shortest_line(_points(rest[mine]), edges[there])
    ends = shapely.get_coordinates(ways).reshape(-1, 2, 2)[:, 1]
    return moves | dict(zip(map(tuple, rest[mine].tolist()), map(tuple, ends.tolist()), strict=True))


def _points(places: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.points(places), dtype=object)


def _nearest(
    points: NDArray[np.object_], goals: NDArray[np.object_], reach: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    mine, there = shapely.STRtree(goals).query_nearest(points, max_distance=reach, all_matches=False)
    return mine, there


def _moved(shape: Shape, moves: Mapping[Place, Place]) -> Shape | None:
    """The shape with its vertices moved; itself where none is, None where a ring collapses."""
    parts = parts_of(shape)
    if not any(point in moves for rings in parts for ring in rings for point in ring):
        return shape
    made = [[_ring(ring, moves) for ring in rings] for rings in parts]
    return None if any(len(ring) < TRIANGLE for rings in made for ring in rings) else shape_of(made)


def _ring(ring: Ring, moves: Mapping[Place, Place]) -> Ring:
    put = [moves.get(point, point) for point in ring]
    return [point for place, point in enumerate(put) if point != put[place - 1]]
