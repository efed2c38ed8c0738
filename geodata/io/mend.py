"""Geometries as they were read, made plain without moving anything that matters; faults are noted and let through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.io.notes import Note

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geometries = NDArray[np.object_]
    Mask = NDArray[np.bool_]

DECIMALS = 9  # of a degree: a tenth of a millimetre, which every format writes and reads unchanged
DENSE, MANY = (
    2e-5,
    1000,
)  # mean degrees between vertices (two metres) and vertices of one feature that call for thinning
TOLERANCE = 1e-7  # degrees, a centimetre: what thinning may change
HALF_TURN = 180.0


def note(kind: str, mask: Mask) -> list[Note]:
    """A note about the features where `mask` holds; nothing where it holds nowhere."""
    positions = np.flatnonzero(mask)
    return [Note(kind, tuple(int(position) for position in positions))] if len(positions) else []


def flattened(geometries: Geometries) -> tuple[Geometries, list[Note]]:
    """The geometries in two dimensions; told where heights were other than 0 or there were measures."""
    high = shapely.has_z(geometries)
    measured = np.asarray(shapely.has_m(geometries), dtype=bool)
    if not (high.any() or measured.any()):
        return geometries, []
    points, owner = shapely.get_coordinates(geometries, include_z=True, return_index=True)
    measured[owner[np.nan_to_num(points[:, 2]) != 0]] = True
    return shapely.force_2d(geometries), note("z_dropped", measured)


def mended(geometries: Geometries, *, rings_matter: bool, decimals_matter: bool) -> tuple[Geometries, list[Note]]:
    """WGS 84 geometries with rings in order, digits and vertices that say nothing dropped, and the notes.

    Ring order and digits are told only where they matter: of formats that prescribe them, of numbers not computed.
    """
    turned = shapely.orient_polygons(geometries, exterior_cw=False)
    notes = note("ring_order", ~_identical(turned, geometries)) if rings_matter else []
    thinned, dense = _thinned(turned)
    rounded = _rounded(thinned)
    if decimals_matter:
        notes += note("precision", ~_identical(rounded, thinned))
    return rounded, [*notes, *note("size", dense), *faults(rounded)]


def _identical(ours: Geometries, theirs: Geometries) -> Mask:
    """Same vertices in the same order; nothing equals nothing."""
    same = shapely.equals_identical(ours, theirs) | (shapely.is_missing(ours) & shapely.is_missing(theirs))
    return np.asarray(same, dtype=bool)


def _rounded(geometries: Geometries) -> Geometries:
    """Digits dropped vertex by vertex, so that shared vertices stay shared; not where it would spoil a valid shape.

    Vertices that become the same are one; those that were the same before are a fault of the file and stay.
    """
    rounded = shapely.transform(geometries, lambda points: np.round(points, DECIMALS))
    rounded = np.where(_repeats(geometries), rounded, shapely.remove_repeated_points(rounded, tolerance=0))
    spoiled = shapely.is_valid(geometries) & ~shapely.is_valid(rounded)
    return np.asarray(np.where(spoiled, geometries, rounded), dtype=object)


def _thinned(geometries: Geometries) -> tuple[Geometries, Mask]:
    """Polygon layers drawn with far too many vertices, thinned along shared edges as one coverage."""
    count = shapely.get_num_coordinates(geometries)
    dense = np.asarray((count > MANY) & (shapely.length(geometries) < DENSE * count), dtype=bool)
    polygons = np.isin(
        shapely.get_type_id(geometries), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    )
    if not (dense.any() and polygons.all() and shapely.is_valid(geometries).all()):
        return geometries, np.zeros(len(geometries), dtype=bool)
    thinned = shapely.coverage_simplify(geometries, TOLERANCE)
    return thinned, dense & (shapely.get_num_coordinates(thinned) < count)


def faults(geometries: Geometries) -> list[Note]:
    """What is wrong with WGS 84 geometries taken singly; nothing is changed."""
    dimension = shapely.get_dimensions(geometries)
    extent = np.where(dimension > 1, shapely.area(geometries), shapely.length(geometries))
    empty = shapely.is_missing(geometries) | shapely.is_empty(geometries) | ((dimension > 0) & (extent == 0))
    return [
        *note("empty", empty),
        *note("invalid", ~empty & ~shapely.is_valid(geometries)),
        *note("repeated_vertex", ~empty & _repeats(geometries)),
        *note("antimeridian", _spans_half_the_globe(geometries)),
    ]


def _repeats(geometries: Geometries) -> Mask:
    plain = shapely.remove_repeated_points(geometries, tolerance=0)
    return np.asarray(shapely.get_num_coordinates(plain) < shapely.get_num_coordinates(geometries), dtype=bool)


def _spans_half_the_globe(geometries: Geometries) -> Mask:
    """Features with a part so wide that an edge of it must have crossed the antimeridian."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    west, _, east, _ = shapely.bounds(parts).T
    mask = np.zeros(len(geometries), dtype=bool)
    mask[owner[east - west > HALF_TURN]] = True
    return mask
