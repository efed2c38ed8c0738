"""The shifts of Chinese web maps: WGS 84 to GCJ-02 to BD-09 and back, for one point and for arrays.

GCJ-02 is the public formula on the Krasovsky ellipsoid of 1940; outside the rough box of China points stay as they are.
Vendors' own converters agree with it to decimetres or metres, so nothing here is of survey accuracy. Degrees, longitude
first. The formulas are written once and run on `math` for single points (microseconds) and on `Steady` for arrays,
whose sines every processor rounds alike: layers are drawn from arrays.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from geodata.sines import cosine, sine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.sines import Floats

SEMI_MAJOR = 6378245.0
ECCENTRICITY_SQUARED = 0.00669342162296594323
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
BAIDU_PI = math.pi * 3000 / 180
BAIDU_LON, BAIDU_LAT = 0.0065, 0.006
NO_PLACE = 1e-9  # a radius in degrees that keeps the origin from being divided by
ENOUGH = 1e-11  # degrees, a micrometre: where an inverse stops
ROUNDS = 10


class Steady:
    """What the formulas need of `math`, for arrays."""

    sin, cos, sqrt = staticmethod(sine), staticmethod(cosine), staticmethod(np.sqrt)


def _offset(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    """The GCJ-02 shift at a WGS 84 place in degrees, by the functions of `m` (math or Steady); no box is looked at."""
    x, y = lon - 105.0, lat - 35.0
    pi_x, pi_y = math.pi * x, math.pi * y
    root = m.sqrt(abs(x))
    ripple = 20 * m.sin(6 * pi_x) + 20 * m.sin(2 * pi_x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (
        2 / 3 * (ripple + 20 * m.sin(pi_y) + 40 * m.sin(pi_y / 3) + 160 * m.sin(pi_y / 12) + 320 * m.sin(pi_y / 30))
    )
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += 2 / 3 * (ripple + 20 * m.sin(pi_x) + 40 * m.sin(pi_x / 3) + 150 * m.sin(pi_x / 12) + 300 * m.sin(pi_x / 30))
    phi = lat * (math.pi / 180)
    height = m.sin(phi)
    square = 1 - ECCENTRICITY_SQUARED * height * height
    prime_vertical = SEMI_MAJOR / m.sqrt(square)
    meridian = prime_vertical * (1 - ECCENTRICITY_SQUARED) / square
    return east * 180 / (prime_vertical * m.cos(phi) * math.pi), north * 180 / (meridian * math.pi)


def _to_baidu(lon: Any, lat: Any, m: Any) -> tuple[Any, Any]:
    """Baidu's step: the place turned about the origin by a small angle, and moved outwards a little."""
    radius = m.sqrt(lon * lon + lat * lat) + NO_PLACE
    turn = 0.000003 * m.cos(lon * BAIDU_PI)
    wider = 1 + 0.00002 * m.sin(lat * BAIDU_PI) / radius
    return (
        wider * (lon * m.cos(turn) - lat * m.sin(turn)) + BAIDU_LON,
        wider * (lat * m.cos(turn) + lon * m.sin(turn)) + BAIDU_LAT,
    )


def _in_box(lon: float, lat: float) -> bool:
    return WEST <= lon <= EAST and SOUTH <= lat <= NORTH


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """One point from WGS 84 to GCJ-02."""
    if not _in_box(lon, lat):
        return lon, lat
    east, north = _offset(lon, lat, math)
    return lon + east, lat + north


def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """One point back from GCJ-02, by iteration to a micrometre; the box is looked at only after it."""
    guess_lon, guess_lat = lon, lat
    for _ in range(ROUNDS):
        east, north = _offset(guess_lon, guess_lat, math)
        off_lon, off_lat = guess_lon + east - lon, guess_lat + north - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if abs(off_lon) < ENOUGH and abs(off_lat) < ENOUGH:
            break
    return (guess_lon, guess_lat) if _in_box(guess_lon, guess_lat) else (lon, lat)


def gcj02_to_bd09(lon: float, lat: float) -> tuple[float, float]:
    """One point from GCJ-02 to BD-09; Baidu's step knows no box."""
    east, north = _to_baidu(lon, lat, math)
    return float(east), float(north)


def bd09_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """One point back from BD-09, by iteration (the well-known single step is off by up to 0.2 m)."""
    guess_lon, guess_lat = lon - BAIDU_LON, lat - BAIDU_LAT
    for _ in range(ROUNDS):
        east, north = _to_baidu(guess_lon, guess_lat, math)
        off_lon, off_lat = east - lon, north - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if abs(off_lon) < ENOUGH and abs(off_lat) < ENOUGH:
            break
    return guess_lon, guess_lat


def _in_box_all(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)


def wgs84_to_gcj02_all(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Arrays of any one shape from WGS 84 to GCJ-02."""
    east, north = _offset(lon, lat, Steady)
    inside = _in_box_all(lon, lat)
    return np.where(inside, lon + east, lon), np.where(inside, lat + north, lat)


def gcj02_to_wgs84_all(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Arrays back from GCJ-02, as `gcj02_to_wgs84`."""
    guess_lon, guess_lat = lon, lat
    for _ in range(ROUNDS):
        east, north = _offset(guess_lon, guess_lat, Steady)
        off_lon, off_lat = guess_lon + east - lon, guess_lat + north - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if not (np.any(np.abs(off_lon) >= ENOUGH) or np.any(np.abs(off_lat) >= ENOUGH)):
            break
    inside = _in_box_all(guess_lon, guess_lat)
    return np.where(inside, guess_lon, lon), np.where(inside, guess_lat, lat)


def gcj02_to_bd09_all(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Arrays from GCJ-02 to BD-09."""
    east, north = _to_baidu(lon, lat, Steady)
    return east, north


def bd09_to_gcj02_all(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Arrays back from BD-09, as `bd09_to_gcj02`."""
    guess_lon, guess_lat = lon - BAIDU_LON, lat - BAIDU_LAT
    for _ in range(ROUNDS):
        east, north = _to_baidu(guess_lon, guess_lat, Steady)
        off_lon, off_lat = east - lon, north - lat
        guess_lon, guess_lat = guess_lon - off_lon, guess_lat - off_lat
        if not (np.any(np.abs(off_lon) >= ENOUGH) or np.any(np.abs(off_lat) >= ENOUGH)):
            break
    return guess_lon, guess_lat
