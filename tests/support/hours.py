"""A clock that tests set: the program's one clock is replaced wherever it was imported."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from gridapp import timesource

SHANGHAI = ZoneInfo("Asia/Shanghai")


class SetClock:
    """The time as a test says; it stands still until it is moved on."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def __call__(self) -> dt.datetime:
        return self.at

    def to(self, text: str) -> None:
        """Set it to a time of Shanghai, such as ``2026-03-06 16:30``."""
        self.at = local(text)

    def on(self, **span: float) -> None:
        """Move it on, by ``hours=3`` or the like."""
        self.at += dt.timedelta(**span)


def local(text: str) -> dt.datetime:
    """A time of Shanghai, in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(dt.UTC)


@contextmanager
def set_clock(text: str) -> Iterator[SetClock]:
    """Let the program and the tests' helpers read a clock that stands at a time of Shanghai."""
    clock, real = SetClock(local(text)), timesource.now
    users = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith(("gridapp", "mobile_api", "tests.support")) and getattr(module, "now", None) is real
    ]
    for module in (timesource, *users):
        setattr(module, "now", clock)  # noqa: B010  # a module's name, not an attribute that the type checker knows
    try:
        yield clock
    finally:
        for module in (timesource, *users):
            setattr(module, "now", real)  # noqa: B010
