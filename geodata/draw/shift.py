"""The loop that moves single units across borders, ever more cautiously, in machine code; arrays as in `draw.loop`.

A move that would break the limits gets a second one that may mend them: a unit leaves the grid that became too heavy,
or one enters the grid that became too light. Both are kept or neither.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from geodata.draw.compiled import compiled
from geodata.draw.loop import (
    BIG,
    COLUMNS,
    LOAD,
    MEMBERS,
    STEPS,
    TWO,
    below,
    drawn,
    holds,
    picked,
    strain,
    totals,
    weighed,
)

HOPE: Final = 3.0
"""A move that breaks the limits is not mended where it would be as rare as e to the power of minus this without."""


def _listed(crosses: bool, edge: int, border: Any, place_of: Any, size: int) -> int:
    """The length of the list of edges across borders after one of them was looked at again."""
    at = place_of[edge]
    if crosses and at < 0:
        border[size] = edge
        place_of[edge] = size
        return size + 1
    if not crosses and at >= 0:
        last = border[size - 1]
        border[at] = last
        place_of[last] = at
        place_of[edge] = -1
        return size - 1
    return size


def _relisted(first: Any, other: Any, grid_of: Any, unit: int, back: Any, border: Any, place_of: Any, size: int) -> int:
    """The same after a unit went to another grid; `back` is the same edge seen from the other side."""
    for place in range(first[unit], first[unit + 1]):
        crosses = grid_of[other[place]] != grid_of[unit]
        size = listed(crosses, place, border, place_of, size)
        size = listed(crosses, back[place], border, place_of, size)
    return size


def _exit(first: Any, other: Any, grid_of: Any, grid: int, links: Any, members: int, chance: Any) -> Any:
    """A member of a grid with neighbours in other grids, and one of these, by chance; -1 where none has any."""
    begin, following = links[0][grid], links[1]
    here = begin
    for _ in range(picked(chance, members)):
        here = following[here] if following[here] >= 0 else begin
    for _ in range(members + 1):  # the list may still hold the unit that has just left
        ways = 0
        for place in range(first[here], first[here + 1]):
            ways += grid_of[here] == grid and grid_of[other[place]] != grid
        if ways > 0:
            wanted = picked(chance, ways)
            for place in range(first[here], first[here + 1]):
                if grid_of[other[place]] != grid:
                    if wanted == 0:
                        return here, other[place]
                    wanted -= 1
        here = following[here] if following[here] >= 0 else begin
    return -1, -1


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


def _begun(first: Any, other: Any, grid_of: Any, owner: Any, back: Any, border: Any, place_of: Any, links: Any) -> int:
    """Lists the edges across borders, and the members of each grid; fills `owner` and `back`; how many are across."""
    size = 0
    for unit in range(len(grid_of)):
        for place in range(first[unit], first[unit + 1]):
            owner[place] = unit
            there = other[place]
            for at in range(first[there], first[there + 1]):
                if other[at] == unit:
                    back[place] = at
            if grid_of[there] != grid_of[unit]:
                size = listed(True, place, border, place_of, size)
        grid = grid_of[unit]
        links[1][unit] = links[0][grid]
        if links[0][grid] >= 0:
            links[2][links[0][grid]] = unit
        links[0][grid] = unit
    return size


def _shifted(grid_of: Any, unit: int, new: int, step: int, sums: Any, trial: Any, spare: Any, gone: Any) -> None:
    """Moves a unit and remembers how it was."""
    old = grid_of[unit]
    grid_of[unit] = new
    gone[step, 0], gone[step, 1], gone[step, 2] = unit, old, new
    for column in range(COLUMNS):
        if step == 0:
            spare[0, column], spare[1, column] = sums[old, column], sums[new, column]
        sums[old, column], sums[new, column] = trial[0, column], trial[1, column]


def _second(first: Any, other: Any, grid_of: Any, grid: int, leaves: bool, links: Any, sums: Any, chance: Any) -> Any:
    """A unit and where it goes: one that leaves a grid, or one that enters it; -1 for none."""
    inner, outer = exit_of(first, other, grid_of, grid, links, np.int64(sums[grid, MEMBERS]), chance)
    if inner < 0:
        return -1, -1
    return (inner, grid_of[outer]) if leaves else (outer, grid)


def _hopeful(sums: Any, trial: Any, old: int, new: int, change: float, heat: float, rules: Any) -> bool:
    """Whether a move might be made if only it did not break the limits."""
    broken = strain(trial[0, LOAD], trial[0, BIG], rules) + strain(trial[1, LOAD], trial[1, BIG], rules)
    broken -= strain(sums[old, LOAD], sums[old, BIG], rules) + strain(sums[new, LOAD], sums[new, BIG], rules)
    return bool(change - broken <= HOPE * heat)


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
        broken = step == 0 and (heavy or trial[0, LOAD] < rules[0])
        if not kept and not (broken and hopeful(sums, trial, old, new, change, heat, rules)):
            break
        if not holds(first, other, grid_of, unit, seen, 2 * move + step, stack):
            break
        shifted(grid_of, unit, new, step, sums, trial, spare, gone)
        if kept:
            return step + 1
        unit, new = second(first, other, grid_of, new if heavy else old, heavy, links, sums, chance)
        if unit < 0 or unit == begun:
            break
    if grid_of[begun] != was:
        grid_of[begun] = was
        for column in range(COLUMNS):
            sums[was, column], sums[gone[0, 2], column] = spare[0, column], spare[1, column]
    return 0


listed = compiled(_listed)
relisted = compiled(_relisted)
exit_of = compiled(_exit)
rehomed = compiled(_rehomed)
begun_lists = compiled(_begun)
shifted = compiled(_shifted)
second = compiled(_second)
hopeful = compiled(_hopeful)
tried = compiled(_tried)


def _search(
    graph: Any,
    grid_of: Any,
    stay: Any,
    leave: Any,
    rules: Any,
    moves: int,
    chance: Any,
    heats: Any,
    held: Any,
    lists: Any,
) -> None:
    """Moves units between grids in place, cooling from the first of `heats` by the second at every stage."""
    first, other = graph[0], graph[1]
    border, place_of, owner, back, links = lists
    totals(graph, grid_of, held[0], held[1], rules)
    size = begun_lists(first, other, grid_of, owner, back, border, place_of, links)
    gone = held[6]
    heat, cooling, stage = heats[0], heats[1], max(moves // STEPS, 1)
    waiting = stage
    for move in range(moves):
        if size == 0:
            break
        waiting -= 1
        if waiting == 0:
            heat *= cooling
            waiting = stage
        edge = border[picked(chance, size)]
        unit = owner[edge]
        new = grid_of[other[edge]]
        made = tried(graph, grid_of, unit, new, held, links, stay, leave, rules, chance, heat, move)
        for step in range(made):
            unit = gone[step, 0]
            rehomed(links, unit, gone[step, 1], gone[step, 2])
            size = relisted(first, other, grid_of, unit, back, border, place_of, size)


loop = compiled(_search)


def search(
    graph: Any,
    grid_of: Any,
    count: int,
    stay: Any,
    leave: Any,
    rules: Any,
    moves: int,
    chance: Any,
    heats: Any,
    _best: bool,
) -> Any:
    """A division after so many moves, in place; see `draw.search`."""
    units = len(grid_of)
    held = (
        np.zeros((count, COLUMNS)),
        np.zeros(units),
        np.full(units, -1, dtype=np.int64),
        np.zeros(units + 1, dtype=np.int64),
        np.zeros((2, COLUMNS)),
        np.zeros((2, COLUMNS)),
        np.zeros((2, 3), dtype=np.int64),
    )
    links = (np.full(count, -1), np.full(units, -1), np.full(units, -1))
    edges = len(graph[1])
    lists = (
        np.zeros(edges, dtype=np.int32),
        np.full(edges, -1, dtype=np.int32),
        np.zeros(edges, dtype=np.int32),
        np.zeros(edges, dtype=np.int32),
        links,
    )
    loop(graph, grid_of, stay, leave, rules, moves, chance, heats, held, lists)
    return grid_of
