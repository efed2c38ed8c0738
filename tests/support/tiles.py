"""Tiles as a map reads them: which one holds a place, and what is in it."""

from __future__ import annotations

import gzip
import math
from pathlib import Path

import geopandas as gpd
import pyogrio


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int, int]:
    """Zoom, column and row of the tile that holds a place (XYZ numbering)."""
    across = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return zoom, int((lon + 180) / 360 * across), int(y * across)


def decode(folder: Path, blob: bytes, tile: tuple[int, int, int]) -> dict[str, gpd.GeoDataFrame]:
    """The layers of a gzipped tile in WGS 84, read by GDAL; none where it is empty."""
    z, x, y = tile
    content = gzip.decompress(blob)
    if not content:
        return {}
    path = folder / str(z) / str(x) / f"{y}.mvt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    names = [name for name, _ in pyogrio.list_layers(path)]
    return {name: gpd.read_file(path, layer=name).to_crs(4326) for name in names}
