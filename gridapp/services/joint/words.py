"""Who is told of what happens in joint work."""

from __future__ import annotations

import uuid

from sqlalchemy import select

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.models import Assist, Task, TaskEvent
from gridapp.services import notices
from gridapp.services.clockwork import words

BEGINS = ("involve", "assist_pass_up")


def speak(task: Task, event: TaskEvent, who: Principal) -> None:
    """Tell the unit that it is asked, released, overdue or urged; the lead and who asked, what becomes of its part."""
    if event.action == "urge":
        _urge(task, who)
    told = event.changes.get("assist")
    if told is None or event.action == "assist_freeze":
        return
    part = session.get_one(Assist, uuid.UUID(told["id"]))
    named = {**notices.named(part.unit), "part": str(part.id)}
    concerned = {*notices.holders_of(task), part.asked_by} - {who.person_id}
    if event.action in BEGINS:
        notices.tell(members_of(part) - {who.person_id}, "task_involve", task, **named)
        if not members_of(part):
            notices.tell(words.deciders_of(task), "assist_nobody_there", task, **named)
    elif event.action in ("release", "assist_escalate"):
        notices.tell(members_of(part) - {who.person_id}, f"task_{event.action}", task, **named)
    else:
        notices.tell(concerned, f"task_{event.action}", task, **named)
    if event.action == "assist_pass_up":
        notices.tell(concerned, "task_assist_pass_up", task, **named)
    flush()


def _urge(task: Task, who: Principal) -> None:
    """Whoever assists is urged with the lead."""
    running = select(Assist).where(Assist.task_id == task.id, Assist.outcome.is_(None)).order_by(Assist.asked_at)
    for part in session.scalars(running).all():
        named = {**notices.named(part.unit), "part": str(part.id)}
        notices.tell(hearers_of(task, part) - {who.person_id}, "task_urge_assist", task, **named)


def hearers_of(task: Task, part: Assist) -> set[uuid.UUID | None]:
    """Whoever hears what the clock of a part says: its unit's handlers, else who asked and who answers instead."""
    return members_of(part) or {part.asked_by} | words.instead_of(task, (None, part.unit_id))


def members_of(part: Assist) -> set[uuid.UUID | None]:
    """The handlers of the unit whose part it is."""
    return notices.people_of(None, part.unit_id)
