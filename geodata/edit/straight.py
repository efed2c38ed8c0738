"""Vertices that only crossings of lines brought, and that no border turns at, are left out again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.edit.rings import parts_of, shape_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.edit.change import Shape
    from geodata.edit.place import Place

ON_THE_WAY = 1e-9
"""Share of the length of its two sides by which a vertex may be off the straight line."""


def straightened(shapes: Mapping[str, Shape], drawn: set[Place]) -> dict[str, Shape]:
    """The shapes without vertices that nobody drew, where exactly two sides meet on one straight line.

    It is decided for all shapes together, so that neighbours still match.

    Args:
        shapes: by code; those in which nothing is left out stay the very same.
        drawn: the vertices that stay in any case.
    """
    sides: dict[Place, set[Place]] = defaultdict(set)
    for shape in shapes.values():
        for rings in parts_of(shape):
            for ring in rings:
                for place, point in enumerate(ring):
                    if point not in drawn:
                        sides[point] |= {ring[place - 1], ring[(place + 1) % len(ring)]}
    out = {point for point, ends in sides.items() if len(ends) == 2 and _straight(point, *ends)}  # noqa: PLR2004 - ends
    return {code: _without(shape, out) for code, shape in shapes.items()}


def _straight(point: Place, start: Place, end: Place) -> bool:
    there, back = np.subtract(point, start), np.subtract(end, point)
    across = abs(float(there[0] * back[1] - there[1] * back[0]))
    return across <= ON_THE_WAY * float(there @ there + back @ back) and float(there @ back) > 0


def _without(shape: Shape, out: set[Place]) -> Shape:
    if out.isdisjoint(map(tuple, shapely.get_coordinates(shape).tolist())):
        return shape
    return shape_of([[[point for point in ring if point not in out] for ring in rings] for rings in parts_of(shape)])
