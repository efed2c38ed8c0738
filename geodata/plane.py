"""Metres of a place by sums, products and roots alone, which every processor rounds alike.

Sines differ in their last digit between libraries and processors, and with them what PROJ makes of a place.
Where the last digit decides, as in a drawing that is to be the same on every machine, this is used instead: the same
Gauss-Krueger projection by its series, to a ten-thousandth of a millimetre in a zone of three degrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geodata.sines import sines

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyproj
    from numpy.typing import ArrayLike, NDArray

    from geodata.sines import Floats

RADIAN: Final = 0.017453292519943295
"""Radians of a degree."""
FALSE_EAST: Final = 500_000.0
GRS80: Final = (6378137.0, 298.257222101)
WIDE: Final = 200_000.0
"""Metres from the meridian up to which the series are right to a ten-thousandth of a millimetre."""
DEGREE_M: Final = 111_320.0
"""Metres of a degree of longitude at the equator."""


@dataclass(frozen=True)
class Plane:
    """A Gauss-Krueger projection: metres east and north of WGS 84 or CGCS2000 degrees.

    Attributes:
        meridian: the longitude on which it is true, in degrees.
        east: metres that are added to every easting.
        scale: on the meridian.
        ellipsoid: half its long axis in metres, and 1 / its flattening.
    """

    meridian: float
    east: float = FALSE_EAST
    scale: float = 1.0
    ellipsoid: tuple[float, float] = GRS80

    def holds(self, east: Floats) -> bool:
        """Whether eastings are near enough to the meridian for the series."""
        return bool((np.abs(east - self.east) <= WIDE).all())

    def holds_degrees(self, lon: Floats) -> bool:
        """Whether longitudes are near enough to the meridian for the series."""
        return bool((np.abs(lon - self.meridian) <= WIDE / DEGREE_M).all())

    def metres(self, geometries: ArrayLike) -> NDArray[Any]:
        """Geometries in degrees, longitude first, as geometries in metres; arrays of them."""
        return _moved(geometries, self.project)

    def degrees(self, geometries: ArrayLike) -> NDArray[Any]:
        """Geometries in metres as geometries in degrees, by `near`."""
        return _moved(geometries, self.near)

    def project(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Degrees as metres east and north, arrays of one shape."""
        third, second, primed = _figure(self.ellipsoid)
        phi = lat * RADIAN
        sine, cosine = sines(phi)
        tangent = sine / cosine
        t, eta = tangent * tangent, primed * cosine * cosine
        across = (lon - self.meridian) * RADIAN * cosine
        a = across * across
        radius = self.scale * self.ellipsoid[0] / np.sqrt(1 - second * sine * sine)
        x = 1 + a * ((1 - t + eta) / 6 + a * (_fifth(t, eta) / 120 + a * (61 + t * (-479 + t * (179 - t))) / 5040))
        y = 0.5 + a * (
            (5 - t + eta * (9 + 4 * eta)) / 24
            + a * ((61 + t * (t - 58) + eta * (270 - 330 * t)) / 720)
            + a * a * (1385 + t * (-3111 + t * (543 - t))) / 40320
        )
        along = self.scale * self.ellipsoid[0] / (1 + third) * _meridian(third, phi, sine, cosine)
        return self.east + radius * across * x, along + radius * tangent * a * y

    def place(self, east: Floats, north: Floats) -> tuple[Floats, Floats]:
        """Metres east and north as degrees, arrays of one shape: the way back of `project` to the last digits."""
        lon, lat = self.near(east, north)
        again_east, again_north = self.project(lon, lat)
        metres = RADIAN * self.scale * self.ellipsoid[0]  # of a degree, to a hundredth: what is mended is a nanometre
        return lon + (east - again_east) / (metres * sines(lat * RADIAN)[1]), lat + (north - again_north) / metres

    def near(self, east: Floats, north: Floats) -> tuple[Floats, Floats]:
        """`place` by its series alone, right to a thousandth of a millimetre in a zone of three degrees."""
        third, second, primed = _figure(self.ellipsoid)
        phi = _foot(third, north * (1 + third) / (self.scale * self.ellipsoid[0]))
        sine, cosine = sines(phi)
        tangent = sine / cosine
        t, c = tangent * tangent, primed * cosine * cosine
        square = 1 - second * sine * sine
        across = (east - self.east) * np.sqrt(square) / (self.scale * self.ellipsoid[0])
        d = across * across
        lon = 1 - d * (
            (1 + 2 * t + c) / 6
            - d * (5 - 2 * c + 28 * t - 3 * c * c + 8 * primed + 24 * t * t) / 120
            + d * d * (61 + t * (662 + t * (1320 + 720 * t))) / 5040
        )
        lat = 0.5 - d * (
            (5 + 3 * t + 10 * c - 4 * c * c - 9 * primed) / 24
            - d * (61 + 90 * t + 298 * c + 45 * t * t - 252 * primed - 3 * c * c) / 720
            + d * d * (1385 + t * (3633 + t * (4095 + 1575 * t))) / 40320
        )
        phi = phi - tangent * square / (1 - second) * d * lat
        return self.meridian + across * lon / cosine / RADIAN, phi / RADIAN


