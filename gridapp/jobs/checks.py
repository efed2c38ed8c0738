"""Checks on the spot end by themselves where nobody answers them in time; phones hear of admissions on their day."""

from __future__ import annotations

from gridapp.jobs.periodic import Periodic
from gridapp.services import tasks
from gridapp.services.admission import turns


def _expire() -> None:
    """End the checks whose time is over."""
    tasks.expire_checks()


PERIODIC = (
    Periodic("expire_checks", "* * * * *", _expire),
    Periodic(turns.JOB, "* * * * *", turns.tell_turns),
)
