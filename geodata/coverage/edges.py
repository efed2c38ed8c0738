"""How the polygons of a layer fit together: what they both claim, what nobody claims, edges that do not match."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.coverage.findings import Finding, Layer, polygons_of
from geodata.coverage.shapes import same_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry


AT_ONCE = 2_000
"""So many polygons go together in one step, whatever their edges; for more that takes too long."""


class Fit:
    """A layer of valid polygons, each shape once, with the edges that do not match already known."""

    def __init__(self, layer: Layer) -> None:
        again = [row for rows in same_shapes(layer) for row in rows[1:]]
        self.layer = layer[np.setdiff1d(np.arange(len(layer)), again)]
        self.shapes = self.layer.shapes
        self.loose: NDArray[Any] = shapely.coverage_invalid_edges(self.shapes)
        self.suspects = np.flatnonzero(~(shapely.is_empty(self.loose) | shapely.is_missing(self.loose)))
        self.tree = shapely.STRtree(self.shapes)

    def union(self) -> BaseGeometry:
        """All polygons together; the fast way knows only edges that match."""
        return self.joined(np.arange(len(self.shapes)))

    def joined(self, rows: NDArray[np.int64]) -> BaseGeometry:
        """Some of the polygons together.

        Of many, those whose edges all match go together the fast way, and meet the others along matching edges.
        """
        torn = np.isin(rows, self.suspects)
        if torn.any() and len(rows) <= AT_ONCE:
            return shapely.union_all(self.shapes[rows])
        tidy = shapely.coverage_union_all(self.shapes[rows[~torn]])
        return shapely.union(tidy, shapely.union_all(self.shapes[rows[torn]])) if torn.any() else tidy

    def touching(self, shape: BaseGeometry) -> list[str]:
        """Codes of the grids that a shape touches."""
        return [self.layer.codes[row] for row in self.tree.query(shape, "intersects")]


def find_overlaps(fit: Fit, tolerance: float) -> Iterator[Finding]:
    """Ground that two grids claim, wider than the tolerance (m)."""
    one, other = fit.tree.query(fit.shapes[fit.suspects], "intersects")
    pairs = np.unique(np.sort(np.stack([fit.suspects[one], other]), axis=0), axis=1).T
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    both = shapely.intersection(fit.shapes[pairs[:, 0]], fit.shapes[pairs[:, 1]])
    for pair, shape in zip(pairs.tolist(), both.tolist(), strict=True):
        parts = wider(fit.layer, polygons_of(shape), tolerance)
        if parts:
            yield fit.layer.found("overlap", [fit.layer.codes[row] for row in pair], shapely.MultiPolygon(parts))


def find_gaps(fit: Fit, whole: BaseGeometry, tolerance: float, sliver: float, enclave: float) -> Iterator[Finding]:
    """Holes among the grids: slivers below `sliver` (m), enclaves and no findings from `enclave` (m) on."""
    holes = _holes(whole)
    for hole, width in zip(holes, fit.layer.widths(holes).tolist() if holes else [], strict=True):
        if tolerance < width < enclave or (tolerance == 0 and width == 0):
            yield fit.layer.found("sliver" if width < sliver else "gap", fit.touching(hole), hole)


def _holes(whole: BaseGeometry) -> list[shapely.Polygon]:
    """What is enclosed by a union: by a ring of one part, or by parts that touch in points."""
    parts = shapely.get_parts(whole)
    rings = [shapely.Polygon(ring) for part in parts for ring in part.interiors]
    if len(parts) == 1:
        return rings
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(shapely.boundary(parts)))))
    inner = shapely.point_on_surface(faces)
    taken = np.unique(shapely.STRtree([*parts, *rings]).query(inner, "intersects")[0])
    return [*rings, *np.delete(faces, taken)]


def find_mismatches(fit: Fit, tolerance: float) -> Iterator[Finding]:
    """Grids whose edges do not match their neighbours' vertex for vertex; a tolerance (m) forgives shallow ones."""
    for row in fit.suspects.tolist():
        edges = fit.loose[row]
        if tolerance > 0:
            edges = _beyond(fit, row, tolerance)
        if not edges.is_empty:
            yield fit.layer.found("edge_mismatch", [fit.layer.codes[row]], edges)


def _beyond(fit: Fit, row: int, tolerance: float) -> BaseGeometry:
    """The loose edges of a grid that reach deeper than the tolerance into a neighbour, in own numbers."""
    around = np.setdiff1d(fit.tree.query(fit.loose[row], "intersects"), [row])
    lines = shapely.get_parts(fit.loose[row])
    metric = fit.layer.metric([*lines, *fit.shapes[around]])
    core = shapely.union_all(shapely.buffer(metric[len(lines) :], -tolerance))
    return shapely.MultiLineString(lines[shapely.intersects(metric[: len(lines)], core)].tolist())


def wider(layer: Layer, parts: list[shapely.Polygon], tolerance: float) -> list[shapely.Polygon]:
    """The polygons wider than the tolerance (m)."""
    if not parts or tolerance == 0:
        return parts
    return [part for part, width in zip(parts, layer.widths(parts).tolist(), strict=True) if width > tolerance]