def plane_of(projection: pyproj.CRS) -> Plane | None:
    """The Gauss-Krueger projection in metres from the equator that a system is, None for every other."""
    base, operation = projection.ellipsoid, projection.coordinate_operation
    if base is None or operation is None or operation.method_name != "Transverse Mercator":
        return None
    told = {one.name: float(one.value) for one in operation.params}
    north = told["Latitude of natural origin"], told["False northing"]
    if any(north) or any(axis.unit_conversion_factor != 1 for axis in projection.axis_info):
        return None
    return Plane(
        told["Longitude of natural origin"],
        told["False easting"],
        told["Scale factor at natural origin"],
        (base.semi_major_metre, base.inverse_flattening),
    )


def _moved(geometries: ArrayLike, how: Callable[[Floats, Floats], tuple[Floats, Floats]]) -> NDArray[Any]:
    def move(points: Floats) -> Floats:
        return np.column_stack(how(points[:, 0], points[:, 1]))

    return np.asarray(shapely.transform(np.asarray(geometries, dtype=object), move), dtype=object)


def _fifth(t: Floats, eta: Floats) -> Floats:
    return 5 + t * (t - 18) + eta * (14 - 58 * t + eta * (13 - 64 * t))


def _figure(ellipsoid: tuple[float, float]) -> tuple[float, float, float]:
    """Third flattening, and the squares of both eccentricities."""
    flat = 1 / ellipsoid[1]
    square = flat * (2 - flat)
    return flat / (2 - flat), square, square / (1 - square)


def _meridian(n: float, phi: Floats, sine: Floats, cosine: Floats) -> Floats:
    """The arc from the equator in units of a / (1 + n)."""
    twice, four, six, eight = _multiples(sine, cosine)
    arc = (1 + n * n / 4 + n**4 / 64) * phi - 1.5 * (n - n**3 / 8) * twice + 15 / 16 * (n * n - n**4 / 4) * four
    return arc - 35 / 48 * n**3 * six + 315 / 512 * n**4 * eight


def _foot(n: float, arc: Floats) -> Floats:
    """The latitude in radians to which an arc leads."""
    mu = arc / (1 + n * n / 4 + n**4 / 64)
    twice, four, six, eight = _multiples(*sines(mu))
    phi = mu + (1.5 * n - 27 / 32 * n**3) * twice + (21 / 16 * n * n - 55 / 32 * n**4) * four
    return phi + 151 / 96 * n**3 * six + 1097 / 512 * n**4 * eight


def _multiples(sine: Floats, cosine: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The sines of 2, 4, 6 and 8 times an angle."""
    twice, beside = 2 * sine * cosine, cosine * cosine - sine * sine
    four, beyond = 2 * twice * beside, beside * beside - twice * twice
    return twice, four, four * beside + beyond * twice, 2 * four * beyond
