"""Boundaries out: what held at a time, as a layer that can be imported again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from geodata.io import write_layer
from gridapp.services.ground import grid_layers

LEFT_OUT = ["id", "path"]
TIMES = ("valid_from", "valid_until")
PHASES = 2


def export(
    file: Path,
    moment: dt.datetime,
    level: str | None = None,
    crs: str | None = None,
    *,
    moved: Callable[[int], object] = lambda _phases: None,
) -> int:
    """Write the grids in force at a time; how many there are. `moved` is told after each of ``PHASES``.

    Raises:
        CannotWrite: the format cannot hold them, or the folder cannot be written.
        CrsUnknown: nobody knows that system.
    """
    frame = grid_layers.at(moment, level).drop(columns=LEFT_OUT)
    text = {name: frame[name].map(lambda value: value.isoformat() if value else None) for name in TIMES}
    whole = frame["households"].astype("Int64")
    moved(1)
    write_layer(frame.assign(households=whole, **text), file, crs)
    moved(1)
    return len(frame)
