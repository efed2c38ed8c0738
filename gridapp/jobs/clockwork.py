"""The ticking clocks: what is due on tasks is done each minute, by as many processes as there are."""

from __future__ import annotations

from functools import partial

from gridapp.db import commit
from gridapp.jobs.periodic import Periodic
from gridapp.jobs.trial import attempt
from gridapp.services.clockwork import run


def run_due_steps() -> int:
    """Do every step that is due, a task a transaction; how many tasks were looked at."""
    looked_at = 0
    while (task_id := run.claim()) is not None:
        looked_at += 1
        wrong = attempt(partial(run.perform, task_id))
        if wrong is not None:
            run.failed(task_id, wrong)
            commit()
    return looked_at


PERIODIC = (Periodic("run_due_steps", "* * * * *", run_due_steps, lanes=2),)
