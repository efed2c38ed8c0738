"""Coordinate systems: names, transformations, zones and measures. The only file with EPSG numbers.

WGS 84 and CGCS2000 are the same numbers for our purpose (decimetres apart, less than phones and drawings know), so
all work is in EPSG:4326, degrees, longitude first. GCJ-02 and BD-09 have no EPSG code and no datum: they are the
formulas of `shift`. Metres come from the CGCS2000 3-degree Gauss-Krueger zone of the place or from the ellipsoid,
never from Web Mercator.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError

from geodata import shift
from geodata.errors import CoordinateOutOfRange, CrsLegacy, CrsUnknown
from geodata.plane import Plane, plane_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray
    from shapely.geometry.base import BaseGeometry

    from geodata.sines import Floats

WGS84 = "EPSG:4326"
CGCS2000 = "EPSG:4490"
WEB_MERCATOR = "EPSG:3857"
GCJ02 = "gcj02"
BD09 = "bd09"
NAMES = {"wgs84": WGS84, "cgcs2000": CGCS2000, "gcj02": GCJ02, "bd09": BD09, "bd09ll": BD09, "crs84": WGS84}
ALIKE = frozenset({WGS84, CGCS2000, "wgs84", "cgcs2000"})  # the same numbers
LEGACY = {4214: "Beijing 1954", 4610: "Xi'an 1980", 4555: "New Beijing"}
GK3_PREFIXED, GK3_PLAIN, GK3_ZONES = 4488, 4509, range(25, 46)  # 4488 + 25 = 4513 …, 4509 + 25 = 4534 …
GK6_PREFIXED, GK6_ZONES = 4478, range(13, 24)  # 4478 + 13 = 4491 …
HALF_TURN, QUARTER_TURN, FLAT = 180, 90, 2

CODE = re.compile(r"(?:epsg:{1,2})?(\d{4,6})", re.IGNORECASE)


@dataclass(frozen=True)
class System:
    """A coordinate system: its name as it is told (`EPSG:4544`, `gcj02`), its projection (none where shifted)."""

    label: str
    projection: pyproj.CRS | None

    @property
    def degrees(self) -> bool:
        """Whether its numbers are longitudes and latitudes."""
        return self.projection is None or self.projection.is_geographic


CrsLike = System | pyproj.CRS | str | int


def system(crs: CrsLike) -> System:
    """The system that `crs` names: a System, a pyproj CRS, an EPSG code with or without `EPSG:`, or a name of `NAMES`.

    Raises CrsUnknown, and CrsLegacy for Beijing 1954 and Xi'an 1980, whose shift is secret and local.
    """
    if isinstance(crs, System):
        return crs
    if isinstance(crs, pyproj.CRS):
        return _system_of(crs)
    return _system_named(str(crs).strip().lower())


@functools.lru_cache(maxsize=256)
def _system_named(name: str) -> System:
    label = NAMES.get(name.replace("-", ""), name)
    if label in {GCJ02, BD09}:
        return System(label, None)
    code = CODE.fullmatch(label)
    if code is None:
        raise CrsUnknown(crs=name)
    try:
        return _system_of(pyproj.CRS.from_epsg(int(code[1])))
    except CRSError as error:
        raise CrsUnknown(crs=name) from error


@functools.lru_cache(maxsize=256)  # to ask for the EPSG code takes PROJ up to 40 ms
def _system_of(projection: pyproj.CRS) -> System:
    geodetic = projection.geodetic_crs
    base = geodetic.to_epsg() if geodetic is not None else None
    if base is None and not (projection.is_projected or projection.is_geographic):
        raise CrsUnknown(crs=projection.name)
    if base in LEGACY:
        raise CrsLegacy(crs=projection.name, datum=LEGACY[base])
    if projection.is_compound or len(projection.axis_info) > FLAT:
        projection = projection.to_2d()
    code = WGS84 if projection.to_authority() == ("OGC", "CRS84") else projection.to_epsg()
    return System(projection.name if code is None else f"EPSG:{str(code).removeprefix('EPSG:')}", projection)


def is_wgs84(crs: CrsLike) -> bool:
    """Whether the numbers of `crs` are taken for WGS 84 as they stand."""
    return system(crs).label in ALIKE


@functools.lru_cache(maxsize=128)
def _transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _checked(lon: float, lat: float) -> tuple[float, float]:
    if not (abs(lon) <= HALF_TURN and abs(lat) <= QUARTER_TURN):  # a NaN fails this too
        raise CoordinateOutOfRange(lon=lon, lat=lat)
    return lon, lat


def to_wgs84(x: float, y: float, crs: CrsLike = WGS84) -> tuple[float, float]:
    """One point as WGS 84 (lon, lat) from degrees or metres in `crs`; for degrees by arithmetic of microseconds.

    Raises CoordinateOutOfRange for what is no place on Earth, swapped axes in China among it, and CrsUnknown.
    """
    if crs in ALIKE:
        return _checked(x, y)
    if crs == GCJ02:
        return shift.gcj02_to_wgs84(*_checked(x, y))
    if crs == BD09:
        return shift.gcj02_to_wgs84(*shift.bd09_to_gcj02(*_checked(x, y)))
    named = system(crs)
    if named.projection is None or named.label in ALIKE:
        return to_wgs84(x, y, named.label)
    return _checked(*_transformer(named.projection, wgs84()).transform(x, y))


def from_wgs84(lon: float, lat: float, crs: CrsLike) -> tuple[float, float]:
    """One WGS 84 point in `crs`: degrees, or metres (or feet) east and north."""
    _checked(lon, lat)
    named = system(crs)
    if named.label in ALIKE:
        return lon, lat
    if named.projection is None:
        gcj = shift.wgs84_to_gcj02(lon, lat)
        return gcj if named.label == GCJ02 else shift.gcj02_to_bd09(*gcj)
    x, y = _transformer(wgs84(), named.projection).transform(lon, lat)
    if not (math.isfinite(x) and math.isfinite(y)):
        raise CoordinateOutOfRange(lon=lon, lat=lat)
    return x, y


def transform_arrays(x: ArrayLike, y: ArrayLike, source: CrsLike, target: CrsLike) -> tuple[Floats, Floats]:
    """Arrays of one shape from `source` to `target`; what cannot be transformed becomes infinite."""
    begin, end = system(source), system(target)
    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if begin == end or {begin.label, end.label} <= ALIKE:
        return across, up
    return _leave_wgs84(*_reach_wgs84(across, up, begin), end)


def _reach_wgs84(x: Floats, y: Floats, begin: System) -> tuple[Floats, Floats]:
    if begin.label in ALIKE:
        return x, y
    if begin.projection is not None:
        if (plane := _plane_of(begin.projection)) is not None and plane.holds(x):  # the same on every machine
            return plane.place(x, y)
        lon, lat = _transformer(begin.projection, wgs84()).transform(x, y)
        return np.asarray(lon), np.asarray(lat)
    return shift.gcj02_to_wgs84_all(*((x, y) if begin.label == GCJ02 else shift.bd09_to_gcj02_all(x, y)))


def _leave_wgs84(lon: Floats, lat: Floats, end: System) -> tuple[Floats, Floats]:
    if end.label in ALIKE:
        return lon, lat
    if end.projection is not None:
        if (plane := _plane_of(end.projection)) is not None and plane.holds_degrees(lon):
            return plane.project(lon, lat)
        x, y = _transformer(wgs84(), end.projection).transform(lon, lat)
        return np.asarray(x), np.asarray(y)
    gcj = shift.wgs84_to_gcj02_all(lon, lat)
    return gcj if end.label == GCJ02 else shift.gcj02_to_bd09_all(*gcj)


def transform_geometries(geometries: ArrayLike, source: CrsLike, target: CrsLike) -> NDArray[np.object_]:
    """Geometries vertex by vertex from `source` to `target`; heights are dropped, shared vertices stay shared."""

    def move(points: Floats) -> Floats:
        return np.column_stack(transform_arrays(points[:, 0], points[:, 1], source, target))

    return np.asarray(shapely.transform(np.asarray(geometries, dtype=object), move), dtype=object)


def transform_frame(frame: gpd.GeoDataFrame, target: CrsLike, source: CrsLike | None = None) -> gpd.GeoDataFrame:
    """A new frame in `target`, from the frame's own system or `source`; the shifted ones leave its `crs` undeclared."""
    begin, end = system(frame.crs if source is None else source), system(target)
    moved = frame.set_geometry(transform_geometries(frame.geometry.to_numpy(), begin, end))
    return moved.set_crs(end.projection, allow_override=True)


