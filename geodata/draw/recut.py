"""Bolder moves than one unit at a time: two neighbouring grids are joined and cut in two anew, along a chance tree.

Heavy buildings lock each other in: none can change sides alone. A tree through both grids is cut where the loads of
the two sides fit best, and the new pair is kept by the same rule as any move of the search. In machine code; arrays
are those of `draw.loop`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from geodata.draw.compiled import compiled
from geodata.draw.loop import (
    AREA,
    BIG,
    COLUMNS,
    COST,
    LOAD,
    MEMBERS,
    OUTLINE,
    STEPS,
    WEIGHT,
    below,
    drawn,
    energy,
    picked,
    share_of,
    strain,
    totals,
)

SLIGHT: Final = 1e-6
LOOKED: Final = 256
"""After so many tries the grids outside the limits are looked up again."""


def _grown(first: Any, other: Any, grid_of: Any, pair: Any, begin: int, tree: Any, chance: Any) -> int:
    """A chance tree through the two grids of a pair: their units in order, and the place of each one's parent."""
    order, parent, seen, edge, edge_from = tree
    mark = pair[2]
    edge[0], edge_from[0] = begin, -1
    size, top = 0, 1
    while top > 0:
        turn = drawn(chance)
        pick = top - 1 if turn & np.uint64(1) else share_of(turn, top)
        here, source = edge[pick], edge_from[pick]
        top -= 1
        edge[pick], edge_from[pick] = edge[top], edge_from[top]
        if seen[here] == mark:
            continue
        seen[here] = mark
        order[size], parent[size] = here, source
        for place in range(first[here], first[here + 1]):
            there = other[place]
            if seen[there] != mark and (grid_of[there] == pair[0] or grid_of[there] == pair[1]):
                edge[top], edge_from[top] = there, size
                top += 1
        size += 1
    return size


def _best_cut(load: Any, rules: Any, tree: Any, size: int, sub: Any, apart: bool, chance: Any) -> int:
    """The place in a tree above which it is cut: where both sides strain the limits least, by chance among equals.

    Where both grids hold a building beyond the limit they are kept `apart`; -1 where no cut does that.
    """
    order, parent = tree[0], tree[1]
    for place in range(size):
        sub[place, 0] = load[order[place]]
        sub[place, 1] = load[order[place]] if load[order[place]] > rules[1] else 0.0
    for place in range(size - 1, 0, -1):
        sub[parent[place], 0] += sub[place, 0]
        sub[parent[place], 1] += sub[place, 1]
    best, least = -1, np.inf
    for place in range(1, size):
        if apart and (sub[place, 1] == 0.0 or sub[place, 1] == sub[0, 1]):
            continue
        worth = strain(sub[place, 0], sub[place, 1], rules)
        worth += strain(sub[0, 0] - sub[place, 0], sub[0, 1] - sub[place, 1], rules)
        worth += np.float64(drawn(chance) & np.uint64(1023)) / 1023.0
        if worth < least:
            best, least = place, worth
    return best


def _divided(grid_of: Any, pair: Any, tree: Any, size: int, cut: int, was: Any) -> None:
    """The units of a tree in two grids: what hangs on the cut in the second, the rest in the first."""
    order, parent = tree[0], tree[1]
    for place in range(size):
        unit = order[place]
        was[place] = grid_of[unit]
        grid_of[unit] = pair[1] if place == cut or (place > 0 and grid_of[order[parent[place]]] == pair[1]) else pair[0]


def _summed(
    graph: Any, grid_of: Any, pair: Any, tree: Any, size: int, was: Any, stay: Any, leave: Any, rules: Any, trial: Any
) -> float:
    """What changed beside the two grids themselves; `trial` becomes their rows."""
    first, other, length, cost, outer, area, load, weight = graph
    order = tree[0]
    trial[:, :] = 0.0
    change = 0.0
    for place in range(size):
        unit = order[place]
        grid = grid_of[unit]
        side = 0 if grid == pair[0] else 1
        trial[side, LOAD] += load[unit]
        trial[side, WEIGHT] += weight[unit]
        trial[side, AREA] += area[unit]
        trial[side, OUTLINE] += outer[unit]
        trial[side, MEMBERS] += 1.0
        if load[unit] > rules[1]:
            trial[side, BIG] += load[unit]
        change += leave[unit] * ((stay[unit] == was[place]) * 1.0 - (stay[unit] == grid) * 1.0)
        for at in range(first[unit], first[unit + 1]):
            if grid_of[other[at]] != grid:
                trial[side, OUTLINE] += length[at]
                if grid_of[other[at]] == pair[1 - side]:
                    change += cost[at] / 2.0
    for side in range(2):
        row = trial[side]
        row[COST] = energy(row[LOAD], row[WEIGHT], row[AREA], row[OUTLINE], row[BIG], rules)
    return change


def _between(first: Any, other: Any, cost: Any, grid_of: Any, pair: Any, tree: Any, size: int) -> float:
    """What the border between the two grids costs."""
    order = tree[0]
    total = 0.0
    for place in range(size):
        unit = order[place]
        for at in range(first[unit], first[unit + 1]):
            there = grid_of[other[at]]
            if there != grid_of[unit] and (there == pair[0] or there == pair[1]):
                total += cost[at] / 2.0
    return total


