"""Every division of a little ground: one within the limits is found, or it is proven that there is none.

Empty ground that can only ever join what touches anyway is taken out first. Then grids are cut off one at a time, every
connected set of units that is within the limits in turn, empty ground in it only where it is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from geodata import blocks as base
from geodata.draw.proofs import outside
from geodata.draw.search import anneal, rules_for
from geodata.draw.start import mended

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geodata.draw.graph import Graph

MOST_UNITS: Final = 150
"""Ground with more lived-in units is not looked through."""
EFFORT: Final = 300_000
"""Connected pieces of ground that are looked at."""


SMOOTH_A_UNIT: Final = 4_000
GENTLE: Final = 0.2


class _TooMuch(Exception):
    """More is to be looked at than can be."""


@dataclass
class _Ground:
    """Units of a ground as bits.

    Attributes:
        near: what touches each unit.
        load: households of each.
        lived: units with households.
        limits: fewest and most of a grid.
        left: how many more sets are looked at.
    """

    near: list[int]
    load: list[int]
    lived: int
    limits: tuple[int, int]
    left: int = EFFORT

    def divided(self, rest: int, failed: set[int]) -> list[int] | None:
        """Grids within the limits that hold all households of what is left; None where there are none."""
        pieces = [piece for piece in self.pieces(rest) if piece & self.lived]
        rest = sum(pieces)
        if not rest:
            return []
        if rest in failed:
            return None
        if all(self.possible(piece) for piece in pieces):
            units = bits(pieces[0] & self.lived)
            first = min(units, key=lambda unit: ((self.near[unit] & rest).bit_count(), -self.load[unit]))
            for grid in self.grids_with(first, pieces[0]):
                others = self.divided(rest & ~grid, failed)
                if others is not None:
                    return [grid, *others]
        failed.add(rest)
        return None

    def pieces(self, rest: int) -> list[int]:
        """What hangs together of some units, the fewest first."""
        found = []
        while rest:
            piece = self.spread(rest & -rest, rest)
            found.append(piece)
            rest &= ~piece
        return sorted(found, key=lambda piece: (piece.bit_count(), piece))

    def possible(self, piece: int) -> bool:
        """Whether arithmetic allows a division: of the largest units no two can be in one grid."""
        low, high = self.limits
        loads = sorted((self.load[unit] for unit in bits(piece)), reverse=True)
        apart = next((place for place in range(1, len(loads)) if loads[place - 1] + loads[place] <= high), len(loads))
        large = loads[:apart]
        total, least = sum(loads), sum(max(load, low) for load in large)
        fewest = max(math.ceil(total / high), len(large))
        return fewest > 0 and least + (fewest - len(large)) * low <= total

    def grids_with(self, unit: int, rest: int) -> Iterator[int]:
        """Every connected set within the limits that contains a unit, without empty ground that it does not need."""
        low, high = self.limits
        stack = [(1 << unit, self.load[unit], self.near[unit], 0)]
        while stack:
            chosen, total, edge, passed = stack.pop()
            self.left -= 1
            if self.left < 0:
                raise _TooMuch
            if total >= low and self.needed(chosen):
                yield chosen
            for there in bits(edge & rest & ~chosen & ~passed):
                if total + self.load[there] <= high:
                    one = 1 << there
                    stack.append((chosen | one, total + self.load[there], edge | self.near[there], passed))
                    passed |= one

    def needed(self, chosen: int) -> bool:
        """Whether a set falls apart without any one of its empty units."""
        lived = chosen & self.lived
        first = lived & -lived
        empty = list(bits(chosen & ~self.lived))
        if any((self.near[unit] & chosen).bit_count() < 2 for unit in empty):  # noqa: PLR2004  # it joins nothing
            return False
        return all(lived & ~self.spread(first, chosen & ~(1 << unit)) for unit in empty)

    def spread(self, begin: int, within: int) -> int:
        """All that hangs together with some units."""
        piece, edge = 0, begin
        while edge:
            piece |= edge
            around = 0
            for unit in bits(edge):
                around |= self.near[unit]
            edge = around & within & ~piece
        return piece


def bits(number: int) -> Iterator[int]:
    """The places of the bits of a number."""
    while number:
        yield (number & -number).bit_length() - 1
        number &= number - 1


def grounds(graph: Graph, high: int) -> NDArray[np.int64]:
    """The ground of each unit that hangs together beside the buildings beyond the limit, which have -1."""
    free = graph.load <= high
    owner = graph.owner
    inner = free[owner] & free[graph.other]
    return np.where(free, base.joined(len(graph), owner[inner], graph.other[inner]), -1)


def looked_through(
    graph: Graph, ground: NDArray[np.int64], limits: tuple[int, int], effort: int = EFFORT
) -> tuple[NDArray[np.int64] | None, bool]:
    """A division of ground into grids within the limits, numbered from 0, and whether it is proven that there is none.

    Args:
        graph: units.
        ground: those to be divided, connected, none of them beyond the limit.
        limits: fewest and most households.
        effort: how many connected pieces of it are looked at.
    """
    part = graph.part(ground)
    lived = np.flatnonzero(part.load > 0)
    if not 0 < len(lived) <= MOST_UNITS:
        return None, False
    near = [0] * len(part)
    for one, other in zip(part.owner.tolist(), part.other.tolist(), strict=True):
        near[one] |= 1 << other
    taken = _taken_out(near, part.load.tolist())
    left = ((1 << len(part)) - 1) & ~sum(1 << unit for unit, _ in taken)
    searched = _Ground(near, part.load.tolist(), sum(1 << unit for unit in lived.tolist()), limits, effort)
    try:
        found = searched.divided(left, set())
    except _TooMuch:
        return None, False
    return (None, True) if found is None else (_laid_out(part, found, taken), False)


def _taken_out(near: list[int], load: list[int]) -> list[tuple[int, int]]:
    """Empty units that are never needed, taken out of `near` in this order, each with what it touched then.

    One between two others becomes a border between these; one whose neighbours all touch each other joins nothing.
    """
    taken: list[tuple[int, int]] = []
    while True:
        before = len(taken)
        for unit in [unit for unit, households in enumerate(load) if not households]:
            around = near[unit]
            if any(unit == gone for gone, _ in taken):
                continue
            apart = [one for one in bits(around) if around & ~near[one] & ~(1 << one)]
            if apart and around.bit_count() > 2:  # noqa: PLR2004  # a border has two sides
                continue
            for one in bits(around):
                near[one] = (near[one] | around) & ~(1 << one) & ~(1 << unit)
            near[unit] = 0
            taken.append((unit, around))
        if len(taken) == before:
            return taken


def _laid_out(part: Graph, grids: list[int], taken: list[tuple[int, int]]) -> NDArray[np.int64]:
    """The grid of each unit: what was taken out goes to the grid on all its sides, what is left to a neighbour."""
    result = np.full(len(part), -1)
    for number, grid in enumerate(grids):
        result[list(bits(grid))] = number
    for unit, around in reversed(taken):
        beside = {int(result[one]) for one in bits(around)}
        if len(beside) == 1:
            result[unit] = beside.pop()
    while (result < 0).any():
        edge = np.flatnonzero((result[part.owner] < 0) & (result[part.other] >= 0))
        result[part.owner[edge]] = result[part.other[edge]]
    return result


def carried_out(
    graph: Graph, grid_of: NDArray[np.int64], wrong: list[int], limits: tuple[int, int], seed: int
) -> tuple[NDArray[np.int64], list[int]]:
    """The grounds of grids that are outside the limits, divided within them.

    Args:
        graph: units, as fine as they can be.
        grid_of: the grid of each, numbered from 0.
        wrong: grids outside the limits without a building beyond them.
        limits: fewest and most households.
        seed: of the chance.

    Returns:
        The grid of each unit, and the units of grounds that no grids within the limits divide.
    """
    ground = grounds(graph, limits[1])
    result, never = grid_of.copy(), np.zeros(len(graph), dtype=bool)
    for name in np.unique(ground[np.isin(grid_of, wrong)]).tolist():
        members = np.flatnonzero(ground == name)
        division, impossible = looked_through(graph, members, limits)
        if division is not None:
            part = graph.part(members)
            rules = rules_for(part, int(division.max()) + 1, *limits)
            smooth = anneal(part, division, rules, SMOOTH_A_UNIT * len(members), seed, warm=GENTLE)
            result[members] = (division if len(outside(part, smooth, limits)) else smooth) + int(result.max()) + 1
        never[members] = impossible
    result = np.unique(result, return_inverse=True)[1]
    return mended(graph, result, int(result.max()) + 1), np.flatnonzero(never).tolist()
