"""What the numbers of a layer may really be when nothing, or something untrue, is declared; with the reason."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from pyproj.enums import PJType

from geodata import crs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    import geopandas as gpd
    from numpy.typing import ArrayLike
    from shapely.geometry.base import BaseGeometry

    from geodata.sines import Floats

CHINA_LON, CHINA_LAT = (72.0, 138.0), (0.5, 56.0)
CHINA_NORTHING = (5e4, 6.2e6)
CHINA_MERCATOR = ((8.0e6, 1.54e7), (5e4, 7.6e6))
PLAIN_EASTING = (2.0e5, 8.0e5)  # six-degree zones reach 300 km from a false easting of 500 km
MILLION = 1e6
MOST = 5  # guesses told at once
SAMPLE = 2000  # vertices looked at
DECISIVE = 0.5  # a shift is believed when it halves the distance to the neighbours
NEIGHBOURHOOD = 5000.0  # metres: neighbours farther off tell nothing about a shift of some hundred


@dataclass(frozen=True)
class Guess:
    """One system that the numbers may be in, why, and whether x and y come in the wrong order for it."""

    label: str | None
    why_en: str
    why_zh: str
    swapped: bool = False


@dataclass(frozen=True)
class _Extent:
    west: float
    south: float
    east: float
    north: float

    @property
    def turned(self) -> _Extent:
        return _Extent(self.south, self.west, self.north, self.east)

    def within(self, across: tuple[float, float], up: tuple[float, float]) -> bool:
        return across[0] <= self.west <= self.east <= across[1] and up[0] <= self.south <= self.north <= up[1]


def guess(x: ArrayLike, y: ArrayLike, near: tuple[float, float] | None = None) -> list[Guess]:
    """The systems that coordinates x, y may be in, likeliest first; empty where nothing fits.

    `near` is a WGS 84 (lon, lat) where the layer should lie, when it is known: it picks the zone.
    """
    across, up = np.asarray(x, dtype=np.float64).ravel(), np.asarray(y, dtype=np.float64).ravel()
    real = np.isfinite(across) & np.isfinite(up)
    if not real.any():
        return []
    across, up = across[real], up[real]
    extent = _Extent(float(across.min()), float(up.min()), float(across.max()), float(up.max()))
    found = (
        _degrees(extent)
        or _zone_prefixed(extent)
        or _plain_metres(extent, near)
        or _web_mercator(extent)
        or _feet(extent, near)
    )
    return found[:MOST]


def _degrees(extent: _Extent) -> list[Guess]:
    if extent.turned.within(CHINA_LON, CHINA_LAT):
        return [
            Guess(crs.WGS84, "degrees with the latitude first", "坐标为度，但纬度在前", swapped=True),
        ]
    if extent.within((-180, 180), (-90, 90)):
        plain = Guess(crs.WGS84, "the numbers are degrees", "坐标值为度")
        shifted = Guess(crs.GCJ02, "they are degrees and from a Chinese web map", "坐标值为度，且来自国内互联网地图")
        return [plain, shifted] if extent.within(CHINA_LON, CHINA_LAT) else [plain]
    if extent.turned.within((-180, 180), (-90, 90)):
        return [Guess(crs.WGS84, "degrees with the latitude first", "坐标为度，但纬度在前", swapped=True)]
    return []


def _zone_prefixed(extent: _Extent) -> list[Guess]:
    for seen, swapped in ((extent, False), (extent.turned, True)):
        prefix = int(seen.west // MILLION)
        label = crs.gk_label_of_prefix(prefix)
        in_zone = _Extent(seen.west - prefix * MILLION, seen.south, seen.east - prefix * MILLION, seen.north)
        if label is not None and in_zone.within((1e5, 9e5), CHINA_NORTHING):
            turned_en, turned_zh = ("; x and y are swapped", "，且 X、Y 颠倒") if swapped else ("", "")
            en = f"the eastings begin with zone {prefix}{turned_en}"
            return [Guess(label, en, f"横坐标以带号 {prefix} 开头{turned_zh}", swapped)]
    return []


def _plain_metres(extent: _Extent, near: tuple[float, float] | None) -> list[Guess]:
    for seen, swapped in ((extent, False), (extent.turned, True)):
        if not seen.within(PLAIN_EASTING, CHINA_NORTHING):
            continue
        if near is not None and crs.gk_zone(near[0]) in crs.GK3_ZONES:
            label = crs.gk_label(crs.gk_zone(near[0]))
            return [Guess(label, "metres in the zone of the place", "坐标值为所在投影带的米制坐标", swapped)]
        en = (
            "metres in a Gauss-Krueger zone without its number; the central meridian picks the code (EPSG:4534 to 4554)"
        )
        return [
            Guess(None, en, "坐标值为不带带号的高斯-克吕格米制坐标，需按中央经线选择（EPSG:4534 至 4554）", swapped)
        ]
    return []


def _web_mercator(extent: _Extent) -> list[Guess]:
    if extent.within(*CHINA_MERCATOR):
        return [Guess(crs.WEB_MERCATOR, "metres of a web map", "坐标值为网络墨卡托米制坐标")]
    return []


def _feet(extent: _Extent, near: tuple[float, float] | None) -> list[Guess]:
    """State plane systems in feet whose own area holds the middle of the layer, that nearest to `near` first."""
    x, y = (extent.west + extent.east) / 2, (extent.south + extent.north) / 2
    fits: list[tuple[float, Guess]] = []
    for label, name, (west, south, east, north) in _feet_systems():
        lon, lat = (float(part) for part in crs.transform_arrays(x, y, label, crs.WGS84))
        if west <= lon <= east and south <= lat <= north:
            away = 0.0 if near is None else float(crs.distance_m(lon, lat, *near))
            fits.append((away, Guess(label, f"feet would lie inside {name}", f"按英尺解释落在 {name} 范围内")))
    return [one for _, one in sorted(fits, key=lambda fit: fit[0])]


@functools.cache
def _feet_systems() -> list[tuple[str, str, tuple[float, float, float, float]]]:
    """Label, name and bounds (degrees) of the projected systems of NAD83 in US survey feet."""
    known = pyproj.database.query_crs_info(auth_name="EPSG", pj_types=[PJType.PROJECTED_CRS])
    return [
        (f"EPSG:{info.code}", info.name, info.area_of_use.bounds)
        for info in known
        if info.name.startswith("NAD83 /") and info.name.endswith("(ftUS)") and info.area_of_use is not None
    ]


def guess_beside(geometries: Iterable[BaseGeometry | None], neighbours: Iterable[BaseGeometry | None]) -> Guess | None:
    """Whether degrees that pass for WGS 84 are GCJ-02 or BD-09: the shift that makes them meet WGS 84 neighbours.

    The median distance of the layer's vertices to the lines of the neighbours decides; None where nothing is better
    than WGS 84 or the neighbours are too far off to tell.
    """
    points = _sampled(geometries)
    around = shapely.union_all(shapely.boundary([shape for shape in neighbours if shape is not None]))
    if not len(points) or around.is_empty:
        return None
    off = {label: _median_distance(points, around, label) for label in (crs.WGS84, crs.GCJ02, crs.BD09)}
    best = min(off, key=off.__getitem__)
    if best == crs.WGS84 or off[best] > DECISIVE * off[crs.WGS84] or off[crs.WGS84] > NEIGHBOURHOOD:
        return None
    metres, better = round(off[crs.WGS84]), round(off[best])
    return Guess(
        best,
        f"as {best} it lies {better} m off its neighbours, as WGS 84 {metres} m",
        f"按 {best} 解释与相邻图层相差 {better} 米，按 WGS 84 则相差 {metres} 米",
    )


def _sampled(geometries: Iterable[BaseGeometry | None]) -> Floats:
    vertices = shapely.get_coordinates(list(geometries))
    return vertices[:: max(1, len(vertices) // SAMPLE)]


def _median_distance(points: Floats, around: BaseGeometry, label: str) -> float:
    """Median distance in metres of degrees in `label` to the WGS 84 geometry `around`."""
    lon, lat = crs.transform_arrays(points[:, 0], points[:, 1], label, crs.WGS84)
    zone = crs.metric_crs(float(np.median(lon)))
    east, north = crs.transform_arrays(lon, lat, crs.WGS84, zone)
    target = crs.transform_geometries(np.array([around]), crs.WGS84, zone)[0]
    shapely.prepare(target)
    return float(np.median(shapely.distance(shapely.points(east, north), target)))


def guess_of(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """What the numbers of a frame that declares nothing may be in, as the parameters of an error's sentence."""
    points = shapely.get_coordinates(frame.geometry.to_numpy())
    return guess_words(guess(points[:, 0], points[:, 1]))


def guess_words(guesses: Sequence[Guess]) -> dict[str, Any]:
    """The guesses as the parameters `guess` and `guess_zh` of an error's sentence."""
    if not guesses:
        return {"guess": "the numbers fit no system that is known here", "guess_zh": "坐标值与已知坐标系均不符"}
    english = " or ".join(f"{one.label}, {one.why_en}" if one.label else one.why_en for one in guesses)
    chinese = "，或 ".join(f"{one.label}（{one.why_zh}）" if one.label else one.why_zh for one in guesses)
    return {"guess": f"a guess: {english}", "guess_zh": f"推测：{chinese}"}