def _open_grids(sums: Any, rules: Any, found: Any) -> int:
    """How many grids strain the limits, listed in `found`."""
    size = 0
    for grid in range(len(sums)):
        if strain(sums[grid, LOAD], sums[grid, BIG], rules) > 0.0:
            found[size] = grid
            size += 1
    return size


def _neighbours(first: Any, other: Any, grid_of: Any, wrong: Any, waiting: int, chance: Any) -> Any:
    """A unit, in one of the first grids of `wrong` where some are waiting, and the grid of a neighbour."""
    units = len(grid_of)
    unit = picked(chance, units)
    if waiting:
        grid = wrong[picked(chance, waiting)]
        while grid_of[unit] != grid:
            unit = (unit + 1) % units
    degree = first[unit + 1] - first[unit]
    return unit, grid_of[other[first[unit] + picked(chance, degree)]] if degree else grid_of[unit]


def _restored(grid_of: Any, tree: Any, size: int, was: Any) -> None:
    """The units of a tree in the grids in which they were."""
    for place in range(size):
        grid_of[tree[0][place]] = was[place]


def _kept_rows(sums: Any, pair: Any, trial: Any) -> None:
    """The rows of a pair become those that were tried."""
    for side in range(2):
        for column in range(COLUMNS):
            sums[pair[side], column] = trial[side, column]


def _copied(source: Any, target: Any) -> None:
    """One row of numbers into another."""
    for place in range(len(source)):
        target[place] = source[place]


restored = compiled(_restored)
kept_rows = compiled(_kept_rows)
copied = compiled(_copied)
neighbours = compiled(_neighbours)
grown = compiled(_grown)
best_cut = compiled(_best_cut)
divided = compiled(_divided)
summed = compiled(_summed)
between = compiled(_between)
open_grids = compiled(_open_grids)


def _recut(
    graph: Any,
    grid_of: Any,
    stay: Any,
    leave: Any,
    rules: Any,
    tries: int,
    chance: Any,
    heats: Any,
    held: Any,
    tree: Any,
    best: Any,
) -> None:
    """Joins and cuts pairs, half of them beside a grid outside the limits; `best` becomes the best division."""
    first, other, load = graph[0], graph[1], graph[6]
    sums, rims, was, sub, trial, pair, wrong = held
    totals(graph, grid_of, sums, rims, rules)
    waiting, least, now = 0, 0.0, 0.0
    heat, cooling, stage = heats[0], heats[1], max(tries // STEPS, 1)
    for attempt in range(tries):
        if attempt % stage == stage - 1:
            heat *= cooling
        if attempt % LOOKED == 0:
            waiting = open_grids(sums, rules, wrong)
        unit, near = neighbours(first, other, grid_of, wrong, waiting if attempt & 1 else 0, chance)
        if near == grid_of[unit]:
            continue
        pair[0], pair[1], pair[2] = grid_of[unit], near, attempt
        size = grown(first, other, grid_of, pair, unit, tree, chance)
        apart = sums[pair[0], BIG] > 0.0 and sums[pair[1], BIG] > 0.0
        cut = best_cut(load, rules, tree, size, sub, apart, chance)
        if cut < 0:
            continue
        change = -between(first, other, graph[3], grid_of, pair, tree, size)
        divided(grid_of, pair, tree, size, cut, was)
        change += summed(graph, grid_of, pair, tree, size, was, stay, leave, rules, trial)
        change += trial[0, COST] + trial[1, COST] - sums[pair[0], COST] - sums[pair[1], COST]
        if change > 0.0 and not below(drawn(chance), change / heat):
            restored(grid_of, tree, size, was)
            continue
        kept_rows(sums, pair, trial)
        now += change
        if now < least - SLIGHT:
            copied(grid_of, best)
            least = now


loop = compiled(_recut)


def recut(
    graph: Any,
    grid_of: Any,
    count: int,
    stay: Any,
    leave: Any,
    rules: Any,
    tries: int,
    chance: Any,
    heats: Any,
    best: bool,
) -> Any:
    """The division after pairs were joined and cut anew so often, or the best one on the way; see `draw.search`."""
    units, edges = len(grid_of), len(graph[1])
    held = (
        np.zeros((count, COLUMNS)),
        np.zeros(units),
        np.zeros(units, dtype=np.int64),
        np.zeros((units, 2)),
        np.zeros((2, COLUMNS)),
        np.zeros(3, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
    )
    tree = (
        np.zeros(units, dtype=np.int64),
        np.zeros(units, dtype=np.int64),
        np.full(units, -1, dtype=np.int64),
        np.zeros(edges + 1, dtype=np.int64),
        np.zeros(edges + 1, dtype=np.int64),
    )
    found = grid_of.copy()
    loop(graph, grid_of, stay, leave, rules, tries, chance, heats, held, tree, found)
    return found if best else grid_of
