"""What is measured on: 10,000 grids of 45 vertices, whole and torn, from a seed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

SIDE, STEP, WEST, SOUTH = 100, 0.002, 104.0, 28.0
VERTICES, TREMBLE = 12, 0.04
TORN, METRE = 100, 1 / 111_195


def grids(seed: int = 1) -> gpd.GeoDataFrame:
    """A coverage of 10,000 crooked cells, 450,000 vertices, codes of 15 digits."""
    random = np.random.default_rng(seed)
    across = [[_side(random, i, j, i + 1, j) for j in range(SIDE + 1)] for i in range(SIDE)]
    up = [[_side(random, i, j, i, j + 1) for j in range(SIDE)] for i in range(SIDE + 1)]
    shapes = [
        shapely.Polygon(
            np.vstack([across[i][j][:-1], up[i + 1][j][:-1], across[i][j + 1][:0:-1], up[i][j][:0:-1]]),
        )
        for i in range(SIDE)
        for j in range(SIDE)
    ]
    codes = [f"511502001{number:06d}" for number in range(len(shapes))]
    return gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=4326)


def torn(layer: gpd.GeoDataFrame, seed: int = 2) -> gpd.GeoDataFrame:
    """The layer with 100 grids whose vertices tremble by up to half a metre: slivers and overlaps all around them."""
    random = np.random.default_rng(seed)
    shapes = layer.geometry.to_numpy().copy()
    for row in random.choice(len(shapes), TORN, replace=False).tolist():
        points = shapely.get_coordinates(shapes[row])[:-1]
        moved = np.round(points + random.uniform(-0.5, 0.5, points.shape) * METRE, 9)
        made = shapely.Polygon(moved)
        shapes[row] = made if made.is_valid else shapes[row]
    return layer.set_geometry(shapes, crs=layer.crs)


def _side(random: np.random.Generator, i: int, j: int, k: int, m: int) -> NDArray[np.float64]:
    start, end = (np.array([WEST + a * STEP, SOUTH + b * STEP]) for a, b in ((i, j), (k, m)))
    along = end - start
    off = random.uniform(-TREMBLE, TREMBLE, VERTICES)
    off[[0, -1]] = 0
    places = start + np.linspace(0, 1, VERTICES)[:, None] * along + off[:, None] * np.array([-along[1], along[0]])
    return np.asarray(np.round(places, 9), dtype=np.float64)
