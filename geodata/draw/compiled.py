"""Loops in machine code, kept between runs where there is a place to keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable


def compiled(function: Callable[..., Any]) -> Any:
    """The function in machine code; no shortcuts in arithmetic, so that every machine computes the same."""
    try:
        return njit(cache=True, inline="always")(function)  # passing arrays on costs more than what is done with them
    except RuntimeError:  # neither the program's folder nor the user's can be written
        return njit(function)
