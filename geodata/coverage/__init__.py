"""Checks: whether grids tile the ground, level by level, as they must. Each fault is a `Finding` to fly to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import crs
from geodata.coverage.edges import Fit, find_gaps, find_mismatches, find_overlaps
from geodata.coverage.findings import KINDS, Finding, Kind, Layer
from geodata.coverage.parents import find_cut_buildings, find_outside_parents
from geodata.coverage.shapes import (
    areal,
    find_duplicates,
    find_empty,
    find_invalid,
    find_multipart,
    find_shift,
    find_spikes,
    find_suspect_crs,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

__all__ = ["ENCLAVE_M", "KINDS", "SLIVER_M", "Finding", "Kind", "check"]

SLIVER_M = 1.0
"""A hole narrower than this is a sliver: nobody drew it."""
ENCLAVE_M = 25.0
"""A hole at least this wide is an enclave, ground of somebody else; a layer of parents can say that it belongs here."""


def check(
    grids: gpd.GeoDataFrame,
    parents: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    tolerance: float = 0.0,
    enclave: float = ENCLAVE_M,
    sliver: float = SLIVER_M,
    code: str = "code",
) -> list[Finding]:
    """Everything that is wrong with one level of grids, in the order of `KINDS`, then of the codes.

    Widths are those of the largest circle that fits in. Grids whose outline crosses itself are mended for the checks
    that compare grids. Layers may be in different systems; a layer that declares none is measured in its own numbers.

    Args:
        grids: polygons of one level, named by the column `code`, or by their number from 1 where it is missing.
        parents: the level above, each to be tiled by the grids that lie in it.
        buildings: polygons that no border may cut.
        tolerance: metres up to which an overlap, a hole, a loose edge or a difference to the parent is forgiven.
        enclave: metres of width from which a hole is an enclave and no finding; infinite to find every hole.
        sliver: metres of width below which a hole is called a sliver.
        code: name of the column with the codes.
    """
    layer = Layer(grids, code)
    above = None if parents is None else Layer(_beside(parents, grids), code)
    houses = None if buildings is None else Layer(_beside(buildings, grids), "")
    found = [*_alone(layer), *_together(layer, above, houses, tolerance, sliver, enclave)]
    if above is not None and any(finding.kind == "outside_parent" for finding in found):
        found += find_shift(_mended(layer), _mended(above))
    return sorted(found, key=lambda finding: (KINDS.index(finding.kind), finding.grids, -finding.area_m2))


def _alone(layer: Layer) -> Iterator[Finding]:
    yield from find_suspect_crs(layer)
    yield from find_empty(layer)
    areas = layer[areal(layer)]
    yield from find_invalid(areas)
    yield from find_multipart(areas)
    yield from find_duplicates(areas)
    yield from find_spikes(areas)


def _together(
    layer: Layer, above: Layer | None, houses: Layer | None, tolerance: float, sliver: float, enclave: float
) -> Iterator[Finding]:
    fit = Fit(_mended(layer))
    if not len(fit.layer):
        return
    yield from find_overlaps(fit, tolerance)
    yield from find_gaps(fit, fit.union(), tolerance, sliver, enclave)
    yield from find_mismatches(fit, tolerance)
    if above is not None:
        yield from find_outside_parents(fit, _mended(above), tolerance)
    if houses is not None:
        yield from find_cut_buildings(fit, _mended(houses))


def _mended(layer: Layer) -> Layer:
    """Only rows with an area, their outlines made valid."""
    areas = layer[areal(layer)]
    broken = np.flatnonzero(~shapely.is_valid(areas.shapes))
    areas.shapes[broken] = shapely.make_valid(areas.shapes[broken], method="structure", keep_collapsed=False)
    return areas[areal(areas)]


def _beside(other: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Another layer in the numbers of the grids, where both say what theirs are."""
    if other.crs is None or grids.crs is None or other.crs == grids.crs:
        return other
    return crs.transform_frame(other, grids.crs)