@functools.cache
def wgs84() -> pyproj.CRS:
    """WGS 84 as a pyproj CRS."""
    return pyproj.CRS.from_user_input(WGS84)


# --- zones ------------------------------------------------------------------------------------------------------------


def gk_zone(lon: float) -> int:
    """The number of the 3-degree Gauss-Krueger zone that holds a longitude; its central meridian is 3 times that."""
    return math.floor(lon / 3 + 0.5)


def gk_label(zone: int, *, prefixed: bool = False) -> str:
    """The CGCS2000 3-degree system of a zone 25-45, with the zone before its eastings (35 463 337) or without."""
    if zone not in GK3_ZONES:
        raise CrsUnknown(crs=f"CGCS2000 3-degree zone {zone}")
    return f"EPSG:{(GK3_PREFIXED if prefixed else GK3_PLAIN) + zone}"


def gk_label_of_prefix(prefix: int) -> str | None:
    """The CGCS2000 system whose eastings begin with `prefix`: 25-45 mean 3-degree zones, 13-23 6-degree zones."""
    if prefix in GK3_ZONES:
        return gk_label(prefix, prefixed=True)
    return f"EPSG:{GK6_PREFIXED + prefix}" if prefix in GK6_ZONES else None


@functools.lru_cache(maxsize=512)
def _metric_of(zone: int) -> pyproj.CRS:
    if zone in GK3_ZONES:
        return pyproj.CRS.from_user_input(gk_label(zone))
    return pyproj.CRS.from_proj4(
        f"+proj=tmerc +lat_0=0 +lon_0={3 * zone} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"
    )


