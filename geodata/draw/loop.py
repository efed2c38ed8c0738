"""What the loops of the search are made of, in machine code. It knows arrays and numbers alone.

A graph is the tuple `(first, other, length, cost, outer, area, load, weight)`. What is known of each grid is a row of
`sums`: load, weight, area, outline, load of buildings beyond the limit, members, and what the grid costs. `rules` are
the limits, the target of the weight, one through its spread, and one through half the width of the limits: a product
is cheaper than a quotient.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from geodata.draw.compiled import compiled

OUTSIDE: Final = 5.0
BEYOND: Final = 30.0
ROUND: Final = 3.0
UNEVEN: Final = 0.15
FOUR_PI: Final = 4 * math.pi
LOAD, WEIGHT, AREA, OUTLINE, BIG, MEMBERS, COST = range(7)
COLUMNS: Final = 7
TWO: Final = 2.0
STEPS: Final = 1000
SURE: Final = 20.0


def _strain(load: float, big: float, rules: Any) -> float:
    """What it costs to be outside the limits; a building beyond them may be alone in its grid, but no other with it."""
    most = max(rules[1], big)
    off: float = load - most if load > most else rules[0] - load
    return OUTSIDE + BEYOND * off * rules[4] if off > 0.0 else 0.0


strain = compiled(_strain)


def _energy(load: float, weight: float, area: float, outline: float, big: float, rules: Any) -> float:
    """What one grid costs."""
    uneven = (weight - rules[2]) * rules[3]
    total: float = UNEVEN * uneven * uneven + strain(load, big, rules)
    return total + ROUND * (1.0 - FOUR_PI * area / (outline * outline))


def _drawn(chance: Any) -> Any:
    """The next of a row of numbers that look like chance (xorshift)."""
    state = chance[0]
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    chance[0] = state
    return state >> np.uint64(11)


drawn = compiled(_drawn)


def _share_of(number: Any, size: int) -> Any:
    """The place among so many that a number of 53 bits is at, as a share; a remainder would cost more than a move."""
    return np.int64((number >> np.uint64(21)) * np.uint64(size) >> np.uint64(32))


share_of = compiled(_share_of)


def _picked(chance: Any, size: int) -> Any:
    """One of so many places, by chance."""
    return share_of(drawn(chance), size)


def _below(number: Any, exponent: float) -> bool:
    """Whether a number of 53 bits, as a share, is below e to the power of -`exponent`; by products alone."""
    if exponent > SURE:
        return False
    power = 1.0 - exponent / 1024.0
    for _ in range(10):
        power *= power
    return bool(np.float64(number) < power * 9007199254740992.0)


def _marked(first: Any, other: Any, grid_of: Any, unit: int, seen: Any, mark: int) -> Any:
    """How many neighbours of a unit are in its grid, marked in `seen`, and one of them."""
    count = 0
    begin = -1
    for place in range(first[unit], first[unit + 1]):
        if grid_of[other[place]] == grid_of[unit]:
            count += 1
            begin = other[place]
            seen[begin] = mark
    return count, begin


def _holds(first: Any, other: Any, grid_of: Any, unit: int, seen: Any, move: int, stack: Any) -> bool:
    """Whether the grid of a unit stays in one piece without it: whether its neighbours there reach each other."""
    wanted, begin = marked(first, other, grid_of, unit, seen, 2 * move)
    if wanted <= 1:
        return bool(wanted == 1)
    been = 2 * move + 1
    seen[unit] = been
    seen[begin] = been
    stack[0] = begin
    top, met = 1, 1
    while top > 0:
        top -= 1
        here = stack[top]
        for place in range(first[here], first[here + 1]):
            there = other[place]
            if grid_of[there] != grid_of[unit] or seen[there] == been:
                continue
            met += seen[there] == been - 1
            seen[there] = been
            stack[top] = there
            top += 1
        if met == wanted:
            return True
    return False


def _totals(graph: Any, grid_of: Any, sums: Any, rims: Any, rules: Any) -> None:
    """Fills `sums` for all grids, and the outline of each unit."""
    first, other, length, _, outer, area, load, weight = graph
    sums[:, :] = 0.0
    for unit in range(len(load)):
        row = sums[grid_of[unit]]
        row[LOAD] += load[unit]
        row[WEIGHT] += weight[unit]
        row[AREA] += area[unit]
        row[OUTLINE] += outer[unit]
        row[MEMBERS] += 1
        rims[unit] = outer[unit]
        if load[unit] > rules[1]:
            row[BIG] += load[unit]
        for place in range(first[unit], first[unit + 1]):
            rims[unit] += length[place]
            if grid_of[other[place]] != grid_of[unit]:
                row[OUTLINE] += length[place]
    for row in sums:
        row[COST] = energy(row[LOAD], row[WEIGHT], row[AREA], row[OUTLINE], row[BIG], rules)


def _weighed(graph: Any, grid_of: Any, unit: int, new: int, sums: Any, rims: Any, rules: Any, trial: Any) -> float:
    """What it would change if a unit went to another grid; `trial` becomes the rows of its old and its new grid."""
    first, other, length, cost, _, area, load, weight = graph
    old = grid_of[unit]
    with_old, with_new, change = 0.0, 0.0, 0.0
    for place in range(first[unit], first[unit + 1]):
        grid = grid_of[other[place]]
        # products instead of choices, which a processor would guess wrong half the time
        stays, goes = np.float64(grid == old), np.float64(grid == new)
        with_old += length[place] * stays
        with_new += length[place] * goes
        change += cost[place] * (stays - goes)
    for side in range(2):  # plain numbers: a view of a row costs more than all that is done with it
        grid, sign = (old, -1.0) if side == 0 else (new, 1.0)
        rim = 2.0 * with_old - rims[unit] if side == 0 else rims[unit] - 2.0 * with_new
        trial[side, LOAD] = sums[grid, LOAD] + sign * load[unit]
        trial[side, WEIGHT] = sums[grid, WEIGHT] + sign * weight[unit]
        trial[side, AREA] = sums[grid, AREA] + sign * area[unit]
        trial[side, OUTLINE] = sums[grid, OUTLINE] + rim
        trial[side, BIG] = sums[grid, BIG]
        trial[side, MEMBERS] = sums[grid, MEMBERS] + sign
        trial[side, COST] = energy(
            trial[side, LOAD], trial[side, WEIGHT], trial[side, AREA], trial[side, OUTLINE], trial[side, BIG], rules
        )
        change += trial[side, COST] - sums[grid, COST]
    return change


energy = compiled(_energy)
picked = compiled(_picked)
below = compiled(_below)
marked = compiled(_marked)
holds = compiled(_holds)
totals = compiled(_totals)
weighed = compiled(_weighed)
