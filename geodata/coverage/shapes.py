"""What can be wrong with one polygon alone, and with the layer as a whole."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.validation import explain_validity

from geodata import guess
from geodata.coverage.findings import Finding, Layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

AREAS = ("Polygon", "MultiPolygon")
SPIKE_DEGREES = 1.0


def areal(layer: Layer) -> NDArray[np.bool_]:
    """Which rows have a polygon at all."""
    kinds = np.isin(shapely.get_type_id(layer.shapes), [3, 6])
    return kinds & ~shapely.is_empty(layer.shapes)


def find_empty(layer: Layer) -> Iterator[Finding]:
    """Rows without an area: nothing, a point, a line."""
    for row in np.flatnonzero(~areal(layer)):
        yield layer.found("empty", [layer.codes[row]], layer.shapes[row])


def find_invalid(layer: Layer) -> Iterator[Finding]:
    """Outlines that cross or touch themselves; the place is where it was first seen."""
    for row in np.flatnonzero(~shapely.is_valid(layer.shapes)):
        words = explain_validity(layer.shapes[row])
        at = words[words.find("[") + 1 : words.rfind("]")].split()
        place = shapely.Point(*map(float, at[:2])) if len(at) > 1 else layer.shapes[row]
        yield layer.found("self_intersection", [layer.codes[row]], place)


def find_multipart(layer: Layer) -> Iterator[Finding]:
    """Grids in several pieces; the smaller ones are where to look."""
    for row in np.flatnonzero(shapely.get_num_geometries(layer.shapes) > 1):
        parts = sorted(shapely.get_parts(layer.shapes[row]).tolist(), key=lambda part: part.area)
        yield layer.found("multipart", [layer.codes[row]], shapely.MultiPolygon(parts[:-1]))


def find_duplicates(layer: Layer) -> Iterator[Finding]:
    """The same area twice, however its ring begins and turns."""
    for rows in same_shapes(layer):
        yield layer.found("duplicate", [layer.codes[row] for row in rows], layer.shapes[rows[0]])


def same_shapes(layer: Layer) -> list[list[int]]:
    """Rows of equal shapes, each group of two or more."""
    alike: dict[bytes, list[int]] = defaultdict(list)
    for row, wkb in enumerate(shapely.to_wkb(shapely.normalize(layer.shapes), output_dimension=2)):
        alike[wkb].append(row)
    return [rows for rows in alike.values() if len(rows) > 1]


def find_spikes(layer: Layer) -> Iterator[Finding]:
    """Corners where the outline goes out and comes back on nearly the same way: under 1 degree."""
    parts, owner = shapely.get_parts(layer.shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)  # of a multipolygon as such it knows no rings
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return
    middle = np.arange(len(points))
    last = np.append(np.flatnonzero(np.diff(ring)), len(points) - 1)
    first = np.append(0, last[:-1] + 1)
    before, after = middle - 1, middle + 1
    before[first], after[last] = last - 1, first + 1
    towards, away = points[before] - points, points[after] - points
    straight = np.arctan2(
        np.abs(towards[:, 0] * away[:, 1] - towards[:, 1] * away[:, 0]), np.einsum("ij,ij->i", towards, away)
    )
    sharp = straight < np.radians(SPIKE_DEGREES)
    sharp[last] = False  # the closing point repeats the first
    sharp &= (np.abs(towards).sum(axis=1) > 0) & (np.abs(away).sum(axis=1) > 0)
    for point in np.flatnonzero(sharp):
        corner = shapely.LineString(points[[before[point], point, after[point]]])
        yield layer.found("spike", [layer.codes[owner[part[ring[point]]]]], corner)


def find_suspect_crs(layer: Layer) -> Iterator[Finding]:
    """A layer that does not say what its numbers are, or whose numbers cannot be what it says."""
    points = shapely.get_coordinates(layer.shapes)
    if not len(points):
        return
    guesses = guess.guess(points[:, 0], points[:, 1]) if layer.crs is None or layer.degrees else []
    if layer.crs is None or any(one.swapped for one in guesses):
        words = guess.guess_words(guesses)
        yield _suspect(layer, words["guess"], words["guess_zh"])


def find_shift(layer: Layer, neighbours: Layer) -> Iterator[Finding]:
    """A layer that another system than the declared one, such as GCJ-02, would bring to its neighbours."""
    if layer.degrees and neighbours.degrees:
        better = guess.guess_beside([shapely.union_all(layer.shapes)], [shapely.union_all(neighbours.shapes)])
        if better is not None:
            yield _suspect(layer, better.why_en, better.why_zh)


def _suspect(layer: Layer, why_en: str, why_zh: str) -> Finding:
    found = layer.found("suspect_crs", [], shapely.box(*shapely.total_bounds(layer.shapes)))
    return replace(found, reason=(why_en, why_zh))
