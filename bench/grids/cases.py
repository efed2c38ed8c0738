"""On what is drawn: real towns where their files are, and the made-up district."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geodata.draw import files
from geodata.sample import make_district

SHARED = Path(os.environ.get("GRIDAPP_SHARED_DATA") or Path(__file__).parents[3] / "shared" / "data")
REAL = {
    "SF downtown": ("sf_downtown_2023-07.osm.pbf", None),
    "Schaan": ("liechtenstein_2025-09-19.osm.pbf", "Schaan"),
    "Shanghai downtown": ("shanghai_downtown.gpkg", None),
}


@dataclass(frozen=True)
class Case:
    """Layers of a place."""

    name: str
    boundary: Any
    streets: Any
    buildings: Any


def names() -> list[str]:
    """Every case that can be measured here, the large one apart."""
    return [*(name for name, (file, _) in REAL.items() if (SHARED / "osm" / file).exists()), "medium sample"]


def load(name: str) -> Case:
    """The layers of a case."""
    if name in REAL:
        file, place = REAL[name]
        path = SHARED / "osm" / file
        boundary = files.read_boundary(None, place, path, path) if place else None
        within = None if boundary is None else boundary.union_all()
        return Case(name, boundary, files.read_streets(path, within), files.read_buildings(path, within))
    made = make_district("large" if name.startswith("large") else "medium")
    return Case(name, made.level("district"), made.streets, made.buildings)


def each(wanted: list[str]) -> Iterator[Case]:
    """The cases asked for, one after another."""
    return (load(name) for name in wanted)