def metric_crs(lon: float) -> pyproj.CRS:
    """The metric system of a place: the CGCS2000 3-degree zone of its longitude, and abroad the same projection there.

    Lengths in it are true to 0.04 % within 1.5 degrees of the central meridian; scale is 1 on the meridian itself.
    """
    return _metric_of(gk_zone(_checked(lon, 0.0)[0]))


def plane_at(lon: float) -> Plane:
    """The system of `metric_crs`, by an arithmetic that is the same on every machine; raises CoordinateOutOfRange."""
    return Plane(3.0 * gk_zone(_checked(lon, 0.0)[0]))


@functools.lru_cache(maxsize=256)
def _plane_of(projection: pyproj.CRS) -> Plane | None:
    """The Gauss-Krueger or UTM projection that a system of CGCS2000 or WGS 84 is, None for every other."""
    base = projection.geodetic_crs
    return None if base is None or f"EPSG:{base.to_epsg()}" not in ALIKE else plane_of(projection)


def to_metric(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A new frame in metres, in the zone of the middle of the layer."""
    west, _, east, _ = frame.total_bounds
    return transform_frame(frame, metric_crs((west + east) / 2 if len(frame) and math.isfinite(west) else 0.0))


# --- measures ---------------------------------------------------------------------------------------------------------


@functools.cache
def _ellipsoid() -> pyproj.Geod:
    return pyproj.Geod(ellps="GRS80")  # the figures of CGCS2000


def area_m2(geometries: Iterable[BaseGeometry | None]) -> Floats:
    """Areas of WGS 84 geometries on the ellipsoid in square metres, holes taken off; 0 for lines and points."""
    return np.array([abs(measures(geometry)[0]) for geometry in geometries], dtype=np.float64)


def length_m(geometries: Iterable[BaseGeometry | None]) -> Floats:
    """Lengths of WGS 84 lines, and perimeters of polygons with their holes, on the ellipsoid in metres."""
    return np.array([measures(geometry)[1] for geometry in geometries], dtype=np.float64)


def measures(geometry: BaseGeometry | None) -> tuple[float, float]:
    """Area and length (of polygons: perimeter) of a WGS 84 geometry on the ellipsoid, in square metres and metres."""
    if geometry is None or geometry.is_empty:
        return 0.0, 0.0
    if isinstance(geometry, shapely.Polygon):
        rings = [_ellipsoid().geometry_area_perimeter(ring) for ring in (geometry.exterior, *geometry.interiors)]
        return abs(rings[0][0]) - sum(abs(area) for area, _ in rings[1:]), sum(length for _, length in rings)
    if isinstance(geometry, shapely.LineString):
        return 0.0, float(_ellipsoid().geometry_length(geometry))
    parts = [measures(part) for part in getattr(geometry, "geoms", ())]
    return sum(area for area, _ in parts), sum(length for _, length in parts)


def distance_m(lon: ArrayLike, lat: ArrayLike, other_lon: ArrayLike, other_lat: ArrayLike) -> Floats:
    """Distances between WGS 84 places, pair by pair, on the ellipsoid in metres."""
    places = (np.asarray(part, dtype=np.float64) for part in (lon, lat, other_lon, other_lat))
    begin_lon, begin_lat, end_lon, end_lat = np.broadcast_arrays(*places)
    return np.asarray(_ellipsoid().inv(begin_lon, begin_lat, end_lon, end_lat)[2], dtype=np.float64)
