"""Checks on the spot end by themselves where nobody answers them in time; phones hear of admissions on their day."""

from __future__ import annotations

from gridapp.db import commit
from gridapp.jobs.periodic import Periodic
from gridapp.jobs.trial import attempt_each
from gridapp.services import checks
from gridapp.services.admission import turns
from gridapp.services.tasking import tasks


def expire_checks() -> int:
    """End the checks whose time is over, one a transaction; how many were tried."""
    late = checks.late()
    commit()
    return attempt_each(late, tasks.expire_check, "checks could not be ended")


PERIODIC = (
    Periodic("expire_checks", "* * * * *", expire_checks, retried=False),
    Periodic(turns.JOB, "* * * * *", turns.tell_turns),
)
