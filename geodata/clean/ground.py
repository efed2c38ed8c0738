"""The ground of the grids in trouble, cut into faces along all lines: who claims each face, and who gets it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.clean.result import Change
from geodata.faces import Faces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geodata.coverage import Kind
    from geodata.coverage.findings import Layer

DECIMALS, GRID_DEGREES = 9, 1e-9
"""Degrees to which crossings are rounded: what files keep, so that what is read again is what was written."""
NOBODY = -1


class Ground:
    """The faces between the outlines of some grids and their parents.

    Attributes:
        faces: all of them.
        owner: for each face the row of the grid that holds it, `NOBODY` where none does.
        claims: for each face the rows of all grids that claim it; several where they overlap.
        parent: for each face the parent that it lies in, -1 where it lies in none.
        home: for each row its parent.
    """

    def __init__(
        self,
        layer: Layer,
        home: NDArray[np.int64],
        drawn: NDArray[np.int64],
        above: Layer | None,
        lines: Sequence[BaseGeometry] = (),
    ) -> None:
        self.layer, self.home, self.drawn = layer, home, drawn
        self.nested = above is not None
        outlines = [*layer.shapes[drawn], *([] if above is None else _near(above, layer.shapes[drawn]))]
        self.faces = Faces(outlines, lines, grid_size=GRID_DEGREES if layer.degrees and _on_grid(outlines) else None)
        self.claims: list[list[int]] = [[] for _ in range(len(self.faces))]
        face, row = shapely.STRtree(layer.shapes).query(self.faces.inner, "intersects")
        for one, claimant in sorted(zip(face.tolist(), row.tolist(), strict=True)):
            self.claims[one].append(claimant)
        self.owner = [claims[0] if len(claims) == 1 else NOBODY for claims in self.claims]
        self.parent = [-1] * len(self.faces) if above is None else self.faces.owners(list(above.shapes))
        self.shared: set[int] = set()
        self._may_hold: dict[int, set[int]] = defaultdict(set)
        for one, claims in enumerate(self.claims):
            for claimant in claims:
                self._may_hold[claimant].add(one)

    def pieces(self, faces: Iterable[int], key: Sequence[object]) -> list[list[int]]:
        """Faces gathered into connected pieces of one key each."""
        alike: dict[object, list[int]] = defaultdict(list)
        for face in faces:
            alike[key[face]].append(face)
        return [piece for group in alike.values() for piece in self.faces.pieces(group)]

    def of(self, row: int) -> list[int]:
        """The faces of a grid, those among them that it shares with others for good."""
        return sorted(face for face in self._may_hold[row] if self.owner[face] == row or self._shares(face, row))

    def _shares(self, face: int, row: int) -> bool:
        return face in self.shared and row in self.claims[face]

    def neighbours(self, piece: Iterable[int], parent: int | None = None) -> dict[int, float]:
        """The grids beside a piece, with the length of the common border; those of one parent if it is named."""
        inside = set(piece)
        lengths: dict[int, float] = defaultdict(float)
        for face in inside:
            for other, length in self.faces.beside(face).items():
                row = self.owner[other]
                if other not in inside and row != NOBODY and parent in (None, int(self.home[row])):
                    lengths[row] += length
        return dict(lengths)

    def give(self, piece: Iterable[int], row: int) -> None:
        """Give all faces of a piece to a grid, or to nobody."""
        for face in piece:
            self.owner[face] = row
            self._may_hold[row].add(face)

    def union(self, piece: Sequence[int]) -> BaseGeometry:
        """The ground of a piece."""
        return self.faces.union(piece)

    def change(self, kind: Kind, rows: Iterable[int], to: int, piece: Sequence[int], width: float) -> Change:
        """A change in words: who took part, who got the piece."""
        found = self.layer.found(kind, [self.layer.codes[row] for row in rows], self.union(piece))
        winner = None if to == NOBODY else self.layer.codes[to]
        return Change(kind, found.grids, winner, found.area_m2, width, found.geometry)

    def shapes_after(self) -> NDArray[np.object_]:
        """The shapes of all rows, those in trouble as unions of their faces."""
        mine: dict[int, list[int]] = defaultdict(list)
        for face, owner in enumerate(self.owner):
            for row in self.claims[face] if face in self.shared else [owner]:
                mine[row].append(face)
        result = self.layer.shapes.copy()
        for row in self.drawn.tolist():
            if mine[row]:
                made = self.faces.union(mine[row])
                if not shapely.equals_exact(made, result[row], normalize=True):
                    result[row] = made
        return result

    def matched(self, shapes: NDArray[np.object_]) -> list[Change]:
        """The grids whose edges match now, with the edges that did not."""
        loose = shapely.coverage_invalid_edges(self.layer.shapes[self.drawn])
        still = shapely.coverage_invalid_edges(shapes[self.drawn])
        told = []
        for row, edges, left in zip(self.drawn.tolist(), loose, still, strict=True):
            if shapes[row] is not self.layer.shapes[row] and not _none(edges) and _none(left):
                found = self.layer.found("edge_mismatch", [self.layer.codes[row]], edges)
                told.append(Change("edge_mismatch", found.grids, None, 0.0, 0.0, found.geometry))
        return told


def _none(edges: BaseGeometry | None) -> bool:
    return edges is None or edges.is_empty


def _on_grid(shapes: list[BaseGeometry]) -> bool:
    """Whether no vertex has more decimals than are kept; to round it would move what nothing is wrong with."""
    points = shapely.get_coordinates(shapes)
    return bool((points == np.round(points, DECIMALS)).all())


def _near(above: Layer, shapes: NDArray[np.object_]) -> list[BaseGeometry]:
    """The parents that some grids touch."""
    rows = np.unique(shapely.STRtree(above.shapes).query(shapes, "intersects")[1])
    return list(above.shapes[rows])
