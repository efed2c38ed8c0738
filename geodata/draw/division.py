"""From what is given to a division of units: the graph, the search, and what is left outside, again and finer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geodata.draw.exact import MOST_UNITS, carried_out, grounds
from geodata.draw.graph import Graph, graph_of
from geodata.draw.mend import gathered, settled
from geodata.draw.plan import first_division, from_present, lump_of
from geodata.draw.proofs import Cause, causes, outside
from geodata.draw.search import COLD, SHARED, WARM, Rules, anneal, made_ready, recombine, rules_for, value
from geodata.draw.start import mended
from geodata.draw.units import Units, make_units

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geodata.draw.inputs import Given

MOVES_A_UNIT: Final = 13_000
LEAST_MOVES: Final = 1_600_000
MANY_MOVES: Final = 20_000_000
FEWER_A_UNIT: Final = 1_600
TRIES_A_GRID: Final = 3_000
LEAST_TRIES: Final = 100_000
STARTS: Final = 8
"""So many searches for a few grids: there luck does more than patience."""
SHORT: Final = 6
"""The share of the usual moves that each of them has."""
DIGITS: Final = 6
HEAVY: Final = 0.5
"""Where usual buildings have this share of the width of the limits, pairs of grids are cut anew first."""
BOLD: Final = 1.0
"""How bold the search begins there: heavy buildings need more freedom."""
MILD: Final = 0.1
"""How bold it ends where buildings are light and grids many: the last moves bring nothing there."""
LUKEWARM: Final = 0.3
SEAMS: Final = 6
"""The share of the usual moves that smooths what was mended."""
AGAIN: Final = 4
"""So often is smoothed what was mended, while some of it is still outside the limits."""
GENTLE: Final = 0.2
"""How bold the search is that begins from a drawing worth keeping."""
LEAVE: Final = 0.02
"""What it costs when one household gets another worker."""
TOGETHER: Final = 4.0
"""How many times a wall inside a named compound costs what another wall costs."""


@dataclass
class Division:
    """Units, their graph and the grid of each.

    Attributes:
        units: the pieces of ground.
        graph: how they touch.
        grid_of: the grid of each unit, numbered from 0.
        rules: what the search went by.
        causes: the proven cause of grids outside the limits.
    """

    units: Units
    graph: Graph
    grid_of: NDArray[np.int64]
    rules: Rules
    causes: dict[int, Cause]


def divided(given: Given, seed: int, told: Callable[[str], None]) -> Division:
    """The ground divided into grids."""
    low, high = given.limits
    told("blocks")
    split_over = max((high - low) / 2, 1.0)
    with ThreadPoolExecutor(1) as pool:  # blocks are made by a library that lets other threads work meanwhile
        ready = pool.submit(made_ready)
        units, graph = _prepared(given, split_over, None)
        ready.result()
    told("search")
    grid_of, stay, leave = _begun(given, units, graph, seed)
    grid_of = _searched(given, graph, grid_of, seed, stay, leave)
    found = _proven(given, graph, grid_of)
    if _open(given, graph, grid_of, found):
        told("mend")
        grid_of = _settled(given, graph, grid_of, seed)
        wrong = _open(given, graph, grid_of, _proven(given, graph, grid_of))
        if wrong and _could_be_finer(units, grid_of, wrong):
            units, graph, grid_of = _finer(given, units, graph, grid_of, wrong, split_over, seed)
        found = _proven(given, graph, grid_of)
        if given.count is None and _open(given, graph, grid_of, found):
            units, graph, grid_of, found = _at_last(given, units, graph, grid_of, found, split_over, seed)
    return Division(units, graph, grid_of, rules_for(graph, int(grid_of.max()) + 1, low, high), found)


def _prepared(given: Given, split_over: float, around: shapely.Geometry | None) -> tuple[Units, Graph]:
    units = make_units(
        given.ground, given.lines, given.buildings, given.households.load, split_over, given.plane, around
    )
    stands = units.unit_of >= 0
    load = np.bincount(units.unit_of[stands], given.households.load[stands], len(units.shapes))
    weight: NDArray[Any] = np.bincount(units.unit_of[stands], given.weight[stands], len(units.shapes))
    graph = graph_of(units.shapes, given.lines, np.round(load).astype(np.int64), weight, given.plane)
    return units, _compounds_kept(given, units, graph)


def _compounds_kept(given: Given, units: Units, graph: Graph) -> Graph:
    """Borders inside a named compound cost more."""
    if not any(given.compound):
        return graph
    name_of = np.full(len(graph), -1)
    names = {name: number for number, name in enumerate(sorted(set(given.compound) - {""}))}
    for unit, name in zip(units.unit_of.tolist(), given.compound, strict=True):
        if unit >= 0 and name:
            name_of[unit] = names[name]
    owner = graph.owner
    same = (name_of[owner] >= 0) & (name_of[owner] == name_of[graph.other])
    return graph.with_cost(np.where(same, graph.length * TOGETHER + graph.cost * TOGETHER, graph.cost))


def _begun(
    given: Given, units: Units, graph: Graph, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64] | None, NDArray[np.float64] | None]:
    """The first division; where present grids are given, also where each unit should stay and what leaving costs."""
    if given.present is None:
        return first_division(graph, given.limits, given.count, seed), None, None
    present = present_of(given, units)
    grid_of, origin = from_present(graph, present, given.limits, given.count, seed)
    place = {int(one): grid for grid, one in enumerate(origin.tolist()) if one >= 0}
    stay = np.array([place.get(one, -1) for one in present.tolist()], dtype=np.int64)
    return grid_of, stay, np.asarray(LEAVE * graph.load, dtype=np.float64)


def present_of(given: Given, units: Units) -> NDArray[np.int64]:
    """The present grid of each unit, -1 for none."""
    found = np.full(len(units.shapes), -1)
    if given.present is not None:
        shapes = given.present.geometry.to_numpy()
        place, grid = shapely.STRtree(shapes).query(shapely.point_on_surface(units.shapes), "intersects")
        found[place[::-1]] = grid[::-1]
    return found


def moves_for(graph: Graph) -> int:
    """How many moves the search tries on a graph."""
    usual = min(MOVES_A_UNIT * len(graph), max(MANY_MOVES, FEWER_A_UNIT * len(graph)))
    return max(usual, LEAST_MOVES)


def _searched(
    given: Given,
    graph: Graph,
    grid_of: NDArray[np.int64],
    seed: int,
    stay: NDArray[np.int64] | None,
    leave: NDArray[np.float64] | None,
) -> NDArray[np.int64]:
    rules = rules_for(graph, int(grid_of.max()) + 1, *given.limits)
    if stay is not None:
        return anneal(graph, grid_of, rules, moves_for(graph), seed, stay=stay, leave=leave, warm=GENTLE)
    return searched(graph, grid_of, rules, seed)


def searched(graph: Graph, grid_of: NDArray[np.int64], rules: Rules, seed: int, times: int = 1) -> NDArray[np.int64]:
    """A better division, so many times longer than usual; of a few grids the best of several."""
    count = int(grid_of.max()) + 1
    heavy = lump_of(graph, int(rules.high)) > HEAVY * (rules.high - rules.low)
    if count >= SHARED:
        return _searched_once(graph, grid_of, rules, seed, times, heavy, anew=heavy)
    with ThreadPoolExecutor(2) as pool:
        work = [
            pool.submit(
                _searched_once, graph, grid_of, rules, seed * STARTS + start, times, heavy, heavy or start % 2 == 1
            )
            for start in range(STARTS)
        ]
        found = [job.result() for job in work]
    return min(found, key=lambda one: round(value(graph, one, rules), DIGITS))


def _searched_once(
    graph: Graph, grid_of: NDArray[np.int64], rules: Rules, seed: int, times: int, heavy: bool, anew: bool
) -> NDArray[np.int64]:
    """Pairs of grids cut `anew`, where that is wanted, then single units."""
    tries = max(TRIES_A_GRID * (int(grid_of.max()) + 1), LEAST_TRIES)
    done = recombine(graph, grid_of, rules, tries * times, seed) if anew else grid_of
    many = int(grid_of.max()) + 1 >= SHARED
    moves = moves_for(graph) if many else moves_for(graph) // SHORT
    warm, cold = BOLD if heavy else WARM, MILD if many and not heavy else COLD
    return anneal(graph, done, rules, moves * times, seed, warm=warm, cold=cold)


def _settled(given: Given, graph: Graph, grid_of: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Mended and smoothed; what is still outside again, for smoothing moves what is around it."""
    fixed = given.count is not None
    result = _smooth(given, graph, settled(graph, grid_of, given.limits, seed, fixed=fixed), seed)
    for turn in range(1, 1 if fixed else AGAIN):
        if not _open(given, graph, result, _proven(given, graph, result)):
            break
        result = _smooth(given, graph, gathered(graph, result, given.limits, seed + turn), seed + turn)
    return result


