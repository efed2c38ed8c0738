"""GeoJSON geometries as shapely ones: every number is looked at, positions are cut to the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

DEEPEST = 16  # collections inside collections
PLANE = 2
RING, LINE = 3, 2  # positions below which GEOS builds nothing; a ring of three is let through as a fault


class Broken(Exception):
    """Why a piece of GeoJSON is none, in English and Chinese."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


@dataclass
class Shaper:
    """Builds the geometry of one feature and remembers whether heights were cut off and a ring was closed for it."""

    heights: bool = False
    unclosed: bool = False

    def shape(self, geometry: Any, depth: int = 0) -> BaseGeometry | None:
        """The shapely geometry of a GeoJSON one, None for null; raises Broken."""
        if geometry is None:
            return None
        if not isinstance(geometry, dict):
            raise Broken("a geometry is no object", "几何不是对象")
        kind = geometry.get("type")
        if kind == "GeometryCollection":
            return self._collection(geometry.get("geometries"), depth)
        coordinates = geometry.get("coordinates")
        if not isinstance(coordinates, list):
            raise Broken(f"its {kind} has no list of coordinates", f"{kind} 没有坐标列表")
        return self._simple(kind, coordinates)

    def _collection(self, members: Any, depth: int) -> BaseGeometry:
        if not isinstance(members, list) or any(member is None for member in members):
            raise Broken("its collection has no list of geometries", "几何集合没有几何列表")
        if depth == DEEPEST:
            raise Broken("its collections are nested too deeply", "几何集合嵌套过深")
        return shapely.GeometryCollection([self.shape(member, depth + 1) for member in members])

    def _simple(self, kind: Any, coordinates: list[Any]) -> BaseGeometry:
        match kind:
            case "Point":
                return self._point(coordinates)
            case "MultiPoint":
                return shapely.MultiPoint([self._point(_many(part)) for part in coordinates])
            case "LineString":
                return self._line(coordinates)
            case "MultiLineString":
                return shapely.MultiLineString([self._line(part) for part in coordinates])
            case "Polygon":
                return self._polygon(coordinates)
            case "MultiPolygon":
                return shapely.MultiPolygon([self._polygon(_many(part)) for part in coordinates])
        raise Broken(f"its geometry has the type {kind!r}", f"几何类型为 {kind!r}")

    def _point(self, value: list[Any]) -> shapely.Point:
        return shapely.Point(self._positions([value], 1)[0]) if value else shapely.Point()

    def _line(self, value: Any) -> shapely.LineString:
        return shapely.LineString(self._positions(value, LINE)) if value != [] else shapely.LineString()

    def _polygon(self, value: list[Any]) -> shapely.Polygon:
        rings = [self._positions(ring, RING) for ring in value]
        self.unclosed |= any(bool((ring[0] != ring[-1]).any()) for ring in rings)
        return shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()

    def _positions(self, value: Any, least: int) -> NDArray[np.float64]:
        """A list of positions as an array of n rows and two columns, n at least `least`."""
        numbers = _numbers(_many(value))
        if numbers.ndim != PLANE or numbers.shape[1] < PLANE or numbers.dtype.kind not in "iuf":
            raise Broken("a position is not two or more numbers", "坐标不是两个以上的数字")
        if len(value) < least:
            raise Broken(
                f"{len(value)} positions are too few, {least} are needed", f"只有 {len(value)} 个坐标，至少 {least} 个"
            )
        self.heights |= numbers.shape[1] > PLANE
        plane = numbers[:, :PLANE].astype(np.float64)
        if not np.isfinite(plane).all():
            raise Broken("a number is infinite", "坐标值无穷大")
        return plane


def _many(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Broken("its coordinates are not nested deeply enough", "坐标嵌套层数不足")
    return value


def _numbers(value: list[Any]) -> NDArray[Any]:
    """Positions as an array; where some have heights and others not, all are cut, and a third column says so."""
    try:
        return np.asarray(value)
    except ValueError:
        cut = [position[:PLANE] if isinstance(position, list) else [] for position in value]
        if any(len(pair) < PLANE or not all(isinstance(number, int | float) for number in pair) for pair in cut):
            return np.empty(0)
        return np.asarray([[*pair, 0.0] for pair in cut])
