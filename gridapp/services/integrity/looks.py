"""How a picture looks, as 64 bits that stay alike when it is saved again, made smaller or a little brighter.

A difference hash: the picture in nine by eight greys, and of each grey whether the one to its right is lighter.
"""

from __future__ import annotations

GREYS = (9, 8)
SIGN = 1 << 63
LEAST_CONTRAST = 24
LEAST_BITS, MOST_BITS = 6, 58
"""A wall, the sky, a lens that was covered: what shows so little looks like everything else that shows little."""

ALIKE = 3
"""Bits in which two looks of one picture may differ; their quarters are indexed, and one of four must agree."""


def look(greys: bytes) -> int | None:
    """The look of a picture as a signed number of 64 bits; None where it shows too little to be told apart.

    Args:
        greys: 72 bytes, nine a row.
    """
    width, height = GREYS
    bits = 0
    for row in range(height):
        for column in range(width - 1):
            place = row * width + column
            bits = bits << 1 | (greys[place] < greys[place + 1])
    shows_little = max(greys) - min(greys) < LEAST_CONTRAST or not LEAST_BITS <= bits.bit_count() <= MOST_BITS
    return None if shows_little else bits - (SIGN << 1) if bits & SIGN else bits
