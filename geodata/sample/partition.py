"""Rectangles of a lattice, cut again and again: the plan from which a made-up town is drawn.

Everything is cut on whole lattice units, so two neighbours meet in the same lattice nodes and every
part tiles what it was cut from, whatever the lattice is bent into afterwards.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np


class Rect(NamedTuple):
    """A rectangle in lattice units, `x1` and `y1` being its far sides; y grows to the north."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """Units from west to east."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """Units from south to north."""
        return self.y1 - self.y0

    @property
    def units(self) -> int:
        """Units inside."""
        return self.width * self.height


class Cut(NamedTuple):
    """A line that divided a rectangle: from `lo` to `hi` along it, at `at` across it."""

    horizontal: bool
    at: int
    lo: int
    hi: int


class Split(NamedTuple):
    """The parts of a rectangle in the order of their weights, and the lines between them."""

    parts: list[Rect]
    cuts: list[Cut]


def split(rect: Rect, weights: Sequence[float], rng: np.random.Generator) -> Split:
    """Cut a rectangle into as many parts as there are weights, sized about in proportion, none very narrow.

    Raises:
        ValueError: there are more weights than units.
    """
    if len(weights) > rect.units:
        message = f"{len(weights)} parts do not fit into {rect}"
        raise ValueError(message)
    done = Split([], [])
    _split_into(done, rect, list(weights), rng)
    return done


def _split_into(done: Split, rect: Rect, weights: list[float], rng: np.random.Generator) -> None:
    if len(weights) == 1:
        done.parts.append(rect)
        return
    count, cut, near, far = next(_cuts(rect, weights, rng))
    done.cuts.append(cut)
    _split_into(done, near, weights[:count], rng)
    _split_into(done, far, weights[count:], rng)


def _cuts(rect: Rect, weights: list[float], rng: np.random.Generator) -> Iterator[tuple[int, Cut, Rect, Rect]]:
    """The cuts that leave room for the parts on both sides: across the long side first, halves first."""
    stretch = rect.width * float(rng.uniform(0.85, 1.18))
    halves = sorted(range(1, len(weights)), key=lambda count: abs(2 * count - len(weights)))
    for horizontal in (stretch < rect.height, stretch >= rect.height):
        length = rect.height if horizontal else rect.width
        for count in halves:
            share = sum(weights[:count]) / sum(weights)
            at = min(max(round(share * length), 1), length - 1)
            if length < 2:  # noqa: PLR2004 - a single row cannot be cut along itself
                continue
            near, far = _sides(rect, horizontal, at)
            if near.units >= count and far.units >= len(weights) - count:
                yield count, _cut(rect, horizontal, at), near, far


def _sides(rect: Rect, horizontal: bool, at: int) -> tuple[Rect, Rect]:
    if horizontal:
        return rect._replace(y1=rect.y0 + at), rect._replace(y0=rect.y0 + at)
    return rect._replace(x1=rect.x0 + at), rect._replace(x0=rect.x0 + at)


def _cut(rect: Rect, horizontal: bool, at: int) -> Cut:
    if horizontal:
        return Cut(True, rect.y0 + at, rect.x0, rect.x1)
    return Cut(False, rect.x0 + at, rect.y0, rect.y1)


def pinwheel(rect: Rect, centre: float) -> Split:
    """A centre that takes the given share of the sides, and four arms around it: its sides are the ring road."""
    xa = rect.x0 + round(rect.width * (1 - centre) / 2)
    xb = rect.x1 - round(rect.width * (1 - centre) / 2)
    ya = rect.y0 + round(rect.height * (1 - centre) / 2)
    yb = rect.y1 - round(rect.height * (1 - centre) / 2)
    parts = [
        Rect(xa, ya, xb, yb),
        Rect(rect.x0, rect.y0, xa, yb),
        Rect(rect.x0, yb, xb, rect.y1),
        Rect(xb, ya, rect.x1, rect.y1),
        Rect(xa, rect.y0, rect.x1, ya),
    ]
    cuts = [
        Cut(False, xa, rect.y0, yb),
        Cut(True, yb, rect.x0, xb),
        Cut(False, xb, ya, rect.y1),
        Cut(True, ya, xa, rect.x1),
    ]
    return Split(parts, cuts)


def ring(rect: Rect) -> list[tuple[int, int]]:
    """The lattice nodes around a rectangle, counter-clockwise from its south-west corner, not closed."""
    south = [(x, rect.y0) for x in range(rect.x0, rect.x1)]
    east = [(rect.x1, y) for y in range(rect.y0, rect.y1)]
    north = [(x, rect.y1) for x in range(rect.x1, rect.x0, -1)]
    west = [(rect.x0, y) for y in range(rect.y1, rect.y0, -1)]
    return south + east + north + west
