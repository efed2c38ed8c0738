"""The ground of the sample district: its grids from the top down, and the base data below them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import select

from geodata.sample import SampleDistrict
from gridapp.db import session
from gridapp.models import LEVELS, Boundary, Grid
from gridapp.services.ground import basedata, grid_load
from gridapp.services.ground.grid_rows import GridRow
from gridapp.timesource import now

SOURCE = "sample"


def load_grids(district: SampleDistrict, since: dt.datetime) -> None:
    """Every level below the one above it."""
    for level in LEVELS:
        frame = district.level(level)
        known = ids() if level != LEVELS[0] else {}
        shapes = _multi(np.asarray(frame.geometry.to_numpy(), dtype=object))
        members = zip(
            frame["code"], frame["name"], frame["name_en"], frame["kind"], frame["households"], frame["parent"], shapes,
            strict=True,
        )  # fmt: skip
        rows = [
            GridRow(n, code, name, en, kind, None if pd.isna(count) else int(count), known.get(parent), shape)
            for n, (code, name, en, kind, count, parent, shape) in enumerate(members, start=1)
        ]
        grid_load.load(rows, level, since)


def _multi(shapes: np.ndarray[tuple[int], np.dtype[np.object_]]) -> list[shapely.MultiPolygon]:
    return [shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in shapes]


def ids() -> dict[str, int]:
    """Ids of grids by their codes."""
    return dict(session.execute(select(Grid.code, Grid.id)).all())


def boundaries() -> dict[int, int]:
    """Ids of the boundaries in force by the ids of their grids."""
    query = select(Boundary.grid_id, Boundary.id).where(Boundary.during.op("@>")(now()))
    return dict(session.execute(query).all())


def load_base(district: SampleDistrict) -> None:
    """Streets, buildings, water and parks."""
    buildings = district.buildings.rename(columns={"code": "source_id"})
    basedata.replace(SOURCE, basedata.Layers(district.streets, buildings, district.surfaces))
