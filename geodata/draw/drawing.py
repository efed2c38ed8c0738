"""The whole way from layers to grids and their result sheet."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from geodata import blocks as base
from geodata import codes, crs
from geodata.draw.division import Division, buildings_in, divided, present_of
from geodata.draw.inputs import Given, Remark, looked_through
from geodata.draw.locks import fitted
from geodata.draw.proofs import Cause
from geodata.draw.report import Sheet, on_street, roundness, split_compounds, streetless, told
from geodata.draw.search import value

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SLIGHT = 0.01
"""Share of a building beyond which it counts as cut."""


@dataclass(frozen=True)
class Drawing:
    """Grids and what is to be known of them.

    Attributes:
        grids: code, households, buildings, locked, cause (None inside the limits), geometry in WGS 84.
        sheet: the result sheet.
        grid_of: the row in `grids` of each building that was given with an area, -1 outside the ground.
        households: of each of these buildings.
        division: the units that grids are made of, how they touch, and the grid of each before it was numbered.
    """

    grids: gpd.GeoDataFrame
    sheet: Sheet
    grid_of: NDArray[np.int64]
    households: NDArray[np.int64]
    division: Division


def draw(
    boundary: gpd.GeoDataFrame | None,
    streets: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame,
    *,
    low: int = 300,
    high: int = 500,
    households: str | None = None,
    weight: str | None = None,
    locked: gpd.GeoDataFrame | None = None,
    present: gpd.GeoDataFrame | None = None,
    count: int | None = None,
    seed: int = 1,
    progress: Callable[[str], None] = lambda _stage: None,
) -> Drawing:
    """Draw grids; layers may be in different systems, each declared.

    Args:
        boundary: polygons of the ground; the hull of the buildings where None.
        streets: centre lines with their class (`geodata.blocks.ranks_of`); railways and outlines of water too.
        buildings: polygons; the columns `floors`, `use`, `name`, `compound` are used where they are there.
        low: fewest households of a grid.
        high: most.
        households: their column; `households` where None and there, else guessed from footprint and floors.
        weight: a column to be shared evenly among the grids instead of the households.
        locked: grids that stay as they are.
        present: grids whose workers should keep their buildings.
        count: how many new grids; as few as balance allows where None.
        seed: of the chance; the same seed gives the same drawing on every machine.
        progress: told the name of each stage: look, blocks, search, mend, borders.

    Raises:
        GeodataError: what is missing or wrong, by name.
    """
    begun = time.perf_counter()
    progress("look")
    given = looked_through(
        boundary,
        streets,
        buildings,
        households=households,
        weight=weight,
        limits=(low, high),
        count=count,
        locked=locked,
        present=present,
    )
    division = divided(given, seed, progress)
    progress("borders")
    return _drawn(given, division, seed, begun)


def _drawn(given: Given, division: Division, seed: int, begun: float) -> Drawing:
    """Grids as a layer, numbered as one reads, and the sheet."""
    grid_of = division.grid_of
    shapes = np.asarray(base.dissolved(division.units.shapes, grid_of))
    home = buildings_in(division)
    remarks = [*given.remarks, *_more_remarks(given, division)]
    kept = np.array([], dtype=object)
    if given.locked is not None:
        shapes, kept, changed = fitted(shapes, given.locked.geometry.to_numpy(), given.buildings)
        home = np.where(home < 0, _in_locked(given, kept, len(shapes)), home)
        if changed:
            remarks.append(_vertices(changed))
    every = np.append(shapes, kept)
    order = np.array(codes.reading_order(every), dtype=np.int64)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    home = np.where(home >= 0, place[home], -1)
    frame = _frame(given, every, order, len(shapes), home)
    sheet = _sheet(given, division, frame, home, place, remarks, seed, begun)
    why = {grid.grid: grid.cause for grid in [*sheet.infeasible, *sheet.unproven]}
    return Drawing(frame.assign(cause=frame["code"].map(why)), sheet, home, given.households.load, division)


def _frame(
    given: Given, shapes: NDArray[Any], order: NDArray[np.int64], new: int, home: NDArray[np.int64]
) -> gpd.GeoDataFrame:
    count = len(shapes)
    locked = order >= new
    names: list[str] = [""] * count
    if given.locked is not None and "code" in given.locked.columns:
        for row in np.flatnonzero(locked).tolist():
            names[row] = str(given.locked["code"].iloc[int(order[row]) - new])
    taken = set(names)
    free = (str(number) for number in range(1, 2 * count + 2) if str(number) not in taken)
    inside = home >= 0
    return gpd.GeoDataFrame(
        {
            "code": [name or next(free) for name in names],
            "households": np.bincount(home[inside], given.households.load[inside], count).astype(np.int64),
            "buildings": np.bincount(home[inside], minlength=count),
            "locked": locked,
        },
        geometry=shapes[order],
        crs=crs.WGS84,
    )


def _sheet(
    given: Given,
    division: Division,
    frame: gpd.GeoDataFrame,
    home: NDArray[np.int64],
    place: NDArray[np.int64],
    remarks: list[Remark],
    seed: int,
    begun: float,
) -> Sheet:
    low, high = given.limits
    loads = frame["households"].to_numpy()
    wrong = np.flatnonzero((loads < low) | (loads > high)).tolist()
    cause_of = {int(place[grid]): cause for grid, cause in division.causes.items()}
    cause_of |= {row: Cause("locked", -1, int(loads[row])) for row in wrong if frame["locked"].iloc[row]}
    outside = [
        told(
            cause_of.get(row),
            frame["code"].iloc[row],
            int(loads[row]),
            given.limits,
            _name(given, division, cause_of.get(row)),
        )
        for row in wrong
    ]
    shapes = frame.geometry.to_numpy()
    metric = given.plane.metres(shapes)
    return Sheet(
        grids=len(frame),
        within=len(frame) - len(wrong),
        infeasible=[one for one in outside if one.kind],
        unproven=[one for one in outside if not one.kind],
        contiguous=bool((shapely.get_num_geometries(shapes[~frame["locked"]]) == 1).all()),
        cut_buildings=_cut(given, shapes, home),
        border_on_street=on_street(division.graph, division.grid_of),
        border_where_streets=on_street(
            division.graph, division.grid_of, streetless(division.graph, division.units.block_of, high)
        ),
        polsby_popper_mean=round(float(roundness(shapely.area(metric), shapely.length(metric)).mean()), 4),
        households={"min": int(loads.min()), "median": float(np.median(loads)), "max": int(loads.max())},
        value=round(value(division.graph, division.grid_of, division.rules), 3),
        changed=_changed(given, division),
        split_compounds=split_compounds(given, home),
        estimate=given.households.as_dict(),
        seed=seed,
        seconds=round(time.perf_counter() - begun, 2),
        remarks=remarks,
    )


def _name(given: Given, division: Division, cause: Cause | None) -> str:
    """What the building, or the largest of them, is called that a cause is about."""
    if cause is None or cause.unit < 0:
        return ""
    rows = np.flatnonzero(division.units.unit_of == cause.unit)
    return given.names[int(rows[np.argmax(given.households.load[rows])])] if len(rows) else ""


def _cut(given: Given, shapes: NDArray[Any], home: NDArray[np.int64]) -> int:
    """How many buildings lie by more than a slip of the pen in another grid than their own."""
    rows = np.flatnonzero(home >= 0)
    shapely.prepare(shapes)
    rows = rows[~shapely.covers(shapes[home[rows]], given.buildings[rows])]
    row, grid = shapely.STRtree(shapes).query(given.buildings[rows], "intersects")
    other = grid != home[rows[row]]
    row, grid = rows[row[other]], grid[other]
    shared = shapely.area(shapely.intersection(given.buildings[row], shapes[grid]))
    return len(np.unique(row[shared > SLIGHT * shapely.area(given.buildings[row])]))


def _changed(given: Given, division: Division) -> int | None:
    """Households whose new grid mostly holds those of another present grid."""
    if given.present is None:
        return None
    present = present_of(given, division.units)
    load, grid_of = division.graph.load, division.grid_of
    known = present >= 0
    shared = np.zeros((int(grid_of.max()) + 1, len(given.present)), dtype=np.int64)
    np.add.at(shared, (grid_of[known], present[known]), load[known])
    stayed = 0
    while shared.size and shared.max() > 0:
        grid, one = np.unravel_index(int(np.argmax(shared)), shared.shape)
        stayed += int(shared[grid, one])
        shared[grid, :] = 0
        shared[:, one] = 0
    return int(load[known].sum()) - stayed


def _in_locked(given: Given, locked: NDArray[Any], begun: int) -> NDArray[np.int64]:
    """The locked grid in which the middle of each building lies, numbered from `begun`; -1 for none."""
    found = np.full(len(given.buildings), -1)
    place, grid = shapely.STRtree(locked).query(shapely.point_on_surface(given.buildings), "intersects")
    found[place[::-1]] = grid[::-1] + begun
    return found


def _vertices(count: int) -> Remark:
    return Remark(
        f"{count} locked grids got a vertex where a new border ends on them; their outlines are where they were.",
        f"{count} 个锁定网格在新边界的端点处增加了节点，其范围不变。",
    )


def _more_remarks(given: Given, division: Division) -> list[Remark]:
    """What became of buildings at the edge."""
    units = division.units
    found = []
    if len(units.across):
        count = len(units.across)
        found.append(
            Remark(
                f"{count} buildings stand across the boundary; each counts where its larger part is.",
                f"{count} 个建筑物跨越边界，按主体所在一侧计入。",
            )
        )
    inside = units.unit_of >= 0
    if given.locked is None and not inside.all():
        count = int((~inside).sum())
        found.append(Remark(f"{count} buildings lie outside the boundary.", f"{count} 个建筑物位于边界之外，未计入。"))
    if units.overlapping:
        count = units.overlapping
        found.append(
            Remark(
                f"{count} buildings overlap another one and stay in one grid with it.",
                f"{count} 个建筑物相互重叠，划入同一网格。",
            )
        )
    return found
