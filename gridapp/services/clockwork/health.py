"""How what runs by itself is doing: when each job last ran through, what failed, which steps were put aside."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from gridapp.access import Principal
from gridapp.config import Settings
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import ClockStep, JobState, Task
from gridapp.services import audit, house
from gridapp.services.scope import in_scope
from gridapp.timesource import now
from gridapp.workflow import REOPEN_WITHIN

SHOWN = 100
WORDS = 500
STALLED_AFTER = dt.timedelta(minutes=5)

FAILED = text("""
select j.id, j.task_name as name, j.attempts, j.status::text as status, max(e.at) as at
from procrastinate.procrastinate_jobs j left join procrastinate.procrastinate_events e on e.job_id = j.id
where j.status = 'failed' or (j.status = 'todo' and j.attempts > 0)
group by j.id order by j.id desc limit :limit
""")
WITHIN_QUEUE = text("set local search_path = procrastinate, public")
"""Triggers and functions of the queue name its tables without the schema."""
BURY = text("""
select procrastinate.procrastinate_finish_job_v1(j.id, 'failed', false)
from procrastinate.procrastinate_jobs j left join procrastinate.procrastinate_workers w on w.id = j.worker_id
where j.status = 'doing' and (w.id is null or w.last_heartbeat < :before)
  and (select max(e.at) from procrastinate.procrastinate_events e where e.job_id = j.id) < :before
""")
FORGET = text("""
delete from procrastinate.procrastinate_jobs j where j.status in ('failed', 'aborted', 'cancelled')
  and (select max(e.at) from procrastinate.procrastinate_events e where e.job_id = j.id) < :before
""")
FORGET_STEPS = text("""
delete from clock_step s using task t
where t.id = s.task_id and t.outcome is not null and t.closed_at < :before and s.done_at < :before
""")


@dataclass(frozen=True)
class Queued:
    """A job of the queue that failed, or that waits for its next try."""

    id: int
    name: str
    attempts: int
    status: str
    at: dt.datetime | None


def succeeded(name: str, took: dt.timedelta) -> None:
    """Note that a job ran through; part of its own transaction."""
    values = {"succeeded_at": now(), "took_ms": int(took.total_seconds() * 1000), "failures": 0, "failure": None}
    _note(name, values)


def broke(name: str, words: str) -> None:
    """Note that a job failed, in a transaction after the one that was undone."""
    _note(name, {"failed_at": now(), "failure": words[:WORDS]}, failures=func.coalesce(JobState.failures, 0) + 1)


def _note(name: str, values: dict[str, Any], **more: Any) -> None:
    first = {"name": name, **values, **({"failures": 1} if more else {})}
    row = insert(JobState).values(first)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_={**values, **more}))


def states() -> dict[str, JobState]:
    """How the periodic jobs are doing, by name."""
    return {row.name: row for row in session.scalars(select(JobState))}


def queued() -> list[Queued]:
    """Jobs of the queue that failed or wait for another try, newest first."""
    return [Queued(**row) for row in session.execute(FAILED, {"limit": SHOWN}).mappings()]


def parked(who: Principal) -> list[tuple[ClockStep, Task]]:
    """Steps of tasks in scope that failed: those put aside first, then those that wait for another try."""
    query = (
        select(ClockStep, Task)
        .join(Task, Task.id == ClockStep.task_id)
        .where(ClockStep.done_at.is_(None), ClockStep.failure.is_not(None), in_scope(Task.grid_id, who))
        .order_by(ClockStep.parked_at.is_(None), ClockStep.due_at)
        .limit(SHOWN)
    )
    return [(step, task) for step, task in session.execute(query)]


def retry(who: Principal, step_id: int) -> None:
    """Let a step that was put aside be tried again at once.

    Raises:
        Problem: ``not_found``.
    """
    task = aliased(Task)
    seen = select(task.id).where(in_scope(task.grid_id, who))
    again = (
        update(ClockStep)
        .where(ClockStep.id == step_id, ClockStep.done_at.is_(None), ClockStep.task_id.in_(seen))
        .values(parked_at=None, tries=0, try_at=now())
    )
    found: uuid.UUID | None = session.scalar(again.returning(ClockStep.task_id))
    if found is None:
        raise Problem("not_found")
    flush()
    audit.note(who, "retry_step", "task", found, None, step=step_id)


def may_see_all(who: Principal) -> bool:
    """Whether the words of failures may be shown: they can speak of anything in the house."""
    return house.is_whole(who)


def tidy() -> None:
    """Bury jobs whose process died, so that they are shown as failed, and forget what is old.

    Steps that came to an end are needed as long as the clock of their task can run again; those put aside stay.
    """
    settings: Settings = current_app.extensions["settings"]
    at = now()
    session.execute(WITHIN_QUEUE)
    session.execute(BURY, {"before": at - STALLED_AFTER})
    kept = max(dt.timedelta(days=settings.job_keep_days), REOPEN_WITHIN + dt.timedelta(days=1))
    session.execute(FORGET, {"before": at - kept})
    session.execute(FORGET_STEPS, {"before": at - kept})
