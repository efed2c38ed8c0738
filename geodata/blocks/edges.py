"""The straight edges of a tiling, each with the polygon on its other side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Edges:
    """Every edge of every polygon, ring by ring: an inner edge is there twice.

    Attributes:
        start: first ends (n, 2).
        end: second ends (n, 2).
        owner: the polygon of each.
        twin: the polygon beyond it, -1 on the outside.
        following: the next edge on the same ring.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    owner: NDArray[np.int64]
    twin: NDArray[np.int64]
    following: NDArray[np.int64]


def edges_of(shapes: NDArray[Any]) -> Edges:
    """The edges of polygons that share their edges vertex for vertex."""
    rings, polygon = shapely.get_rings(shapes, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end, here = xy[:-1][same], xy[1:][same], ring[:-1][same]
    following = np.arange(len(here)) + 1
    last = np.append(np.flatnonzero(np.diff(here)), len(here) - 1) if len(here) else np.array([], dtype=np.int64)
    following[last] = np.append(0, last[:-1] + 1)[: len(last)]
    owner = polygon[here]
    return Edges(start, end, owner, _twins(start, end, owner), following)


def lengths(run: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lengths of vectors (n, 2), by a root: libraries differ in the last digit of a hypotenuse."""
    return np.asarray(np.sqrt(run[:, 0] * run[:, 0] + run[:, 1] * run[:, 1]))


def _twins(start: NDArray[np.float64], end: NDArray[np.float64], owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each edge the owner of the same edge run the other way."""
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(turned[:, None], end, start), np.where(turned[:, None], start, end)
    order = np.lexsort((high[:, 1], high[:, 0], low[:, 1], low[:, 0]))
    keys = np.column_stack([low, high])[order]
    same = np.flatnonzero((keys[1:] == keys[:-1]).all(axis=1))
    twin = np.full(len(owner), -1)
    one, other = order[same], order[same + 1]
    twin[one], twin[other] = owner[other], owner[one]
    return twin
