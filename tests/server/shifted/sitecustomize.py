"""Lets every process of the program read a clock that stands as many seconds apart as a file says."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from gridapp import timesource

APART = Path(os.environ["SHIFTED_CLOCK"])
real = timesource.now


def shifted() -> dt.datetime:
    """The time as the test has moved it."""
    return real() + dt.timedelta(seconds=float(APART.read_text()))


timesource.now = shifted
