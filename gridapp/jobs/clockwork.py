"""The ticking clocks: what is due on tasks is done each minute, by as many processes as there are."""

from __future__ import annotations

import uuid
from functools import partial

from gridapp.db import commit
from gridapp.jobs import trial
from gridapp.jobs.periodic import Periodic
from gridapp.services import notices
from gridapp.services.clockwork import health, older, run
from gridapp.services.routing import standins


def run_due_steps() -> int:
    """Do every step that is due, a task a transaction; how many tasks were looked at."""
    looked_at = 0
    while some := _some_due_steps():
        looked_at += some
    return looked_at


def _some_due_steps() -> int:
    """Do what is due on some tasks, with one message a person; how many they were, none where nothing is due."""
    with notices.as_one(uuid.uuid4()):
        for looked_at in range(trial.TOGETHER):
            task_id = run.claim()
            if task_id is None:
                return looked_at
            wrong = trial.attempt(partial(run.perform, task_id))
            if wrong is not None:
                run.failed(task_id, wrong)
                commit()
    return trial.TOGETHER


def hand_over_work() -> int:
    """Give the work of those who are away to whoever stands in for them, a task a transaction; how many were tried."""
    waiting = standins.waiting()
    commit()
    return trial.attempt_each(waiting, standins.hand_over, "tasks could not be handed over")


def write_down_older() -> int:
    """Freeze limits and calendars of before they were kept; how many tasks were tried."""
    older.keep_calendars()
    commit()
    waiting = older.waiting()
    commit()
    return trial.attempt_each(waiting, older.write_down, "limits could not be written down")


PERIODIC = (
    Periodic("write_down_older", "41 * * * *", write_down_older, retried=False),
    Periodic("run_due_steps", "* * * * * */20", run_due_steps, lanes=2),
    Periodic("hand_over_work", "* * * * *", hand_over_work, retried=False),
    Periodic("tidy_queue", "11 * * * *", health.tidy),
)
