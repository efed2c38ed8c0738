"""The lattice bent into a town: dense in the middle, wider outside, turned a little, along a river bend."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.partition import Cut, Rect, ring

Floats = NDArray[np.float64]

CENTRE = (104.62, 28.77)
METRES_PER_DEGREE = 111_195.0
"""On a sphere; the made-up town needs only to know roughly how large its houses are."""

DIGITS = 7
ROUND = 0.85
"""How far the outline goes from a square (0) to a disc (1)."""
FILLS = 0.72
"""What of its square the town covers."""
TWIST = -0.22
"""Radians that the outskirts are turned against the old town."""


@dataclass(frozen=True)
class Lattice:
    """Where each lattice node lies: `nodes[x, y]` is (lon, lat)."""

    nodes: Floats
    metres: tuple[float, float]
    """Metres in a degree of longitude and of latitude here."""

    def at(self, x: Floats, y: Floats) -> Floats:
        """Positions (n, 2) between the nodes: straight along lattice lines, so a place stays in its cell."""
        i = np.clip(np.floor(x).astype(int), 0, self.nodes.shape[0] - 2)
        j = np.clip(np.floor(y).astype(int), 0, self.nodes.shape[1] - 2)
        s, t = (x - i)[:, None], (y - j)[:, None]
        south = (1 - s) * self.nodes[i, j] + s * self.nodes[i + 1, j]
        north = (1 - s) * self.nodes[i, j + 1] + s * self.nodes[i + 1, j + 1]
        return np.asarray((1 - t) * south + t * north)

    def polygons(self, rects: list[Rect]) -> NDArray[Any]:
        """A polygon each, with every lattice node of its outline as a vertex."""
        rings = [ring(rect) for rect in rects]
        lengths = np.array([len(nodes) for nodes in rings])
        xy = np.array([node for nodes in rings for node in (*nodes, nodes[0])])
        owner = np.repeat(np.arange(len(rects)), lengths + 1)
        return np.asarray(shapely.polygons(shapely.linearrings(self.nodes[xy[:, 0], xy[:, 1]], indices=owner)))

    def line(self, cut: Cut) -> shapely.LineString:
        """The line of a cut, through all its nodes."""
        return shapely.LineString(self.along(cut))

    def along(self, cut: Cut) -> Floats:
        """The nodes (n, 2) of a cut in order."""
        here = self.nodes[:, cut.at] if cut.horizontal else self.nodes[cut.at]
        return np.asarray(here[cut.lo : cut.hi + 1])

    def size(self, rects: Floats) -> tuple[Floats, Floats]:
        """Width and height in metres through the middle of each rectangle of an (n, 4) array."""
        x0, y0, x1, y1 = rects.T
        xm, ym = (x0 + x1) / 2, (y0 + y1) / 2
        return self._metres(self.at(x1, ym) - self.at(x0, ym)), self._metres(self.at(xm, y1) - self.at(xm, y0))

    def _metres(self, degrees: Floats) -> Floats:
        return np.asarray(np.hypot(*(degrees * self.metres).T))


def bend(units: tuple[int, int], area_m2: float, focus: tuple[float, float], rng: np.random.Generator) -> Lattice:
    """Bend a lattice of so many units into a town.

    Args:
        units: lattice units from west to east and from south to north.
        area_m2: about how much ground it shall cover.
        focus: the middle of the old town, as shares of both sides.
        rng: the only source of chance.
    """
    u = _spacing(units[0], focus[0], rng)[:, None] * np.ones(units[1] + 1)
    v = np.ones(units[0] + 1)[:, None] * _spacing(units[1], focus[1], rng)
    dense = 0.5 + 0.5 * ((u**2 + v**2) / 2) ** 0.6
    u, v = u * dense, v * dense
    x = u * (1 - ROUND + ROUND * np.sqrt(1 - v**2 / 2))
    y = v * (1 - ROUND + ROUND * np.sqrt(1 - u**2 / 2))
    half = np.sqrt(area_m2 / 4 / FILLS)
    aspect = np.sqrt(units[0] / units[1])
    plane = _wander(np.stack([x * aspect, y / aspect], axis=-1), rng)
    plane = plane + _jitter(plane, rng)
    turn = rng.uniform(0.1, 0.2) + TWIST * np.hypot(plane[..., 0], plane[..., 1])
    turned = np.stack(
        [
            plane[..., 0] * np.cos(turn) - plane[..., 1] * np.sin(turn),
            plane[..., 0] * np.sin(turn) + plane[..., 1] * np.cos(turn),
        ],
        axis=-1,
    )
    metres = (METRES_PER_DEGREE * np.cos(np.radians(CENTRE[1])), METRES_PER_DEGREE)
    return Lattice(np.round(np.array(CENTRE) + turned * half / np.array(metres), DIGITS), metres)


def _spacing(units: int, focus: float, rng: np.random.Generator) -> Floats:
    """Positions -1…1 of the lattice lines, unevenly apart, with the focus at 0."""
    widths = np.exp(rng.normal(0, 0.12, units))
    share = np.concatenate([[0.0], np.cumsum(widths) / widths.sum()])
    at = np.interp(focus, np.linspace(0, 1, units + 1), share)
    return np.asarray(np.where(share < at, (share - at) / at, (share - at) / (1 - at)))


def _wander(plane: Floats, rng: np.random.Generator) -> Floats:
    """Long waves that bend every line a little: the river its bend, the streets their curves."""
    x, y = plane[..., 0], plane[..., 1]
    a, b, c, d = rng.uniform(0, 2 * np.pi, 4)
    dx = 0.08 * np.sin(2.6 * y + a) + 0.012 * np.sin(8.5 * y + 3 * x + b)
    dy = 0.14 * np.sin(2.3 * x + c) + 0.012 * np.sin(9.5 * x + 4 * y + d)
    return np.asarray(plane + np.stack([dx, dy], axis=-1))


def _jitter(plane: Floats, rng: np.random.Generator) -> Floats:
    """A small step for every node, far below the distance to the next one, so that nothing folds over."""
    step = np.min(np.hypot(*np.moveaxis(np.diff(plane, axis=0), -1, 0)))
    across = np.min(np.hypot(*np.moveaxis(np.diff(plane, axis=1), -1, 0)))
    return np.asarray(np.clip(rng.normal(0, 0.08, plane.shape), -0.2, 0.2) * min(step, across))
