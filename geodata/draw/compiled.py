"""Loops in machine code, kept between runs where there is a place to keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

FLAGS: Final[dict[str, Any]] = {"inline": "always", "nogil": True, "_nrt": False}
"""Passing arrays on, and counting who holds them, cost more than all that is done with them: two thirds of the time.
So whoever calls makes every array; a loop makes none."""


def compiled(function: Callable[..., Any]) -> Any:
    """The function in machine code; no shortcuts in arithmetic, so that every machine computes the same."""
    try:
        return njit(cache=True, **FLAGS)(function)
    except RuntimeError:  # neither the program's folder nor the user's can be written
        return njit(**FLAGS)(function)
