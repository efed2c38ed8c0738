"""Base data in sets: streets, buildings and surfaces of one source replace what that source brought before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from psycopg import Connection, sql

from gridapp.services.bulk import copy_into, take_time, wire

STREET = ("source", "source_id", "kind", "name", "oneway", "rank", "geom")
BUILDING = ("source", "source_id", "name", "use", "floors", "households", "geom")
SURFACE = ("source", "kind", "name", "geom")


@dataclass(frozen=True)
class Layers:
    """Frames in EPSG:4326 with the columns of the tables; a column that is missing counts as blank."""

    streets: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    surfaces: gpd.GeoDataFrame | None = None


def replace(source: str, layers: Layers) -> dict[str, int]:
    """Store the layers of a source instead of its earlier ones; how many rows each has."""
    frames: dict[str, tuple[Sequence[str], gpd.GeoDataFrame | None]] = {
        "street": (STREET, layers.streets),
        "building": (BUILDING, layers.buildings),
        "surface": (SURFACE, layers.surfaces),
    }
    with wire() as connection:
        take_time(connection)
        for table, (columns, frame) in frames.items():
            _replace(connection, table, columns, source, frame)
    return {f"{table}s": 0 if frame is None else len(frame) for table, (_, frame) in frames.items()}


def _replace(
    connection: Connection[Any], table: str, columns: Sequence[str], source: str, frame: gpd.GeoDataFrame | None
) -> None:
    connection.execute(sql.SQL("delete from {} where source = %s").format(sql.Identifier(table)), (source,))
    if frame is not None and len(frame):
        copy_into(connection, table, columns, _rows(frame, columns, source))
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier(table)))


def _rows(frame: gpd.GeoDataFrame, columns: Sequence[str], source: str) -> Iterator[tuple[Any, ...]]:
    blank = [None] * len(frame)
    cells = [frame[name].tolist() if name in frame.columns else blank for name in columns[1:-1]]
    shapes = shapely.to_wkb(shapely.set_srid(frame.geometry.to_numpy(), 4326), hex=True, include_srid=True)
    for *values, shape in zip(*cells, shapes, strict=True):
        yield source, *(None if pd.isna(value) else value for value in values), shape
