"""Sine and cosine by sums and products alone, which every processor rounds alike, as it does not those of libraries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TWO_THIRDS_TURNS: Final = 0.6366197723675814
"""Quarter turns of a radian."""
QUARTER: Final = (1.57079632673412561417, 6.07710050650619224932e-11)
"""A quarter turn in radians in two parts, of which the first has digits to spare."""
SINE: Final = (
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
)
COSINE: Final = (
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
)
PIECE: Final = 8192
"""Numbers that are worked on at a time, so that all of them stay near the processor."""


def sines(angle: Floats) -> tuple[Floats, Floats]:
    """Sine and cosine of angles in radians up to some thousands, right to 1 or 2 units of the last digit."""
    flat = np.ravel(angle)
    sine, cosine = np.empty_like(flat), np.empty_like(flat)
    for start in range(0, len(flat), PIECE):
        part = slice(start, start + PIECE)
        sine[part], cosine[part] = _sines(flat[part])
    return sine.reshape(np.shape(angle)), cosine.reshape(np.shape(angle))


def _sines(angle: Floats) -> tuple[Floats, Floats]:
    turns = np.rint(angle * TWO_THIRDS_TURNS)
    rest = angle - turns * QUARTER[0] - turns * QUARTER[1]
    square = rest * rest
    sine = rest + rest * square * _series(square, SINE)
    cosine = 1 - (square / 2 - square * square * _series(square, COSINE))
    quadrant = turns.astype(np.int64)
    odd = (quadrant & 1).astype(bool)
    first, second = np.where(odd, cosine, sine), np.where(odd, sine, cosine)
    return np.where(quadrant & 2, -first, first), np.where((quadrant + 1) & 2, -second, second)


def _series(of: Floats, factors: tuple[float, ...]) -> Floats:
    """Factors of rising powers, the first of the power 0."""
    total = np.full_like(of, factors[-1])
    for factor in factors[-2::-1]:
        total *= of
        total += factor
    return total


def sine(angle: Floats) -> Floats:
    """The sine of `sines`."""
    return sines(angle)[0]


def cosine(angle: Floats) -> Floats:
    """The cosine of `sines`."""
    return sines(angle)[1]
