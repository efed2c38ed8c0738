"""Track points of GPX files as devices write them, with their times; read by GDAL, which knows every dialect."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyogrio

from geodata.errors import FileBroken, UnknownFormat
from geodata.io.limits import DEFAULT, Limits, check_file
from geodata.io.sniff import ROOT, head_of
from geodata.io.sources import GDAL_ERRORS, quiet

if TYPE_CHECKING:
    from pathlib import Path

WANTED: dict[str, Any] = {"known": "a GPX track", "known_zh": " GPX 轨迹"}


@dataclass(frozen=True)
class TrackPoint:
    """A place (EPSG:4326, degrees) at a time; None where the device did not say when."""

    lon: float
    lat: float
    at: dt.datetime | None


def is_gpx(path: Path) -> bool:
    """Whether the content begins as a GPX file, whatever its ending."""
    root = ROOT.search(head_of(path))
    return root is not None and root[1] == b"gpx"


def read_gpx(path: Path, limits: Limits = DEFAULT) -> list[TrackPoint]:
    """Every track point of a file, in its order; way points and routes are no tracks and are left out.

    Raises:
        GeodataError: no file, no GPX, a broken one or one that declares XML entities, too large.
    """
    check_file(path, limits)
    if not is_gpx(path):
        raise UnknownFormat(file=path.name, found="not GPX", found_zh="非 GPX 内容", **WANTED)
    if b"<!DOCTYPE" in head_of(path) or b"<!ENTITY" in head_of(path):
        raise FileBroken(file=path.name, format="GPX", why="it declares XML entities", why_zh="含有 XML 实体声明")
    try:
        with quiet():
            frame = pyogrio.read_dataframe(
                path, layer="track_points", columns=["time"], datetime_as_string=True, max_features=limits.features
            )
    except (*GDAL_ERRORS, ValueError) as error:
        raise FileBroken(file=path.name, format="GPX", why=error) from error
    times = pd.to_datetime(frame["time"], utc=True, errors="coerce", format="ISO8601")
    told = [None if pd.isna(time) else time.to_pydatetime() for time in times]
    places = zip(np.asarray(frame.geometry.x), np.asarray(frame.geometry.y), told, strict=True)
    return [TrackPoint(float(lon), float(lat), at) for lon, lat, at in places]
