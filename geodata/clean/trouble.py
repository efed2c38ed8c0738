"""Where a layer is in trouble: the grids whose shapes must be drawn anew, and their parents."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.clean.result import Change
from geodata.coverage.edges import Fit, find_gaps, find_overlaps
from geodata.coverage.parents import find_outside_parents
from geodata.coverage.shapes import same_shapes
from geodata.nesting import larger_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geodata.clean.rules import Rules
    from geodata.coverage.findings import Layer

    Rows = NDArray[np.int64]


class Trouble:
    """The rows of a layer that a cleaning has to draw anew.

    Attributes:
        rows: positions of those rows.
        home: for each row the position of its parent, -1 where it has none.
        mended: rings that crossed themselves, already made valid in the layer.
    """

    def __init__(self, layer: Layer, above: Layer | None, rules: Rules) -> None:
        self.layer = layer
        self.mended = _mended(layer)
        self._twins = {row: rows[0] for rows in same_shapes(layer) for row in rows[1:]}
        self._place = {code: row for row, code in enumerate(layer.codes)}
        if above is not None:
            _mended(above)
        self.home: Rows = np.full(len(layer), -1) if above is None else larger_part(layer.shapes, above.shapes)
        self._tree = shapely.STRtree(layer.shapes)
        fit = Fit(_numbered(layer))
        found = chain(find_overlaps(fit, 0.0), find_gaps(fit, fit.union(), 0.0, rules.sliver, rules.filled))
        told = {int(name) for finding in found for name in finding.grids}
        told |= {int(fit.layer.codes[row]) for row in fit.suspects.tolist()}
        if above is not None:
            told |= self._at_parents(fit, above, rules)
        self.rows = np.array(sorted(told - self._twins.keys()), dtype=np.int64)

    def _at_parents(self, fit: Fit, above: Layer, rules: Rules) -> set[int]:
        """Rows along the borders of parents that their grids do not tile."""
        torn = {
            above.codes.index(name) if name in above.codes else -1
            for finding in find_outside_parents(fit, above, 0.0)
            for name in finding.grids
        }
        borders = [shapely.boundary(above.shapes[parent]) for parent in torn if parent >= 0]
        reach = [shapely.buffer(border, rules.reach(self.layer)) for border in borders]
        return set(self._tree.query(reach, "intersects")[1].tolist()) if reach else set()

    def with_neighbours(self, rows: Rows) -> Rows:
        """Some rows and those they touch."""
        near = self._tree.query(self.layer.shapes[rows], "intersects")[1]
        return np.setdiff1d(np.union1d(rows, near), list(self._twins))

    def torn(self, shapes: NDArray[np.object_]) -> Rows:
        """Rows whose edges do not match their neighbours'."""
        alone = np.setdiff1d(np.arange(len(shapes)), list(self._twins))
        loose = shapely.coverage_invalid_edges(shapes[alone])
        return alone[np.flatnonzero(~(shapely.is_empty(loose) | shapely.is_missing(loose)))]

    def with_twins(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """The shapes, those drawn twice still the same twice: which one is meant only a person knows."""
        result = shapes.copy()
        for row, first in self._twins.items():
            result[row] = result[first]
        return result


def _numbered(layer: Layer) -> Layer:
    """The layer with the numbers of its rows as codes, which two rows never share."""
    numbered = layer[np.arange(len(layer))]
    numbered.codes = [str(row) for row in range(len(layer))]
    return numbered


def _mended(layer: Layer) -> list[Change]:
    """Make outlines that cross themselves valid, in the layer; told one by one."""
    changes = []
    for row in np.flatnonzero(~shapely.is_valid(layer.shapes)).tolist():
        made = shapely.make_valid(layer.shapes[row], method="structure", keep_collapsed=False)
        if not made.is_empty:
            layer.shapes[row] = made
            where = layer.found("self_intersection", [layer.codes[row]], made)
            changes.append(Change("self_intersection", where.grids, None, 0.0, 0.0, where.geometry))
    return changes
