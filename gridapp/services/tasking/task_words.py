"""What is said about an action, and to whom: rows of the same transaction."""

from __future__ import annotations

import uuid

from sqlalchemy import any_, exists, or_, select

from gridapp.access import SYSTEM
from gridapp.db import flush, session
from gridapp.models import Letter, Notice, Task, TaskEvent
from gridapp.services import joint, notices
from gridapp.services.clockwork import words
from gridapp.services.moments import stamp
from gridapp.services.tasking import first_answerable
from gridapp.services.tasking.task_effects import Given
from gridapp.services.words.kind import HELD
from gridapp.services.words.kinds import overtaken_by
from gridapp.services.words.overtaking import overtake
from gridapp.workflow import Stage

HOLDERS = frozenset(
    {
        *("assign", "transfer", "escalate", "rework", "reopen"),
        *("grant_extension", "refuse_extension", "hold", "resume"),
    }
)
"""Actions of which the holder hears."""
HANDED_ON = ("assign", "transfer", "escalate", "rework", "reopen")

LEAVING = ("return", "transfer", "escalate")


def speak(task: Task, event: TaskEvent, given: Given) -> None:
    """Tell those whom the action that was just written concerns; the rows are part of the same transaction."""
    action, own = event.action, {given.who.person_id}
    overtake(task)
    if action in ("dismiss", "withdraw", "pass", "auto_pass"):
        notices.tell_reporters(task, f"task_{task.outcome}", own)
    elif action == "merge" and given.master is not None:
        notices.tell([task.reporter_id], "task_merged", task, master=given.master.number)
    elif action in HOLDERS:
        due = {"due_at": stamp(task.due_at)} if action in ("hold", "resume") else {}
        notices.tell(notices.holders_of(task) - own, f"task_{action}", task, **due)
    elif action == "urge":
        _urge(task, own)
    if action in ("merge", "recall"):
        _tell_who_knew(task, event, own)
    if action in ("transfer", "escalate"):
        _tell_who_had_it(task, event, given)
    _tell_first(task, event, own)
    _tell_who_decides(task, action, own)
    joint.speak(task, event, given.who)
    if action in HANDED_ON and not notices.holders_of(task):
        words.tell_desk(task, "task_nobody_there")
    flush()


def _tell_who_had_it(task: Task, event: TaskEvent, given: Given) -> None:
    """Whoever lost it by somebody's hand or by a rework; the clock, and who stands in, have words of their own."""
    if given.who is SYSTEM and event.reason != "third_rework":
        return
    gone = notices.people_of(*(_before(event, name) for name in ("assignee_post_id", "assignee_unit_id")))
    heard = gone - notices.holders_of(task) - first_answerable.heard_by(task)
    notices.tell(heard - {given.who.person_id}, "task_left", task)


def _tell_who_knew(task: Task, event: TaskEvent, own: set[uuid.UUID | None]) -> None:
    """Whoever had it and read so, on a screen or in a letter; from the others the call itself has been taken back."""
    post, unit = (
        _before(event, name) if name in event.changes else getattr(task, name)
        for name in ("assignee_post_id", "assignee_unit_id")
    )
    written = exists().where(
        Letter.person_id == Notice.person_id, Letter.batch == Notice.batch, Notice.id == any_(Letter.told)
    )
    knew = select(Notice.person_id).where(
        Notice.task_id == task.id,
        Notice.person_id.in_(notices.people_of(post, unit) - own),
        Notice.kind.in_(overtaken_by(HELD)),
        or_(Notice.read_at.is_not(None), written),
    )
    notices.tell(set(session.scalars(knew)), "task_off", task)


def _tell_first(task: Task, event: TaskEvent, own: set[uuid.UUID | None]) -> None:
    """The unit that answers for a task without having it: when it goes, comes back to the desk, or is urged."""
    before = _before(event, "first_unit_id") if "first_unit_id" in event.changes else None
    if event.action == "accept" and before is not None:
        first_answerable.tell_over(task, before)
    elif event.action == "urge":
        first_answerable.tell_first(task, "first_urge", own)
    elif event.action in LEAVING and "assignee_unit_id" in event.changes:
        had = _before(event, "assignee_unit_id") == task.first_unit_id
        if had or event.action == "return":
            first_answerable.tell_first(task, "first_stays" if had else "first_returned", own)


def _before(event: TaskEvent, column: str) -> uuid.UUID | None:
    """What an id of the task was before the event."""
    earlier = select(TaskEvent.changes[column].astext).where(
        TaskEvent.task_id == event.task_id, TaskEvent.seq < event.seq, TaskEvent.changes.has_key(column)
    )
    found = session.scalar(earlier.order_by(TaskEvent.seq.desc()).limit(1))
    return uuid.UUID(found) if found else None


def _tell_who_decides(task: Task, action: str, own: set[uuid.UUID | None]) -> None:
    """The desk and the chief on an extension; those who may review on what was fed back."""
    if action == "feedback":
        words.tell_judges(task)
    elif action == "extend":
        notices.tell(words.deciders_of(task) - own, "task_extend", task, asked_due_at=stamp(task.asked_due_at))


def _urge(task: Task, own: set[uuid.UUID | None]) -> None:
    """Whoever has the next word on it: the desk, those who may review, or the holder."""
    if task.stage == Stage.REPORT:
        notices.tell(words.deciders_of(task) - own, "task_urge_desk", task)
    elif task.stage == Stage.FEEDBACK:
        notices.tell(words.judges_of(task) - own, "task_urge_review", task)
    else:
        notices.tell(words.hearers_of(task) - own, "task_urge", task)
