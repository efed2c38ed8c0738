"""How many grids, and the first division: island by island, towers beyond the limit apart."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from geodata.draw.errors import CountWrong
from geodata.draw.start import mended, parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.draw.graph import Graph

ROOM: Final = 0.25
"""As many grids as leave the usual one this share of the width of the limits, so that borders can follow streets."""


def possible(total: float, low: int, high: int) -> bool:
    """Whether so many households can be divided into grids within the limits at all, by arithmetic."""
    return total > 0 and math.ceil(total / high) * low <= total


def lump_of(graph: Graph, high: int) -> float:
    """How many households a usual household has in its unit: heavy buildings leave gaps, like stones in a sack."""
    load = graph.load[graph.load <= high].astype(np.float64)
    return float((load * load).sum() / max(load.sum(), 1.0))


def count_for(total: float, low: int, high: int, lump: float = 0.0) -> int:
    """The least number of grids that balance allows; where none can be right, the one that is least wrong."""
    if total <= high:
        return 1
    fewest, most = math.ceil(total / high), math.floor(total / low)
    if fewest > most:
        return most if total - most * high <= fewest * low - total else fewest
    room = min(max(ROOM * (high - low), lump / 2), (high - low) / 2)
    return min(max(math.ceil(total / (high - room)), fewest), most)


def first_division(
    graph: Graph, limits: tuple[int, int], count: int | None, seed: int, more: int = 0
) -> NDArray[np.int64]:
    """A division into connected grids, numbered from 0, near to balance.

    Args:
        graph: units.
        limits: fewest and most households.
        count: how many grids are wanted, None for as few as balance allows.
        seed: of the chance.
        more: how many grids more than that, or fewer, where none are wanted by number.

    Raises:
        CountWrong: more grids are wanted than there are units, or fewer than there are islands.
    """
    component = graph.components()
    islands = np.unique(component)
    if count is not None:
        return _so_many(graph, component, islands, count, seed)
    grid_of = np.zeros(len(graph), dtype=np.int64)
    begun = 0
    for island in islands.tolist():
        members = np.flatnonzero(component == island)
        parts = _island(graph.part(members), limits, seed, more)
        grid_of[members] = parts + begun
        begun += int(parts.max()) + 1
    return grid_of


def _so_many(
    graph: Graph, component: NDArray[np.int64], islands: NDArray[np.int64], count: int, seed: int
) -> NDArray[np.int64]:
    """So many grids as were asked for, shared out among the islands by households (largest remainder)."""
    sizes = np.array([int((component == island).sum()) for island in islands.tolist()])
    if count > int(sizes.sum()):
        why, why_zh = f"there are only {int(sizes.sum())} pieces of ground", f"仅有 {int(sizes.sum())} 块用地"
        raise CountWrong(count=count, why=why, why_zh=why_zh)
    if count < len(islands):
        why, why_zh = f"the ground is in {len(islands)} separate parts", f"范围由 {len(islands)} 个互不相连的部分组成"
        raise CountWrong(count=count, why=why, why_zh=why_zh)
    loads = np.array([float(graph.load[component == island].sum()) for island in islands.tolist()])
    share = np.ones(len(islands), dtype=np.int64)
    for _ in range(count - len(islands)):
        share[np.argmax(np.where(share < sizes, (loads + 1e-9) / share, -1.0))] += 1
    grid_of = np.zeros(len(graph), dtype=np.int64)
    begun = 0
    for island, number in zip(islands.tolist(), share.tolist(), strict=True):
        members = np.flatnonzero(component == island)
        parts = parts_of(graph.part(members), number, seed)
        grid_of[members] = parts + begun
        begun += int(parts.max()) + 1
    return grid_of


def _island(graph: Graph, limits: tuple[int, int], seed: int, more: int) -> NDArray[np.int64]:
    """The grids of a connected graph: one for each tower beyond the limit, the rest by METIS."""
    low, high = limits
    grid_of = np.full(len(graph), -1)
    towers = np.flatnonzero(graph.load > high)
    grid_of[towers] = np.arange(len(towers))
    begun = len(towers)
    rest = np.flatnonzero(graph.load <= high)
    lump = lump_of(graph, high)
    if not len(rest):
        return grid_of
    inner = graph.part(rest)
    component = inner.components()
    for name in np.unique(component).tolist():
        members = np.flatnonzero(component == name)
        total = int(inner.load[members].sum())
        if len(towers) and total < low:
            continue
        wanted = min(max(count_for(total, low, high, lump) + more, 1), len(members))
        parts = parts_of(inner.part(members), wanted, seed)
        grid_of[rest[members]] = parts + begun
        begun += int(parts.max()) + 1
    return mended(graph, _pockets_joined(graph, grid_of), int(grid_of.max()) + 1)


def _pockets_joined(graph: Graph, grid_of: NDArray[np.int64]) -> NDArray[np.int64]:
    """What is enclosed by towers and too small for a grid goes to the lightest grid beside it."""
    result = grid_of.copy()
    loose = np.flatnonzero(result < 0)
    while len(loose):
        owner = graph.owner
        total = np.bincount(result[result >= 0], graph.load[result >= 0])
        edge = np.flatnonzero((result[owner] < 0) & (result[graph.other] >= 0))
        lightest = edge[np.lexsort((graph.other[edge], owner[edge], total[result[graph.other[edge]]]))]
        first = np.unique(owner[lightest], return_index=True)[1]
        result[owner[lightest[first]]] = result[graph.other[lightest[first]]]
        loose = np.flatnonzero(result < 0)
    return result


def from_present(
    graph: Graph, present: NDArray[np.int64], limits: tuple[int, int], count: int | None, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A division that begins from present grids: each grows, is cut or goes as the limits ask.

    Args:
        graph: units.
        present: the present grid of each unit, -1 where there is none.
        limits: fewest and most households.
        count: how many grids are wanted; the present number where that can be.
        seed: of the chance.

    Returns:
        The grid of each unit, and for each grid the present one that it continues, -1 for a new one.
    """
    known = present >= 0
    if not known.any():
        grid_of = first_division(graph, limits, count, seed)
        return grid_of, np.full(int(grid_of.max()) + 1, -1)
    component = graph.components()
    names, label = np.unique(np.stack([component[known], present[known]]), axis=1, return_inverse=True)
    grid_of = np.full(len(graph), -1)
    grid_of[known] = label.ravel()
    for island in np.setdiff1d(component, component[known]).tolist():
        grid_of[component == island] = int(grid_of.max()) + 1
    grid_of = _pockets_joined(graph, grid_of)
    grid_of = mended(graph, grid_of, int(grid_of.max()) + 1)
    origin = np.full(int(grid_of.max()) + 1, -1)
    origin[: names.shape[1]] = names[1]
    wanted = count if count is not None else _kept_count(graph, component, len(origin), limits)
    return numbered(graph, grid_of, origin, wanted, seed)


