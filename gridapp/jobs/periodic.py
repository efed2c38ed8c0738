"""What a periodic job is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Periodic:
    """A use case that is due by a cron line (UTC), and once at the start, for nobody knows how long it was not run.

    ``lanes`` is how many processes may be at it side by side, where it shares its work out by locks. ``retried`` says
    whether a failed run is tried again after growing pauses; one that does its things one by one finds what is left at
    its next time, and the pause of one thing must not hold up the others.
    """

    name: str
    cron: str
    call: Callable[[], object]
    lanes: int = 1
    retried: bool = True
