"""Checks on the spot end by themselves where nobody answers them in time."""

from __future__ import annotations

from gridapp.jobs.periodic import Periodic
from gridapp.services import tasks


def _expire() -> None:
    """End the checks whose time is over."""
    tasks.expire_checks()


PERIODIC = (Periodic("expire_checks", "* * * * *", _expire),)
