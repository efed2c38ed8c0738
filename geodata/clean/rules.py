"""Who gets the ground that several grids claim, that none holds, or that lies in another parent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geodata.clean.divide import cuts
from geodata.clean.ground import NOBODY
from geodata.coverage import SLIVER_M

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shapely.geometry.base import BaseGeometry

    from geodata.clean.ground import Ground
    from geodata.clean.result import Change
    from geodata.coverage.findings import Kind, Layer

METRES_PER_DEGREE = 111_195.0
ROUNDING_M = 1e-3
"""Metres by which the sum of roundings may pass a tolerance."""


@dataclass(frozen=True)
class Rules:
    """The rules of a cleaning, and the widths in metres up to which they apply.

    Attributes:
        tolerance: of gaps, and of what reaches out of a parent.
        overlaps: of overlaps.
        enclave: from which a hole is not ours to fill.
        sliver: below which a gap is called a sliver.
    """

    tolerance: float
    overlaps: float
    enclave: float
    sliver: float = SLIVER_M

    @property
    def filled(self) -> float:
        """Metres of width that a hole must not reach to be filled."""
        return min(math.nextafter(self.tolerance, math.inf), self.enclave)

    def reach(self, layer: Layer) -> float:
        """The tolerance in the layer's own numbers, rather too far than not far enough."""
        if layer.crs is None:
            return self.tolerance
        if not layer.degrees:
            return self.tolerance / float(layer.crs.axis_info[0].unit_conversion_factor)
        north = np.abs(shapely.total_bounds(layer.shapes)[[1, 3]]).max()
        return float(self.tolerance / METRES_PER_DEGREE / max(np.cos(np.radians(north)), 0.01))

    def settle(self, ground: Ground) -> list[Change]:
        """Give every face to whom it is due; told piece by piece."""
        return [*self._overlaps(ground), *self._outside(ground), *self._gaps(ground), *self._crumbs(ground)]

    def dividing_lines(self, ground: Ground) -> list[BaseGeometry]:
        """Cuts across the gaps that no single grid can take without reaching farther than the tolerance.

        The ground itself is settled by this and not to be used any more.
        """
        for _ in self._overlaps(ground):
            pass
        lines: list[BaseGeometry] = []
        for piece, _ in self._open(ground):
            beside = ground.neighbours(piece, self._parent_of(ground, piece))
            if len(beside) > 1 and self._taker(ground, piece, beside) is None:
                lines += cuts(ground, piece, sorted(beside), self.tolerance)
        return lines

    def _overlaps(self, ground: Ground) -> Iterator[Change]:
        several = [face for face, claims in enumerate(ground.claims) if len(claims) > 1]
        pieces = ground.pieces(several, [tuple(claims) for claims in ground.claims])
        ground.shared.update(several)
        for piece, width in _widths(ground, pieces):
            if width > self.overlaps:
                continue
            claims = ground.claims[piece[0]]
            winner = min(claims, key=_loss(ground, piece, claims))
            ground.shared.difference_update(piece)
            ground.give(piece, winner)
            yield ground.change("overlap", claims, winner, piece, width)

    def _outside(self, ground: Ground) -> Iterator[Change]:
        """What lies in another parent than the rest of its grid, or in none."""
        strays = [
            face
            for face, row in enumerate(ground.owner)
            if row != NOBODY and ground.home[row] >= 0 and ground.parent[face] != ground.home[row]
        ]
        pieces = ground.pieces(strays, list(zip(ground.owner, ground.parent, strict=True)))
        for piece, width in _widths(ground, pieces):
            row, parent = ground.owner[piece[0]], ground.parent[piece[0]]
            if width > self.tolerance:
                continue
            beside = ground.neighbours(piece, parent) if parent >= 0 else {}
            to = max(sorted(beside), key=beside.__getitem__, default=NOBODY)
            ground.give(piece, to)
            yield ground.change("outside_parent", [row, *([to] if to != NOBODY else [])], to, piece, width)

    def _gaps(self, ground: Ground) -> Iterator[Change]:
        for piece, width in self._open(ground):
            parent = self._parent_of(ground, piece)
            beside = ground.neighbours(piece, parent)
            if not beside:
                continue
            kind: Kind = "not_covered" if ground.nested else "sliver" if width < self.sliver else "gap"
            taker = next(iter(beside)) if len(beside) == 1 else self._taker(ground, piece, beside)
            parts = [piece] if taker is not None else [[face] for face in piece]
            for part in parts:
                near = ground.neighbours(part, parent)
                to = taker if taker is not None else self._taker(ground, part, near)
                if to is not None:
                    ground.give(part, to)
                    yield ground.change(kind, [*beside, to], to, part, width)

    def _open(self, ground: Ground) -> Iterator[tuple[list[int], float]]:
        """The pieces that nobody holds and that are narrow enough to be filled."""
        free = [
            face
            for face, row in enumerate(ground.owner)
            if row == NOBODY and face not in ground.shared and (ground.parent[face] >= 0 or not ground.nested)
        ]
        for piece, width in _widths(ground, ground.pieces(free, ground.parent)):
            if width < self.filled:
                yield piece, width

    def _parent_of(self, ground: Ground, piece: list[int]) -> int | None:
        return ground.parent[piece[0]] if ground.nested else None

    def _taker(self, ground: Ground, piece: list[int], beside: dict[int, float]) -> int | None:
        """The grid that borders a piece longest, of those within the tolerance of all of it; None where none is."""
        corners = np.asarray(shapely.points(shapely.get_coordinates(ground.union(piece))), dtype=object)
        for row in sorted(beside, key=lambda row: (-beside[row], row)):
            metric = ground.layer.metric(np.append(ground.layer.shapes[row : row + 1], corners))
            if shapely.distance(metric[0], metric[1:]).max() <= self.tolerance + ROUNDING_M:
                return row
        return None

    def _crumbs(self, ground: Ground) -> Iterator[Change]:
        """Crumbs that removing an overlap broke off a grid go to whom they border longest."""
        torn = {row for claims in ground.claims if len(claims) > 1 for row in claims} & set(ground.drawn.tolist())
        for row in sorted(torn):
            pieces = ground.faces.pieces(ground.of(row))
            parts = int(shapely.get_num_geometries(ground.layer.shapes[row]))
            for piece, width in _widths(ground, pieces[parts:]):
                beside = ground.neighbours(piece, self._parent_of(ground, piece))
                beside.pop(row, None)
                if width <= self.tolerance and beside:
                    to = max(sorted(beside), key=beside.__getitem__)
                    ground.give(piece, to)
                    yield ground.change("overlap", [row, to], to, piece, width)


def _widths(ground: Ground, pieces: list[list[int]]) -> list[tuple[list[int], float]]:
    if not pieces:
        return []
    widths = ground.layer.widths([ground.union(piece) for piece in pieces])
    return list(zip(pieces, widths.tolist(), strict=True))


def _loss(ground: Ground, piece: list[int], claims: list[int]) -> Callable[[int], tuple[int, float, int]]:
    """A key for who should keep a piece: first whoever leaves the others whole, then the smallest, then the first."""
    kept = {row: set(ground.of(row)) for row in claims}

    def harm(row: int) -> int:
        left = len(ground.faces.pieces(kept[row] - set(piece)))
        return left - len(ground.faces.pieces(kept[row])) if left else len(ground.faces)

    harms = {row: max(harm(row), 0) for row in claims}
    return lambda row: (sum(harms.values()) - harms[row], ground.layer.shapes[row].area, row)
