"""A layer from somewhere else is put on our borders where it nearly runs on them already."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata import crs
from geodata.coverage.findings import Layer
from geodata.edit.change import Edit, changes, plain, shapes_of
from geodata.edit.errors import BordersCross, SelfCrossing, SwallowsNeighbour
from geodata.edit.place import units
from geodata.edit.put import put_on
from geodata.edit.straight import straightened
from geodata.faces import Faces, segments

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geodata.edit.change import Shape
    from geodata.faces import Segment

SNAP_M = 2.0
OUTSIDE = -1


def snap_to(foreign: gpd.GeoDataFrame, ours: gpd.GeoDataFrame, *, tolerance: float = SNAP_M) -> Edit:
    """Put the borders of a foreign layer on ours wherever the two run within a tolerance of each other.

    Ours stay as they are. It serves a level below or above, a neighbouring district, another year of the same grids:
    vertices within the tolerance go to our vertices or edges, then narrow ground between a foreign border and ours goes
    to the other side of the foreign border. A grid that this would spoil keeps its vertices.

    Args:
        foreign: the layer to be changed: column `code` and polygons.
        ours: the layer to be met, in any CRS.
        tolerance: metres of width up to which ground between borders goes over.

    Returns:
        An edit of `foreign`.

    Raises:
        SwallowsNeighbour, SelfCrossing, BordersCross: a grid would vanish, or would not be tidy.
    """
    shapes = shapes_of(foreign)
    same = ours.crs is None or foreign.crs is None or ours.crs == foreign.crs
    targets = np.asarray((ours if same else crs.transform_frame(ours, foreign.crs)).geometry.to_numpy(), dtype=object)
    near = put_on(shapes, targets, units(tolerance, foreign.crs))
    after = _Drawn(near, targets, Layer(foreign, "code"), tolerance).settled()
    for code, shape in after.items():
        if not shape.is_valid:
            raise SelfCrossing(grid=code)
    was_tidy = shapely.coverage_is_valid(list(shapes.values()))
    if was_tidy and not shapely.coverage_is_valid(list(after.values())):
        raise BordersCross(grids=", ".join(sorted(after)))
    return changes(shapes, after)


class _Drawn:
    """The faces between foreign borders and ours: whose each is in the one layer, and whose in the other."""

    def __init__(self, shapes: dict[str, Shape], targets: NDArray[np.object_], layer: Layer, tolerance: float) -> None:
        self.shapes, self.codes = shapes, list(shapes)
        self.faces = Faces([*shapes.values(), *targets])
        corners = shapely.get_coordinates([*shapes.values(), *targets]).tolist()
        self.drawn = {(x, y) for x, y in corners}
        self.mine = self.faces.owners(list(shapes.values()))
        self.theirs = self.faces.owners(list(targets))
        self.rim = _rim(self.faces)
        self.thin = self._thin(layer, tolerance)

    def _thin(self, layer: Layer, tolerance: float) -> set[int]:
        alike: dict[tuple[int, int], list[int]] = defaultdict(list)
        for face, key in enumerate(zip(self.mine, self.theirs, strict=True)):
            alike[key].append(face)
        pieces = [piece for faces in alike.values() for piece in self.faces.pieces(faces)]
        widths = layer.widths([self.faces.union(piece) for piece in pieces])
        return {face for piece, width in zip(pieces, widths, strict=True) if width <= tolerance for face in piece}

    def settled(self) -> dict[str, Shape]:
        """The foreign shapes with every thin face on the other side of its foreign border, within the same of ours."""
        waiting = sorted(self.thin)
        settled = set(range(len(self.faces))) - self.thin
        while waiting:
            told = {face: to for face in waiting if (to := self._over(face, settled)) is not None}
            if not told:
                break
            for face, to in told.items():
                self.mine[face] = to
            settled |= told.keys()
            waiting = [face for face in waiting if face not in told]
        made = {code: self._shape(row, code) for row, code in enumerate(self.codes)}
        return straightened(made, self.drawn)

    def _over(self, face: int, settled: set[int]) -> int | None:
        """The owner beyond the longest side of a face, inside the same of our grids; None where there is none."""
        lengths: dict[int, float] = defaultdict(float)
        for other, length in self.faces.beside(face).items():
            if other in settled and self.theirs[other] == self.theirs[face]:
                lengths[self.mine[other]] += length
        if self.theirs[face] == OUTSIDE and self.rim[face]:
            lengths[OUTSIDE] += self.rim[face]
        return max(sorted(lengths), key=lengths.__getitem__, default=None)

    def _shape(self, row: int, code: str) -> Shape:
        mine = self.faces.of_owner(self.mine, row)
        if not mine:
            raise SwallowsNeighbour(neighbour=code, grid=code)
        made = plain(self.faces.union(mine))
        was = self.shapes[code]
        return was if shapely.equals_exact(made, was, normalize=True) else made


def _rim(faces: Faces) -> list[float]:
    """For each face the length of its edges that nothing lies beyond."""
    users: dict[Segment, list[int]] = defaultdict(list)
    for face, shape in enumerate(faces.shapes.tolist()):
        for segment in segments(shape):
            users[segment].append(face)
    lengths = [0.0] * len(faces)
    for segment, owners in users.items():
        if len(owners) == 1:
            (x, y), (u, v) = segment
            lengths[owners[0]] += float(np.hypot(x - u, y - v))
    return lengths
