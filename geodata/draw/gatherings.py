"""A grid outside the limits with every few grids around it: their ground is shared out anew.

A wide piece of ground has too many ways to be looked through, and chance misses the only one that there is. Of few
grids every way is looked at, and where these are too many still, chance tries among few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from geodata.draw.exact import looked_through
from geodata.draw.plan import numbered
from geodata.draw.proofs import outside
from geodata.draw.search import recombine, rules_for
from geodata.draw.start import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geodata.draw.graph import Graph

MOST_GRIDS: Final = 5
"""So many grids are taken together."""
EFFORT: Final = 5_000
"""Connected pieces of ground that are looked at in each gathering."""
TRIES: Final = 20_000
"""Cuts that chance tries where that is not enough."""
MOST_OPEN: Final = 40
"""After so many gatherings that were too much to look through it is given up."""
COUNTS: Final = (0, -1, 1)
"""How many grids more than now chance tries."""


def shared_anew(
    graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int], grid: int, seed: int
) -> NDArray[np.int64] | None:
    """A division in which a grid and a few around it are all within the limits, None where none is found.

    Args:
        graph: units.
        grid_of: the grid of each, numbered from 0.
        limits: fewest and most households.
        grid: one outside the limits, without a building beyond them.
        seed: of the chance.
    """
    too_much = 0
    for some in _gatherings(_beside(graph, grid_of, limits[1]), grid):
        members = np.flatnonzero(np.isin(grid_of, some))
        division, never = looked_through(graph, members, limits, EFFORT)
        if division is None and not never:
            division = _by_chance(graph.part(members), grid_of[members], limits, seed)
        if division is not None:
            result = grid_of.copy()
            result[members] = division + int(grid_of.max()) + 1
            return np.asarray(np.unique(result, return_inverse=True)[1])
        too_much += not never
        if too_much > MOST_OPEN:
            break
    return None


def shared_apart(
    graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int], grid: int, seed: int
) -> NDArray[np.int64] | None:
    """The same of a grid that is too full: cut in two first, for each half may find its way alone."""
    members = np.flatnonzero(grid_of == grid)
    if len(members) == 1:
        return None
    result = grid_of.copy()
    result[members[parts_of(graph.part(members), 2, seed) == 1]] = int(grid_of.max()) + 1
    for unit in (members[result[members] == grid][0], members[result[members] != grid][0]):
        if result[unit] in outside(graph, result, limits):
            found = shared_anew(graph, result, limits, int(result[unit]), seed)
            if found is None:
                return None
            result = found
    return result


def _by_chance(part: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int], seed: int) -> NDArray[np.int64] | None:
    """A division of a part within the limits that chance finds in a short time, None where it finds none."""
    now = np.unique(grid_of, return_inverse=True)[1]
    total, count = int(part.load.sum()), int(now.max()) + 1
    for wanted in [
        count + more for more in COUNTS if (count + more) * limits[0] <= total <= (count + more) * limits[1]
    ]:
        begun = numbered(part, now.copy(), np.full(count, -1), wanted, seed)[0]
        rules = rules_for(part, int(begun.max()) + 1, *limits)
        found = recombine(part, begun, rules, TRIES, seed)
        if not len(outside(part, found, limits)):
            return found
    return None


def _beside(graph: Graph, grid_of: NDArray[np.int64], high: int) -> dict[int, set[int]]:
    """The grids beside each grid; those of buildings beyond the limit are beside nothing."""
    free = ~np.isin(grid_of, grid_of[graph.load > high])
    owner = graph.owner
    border = free[owner] & free[graph.other] & (grid_of[owner] != grid_of[graph.other])
    near: dict[int, set[int]] = {}
    for one, other in zip(grid_of[owner[border]].tolist(), grid_of[graph.other[border]].tolist(), strict=True):
        near.setdefault(one, set()).add(other)
    return near


def _gatherings(near: dict[int, set[int]], grid: int) -> Iterator[list[int]]:
    """Every set of grids that hangs together and holds this one, the fewest grids first."""
    ring: list[tuple[int, ...]] = [(grid,)]
    for _ in range(MOST_GRIDS - 1):
        wider = {
            tuple(sorted({*some, other})) for some in ring for one in some for other in near.get(one, set()) - {*some}
        }
        ring = sorted(wider)
        yield from (list(some) for some in ring)
