"""The search: units go from grid to grid across a border, ever more cautiously (simulated annealing).

A move that breaks the limits is tried once more with a second unit that mends them. Where buildings are heavy pairs of
grids are joined and cut anew first (`recut`).

What a drawing costs is a sum over its grids and its borders:

- 5 for each grid outside the limits, and 30 for each half width of the limits by which it is outside;
- a little for households far from the average (or for another weight, where one is to be shared evenly);
- the borders, each metre by what it runs along (`graph.COST`), in units of two thirds of a usual grid's side;
- 3 times how far a grid is from a circle (1 - Polsby-Popper);
- buildings that would get another worker.

The loops are compiled and use only sums, products, quotients and their own random numbers: the same seed gives the same
drawing on every machine.
"""

from __future__ import annotations

import math
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Context
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geodata.draw.graph import Graph
from geodata.draw.loop import COLUMNS, COST, STEPS, totals
from geodata.draw.recut import recut
from geodata.draw.shift import search

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE: Final = 0.66
WARM: Final = 0.5
COLD: Final = 0.06
BOLD: Final = (20.0, 1.0)
SHARED: Final = 32
"""So many grids are searched in two halves at once."""
TURNS: Final = 100
CHANCE: Final = np.uint64(0x9E3779B97F4A7C15)
EXACT: Final = Context(prec=40)


@dataclass(frozen=True)
class Rules:
    """What the search goes by.

    Attributes:
        low: fewest households of a grid.
        high: most.
        target: of the weight that is to be shared evenly, the share of each grid.
        spread: the deviation of the weight that counts as one.
        scale: metres of border at cost 1 that count as one.
    """

    low: float
    high: float
    target: float
    spread: float
    scale: float

    @property
    def numbers(self) -> NDArray[np.float64]:
        """As the loop takes them."""
        half = max((self.high - self.low) / 2, 1.0)
        return np.array([self.low, self.high, self.target, 1.0 / self.spread, 1.0 / half])


def power(base: float, exponent: float) -> float:
    """A power to the last digit: processors and their libraries differ there, and one digit makes another drawing."""
    return float(EXACT.power(EXACT.create_decimal_from_float(base), EXACT.create_decimal_from_float(exponent)))


def rules_for(graph: Graph, count: int, low: int, high: int) -> Rules:
    """The rules for so many grids of a graph."""
    half = max((high - low) / 2, 1.0)
    lived = graph.area[graph.load > 0].sum() or graph.area.sum()
    mean = float(graph.load.sum()) / count
    share = float(graph.weight.sum()) / count
    spread = half if mean <= 0 else half * max(share, 1e-9) / mean
    return Rules(low, high, share, max(spread, 1e-9), SIDE * math.sqrt(max(float(lived), 1.0) / count))


def made_ready() -> None:
    """Has the loops in machine code: read from where they are kept, or made, which takes seconds, once."""
    one = np.ones(2)
    both = np.arange(2)
    graph = Graph(np.arange(3), both[::-1].copy(), one, one, one, one, one, both, one)
    rules = rules_for(graph, 2, 0, 1)
    value(graph, recombine(graph, anneal(graph, both, rules, 1, 1), rules, 1, 1), rules)


def anneal(
    graph: Graph,
    grid_of: NDArray[np.int64],
    rules: Rules,
    moves: int,
    seed: int,
    *,
    stay: NDArray[np.int64] | None = None,
    leave: NDArray[np.float64] | None = None,
    warm: float = WARM,
    cold: float = COLD,
) -> NDArray[np.int64]:
    """A better division of a graph, or the same where none is found; a building beyond the limit stays where it is.

    Args:
        graph: units.
        grid_of: the grid of each unit, each grid connected; numbered from 0.
        rules: what counts.
        moves: how many moves are tried.
        seed: of the chance.
        stay: the grid in which each unit should stay, -1 for any.
        leave: what it costs if it does not.
        warm: how bold the search begins.
        cold: how bold it ends.
    """
    found = _run(search, graph, grid_of, rules, moves, seed, stay, leave, (warm, cold))
    worse = stay is None and value(graph, found, rules) > value(graph, grid_of, rules)
    return grid_of.copy() if worse else found


def recombine(
    graph: Graph,
    grid_of: NDArray[np.int64],
    rules: Rules,
    tries: int,
    seed: int,
    *,
    stay: NDArray[np.int64] | None = None,
    leave: NDArray[np.float64] | None = None,
    heats: tuple[float, float] = BOLD,
) -> NDArray[np.int64]:
    """The best division on the way of pairs of neighbouring grids that are joined and cut in two anew.

    Where buildings are heavy this finds what `anneal` cannot; it leaves borders rough. Arguments are those of `anneal`.

    Args:
        graph: units.
        grid_of: the grid of each unit, each grid connected; numbered from 0.
        rules: what counts.
        tries: how many pairs are tried.
        seed: of the chance.
        stay: the grid in which each unit should stay, -1 for any.
        leave: what it costs if it does not.
        heats: how bold the search begins and ends.
    """
    return _run(recut, graph, grid_of, rules, tries, seed, stay, leave, heats)


