"""Units as a graph: who touches whom, over how many metres, and what a border there would cost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geodata import blocks as base
from geodata.blocks import Rank

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.plane import Plane

COST: Final[dict[Rank, float]] = {
    Rank.MAIN: 0.25,
    Rank.WATER: 1.2,
    Rank.RAIL: 1.2,
    Rank.SECOND: 0.4,
    Rank.THIRD: 0.6,
    Rank.LANE: 1.0,
    Rank.YARD: 1.4,
    Rank.LOCKED: 0.0,
    Rank.WALL: 4.5,
}
"""What a metre of border costs, a lane being 1: main streets before lanes, then water and railways, and walls only
where nothing else is."""
NEAR_STREET: Final = 0.7
"""A wall beside a street costs this share of a wall."""
ON_STREET_M: Final = 10.0
"""A border this near to the centre line of a street runs on it."""
ON_LINE: Final = 3e-8
"""Degrees within which an edge lies on the line that it was made from."""
MM: Final = 3
"""Digits of metres that count: what machines may round differently is below."""


@dataclass(frozen=True)
class Graph:
    """Units and their neighbours in compressed rows: those of unit i are `other[first[i]:first[i + 1]]`.

    Attributes:
        first: where the neighbours of each unit begin.
        other: the neighbours.
        length: metres of common border.
        cost: the same, each metre by what it runs along.
        street: metres of it that run on a street.
        outer: metres of each unit's outline that are the outline of the ground.
        area: square metres of each unit.
        load: households of each unit.
        weight: what else is to be shared evenly; the households again where nothing else is.
    """

    first: NDArray[np.int64]
    other: NDArray[np.int64]
    length: NDArray[np.float64]
    cost: NDArray[np.float64]
    street: NDArray[np.float64]
    outer: NDArray[np.float64]
    area: NDArray[np.float64]
    load: NDArray[np.int64]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.load)

    @property
    def owner(self) -> NDArray[np.int64]:
        """The unit that each row of neighbours belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.first))

    def part(self, members: NDArray[np.int64]) -> Graph:
        """The graph of some units alone; borders to the others become outer ones."""
        place = np.full(len(self), -1)
        place[members] = np.arange(len(members))
        owner = self.owner
        touches = place[owner] >= 0
        inner = touches & (place[self.other] >= 0)
        lost = touches & ~inner
        outer = self.outer + np.bincount(owner[lost], self.length[lost], len(self))
        counts = np.bincount(place[owner[inner]], minlength=len(members))
        order = np.argsort(place[owner[inner]], kind="stable")
        return Graph(
            first=np.append(0, np.cumsum(counts)),
            other=place[self.other[inner]][order],
            length=self.length[inner][order],
            cost=self.cost[inner][order],
            street=self.street[inner][order],
            outer=outer[members],
            area=self.area[members],
            load=self.load[members],
            weight=self.weight[members],
        )

    def components(self) -> NDArray[np.int64]:
        """The connected part that each unit is in, named by its first unit."""
        return base.joined(len(self), self.owner, self.other)

    def with_cost(self, cost: NDArray[np.float64]) -> Graph:
        """The same graph with other costs."""
        return replace(self, cost=cost)


def graph_of(
    shapes: NDArray[Any],
    lines: base.Lines,
    load: NDArray[np.int64],
    weight: NDArray[np.float64],
    plane: Plane,
) -> Graph:
    """The graph of units.

    Args:
        shapes: a tiling in degrees.
        lines: what borders can run along.
        load: households of each unit.
        weight: what else is to be shared evenly.
        plane: the metres to measure in.
    """
    edges = base.edges_of(shapes)
    start = _metric(edges.start, plane)
    end = _metric(edges.end, plane)
    length = base.lengths(end - start)
    count = len(shapes)
    outside = edges.twin < 0
    half = edges.owner < edges.twin
    middle = (edges.start[half] + edges.end[half]) / 2
    with ThreadPoolExecutor(1) as pool:  # shapely lets other threads work meanwhile
        ranked = pool.submit(_ranks, middle, lines)
        street = _near_streets((start[half] + end[half]) / 2, lines.streets, plane)
        ranks = ranked.result()
    each = np.array([COST[rank] for rank in Rank])[ranks]
    each = np.where(street & (ranks == Rank.WALL), each * NEAR_STREET, each)
    run = length[half]
    pair = edges.owner[half] * count + edges.twin[half]
    names, place = np.unique(pair, return_inverse=True)
    sums = [np.bincount(place, values, len(names)) for values in (run, run * each, run * street)]
    one, two = names // count, names % count
    both, far = np.append(one, two), np.append(two, one)
    order = np.lexsort((far, both))
    doubled: list[NDArray[Any]] = [np.round(np.append(values, values), MM)[order] for values in sums]
    area = shapely.area(plane.metres(shapes))
    return Graph(
        first=np.append(0, np.cumsum(np.bincount(both, minlength=count))),
        other=far[order],
        length=doubled[0],
        cost=doubled[1],
        street=doubled[2],
        outer=np.round(np.bincount(edges.owner[outside], length[outside], count), MM),
        area=np.round(area, 1),
        load=load.astype(np.int64),
        weight=weight.astype(np.float64),
    )


def _metric(xy: NDArray[np.float64], plane: Plane) -> NDArray[np.float64]:
    return np.column_stack(plane.project(xy[:, 0], xy[:, 1]))


def _ranks(middle: NDArray[np.float64], lines: base.Lines) -> NDArray[np.int64]:
    """The best rank of the lines on which each edge lies, `WALL` on none."""
    ranks = np.full(len(middle), int(Rank.WALL))
    if len(lines.shapes) and len(middle):
        edge, line = shapely.STRtree(lines.shapes).query(shapely.points(middle), "dwithin", distance=ON_LINE)
        np.minimum.at(ranks, edge, lines.ranks[line])
    return ranks


def _near_streets(middle: NDArray[np.float64], streets: NDArray[Any], plane: Plane) -> NDArray[np.bool_]:
    """Whether each edge runs within `ON_STREET_M` of a street."""
    near = np.zeros(len(middle), dtype=bool)
    if len(streets) and len(middle):
        metric = plane.metres(streets)
        near[shapely.STRtree(metric).query(shapely.points(middle), "dwithin", distance=ON_STREET_M)[0]] = True
    return near
