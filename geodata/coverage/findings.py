"""What is wrong with a drawing, where, and how much of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import shapely

from geodata import crs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

Kind = Literal[
    "overlap",
    "gap",
    "sliver",
    "edge_mismatch",
    "outside_parent",
    "not_covered",
    "multipart",
    "self_intersection",
    "spike",
    "duplicate",
    "cut_building",
    "homeless_building",
    "suspect_crs",
    "empty",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
HALF_TURN, QUARTER_TURN = 180, 90
DIGITS = 6  # square micrometres and micrometres: below that it is the arithmetic that speaks


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: what it is.
        grids: codes of the grids that take part, the nearest ones of a gap among them; sorted.
        area_m2: area of the fault in square metres, 0 for lines and points.
        length_m: length of a line, perimeter of an area, in metres.
        geometry: where to fly to, in WGS 84 degrees (in the layer's own numbers where its CRS is unknown).
        reason: why it is suspected, in English and Chinese; None where the kind says it all.
    """

    kind: Kind
    grids: tuple[str, ...]
    area_m2: float
    length_m: float
    geometry: BaseGeometry | None
    reason: tuple[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """What JSON can hold, the geometry as GeoJSON or None; `reason` and `reason_zh` where there is one."""
        told = {
            "kind": self.kind,
            "grids": list(self.grids),
            "area_m2": round(self.area_m2, DIGITS),
            "length_m": round(self.length_m, DIGITS),
            "geometry": None if self.geometry is None else shapely.geometry.mapping(self.geometry),
        }
        return told if self.reason is None else {**told, "reason": self.reason[0], "reason_zh": self.reason[1]}


class Layer:
    """The polygons of a layer in their own numbers, with what it takes to name and to measure what is found."""

    def __init__(self, frame: gpd.GeoDataFrame, code: str) -> None:
        self.shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
        self.crs = frame.crs if _possible(frame.crs, self.shapes) else None
        self.wgs84 = self.crs is not None and crs.is_wgs84(self.crs)
        named = code in frame.columns
        self.codes = [str(value) for value in (frame[code] if named else range(1, len(frame) + 1))]

    @property
    def degrees(self) -> bool:
        """Whether the numbers are longitudes and latitudes."""
        return self.crs is not None and bool(self.crs.is_geographic)

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: NDArray[Any]) -> Layer:
        """The same layer with only these rows."""
        part = Layer.__new__(Layer)
        part.crs, part.wgs84, part.shapes = self.crs, self.wgs84, self.shapes[rows]
        part.codes = np.array(self.codes, dtype=object)[rows].tolist()
        return part

    def widths(self, shapes: Sequence[BaseGeometry] | NDArray[Any]) -> NDArray[np.float64]:
        """How wide each polygon is at its widest, in metres: the largest circle that fits in."""
        metric = self.metric(shapes)
        with ThreadPoolExecutor(2) as pool:  # shapely lets other threads work meanwhile
            radii: list[Any] = list(pool.map(shapely.maximum_inscribed_circle, np.array_split(metric, 2)))
        return 2 * np.asarray(shapely.length(np.concatenate(radii)))

    def metric(self, shapes: Sequence[BaseGeometry] | NDArray[Any]) -> NDArray[Any]:
        """The shapes in metres; as they are where nobody knows what they are in."""
        array = np.asarray(shapes, dtype=object)
        if self.crs is None or not len(array):
            return array
        degrees = crs.transform_geometries(array, self.crs, crs.WGS84)
        west, _, east, _ = shapely.total_bounds(degrees)
        return crs.transform_geometries(degrees, crs.WGS84, crs.metric_crs(float(west + east) / 2))

    def found(self, kind: Kind, grids: Sequence[str], shape: BaseGeometry | None) -> Finding:
        """A finding with the measures of its shape."""
        names = tuple(sorted(set(grids)))
        if shape is None or shape.is_empty:
            return Finding(kind, names, 0.0, 0.0, None)
        if self.crs is None:
            return Finding(kind, names, float(shape.area), float(shape.length), shape)
        place: BaseGeometry = shapely.force_2d(shape)
        if not self.wgs84:
            place = crs.transform_geometries(np.array([shape]), self.crs, crs.WGS84)[0]
        return Finding(kind, names, *crs.measures(place), place)


def _possible(declared: pyproj.CRS | None, shapes: NDArray[Any]) -> bool:
    """Whether the numbers can be what is declared: metres are no degrees."""
    if declared is None or not declared.is_geographic or not len(shapes):
        return declared is not None
    west, south, east, north = shapely.total_bounds(shapes)
    empty = bool(np.isnan(west))
    return empty or (max(abs(west), abs(east)) <= HALF_TURN and max(abs(south), abs(north)) <= QUARTER_TURN)


def polygons_of(shape: BaseGeometry) -> list[shapely.Polygon]:
    """The areas of a geometry, without its lines and points."""
    parts = shapely.get_parts(shapely.get_parts(shape)).tolist()
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
