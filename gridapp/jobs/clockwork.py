"""The ticking clocks: what is due on tasks is done each minute, by as many processes as there are."""

from __future__ import annotations

import uuid
from functools import partial

from gridapp.db import commit
from gridapp.jobs.periodic import Periodic
from gridapp.jobs.trial import attempt, attempt_each
from gridapp.services import notices
from gridapp.services.clockwork import health, older, run
from gridapp.services.routing import standins


def run_due_steps() -> int:
    """Do every step that is due, a task a transaction, one message a person; how many tasks were looked at."""
    looked_at = 0
    with notices.as_one(uuid.uuid4()):
        while (task_id := run.claim()) is not None:
            looked_at += 1
            wrong = attempt(partial(run.perform, task_id))
            if wrong is not None:
                run.failed(task_id, wrong)
                commit()
    return looked_at


def hand_over_work() -> int:
    """Give the work of those who are away to whoever stands in for them, a task a transaction; how many were tried."""
    waiting = standins.waiting()
    commit()
    return attempt_each(waiting, standins.hand_over, "tasks could not be handed over")


def write_down_older() -> int:
    """Freeze limits and calendars of before they were kept; how many tasks were tried."""
    older.keep_calendars()
    commit()
    waiting = older.waiting()
    commit()
    return attempt_each(waiting, older.write_down, "limits could not be written down")


PERIODIC = (
    Periodic("write_down_older", "41 * * * *", write_down_older, retried=False),
    Periodic("run_due_steps", "* * * * * */20", run_due_steps, lanes=2),
    Periodic("hand_over_work", "* * * * *", hand_over_work, retried=False),
    Periodic("tidy_queue", "11 * * * *", health.tidy),
)
