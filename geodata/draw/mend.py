"""What the search left outside the limits: the grids around it are divided anew, in another number or another way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from geodata.draw.exact import looked_through
from geodata.draw.gatherings import shared_anew, shared_apart
from geodata.draw.plan import numbered
from geodata.draw.proofs import causes, outside
from geodata.draw.search import anneal, recombine, rules_for, value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.draw.graph import Graph

ROUNDS: Final = 4
NEAR: Final = 1
"""After so many rounds of chance every way is looked at: wider rounds take ten times as long and find it less often."""
DEPTHS: Final = 3
"""Grids around the one that is outside, over so many borders, are divided anew with it; nearer ones first."""
TRIES_A_UNIT: Final = 500
LEAST_TRIES: Final = 50_000
MOST_TRIES: Final = 200_000
NEAR_EFFORT: Final = 40_000
"""Connected pieces of ground that are looked at around each grid that is outside, before chance is tried."""
SMOOTH_A_UNIT: Final = 1_600
GENTLE: Final = 0.4
TRIALS: Final = (0, 0, 1, -1, 2)
"""How many grids more than now."""
TRIALS_A_ROUND: Final = len(TRIALS)


def settled(
    graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int], seed: int, *, fixed: bool
) -> NDArray[np.int64]:
    """A division with fewer grids outside the limits, or the same where none is found.

    Args:
        graph: units.
        grid_of: the grid of each, numbered from 0.
        limits: fewest and most households.
        seed: of the chance.
        fixed: the number of grids must stay.
    """
    result = grid_of
    for turn in range(ROUNDS):
        result = result if fixed else _light_joined(graph, result, limits)
        result = gathered(graph, result, limits, seed) if turn == NEAR and not fixed else result
        wrong = _wrong(graph, result, limits)
        if not wrong:
            break
        result = _round(graph, result, limits, wrong, turn, seed, fixed=fixed)
    result = result if fixed else gathered(graph, _light_joined(graph, result, limits), limits, seed)
    for grid in outside(graph, result, limits).tolist():
        result = _relieved(graph, result, limits, grid)
    return result


def gathered(graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int], seed: int) -> NDArray[np.int64]:
    """What chance left outside the limits, shared out anew with a few grids around it where that can be.

    Args:
        graph: units.
        grid_of: the grid of each, numbered from 0.
        limits: fewest and most households.
        seed: of the chance.
    """
    result = grid_of
    for unit in [int(np.flatnonzero(grid_of == grid)[0]) for grid in _wrong(graph, grid_of, limits)]:
        if result[unit] in outside(graph, result, limits):
            grid = int(result[unit])
            full = int(graph.load[result == grid].sum()) > limits[1]
            found = shared_apart(graph, result, limits, grid, seed) if full else None
            found = shared_anew(graph, result, limits, grid, seed) if found is None else found
            result = result if found is None else found
    return result


def _wrong(graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int]) -> list[int]:
    """The grids outside the limits without a proven cause."""
    proven = causes(graph, grid_of, limits, None)
    return [grid for grid in outside(graph, grid_of, limits).tolist() if grid not in proven]


def _relieved(graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int], grid: int) -> NDArray[np.int64]:
    """A grid that is too full gives a unit to the grid of a building beyond the limit beside it, outside already.

    The lightest unit that is enough; nothing where none is, or where it would leave the grid in pieces or too light.
    """
    low, high = limits
    load = int(graph.load[grid_of == grid].sum())
    towers = np.unique(grid_of[graph.load > high])
    if load <= high or grid in towers:
        return grid_of
    edge = (grid_of[graph.owner] == grid) & np.isin(grid_of[graph.other], towers)
    enough = (graph.load >= load - high) & (graph.load <= load - low)
    for unit in sorted(set(graph.owner[edge].tolist()), key=lambda one: (int(graph.load[one]), one)):
        rest = np.setdiff1d(np.flatnonzero(grid_of == grid), [unit])
        if enough[unit] and len(np.unique(graph.part(rest).components())) == 1:
            result = grid_of.copy()
            beside = graph.other[graph.first[unit] : graph.first[unit + 1]]
            result[unit] = grid_of[beside[np.isin(grid_of[beside], towers)][0]]
            return result
    return grid_of


def _light_joined(graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int]) -> NDArray[np.int64]:
    """Grids below the limits with the neighbour that can take them, of several the one with the longest border.

    One without households can go to any neighbour: nobody there gets a fuller grid.
    """
    result = grid_of.copy()
    loads = np.bincount(result, graph.load).astype(np.int64)
    for grid in np.flatnonzero(loads < limits[0])[np.argsort(loads[loads < limits[0]], kind="stable")].tolist():
        border = (result[graph.owner] == grid) & (result[graph.other] != grid)
        shared = np.bincount(result[graph.other[border]], graph.length[border], len(loads))
        takes = (shared > 0) & ((loads + loads[grid] <= limits[1]) | (loads[grid] == 0))
        if takes.any():
            into = int(np.lexsort((-shared, loads > limits[1], ~takes))[0])
            result[result == grid] = into
            loads[into] += loads[grid]
            loads[grid] = 0
    return np.asarray(np.unique(result, return_inverse=True)[1])


def _round(
    graph: Graph,
    grid_of: NDArray[np.int64],
    limits: tuple[int, int],
    wrong: list[int],
    turn: int,
    seed: int,
    *,
    fixed: bool,
) -> NDArray[np.int64]:
    """One try at each grid that is outside, by its lowest unit, since numbers change on the way."""
    result = grid_of
    for unit in [int(np.flatnonzero(grid_of == grid)[0]) for grid in wrong]:
        grid = int(result[unit])
        if grid in outside(graph, result, limits):
            found = None if turn or fixed else _looked_up(graph, result, limits, grid)
            result = _redone(graph, result, limits, grid, turn, seed, fixed=fixed) if found is None else found
    return result


def _looked_up(
    graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int], grid: int
) -> NDArray[np.int64] | None:
    """A grid and its neighbours divided within the limits, None where a short look finds no way."""
    towers = grid_of[graph.load > limits[1]]
    members = np.flatnonzero(np.isin(grid_of, np.setdiff1d(_around(graph, grid_of, grid, 1), towers)))
    piece = graph.part(members).components()
    members = members[piece == piece[np.flatnonzero(grid_of[members] == grid)[0]]]
    division, _ = looked_through(graph, members, limits, NEAR_EFFORT)
    if division is None:
        return None
    result = grid_of.copy()
    result[members] = division + int(grid_of.max()) + 1
    return np.asarray(np.unique(result, return_inverse=True)[1])


def _redone(
    graph: Graph,
    grid_of: NDArray[np.int64],
    limits: tuple[int, int],
    grid: int,
    turn: int,
    seed: int,
    *,
    fixed: bool,
) -> NDArray[np.int64]:
    """The best of several divisions of a grid with those around it."""
    region = _around(graph, grid_of, grid, 1 + turn % DEPTHS)
    members = np.flatnonzero(np.isin(grid_of, region))
    part = graph.part(members)
    now = np.unique(grid_of[members], return_inverse=True)[1]
    best, best_worth = now, _worth(part, now, limits)
    unavoidable = int((part.load > limits[1]).sum())
    counts = [more for more in TRIALS if (not fixed or not more) and int(now.max()) + 1 + more >= 1]
    with ThreadPoolExecutor(2) as pool:
        work = [
            pool.submit(_tried, part, now, more, limits, seed + trial + TRIALS_A_ROUND * (turn + 1))
            for trial, more in enumerate(counts)
        ]
        for job in work:
            done = job.result()
            worth = _worth(part, done, limits)
            if worth < best_worth:
                best, best_worth = done, worth
            if best_worth[0] <= unavoidable:
                pool.shutdown(cancel_futures=True)
                break
    result = grid_of.copy()
    result[members] = best + int(grid_of.max()) + 1
    return np.asarray(np.unique(result, return_inverse=True)[1])


def _tried(part: Graph, now: NDArray[np.int64], more: int, limits: tuple[int, int], seed: int) -> NDArray[np.int64]:
    """A region divided anew, in so many grids more than now."""
    begun = numbered(part, now.copy(), np.full(int(now.max()) + 1, -1), int(now.max()) + 1 + more, seed)[0]
    rules = rules_for(part, int(begun.max()) + 1, *limits)
    tries = min(max(TRIES_A_UNIT * len(part), LEAST_TRIES), MOST_TRIES)
    done = recombine(part, begun, rules, tries, seed)
    return anneal(part, done, rules, SMOOTH_A_UNIT * len(part), seed, warm=GENTLE)


def _around(graph: Graph, grid_of: NDArray[np.int64], grid: int, depth: int) -> NDArray[np.int64]:
    """A grid and its neighbours, over so many borders."""
    region = np.array([grid])
    for _ in range(depth):
        edge = np.isin(grid_of[graph.owner], region)
        region = np.union1d(region, grid_of[graph.other[edge]])
    return region


def _worth(graph: Graph, grid_of: NDArray[np.int64], limits: tuple[int, int]) -> tuple[int, int, float]:
    """How bad a division is: grids outside the limits, households too many or too few, then the rest."""
    loads = np.bincount(grid_of, graph.load).astype(np.int64)
    off = np.maximum(limits[0] - loads, 0) + np.maximum(loads - limits[1], 0)
    rules = rules_for(graph, int(grid_of.max()) + 1, *limits)
    return int((off > 0).sum()), int(off.sum()), round(value(graph, grid_of, rules), 6)
