"""Limits that began before they, or the calendars by which they count, were kept: written down as they are now.

From then on they are as frozen as any other, so that neither a later edition of the catalogue nor a renewed holiday
library moves them, and their lamps come. Run by the jobs at their start, so right after the program was renewed.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select, text

from gridapp.access import SYSTEM
from gridapp.db import session
from gridapp.models import Assist, Task
from gridapp.services.clockwork import calendars
from gridapp.services.tasking import tasks
from gridapp.services.tasking.assignees import Assignee
from gridapp.services.tasking.task_effects import Given
from gridapp.timesource import now
from gridapp.workflow import Stage

OLDER = text("""
select t.id from task t where t.outcome is null and t.check_of is null and (
  t.stage in ('assign', 'handle') and t.due_at is not null and t.clock ->> 'calendar' is null
  or t.id in (select a.task_id from assist a where a.outcome is null and a.clock ->> 'calendar' is null)
) order by t.id
""")


def waiting() -> list[uuid.UUID]:
    """Open tasks with a limit, of the holder or of a part, that was never written down."""
    return list(session.scalars(OLDER))


def write_down(task_id: uuid.UUID) -> bool:
    """Write the limits of a task down by events of the system; whether there were any, and nobody was at it."""
    query = select(Task).where(Task.id == task_id, Task.outcome.is_(None)).with_for_update(of=Task, skip_locked=True)
    task = session.scalar(query.execution_options(populate_existing=True))
    if task is None:
        return False
    if task.stage in (Stage.ASSIGN, Stage.HANDLE) and task.due_at and not (task.clock or {}).get("calendar"):
        tasks.by_system(task, "freeze")
    parts = select(Assist).where(Assist.task_id == task.id, Assist.outcome.is_(None)).order_by(Assist.asked_at)
    for part in session.scalars(parts).all():
        if not (part.clock or {}).get("calendar"):
            given = Given(who=SYSTEM, at=now(), assignee=Assignee(unit_id=part.unit_id))
            tasks.by_system(task, "assist_freeze", given)
    return True


def keep_calendars() -> None:
    """Keep what the holiday library says now for every edition of a calendar that was kept without it."""
    for code in calendars.without_library():
        calendars.keep(code)
