"""The result sheet: how many grids, how good they are, and which are outside the limits, with the proven cause."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.draw.graph import Graph
    from geodata.draw.inputs import Given, Remark
    from geodata.draw.proofs import Cause

WORDS = {
    "tower": (
        "“{name}” alone has {households} households, more than {high}, and no border cuts a building",
        "“{name}”一处即有 {households} 户，超过 {high} 户，且边界不得切割建筑物",
    ),
    "island": (
        "the separate ground that it is on has {households} households in all, fewer than {low}",
        "所在的独立区域共 {households} 户，少于 {low} 户",
    ),
    "total": (
        "the {households} households of its separate ground cannot be divided into grids of {low} to {high}",
        "所在独立区域的 {households} 户无法划分为 {low} 至 {high} 户的网格",
    ),
    "enclosed": (
        "no connected ground of {low} to {high} households contains “{name}”: its neighbours are too large",
        "包含“{name}”的连片区域均不能达到 {low} 至 {high} 户：相邻建筑户数过大",
    ),
    "lumps": (
        "its buildings are so large that no grids of {low} to {high} divide the ground around it: all were looked at",
        "周围建筑户数过大，该区域无法划分为 {low} 至 {high} 户的网格：已逐一检验全部划分",
    ),
    "count": (
        "{households} grids were asked for, which do not hold {low} to {high} households each",
        "指定划分 {households} 个网格，无法使每个网格为 {low} 至 {high} 户",
    ),
    "locked": ("it is locked", "该网格已锁定"),
}


@dataclass(frozen=True)
class Outside:
    """A grid outside the limits. `kind` is that of the proven cause, None where nothing is proven."""

    grid: str
    households: int
    kind: str | None
    cause: str
    cause_zh: str

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {
            "grid": self.grid,
            "households": self.households,
            "kind": self.kind,
            "cause": self.cause,
            "cause_zh": self.cause_zh,
        }


@dataclass(frozen=True)
class Sheet:
    """The result sheet.

    Attributes:
        grids: how many.
        within: how many of them are inside the limits.
        infeasible: those that cannot be, each with its proven cause.
        unproven: those outside the limits for which nothing is proven.
        contiguous: whether every grid is in one piece.
        cut_buildings: buildings that a border between grids cuts.
        border_on_street: share of the borders between grids within 10 m of a street, None where there are none.
        border_where_streets: the same without borders inside a street block that holds more households than a grid
            may: it must be divided, and no street runs there.
        polsby_popper_mean: how round the grids are on average, 1 being a circle.
        households: fewest, median and most.
        value: what the search made least of.
        changed: households that got another worker, None where no present grids were given.
        split_compounds: named compounds that a border divides.
        estimate: how households were guessed, None where they were told.
        remarks: compromises and guesses.
        seed: of the chance.
        seconds: how long it took.
    """

    grids: int
    within: int
    infeasible: list[Outside]
    unproven: list[Outside]
    contiguous: bool
    cut_buildings: int
    border_on_street: float | None
    border_where_streets: float | None
    polsby_popper_mean: float
    households: dict[str, float]
    value: float
    changed: int | None
    split_compounds: int
    estimate: dict[str, Any] | None
    seed: int
    seconds: float
    remarks: list[Remark] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The sheet as JSON can hold it."""
        return {
            "grids": self.grids,
            "within": self.within,
            "infeasible": [grid.as_dict() for grid in self.infeasible],
            "unproven": [grid.as_dict() for grid in self.unproven],
            "contiguous": self.contiguous,
            "cut_buildings": self.cut_buildings,
            "border_on_street": self.border_on_street,
            "border_where_streets": self.border_where_streets,
            "polsby_popper_mean": self.polsby_popper_mean,
            "households": self.households,
            "changed_households": self.changed,
            "split_compounds": self.split_compounds,
            "estimate": self.estimate,
            "remarks": [remark.en for remark in self.remarks],
            "remarks_zh": [remark.zh for remark in self.remarks],
            "seed": self.seed,
            "seconds": self.seconds,
        }


def told(cause: Cause | None, grid: str, households: int, limits: tuple[int, int], name: str) -> Outside:
    """A grid outside the limits, in words."""
    if cause is None:
        return Outside(
            grid,
            households,
            None,
            "no drawing within the limits was found, and none is proven impossible",
            "未找到符合户数范围的划分，也未证明不可能",
        )
    words = {"name": name, "households": cause.households, "low": limits[0], "high": limits[1]}
    english, chinese = WORDS[cause.kind]
    return Outside(grid, households, cause.kind, english.format(**words), chinese.format(**words))


def roundness(area: NDArray[np.float64], outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Polsby-Popper: 1 for a circle, less for what is long or frayed."""
    return np.asarray(4 * math.pi * area / np.maximum(outline, 1e-9) ** 2)


def streetless(graph: Graph, block_of: NDArray[np.int64], high: int) -> NDArray[np.bool_]:
    """The rows of neighbours between which no street can run: both in one street block with more than a grid may hold.

    Args:
        graph: units.
        block_of: the street block of each.
        high: most households of a grid.
    """
    owner = graph.owner
    crowded = np.bincount(block_of, graph.load) > high
    return np.asarray((block_of[owner] == block_of[graph.other]) & crowded[block_of[owner]])


def on_street(graph: Graph, grid_of: NDArray[np.int64], left_out: NDArray[np.bool_] | None = None) -> float | None:
    """The share of the borders between grids that runs on streets, some rows of neighbours left out."""
    cut = grid_of[graph.owner] != grid_of[graph.other]
    cut = cut if left_out is None else cut & ~left_out
    whole = float(graph.length[cut].sum())
    return None if whole == 0 else round(float(graph.street[cut].sum()) / whole, 4)


def split_compounds(given: Given, grid_of_building: NDArray[np.int64]) -> int:
    """Named compounds whose buildings lie in several grids."""
    homes: dict[str, set[int]] = {}
    for name, grid in zip(given.compound, grid_of_building.tolist(), strict=True):
        if name and grid >= 0:
            homes.setdefault(name, set()).add(grid)
    return sum(len(grids) > 1 for grids in homes.values())
