"""What the clock of a unit that assists does: as for a holder, and lateness belongs to the unit that was late."""

from __future__ import annotations

import uuid

from gridapp.access import SYSTEM
from gridapp.clocks import Step
from gridapp.db import session
from gridapp.models import Assist, ClockStep, Task
from gridapp.services import joint, notices
from gridapp.services.clockwork import words
from gridapp.services.moments import stamp
from gridapp.services.tasking import tasks
from gridapp.services.tasking.assignees import Assignee
from gridapp.services.tasking.task_effects import Given
from gridapp.timesource import now


def do(task: Task, row: ClockStep) -> str | None:
    """Do a step of a part's clock; ``nobody`` where no unit stands above to take an overdue part."""
    part = next(part for part in task.assists if part.outcome is None and (part.clock or {}).get("since") == row.since)
    if row.step == Step.ASSIST_ESCALATE:
        return _pass_up(task, part, row)
    heard = joint.hearers_of(task, part)
    if row.step == Step.ASSIST_RED:
        heard = (words.chiefs_of(task) or words.desk_of(task)) | {part.asked_by}
    _tell(heard, f"clock_{row.step}", task, part)
    words.show(task)
    return None


def _pass_up(task: Task, part: Assist, row: ClockStep) -> str | None:
    """The late unit's part ends as it is, and the unit above begins one with the full limit, now."""
    above = joint.unit_above(task, part)
    if above is None:
        _tell(words.deciders_of(task), "clock_assist_nobody_above", task, part)
        return "nobody"
    at, asked_by, asked = now(), part.asked_by, part.words
    late = Given(who=SYSTEM, at=at, assignee=Assignee(unit_id=part.unit_id))
    tasks.by_system(task, "assist_escalate", late, reason="overdue", true_at=row.due_at)
    heir = Given(who=SYSTEM, at=at, assignee=Assignee(unit_id=above), note=asked, asked_by=asked_by)
    tasks.by_system(task, "assist_pass_up", heir, reason="overdue", note=asked, true_at=row.due_at)
    session.expire(task, ["assists"])
    return None


def _tell(heard: set[uuid.UUID | None], kind: str, task: Task, part: Assist) -> None:
    notices.tell(heard, kind, task, **notices.named(part.unit), part=str(part.id), due_at=stamp(part.due_at))
