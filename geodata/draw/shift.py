"""The loop that moves single units across borders, ever more cautiously, in machine code; arrays as in `draw.loop`.

A move that would break the limits gets a second one that may mend them: a unit leaves the grid that became too heavy,
or one enters the grid that became too light. Both are kept or neither.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geodata.draw.compiled import compiled
from geodata.draw.loop import BIG, COLUMNS, LOAD, MEMBERS, STEPS, TWO, below, drawn, holds, totals, weighed


def _listed(first: Any, other: Any, grid_of: Any, unit: int, border: Any, place_of: Any, size: int) -> int:
    """The length of the list of units on a border after one of them was looked at again."""
    on_border = False
    for place in range(first[unit], first[unit + 1]):
        if grid_of[other[place]] != grid_of[unit]:
            on_border = True
            break
    if on_border and place_of[unit] < 0:
        border[size] = unit
        place_of[unit] = size
        return size + 1
    if not on_border and place_of[unit] >= 0:
        last = border[size - 1]
        border[place_of[unit]] = last
        place_of[last] = place_of[unit]
        place_of[unit] = -1
        return size - 1
    return size


def _exits(first: Any, other: Any, grid_of: Any, grid: int, following: Any, begin: int, wanted: int) -> Any:
    """How many neighbours in other grids the members of a grid have, and the `wanted`-th such pair of units."""
    count, here, inner, outer = 0, begin, -1, -1
    while here >= 0:
        if grid_of[here] == grid:
            for place in range(first[here], first[here + 1]):
                if grid_of[other[place]] != grid:
                    if count == wanted:
                        inner, outer = here, other[place]
                    count += 1
        here = following[here]
    return count, inner, outer


def _rehomed(links: Any, unit: int, old: int, new: int) -> None:
    """The lists of members of grids after a unit went to another."""
    begin, following, before = links
    if before[unit] >= 0:
        following[before[unit]] = following[unit]
    else:
        begin[old] = following[unit]
    if following[unit] >= 0:
        before[following[unit]] = before[unit]
    before[unit], following[unit] = -1, begin[new]
    if begin[new] >= 0:
        before[begin[new]] = unit
    begin[new] = unit


def _begun(first: Any, other: Any, grid_of: Any, count: int) -> Any:
    """The units on borders, and the members of each grid in a list."""
    units = len(grid_of)
    border, place_of, size = np.zeros(units, dtype=np.int64), np.full(units, -1, dtype=np.int64), 0
    links = (np.full(count, -1), np.full(units, -1), np.full(units, -1))
    for unit in range(units):
        size = listed(first, other, grid_of, unit, border, place_of, size)
        grid = grid_of[unit]
        links[1][unit] = links[0][grid]
        if links[0][grid] >= 0:
            links[2][links[0][grid]] = unit
        links[0][grid] = unit
    return border, place_of, size, links


def _shifted(grid_of: Any, unit: int, new: int, step: int, sums: Any, trial: Any, spare: Any, gone: Any) -> None:
    """Moves a unit and remembers how it was."""
    old = grid_of[unit]
    grid_of[unit] = new
    gone[step, 0], gone[step, 1], gone[step, 2] = unit, old, new
    for column in range(COLUMNS):
        if step == 0:
            spare[0, column], spare[1, column] = sums[old, column], sums[new, column]
        sums[old, column], sums[new, column] = trial[0, column], trial[1, column]


def _second(first: Any, other: Any, grid_of: Any, grid: int, leaves: bool, links: Any, chance: Any) -> Any:
    """A unit and where it goes: one that leaves a grid, or one that enters it; -1 for none."""
    ways, inner, outer = exits(first, other, grid_of, grid, links[1], links[0][grid], -1)
    if ways == 0:
        return -1, -1
    wanted = np.int64(drawn(chance)) % ways
    ways, inner, outer = exits(first, other, grid_of, grid, links[1], links[0][grid], wanted)
    return (inner, grid_of[outer]) if leaves else (outer, grid)


def _tried(
    graph: Any,
    grid_of: Any,
    unit: int,
    new: int,
    held: Any,
    links: Any,
    stay: Any,
    leave: Any,
    rules: Any,
    chance: Any,
    heat: float,
    move: int,
) -> int:
    """One move, or two that belong together: how many were made; what is not kept is undone."""
    first, other, load = graph[0], graph[1], graph[6]
    sums, rims, seen, stack, trial, spare, gone = held
    change, begun, was = 0.0, unit, grid_of[unit]
    for step in range(2):
        old = grid_of[unit]
        if load[unit] > rules[1] or sums[old, MEMBERS] < TWO:
            break
        change += weighed(graph, grid_of, unit, new, sums, rims, rules, trial)
        change += leave[unit] * ((stay[unit] == old) * 1.0 - (stay[unit] == new) * 1.0)
        kept = change <= 0.0 or below(drawn(chance), change / heat)
        heavy = trial[1, LOAD] > max(rules[1], trial[1, BIG])
        if not kept and (step == 1 or not (heavy or trial[0, LOAD] < rules[0])):
            break
        if not holds(first, other, grid_of, unit, seen, 2 * move + step, stack):
            break
        shifted(grid_of, unit, new, step, sums, trial, spare, gone)
        if kept:
            return step + 1
        unit, new = second(first, other, grid_of, new if heavy else old, heavy, links, chance)
        if unit < 0 or unit == begun:
            break
    if grid_of[begun] != was:
        grid_of[begun] = was
        for column in range(COLUMNS):
            sums[was, column], sums[gone[0, 2], column] = spare[0, column], spare[1, column]
    return 0


listed = compiled(_listed)
exits = compiled(_exits)
rehomed = compiled(_rehomed)
begun_lists = compiled(_begun)
shifted = compiled(_shifted)
second = compiled(_second)
tried = compiled(_tried)


def _search(
    graph: Any, grid_of: Any, count: int, stay: Any, leave: Any, rules: Any, moves: int, chance: Any, heats: Any
) -> Any:
    """Moves units between grids in place, cooling from the first of `heats` to the second; see `draw.search`."""
    first, other = graph[0], graph[1]
    units = len(grid_of)
    sums, rims = totals(graph, grid_of, count, rules)
    border, place_of, size, links = begun_lists(first, other, grid_of, count)
    held = (
        sums,
        rims,
        np.full(units, -1, dtype=np.int64),
        np.zeros(units + 1, dtype=np.int64),
        np.zeros((2, COLUMNS)),
        np.zeros((2, COLUMNS)),
        np.zeros((2, 3), dtype=np.int64),
    )
    gone = held[6]
    heat, cooling, stage = heats[0], (heats[1] / heats[0]) ** (1.0 / STEPS), max(moves // STEPS, 1)
    for move in range(moves):
        if size == 0:
            break
        if move % stage == stage - 1:
            heat *= cooling
        unit = border[np.int64(drawn(chance)) % size]
        degree = first[unit + 1] - first[unit]
        new = grid_of[other[first[unit] + np.int64(drawn(chance)) % degree]]
        if grid_of[unit] == new:
            continue
        made = tried(graph, grid_of, unit, new, held, links, stay, leave, rules, chance, heat, move)
        for step in range(made):
            unit = gone[step, 0]
            rehomed(links, unit, gone[step, 1], gone[step, 2])
            size = listed(first, other, grid_of, unit, border, place_of, size)
            for place in range(first[unit], first[unit + 1]):
                size = listed(first, other, grid_of, other[place], border, place_of, size)
    return grid_of


search = compiled(_search)
