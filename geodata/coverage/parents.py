"""Whether grids tile the grids above them, and whether borders leave buildings whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.coverage.edges import Fit, wider
from geodata.coverage.findings import Finding, Layer, polygons_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

NOISE_M = 1e-3
"""Narrower than this it is the rounding of numbers: vertices of a level lie on edges, not on vertices, of the other."""
STRAIGHT, METRES = 1e-11, 1e5
"""Degrees, and how many metres are about one: what is narrower is rounding, however long it is."""
CUT_SHARE = 0.01
"""A building is cut when another grid, or nothing, holds more than this share of its ground."""


def find_outside_parents(fit: Fit, parents: Layer, tolerance: float) -> Iterator[Finding]:
    """Grids that reach out of their parent, and ground of a parent that no grid covers."""
    tolerance = max(tolerance, NOISE_M)
    home = _parents_of(fit, parents)
    for row in np.flatnonzero(home < 0).tolist():
        yield fit.layer.found("outside_parent", [fit.layer.codes[row]], fit.shapes[row])
    for parent, shape in enumerate(parents.shapes.tolist()):
        rows = np.flatnonzero(home == parent)
        inside = fit.joined(rows)
        if shapely.equals_exact(inside, shape, normalize=True):
            continue
        yield from _outside(fit, rows, parents.codes[parent], shape, tolerance)
        for part in wider(fit.layer, _ground(fit, shapely.difference(shape, inside)), tolerance):
            yield fit.layer.found("not_covered", [parents.codes[parent]], part)


def _outside(
    fit: Fit, rows: NDArray[np.int64], code: str, parent: shapely.Polygon, tolerance: float
) -> Iterator[Finding]:
    shapely.prepare(parent)
    for row in rows[~shapely.covers(parent, fit.shapes[rows])].tolist():
        parts = _ground(fit, shapely.difference(fit.shapes[row], parent))
        out = wider(fit.layer, parts, tolerance)
        if out:
            yield fit.layer.found("outside_parent", [fit.layer.codes[row], code], shapely.MultiPolygon(out))


def _ground(fit: Fit, difference: BaseGeometry) -> list[shapely.Polygon]:
    """The polygons of a difference, without those that are straight lines in their own numbers.

    A vertex on an edge of 800 m lies 2 mm beside it as soon as both are in metres: lines that are straight in degrees
    are not straight there.
    """
    least = STRAIGHT if fit.layer.degrees else STRAIGHT * METRES
    return [part for part in polygons_of(difference) if 2 * part.area > least * part.length]


def _parents_of(fit: Fit, parents: Layer) -> NDArray[np.int64]:
    """For each grid the parent that holds the larger part of it, -1 where none holds any."""
    home = np.full(len(fit.shapes), -1)
    child, parent = shapely.STRtree(parents.shapes).query(fit.shapes, "intersects")
    _, where, many = np.unique(child, return_index=True, return_counts=True)
    home[child[where[many == 1]]] = parent[where[many == 1]]
    several = np.isin(child, child[where[many > 1]])
    child, parent = child[several], parent[several]
    shared = shapely.area(shapely.intersection(fit.shapes[child], parents.shapes[parent]))
    order = np.argsort(shared, kind="stable")
    home[child[order]] = np.where(shared[order] > 0, parent[order], -1)
    return home


def find_cut_buildings(fit: Fit, buildings: Layer) -> Iterator[Finding]:
    """Buildings that a border goes through, and buildings that stand in no grid."""
    whole = np.unique(fit.tree.query(buildings.shapes, "covered_by")[0])
    left = np.setdiff1d(np.arange(len(buildings)), whole)
    building, grid = fit.tree.query(buildings.shapes[left], "intersects")
    ground = shapely.area(shapely.intersection(buildings.shapes[left[building]], fit.shapes[grid]))
    share = ground / np.maximum(shapely.area(buildings.shapes[left[building]]), np.finfo(float).tiny)
    for place, row in enumerate(left.tolist()):
        here = np.flatnonzero((building == place) & (share > CUT_SHARE))
        codes = [fit.layer.codes[i] for i in grid[here].tolist()]
        if not codes:
            yield fit.layer.found("homeless_building", [], buildings.shapes[row])
        elif len(codes) > 1 or share[here].sum() < 1 - CUT_SHARE:
            yield fit.layer.found("cut_building", codes, buildings.shapes[row])