def _smooth(given: Given, graph: Graph, grid_of: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """A division with the seams of its mending smoothed, where that brings no grid outside the limits."""
    rules = rules_for(graph, int(grid_of.max()) + 1, *given.limits)
    smooth = anneal(graph, grid_of, rules, moves_for(graph) // SEAMS, seed, warm=LUKEWARM)
    worse = len(outside(graph, smooth, given.limits)) > len(outside(graph, grid_of, given.limits))
    return grid_of if worse or given.present is not None else smooth


def _proven(given: Given, graph: Graph, grid_of: NDArray[np.int64]) -> dict[int, Cause]:
    return causes(graph, grid_of, given.limits, given.count)


def _open(given: Given, graph: Graph, grid_of: NDArray[np.int64], found: dict[int, Cause]) -> list[int]:
    """Grids outside the limits without a proven cause."""
    return [grid for grid in outside(graph, grid_of, given.limits).tolist() if grid not in found]


def _could_be_finer(units: Units, grid_of: NDArray[np.int64], wrong: list[int]) -> bool:
    """Whether a unit of these grids has several buildings."""
    stands = units.unit_of >= 0
    housed = np.bincount(units.unit_of[stands], minlength=len(units.shapes))
    return bool((housed[np.isin(grid_of, wrong)] > 1).any())


def _finer(
    given: Given,
    units: Units,
    graph: Graph,
    grid_of: NDArray[np.int64],
    wrong: list[int],
    split_over: float,
    seed: int,
) -> tuple[Units, Graph, NDArray[np.int64]]:
    """The same division of finer units around the grids that are still outside, and another try at them."""
    owner = graph.owner
    near = np.union1d(wrong, grid_of[graph.other[np.isin(grid_of[owner], wrong)]])
    around = shapely.coverage_union_all(units.shapes[np.isin(grid_of, near)])
    fine, fine_graph = _prepared(given, split_over, around)
    tree = shapely.STRtree(units.shapes)
    places = shapely.point_on_surface(fine.shapes)
    carried = grid_of[tree.query_nearest(places, all_matches=False)[1]]
    carried = np.unique(carried, return_inverse=True)[1]
    carried = mended(fine_graph, carried, int(carried.max()) + 1)
    rules = rules_for(fine_graph, int(carried.max()) + 1, *given.limits)
    carried = anneal(fine_graph, carried, rules, LEAST_MOVES, seed, warm=GENTLE)
    return fine, fine_graph, settled(fine_graph, carried, given.limits, seed, fixed=given.count is not None)


def _at_last(
    given: Given,
    units: Units,
    graph: Graph,
    grid_of: NDArray[np.int64],
    found: dict[int, Cause],
    split_over: float,
    seed: int,
) -> tuple[Units, Graph, NDArray[np.int64], dict[int, Cause]]:
    """Little ground with a grid outside the limits is looked through to the end: divided, or proven indivisible."""
    wrong = _open(given, graph, grid_of, found)
    ground = grounds(graph, given.limits[1])
    housed = np.bincount(ground[units.unit_of[units.unit_of >= 0]] + 1, minlength=len(graph) + 1)[1:]
    little = [name for name in np.unique(ground[np.isin(grid_of, wrong)]).tolist() if housed[name] <= MOST_UNITS]
    if not little:
        return units, graph, grid_of, found
    near = np.unique(grid_of[np.isin(ground, little)]).tolist()
    if _could_be_finer(units, grid_of, near):
        units, graph, grid_of = _finer(given, units, graph, grid_of, near, split_over, seed)
        wrong = _open(given, graph, grid_of, _proven(given, graph, grid_of))
    grid_of, never = carried_out(graph, grid_of, wrong, given.limits, seed)
    found = _proven(given, graph, grid_of)
    for grid in set(_open(given, graph, grid_of, found)) & set(grid_of[never].tolist()):
        found[grid] = Cause("lumps", -1, int(graph.load[never].sum()))
    return units, graph, grid_of, found


def buildings_in(division: Division) -> NDArray[np.int64]:
    """The grid of each building, -1 outside the ground."""
    unit_of: NDArray[Any] = division.units.unit_of
    return np.where(unit_of >= 0, division.grid_of[unit_of], -1)
