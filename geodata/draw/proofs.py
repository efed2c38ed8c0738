"""Why a grid cannot be within the limits: only what is proven counts, never that a search gave up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geodata.draw.plan import possible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.draw.graph import Graph

TRIES: Final = 20_000
"""Connected pieces of ground that are looked at to prove that a building fits into no grid."""


@dataclass(frozen=True)
class Cause:
    """Why a grid is outside the limits, proven.

    Attributes:
        kind: `tower` (one building, or some that overlap, above the most), `island` (separate ground with too few),
            `total` (separate ground whose households no number of grids divides), `enclosed` (no connected ground
            around a building is within the limits), `lumps` (every division of the ground around was looked at, and
            none is within the limits), `count` (the number asked for).
        unit: the unit that shows it, -1 where it is the ground as a whole.
        households: how many show it.
    """

    kind: str
    unit: int
    households: int


def outside(graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int]) -> NDArray[np.int64]:
    """The grids outside the limits."""
    loads = np.bincount(grid_of, graph.load)
    return np.flatnonzero((loads < limits[0]) | (loads > limits[1]))


def causes(graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int], count: int | None) -> dict[int, Cause]:
    """The proven cause of each grid outside the limits that has one.

    The units must be as fine as they can be where a cause is looked for.
    """
    found: dict[int, Cause] = {}
    component = graph.components()
    loads = np.bincount(grid_of, graph.load)
    wrong = outside(graph, grid_of, limits)
    for grid in wrong.tolist():
        members = np.flatnonzero(grid_of == grid)
        cause = _tower(graph, members, limits[1]) if loads[grid] > limits[1] else None
        cause = cause or _by_total(graph, np.flatnonzero(component == component[members[0]]), limits)
        cause = cause or _enclosed(graph, members, limits)
        if cause is None and count is not None:
            cause = _asked_for(float(graph.load.sum()), count, limits)
        if cause is not None:
            found[grid] = cause
    return found


def _tower(graph: Graph, members: NDArray[np.int64], high: int) -> Cause | None:
    heaviest = int(members[np.argmax(graph.load[members])])
    load = int(graph.load[heaviest])
    return Cause("tower", heaviest, load) if load > high else None


def _by_total(graph: Graph, island: NDArray[np.int64], limits: tuple[int, int]) -> Cause | None:
    """Separate ground whose total says enough."""
    total = int(graph.load[island].sum())
    if total < limits[0]:
        return Cause("island", -1, total)
    if not possible(total, *limits):
        return Cause("total", -1, total)
    return None


def _asked_for(total: float, count: int, limits: tuple[int, int]) -> Cause | None:
    return None if count * limits[0] <= total <= count * limits[1] else Cause("count", -1, count)


def _enclosed(graph: Graph, members: NDArray[np.int64], limits: tuple[int, int]) -> Cause | None:
    """A building of the grid that no connected ground within the limits contains."""
    lived = members[graph.load[members] > 0]
    for unit in lived[np.lexsort((lived, -graph.load[lived]))].tolist():
        if fits_nowhere(graph, unit, limits):
            return Cause("enclosed", unit, int(graph.load[unit]))
    return None


def fits_nowhere(graph: Graph, unit: int, limits: tuple[int, int]) -> bool:
    """Whether no connected set of units that contains `unit` is within the limits; False also where it is not known.

    Ground without households is free, so it is gone through first. Then every connected set below the limit is looked
    at once: a set is its units in order, and a unit once passed over is not taken later.
    """
    low, high = limits
    if graph.load[unit] > high or _in_reach(graph, unit, high) < low:
        return True
    tried = 0
    stack = [(frozenset({unit}), int(graph.load[unit]), frozenset[int]())]
    while stack:
        chosen, total, passed = stack.pop()
        chosen, edge = _spread(graph, chosen, passed)
        if total >= low:
            return False
        tried += 1
        if tried > TRIES:
            return False
        barred = set(passed)
        for there in sorted(edge, key=lambda other: -int(graph.load[other])):
            more = total + int(graph.load[there])
            if more <= high:
                if more >= low:
                    return False
                stack.append((chosen | {there}, more, frozenset(barred)))
                barred.add(there)
    return True


def _in_reach(graph: Graph, unit: int, high: int) -> int:
    """Households of all that a unit hangs together with, over units that fit into a grid with it."""
    fits = graph.load + graph.load[unit] <= high
    fits[unit] = True
    reached, todo = {unit}, [unit]
    while todo:
        here = todo.pop()
        for there in graph.other[graph.first[here] : graph.first[here + 1]].tolist():
            if fits[there] and there not in reached:
                reached.add(there)
                todo.append(there)
    return int(graph.load[list(reached)].sum())


def _spread(graph: Graph, chosen: frozenset[int], passed: frozenset[int]) -> tuple[frozenset[int], list[int]]:
    """A set with all ground without households that it reaches, and the lived-in units around it."""
    reached = set(chosen)
    edge: set[int] = set()
    todo = list(chosen)
    while todo:
        here = todo.pop()
        for there in graph.other[graph.first[here] : graph.first[here + 1]].tolist():
            if there in reached or there in passed:
                continue
            if graph.load[there] == 0:
                reached.add(there)
                todo.append(there)
            else:
                edge.add(there)
    return frozenset(reached), sorted(edge)
