"""The program's one clock, moved on by a test: no sleeping, whatever the time that has to pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gridapp import timesource


class Clock:
    """Stands in for ``datetime`` where the program asks for the time: real time plus what was moved."""

    def __init__(self) -> None:
        self.ahead = dt.timedelta()
        self.stands: dt.datetime | None = None

    def now(self, zone: dt.tzinfo) -> dt.datetime:
        """The time that the program is told."""
        return (self.stands or dt.datetime.now(zone)) + self.ahead

    def move(self, **by: float) -> None:
        """Move on by hours, minutes, days."""
        self.ahead += dt.timedelta(**by)

    def stand(self, at: dt.datetime) -> None:
        """Stand still at a time, until it is moved on."""
        self.stands, self.ahead = at, dt.timedelta()


@contextmanager
def moved_clock() -> Iterator[Clock]:
    """The program's clock in the hands of a test."""
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timesource, "datetime", clock)
        yield clock
