"""A layer to write, and a way to pack files as strangers do."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely


@pytest.fixture
def grids():
    """Two grids side by side with names in Chinese, numbers and a gap."""
    west = shapely.box(104.62, 28.75, 104.63, 28.76)
    yard = shapely.Polygon(west.exterior.coords, [shapely.box(104.622, 28.752, 104.624, 28.754).exterior.coords])
    return gpd.GeoDataFrame(
        {
            "code": ["511502006001001", "511502006001002"],
            "name": ["东福一组", "东福二组"],
            "households": [312, 498],
            "share": [0.5, None],
        },
        geometry=[yard, shapely.box(104.63, 28.75, 104.64, 28.76)],
        crs=4326,
    )


@pytest.fixture
def packed() -> Callable[[Path, dict[str, bytes]], Path]:
    """A zip of members at a path."""

    def pack(path: Path, members: dict[str, bytes]) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return path

    return pack
