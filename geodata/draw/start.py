"""Where the search begins: METIS cuts the graph in two again and again; what fell apart is mended."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import numpy as np
import pymetis

from geodata import blocks as base

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.draw.graph import Graph

FINE: Final = 10
"""METIS knows whole numbers: households count this much, and ground without any counts 1."""
FEW: Final = 3
"""Units a part, below which METIS has nothing to choose from."""


def parts_of(graph: Graph, count: int, seed: int) -> NDArray[np.int64]:
    """The connected graph in `count` connected parts of about the same load, numbered from 0."""
    if count <= 1:
        return np.zeros(len(graph), dtype=np.int64)
    if len(graph) < FEW * count:
        return grown(graph, count, seed)
    most = max(int(graph.load.sum()) // count // FEW, 1)  # heavier ones would leave METIS with parts of nothing
    _, parts = pymetis.part_graph(
        count,
        adjacency=pymetis.CSRAdjacency(graph.first.astype(np.int32), graph.other.astype(np.int32)),
        vweights=(np.minimum(graph.load, most) * FINE + 1).astype(np.int32),
        eweights=np.maximum(np.round(graph.cost * 10), 1).astype(np.int32),
        recursive=True,
        options=pymetis.Options(seed=seed, ufactor=30),
    )
    return mended(graph, np.asarray(parts, dtype=np.int64), count)


def grown(graph: Graph, count: int, seed: int) -> NDArray[np.int64]:
    """The same for few units: parts grow from chance beginnings far from each other, the lightest first."""
    rng = random.Random(seed)  # noqa: S311  # chance that can be repeated
    begins = [rng.randrange(len(graph))]
    far = _steps(graph, begins[0])
    while len(begins) < min(count, len(graph)):
        furthest = np.flatnonzero(far == far.max())
        begins.append(int(furthest[rng.randrange(len(furthest))]))
        far = np.minimum(far, _steps(graph, begins[-1]))
    result = np.full(len(graph), -1)
    result[begins] = np.arange(len(begins))
    heap = [(int(graph.load[unit]), part, unit) for part, unit in enumerate(begins)]
    total = graph.load[begins].copy()
    while heap:
        heap.sort()
        _, part, unit = heap.pop(0)
        free = [n for n in graph.other[graph.first[unit] : graph.first[unit + 1]].tolist() if result[n] < 0]
        if free:
            taken = free[rng.randrange(len(free))]
            result[taken] = part
            total[part] += graph.load[taken]
            heap += [(int(total[part]), part, taken)]
            heap += [(int(total[part]), part, unit)]
            heap = [(int(total[p]), p, u) for _, p, u in heap]
    return result


def _steps(graph: Graph, begin: int) -> NDArray[np.int64]:
    """How many borders away each unit is."""
    far = np.full(len(graph), -1)
    far[begin] = 0
    ring = [begin]
    while ring:
        following = []
        for unit in ring:
            for there in graph.other[graph.first[unit] : graph.first[unit + 1]].tolist():
                if far[there] < 0:
                    far[there] = far[unit] + 1
                    following.append(there)
        ring = following
    return far


def mended(graph: Graph, grid_of: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Every grid in one piece: the piece with the largest load stays, the others go to the lightest neighbour."""
    result = grid_of.copy()
    owner = graph.owner
    for _ in range(len(graph)):
        inside = result[owner] == result[graph.other]
        piece = base.joined(len(graph), owner[inside], graph.other[inside])
        names, place = np.unique(piece, return_inverse=True)
        loads = np.bincount(place, graph.load)
        sizes = np.bincount(place, graph.area)
        grid = result[names]
        order = np.lexsort((names, -sizes, -loads, grid))
        main = order[np.unique(grid[order], return_index=True)[1]]
        stray = np.setdiff1d(np.arange(len(names)), main)
        if not len(stray):
            break
        lightest = stray[np.lexsort((stray, loads[stray]))[0]]
        members = np.flatnonzero(place == lightest)
        touching = np.unique(result[graph.other[np.isin(owner, members)]])
        touching = touching[touching != grid[lightest]]
        total = np.bincount(result, graph.load, count)
        result[members] = touching[np.lexsort((touching, total[touching]))[0]]
    used, renamed = np.unique(result, return_inverse=True)
    return renamed if len(used) < count else result
