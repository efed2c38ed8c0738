"""Loops in machine code, kept between runs where there is a place to keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from numba import njit
from numba.core import caching, config

if TYPE_CHECKING:
    from collections.abc import Callable

FLAGS: Final[dict[str, Any]] = {"inline": "always", "nogil": True, "_nrt": False}
"""Passing arrays on, and counting who holds them, cost more than all that is done with them: two thirds of the time.
So whoever calls makes every array; a loop makes none."""
SETTINGS: Final[Any] = config
SIGN: Final = b"geodata.draw.compiled import"


@cache
def stamp(folder: Path) -> str:
    """A digest of all files with loops in a folder, and of this one.

    A loop holds those that it calls, from whatever file, and numba would look at the file of the outermost alone.
    """
    files = [path.read_bytes() for path in sorted(folder.glob("*.py"))]
    parts = [Path(__file__).read_bytes(), *(text for text in files if SIGN in text)]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


class _Stamped:
    """Where numba keeps machine code, and what makes it stale: one file for each loop, so that nothing is left over."""

    _py_file: str

    def get_source_stamp(self) -> str:
        return stamp(Path(self._py_file).parent)

    def get_disambiguator(self) -> str:
        return "loop"


class Told(_Stamped, caching.UserProvidedCacheLocator):
    """In the folder that NUMBA_CACHE_DIR names."""


class Beside(_Stamped, caching.InTreeCacheLocator):
    """Beside the program."""


class OfUser(_Stamped, caching.UserWideCacheLocator):
    """In the user's folder, where the program's own cannot be written."""


PLACES: Final = ",".join(f"{__name__}.{place.__name__}" for place in (Told, Beside, OfUser))


def compiled(function: Callable[..., Any]) -> Any:
    """The function in machine code; no shortcuts in arithmetic, so that every machine computes the same."""
    before, SETTINGS.CACHE_LOCATOR_CLASSES = SETTINGS.CACHE_LOCATOR_CLASSES, PLACES
    try:
        return njit(cache=True, **FLAGS)(function)
    except RuntimeError:  # neither the program's folder nor the user's can be written
        return njit(**FLAGS)(function)
    finally:
        SETTINGS.CACHE_LOCATOR_CLASSES = before