def _run(
    loop: Any,
    graph: Graph,
    grid_of: NDArray[np.int64],
    rules: Rules,
    steps: int,
    seed: int,
    stay: NDArray[np.int64] | None,
    leave: NDArray[np.float64] | None,
    heats: tuple[float, float],
) -> NDArray[np.int64]:
    """One of the compiled loops over a graph; over many grids in two halves at once, cut anew at every turn."""
    count = int(grid_of.max()) + 1
    if count == 1 or steps <= 0:
        return grid_of.copy()
    size = len(graph)
    task = _Task(
        loop=loop,
        graph=graph,
        rules=rules,
        stay=np.full(size, -1) if stay is None else stay.astype(np.int64),
        leave=np.zeros(size) if leave is None else leave.astype(np.float64),
    )
    if count < SHARED:
        return task.done(grid_of, np.arange(size), steps, seed, heats, best=True)
    return _in_turns(task, grid_of, steps, seed, heats)


@dataclass(frozen=True)
class _Task:
    """What a loop works on, for the whole graph or for some of its grids."""

    loop: Any
    graph: Graph
    rules: Rules
    stay: NDArray[np.int64]
    leave: NDArray[np.float64]

    def done(
        self,
        grid_of: NDArray[np.int64],
        members: NDArray[np.int64],
        steps: int,
        seed: int,
        heats: tuple[float, float],
        *,
        best: bool,
    ) -> NDArray[np.int64]:
        """The grids of some units, all those of their grids, after so many steps; the others stay as they are."""
        names, now = np.unique(grid_of[members], return_inverse=True)
        if len(names) == 1:
            return np.asarray(grid_of[members])
        place = np.full(int(max(grid_of.max(), self.stay.max())) + 2, -1)
        place[names] = np.arange(len(names))
        found = self.loop(
            _arrays(self.graph if len(members) == len(self.graph) else self.graph.part(members), self.rules),
            now.astype(np.int32),
            len(names),
            place[self.stay[members]],
            self.leave[members],
            self.rules.numbers,
            steps,
            np.array([seed * 2 + 1], dtype=np.uint64) * CHANCE,
            np.array([heats[0], power(heats[1] / heats[0], 1.0 / STEPS)]),
            best,
        )
        return np.asarray(names[found])


def _in_turns(
    task: _Task, grid_of: NDArray[np.int64], steps: int, seed: int, heats: tuple[float, float]
) -> NDArray[np.int64]:
    """Two halves of the grids at once, in threads; two on every machine, so that all find the same."""
    result = grid_of.copy()
    cooling = power(heats[1] / heats[0], 1.0 / TURNS)
    with ThreadPoolExecutor(2) as pool:
        for turn in range(TURNS):
            chance = seed * TURNS + turn
            step = (heats[0] * power(cooling, turn), heats[0] * power(cooling, turn + 1))
            halves = _halves(task.graph, result, chance)
            share = [steps * len(half) // (TURNS * len(task.graph)) for half in halves]
            last = turn == TURNS - 1
            work = [
                pool.submit(task.done, result, half, some, 2 * chance + side, step, best=last)
                for side, (half, some) in enumerate(zip(halves, share, strict=True))
            ]
            for half, job in zip(halves, work, strict=True):
                result[half] = job.result()
    return result


def _halves(graph: Graph, grid_of: NDArray[np.int64], chance: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The units of half the grids, those nearest to a grid taken by chance, and those of the others."""
    count = int(grid_of.max()) + 1
    sizes = np.bincount(grid_of, minlength=count)
    order = _outward(graph, grid_of, count, random.Random(chance).randrange(count))  # noqa: S311  # can be repeated
    near = np.zeros(count, dtype=bool)
    near[order[np.cumsum(sizes[order]) <= len(graph) // 2]] = True
    return np.flatnonzero(near[grid_of]), np.flatnonzero(~near[grid_of])


def _outward(graph: Graph, grid_of: NDArray[np.int64], count: int, begin: int) -> NDArray[np.int64]:
    """All grids in the order in which they are reached across borders from one of them, what is apart last."""
    beside = np.zeros(count * count, dtype=bool)
    beside[grid_of[graph.owner] * count + grid_of[graph.other]] = True
    pairs = np.flatnonzero(beside)
    first = np.searchsorted(pairs // count, np.arange(count + 1)).tolist()
    other = (pairs % count).tolist()
    reached = dict.fromkeys([begin])
    todo = [begin]
    while todo:
        ring = [there for here in todo for there in other[first[here] : first[here + 1]] if there not in reached]
        todo = list(dict.fromkeys(ring))
        reached.update(dict.fromkeys(todo))
    return np.array([*reached, *(grid for grid in range(count) if grid not in reached)], dtype=np.int64)


def _arrays(graph: Graph, rules: Rules) -> tuple[NDArray[Any], ...]:
    """As the loops take them; small numbers of units, of which more fit near to the processor."""
    first, other = graph.first.astype(np.int32), graph.other.astype(np.int32)
    return first, other, graph.length, graph.cost / rules.scale, graph.outer, graph.area, graph.load, graph.weight


def value(graph: Graph, grid_of: NDArray[np.int64], rules: Rules) -> float:
    """What a division costs; the lower the better."""
    sums = np.zeros((int(grid_of.max()) + 1, COLUMNS))
    totals(_arrays(graph, rules), grid_of.astype(np.int32), sums, np.zeros(len(grid_of)), rules.numbers)
    cut = grid_of[graph.owner] != grid_of[graph.other]
    return float(sums[:, COST].sum() + graph.cost[cut].sum() / 2 / rules.scale)
