"""Buildings: rows of slabs as Chinese compounds have them, tall where the ground is dear; halls on special ground."""

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geodata import crs
from geodata.sample.grids import Drawing, Ints, apportion
from geodata.sample.lattice import Floats, Lattice

FLAT_M2: Final = 110
HIGHEST: Final = 33
DEPTH_M: Final = 14
ROW_M: Final = 30
COLUMN_M: Final = 62
MARGIN_M: Final = 9
FILL: Final[dict[str, float]] = {"mall": 0.62, "market": 0.6, "campus": 0.4, "park": 0.12}
"""Share of the sides that the one building of a special ground takes."""
FLOORS: Final[dict[str, int]] = {"mall": 6, "market": 2, "campus": 5, "park": 1}


def building_layer(drawing: Drawing, lattice: Lattice) -> gpd.GeoDataFrame:
    """Every building inside one building grid.

    Columns: code (of the building grid), name, name_en, use (residential, mall, campus, market, park), floors,
    households, geometry (degrees).
    """
    rects = np.array([node.rect for node in drawing.cells.nodes], dtype=float)
    uses = np.array([node.use for node in drawing.cells.nodes])
    width, height = lattice.size(rects)
    rows, columns = _slabs(drawing, uses, width, height)
    cell = np.repeat(np.arange(len(rects)), rows * columns)
    order = np.arange(len(cell)) - np.repeat(np.cumsum(rows * columns) - rows * columns, rows * columns)
    shares = _shares(uses[cell], width[cell], height[cell], np.stack([rows[cell], columns[cell], order]))
    shapes = _shapes(lattice, rects[cell], shares)
    households = _homes(drawing.households, cell, shares)
    footprint = (shares[2] - shares[0]) * width[cell] * (shares[3] - shares[1]) * height[cell]
    storeys = np.clip(np.ceil(households * FLAT_M2 / np.maximum(footprint, 1)), 1, HIGHEST).astype(int)
    floors = [FLOORS.get(use, storey) for use, storey in zip(uses[cell].tolist(), storeys.tolist(), strict=True)]
    names = [drawing.compounds[block] for block in drawing.block_of_cell[cell].tolist()]
    numbers = _numbers(drawing.block_of_cell[cell])
    return gpd.GeoDataFrame(
        {
            "code": np.array(drawing.cells.codes)[cell],
            "name": [f"{name.zh}{number}栋" for name, number in zip(names, numbers, strict=True)],
            "name_en": [f"{name.en}, Building {number}" for name, number in zip(names, numbers, strict=True)],
            "use": uses[cell],
            "floors": floors,
            "households": households,
        },
        geometry=shapes,
        crs=crs.WGS84,
    )


def _slabs(drawing: Drawing, uses: np.ndarray, width: Floats, height: Floats) -> tuple[Ints, Ints]:
    """Rows and columns of buildings in each building grid; none on a river bank, one on special ground."""
    rows = np.maximum((height - MARGIN_M) // ROW_M, 1).astype(np.int64)
    columns = np.maximum(np.ceil((width - 2 * MARGIN_M) / COLUMN_M), 1).astype(np.int64)
    many = (uses == "residential") & (drawing.households > 0)
    one = np.isin(uses, list(FILL))
    return np.where(many, rows, one), np.where(many, columns, one)


def _shares(uses: np.ndarray, width: Floats, height: Floats, place: Ints) -> Floats:
    """Where each building stands in its grid, as shares (4, n) of the sides: west, south, east, north."""
    rows, columns, order = place
    fill = np.array([FILL.get(use, 0.0) for use in uses.tolist()])
    margin = np.where(fill > 0, (1 - fill) / 2, np.minimum(MARGIN_M / width, 0.24))
    step = (1 - 2 * margin) / columns
    gap = np.where(columns > 1, 0.07 * step, 0)
    west = margin + step * (order % columns) + gap
    middle = 0.5 + ((order // columns) + 0.5 - rows / 2) / rows * 0.86
    half = np.where(fill > 0, fill, np.minimum(DEPTH_M / height, 0.5 / rows)) / 2
    return np.stack([west, middle - half, west + step - 2 * gap, middle + half])


def _shapes(lattice: Lattice, rects: Floats, shares: Floats) -> np.ndarray:
    x0, y0, x1, y1 = rects.T
    west, east = x0 + shares[0] * (x1 - x0), x0 + shares[2] * (x1 - x0)
    south, north = y0 + shares[1] * (y1 - y0), y0 + shares[3] * (y1 - y0)
    corners = [lattice.at(x, y) for x, y in ((west, south), (east, south), (east, north), (west, north))]
    return np.asarray(shapely.polygons(np.stack([*corners, corners[0]], axis=1)))


def _homes(households: Ints, cell: Ints, shares: Floats) -> Ints:
    """Households of each building: those of its grid by footprint."""
    weight = (shares[2] - shares[0]) * (shares[3] - shares[1])
    result = np.zeros(len(cell), dtype=np.int64)
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(cell)], strict=True):
        result[start:end] = apportion(int(households[cell[start]]), weight[start:end])
    return result


def _numbers(blocks: Ints) -> list[int]:
    """1, 2, 3 … within each run of the same block."""
    starts = np.flatnonzero(np.diff(blocks, prepend=-1))
    counts = np.diff([*starts.tolist(), len(blocks)])
    return [int(number) for number in np.arange(len(blocks)) - np.repeat(starts, counts) + 1]
