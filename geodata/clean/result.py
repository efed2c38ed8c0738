"""What a cleaning did: each change with place and size, each grid with how far its border moved, what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from shapely.geometry.base import BaseGeometry

    from geodata.coverage import Finding, Kind

COVERAGE_KINDS = frozenset({"overlap", "gap", "sliver", "edge_mismatch", "outside_parent", "not_covered", "duplicate"})
"""Kinds of findings that say how grids fit together; the others say what a single grid is, which is not mended."""
DIGITS = 6


@dataclass(frozen=True)
class Change:
    """One fault that is no more.

    Attributes:
        kind: the kind of finding that it was.
        grids: codes of the grids that took part, sorted.
        to: code of the grid that the ground went to; None where it went to nobody, or no ground changed hands.
        area_m2: how much ground changed hands, in square metres.
        width_m: width of that ground where it is widest, in metres.
        geometry: where it was, in WGS 84 degrees (in the layer's own numbers where its CRS is unknown).
    """

    kind: Kind
    grids: tuple[str, ...]
    to: str | None
    area_m2: float
    width_m: float
    geometry: BaseGeometry | None

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold, the geometry as GeoJSON or None."""
        return {
            "kind": self.kind,
            "grids": list(self.grids),
            "to": self.to,
            "area_m2": round(self.area_m2, DIGITS),
            "width_m": round(self.width_m, DIGITS),
            "geometry": None if self.geometry is None else shapely.geometry.mapping(self.geometry),
        }


@dataclass(frozen=True)
class Moved:
    """A grid whose shape changed: by how many square metres it grew, how many metres its border moved at most."""

    code: str
    grown_m2: float
    moved_m: float

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {"code": self.code, "grown_m2": round(self.grown_m2, DIGITS), "moved_m": round(self.moved_m, DIGITS)}


@dataclass(frozen=True)
class Cleaned:
    """A layer after its cleaning.

    Attributes:
        layer: the new layer, with all rows and attributes in their order.
        changes: what was wrong and is no more.
        grids: the grids whose shape changed.
        findings: those about the coverage that are left, because they are larger than the tolerance.
    """

    layer: gpd.GeoDataFrame
    changes: tuple[Change, ...]
    grids: tuple[Moved, ...]
    findings: tuple[Finding, ...]