def _kept_count(graph: Graph, component: NDArray[np.int64], present: int, limits: tuple[int, int]) -> int:
    """The present number of grids if the limits allow it, else the nearest that they allow."""
    totals = [float(graph.load[component == island].sum()) for island in np.unique(component).tolist()]
    fewest = sum(max(math.ceil(total / limits[1]), 1) for total in totals)
    most = sum(max(math.floor(total / limits[0]), 1) for total in totals)
    return min(max(present, fewest), max(most, fewest))


def numbered(
    graph: Graph,
    grid_of: NDArray[np.int64],
    origin: NDArray[np.int64],
    wanted: int,
    seed: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """With the heaviest grids cut in two, or the lightest joined to a neighbour, until there are as many as wanted."""
    for _ in range(len(graph)):
        total = np.bincount(grid_of, graph.load, len(origin))
        sizes = np.bincount(grid_of, minlength=len(origin))
        if len(origin) < wanted:
            heavy = int(np.argmax(np.where(sizes > 1, total, -1)))
            members = np.flatnonzero(grid_of == heavy)
            grid_of[members[parts_of(graph.part(members), 2, seed) == 1]] = len(origin)
            origin = np.append(origin, -1)
        elif len(origin) > wanted:
            owner = graph.owner
            bordering = np.unique(grid_of[owner[grid_of[owner] != grid_of[graph.other]]])
            if not len(bordering):
                break
            light = int(bordering[np.lexsort((bordering, total[bordering]))[0]])
            around = np.unique(grid_of[graph.other[grid_of[owner] == light]])
            around = around[around != light]
            target = int(around[np.lexsort((around, total[around]))[0]])
            grid_of[grid_of == light] = target
            grid_of[grid_of > light] -= 1
            origin = np.delete(origin, light)
        else:
            break
    return grid_of, origin
