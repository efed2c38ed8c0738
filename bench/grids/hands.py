"""What a planner moves by hand: blocks and buildings go from a grid to one beside it, by the functions for editing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.edit import EditRefused, hand_block, hand_building

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd
    from numpy.typing import NDArray

    from bench.grids.cases import Case
    from geodata.draw import Drawing
    from geodata.edit import Edit

BLOCKS, BUILDINGS = 3, 3
TRIED = 12
"""So many things of a grid are tried: many would tear it or its neighbour, and are refused."""
TOUCHES = 1e-6
"""Degrees of common border, a decimetre, that make a neighbour."""


def by_hand(case: Case, drawn: Drawing) -> tuple[gpd.GeoDataFrame, set[str]]:
    """The grids after some blocks and some buildings were handed over, and the codes of all grids that this changed."""
    grids, changed = drawn.grids, set[str]()
    units = drawn.division.units.shapes
    wanted = [_blocks] * BLOCKS + [_buildings] * BUILDINGS
    for place, ways in zip(np.linspace(0, len(grids) - 1, len(wanted)).astype(int).tolist(), wanted, strict=True):
        edit = _first(ways(case, units, grids, place))
        if edit is not None:
            grids = edit.apply(grids)
            changed |= set(edit.affected)
    return grids, changed


def _first(ways: Iterator[Callable[[], Edit]]) -> Edit | None:
    """The first that is not refused."""
    for way in ways:
        try:
            return way()
        except EditRefused:
            continue
    return None


def _beside(grids: gpd.GeoDataFrame, shape: Any, own: str) -> list[str]:
    """The grids that a shape borders on, longest border first."""
    run = shapely.length(shapely.intersection(grids.geometry.to_numpy(), shapely.boundary(shape)))
    order = np.argsort(-run, kind="stable").tolist()
    return [code for row in order if run[row] > TOUCHES and (code := grids["code"].iloc[row]) != own]


def _blocks(case: Case, units: NDArray[Any], grids: gpd.GeoDataFrame, place: int) -> Iterator[Callable[[], Edit]]:
    own, mine = grids["code"].iloc[place], grids.geometry.iloc[place]
    inside = units[shapely.intersects(mine, shapely.point_on_surface(units))]
    for unit in inside[:TRIED].tolist():
        for to in _beside(grids, unit, own):
            yield partial(hand_block, grids, unit, to, buildings=case.buildings)


def _buildings(case: Case, _: NDArray[Any], grids: gpd.GeoDataFrame, place: int) -> Iterator[Callable[[], Edit]]:
    own, mine = grids["code"].iloc[place], grids.geometry.iloc[place]
    houses = case.buildings.geometry.to_numpy()
    houses = houses[shapely.intersects(mine, shapely.point_on_surface(houses))]
    near = np.argsort(shapely.distance(shapely.boundary(mine), houses), kind="stable")
    to = _beside(grids, mine, own)
    for house in houses[near[:TRIED]].tolist() if to else []:
        nearest = min(to, key=lambda code: float(grids.geometry[grids["code"] == code].iloc[0].distance(house)))
        yield partial(hand_building, grids, house, nearest, case.buildings)
