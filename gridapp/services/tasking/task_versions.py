"""Which version an actor saw: an event that is there already, a stale version, and who was first."""

from __future__ import annotations

import re
import uuid
from typing import Any

from sqlalchemy import select

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Person, Task, TaskEvent
from gridapp.services import moments
from gridapp.services.tasking import task_documents
from gridapp.workflow import BY_ACTION

MOVES = ("stage", "outcome", "assignee_post_id", "assignee_unit_id", "due_at")
_AFTER = re.compile(r'\A"after:([0-9a-fA-F-]{36})"\Z')
_VERSION = re.compile(r'\A(?:W/)?"([0-9]{1,9})"\Z')


def done_before(task: Task, event_id: Any, digest: bytes) -> bool:
    """Whether this very event is there already.

    Raises:
        Problem: ``id_reused`` where the id has other content.
    """
    try:
        known = session.get(TaskEvent, uuid.UUID(event_id)) if isinstance(event_id, str) else None
    except ValueError:
        return False
    if known is None:
        return False
    if known.task_id == task.id and known.content_hash == digest:
        return True
    raise Problem("id_reused", id=str(event_id))


def check(who: Principal, task: Task, if_match: str | None) -> None:
    """Compare what the sender saw with the task as it is.

    Args:
        who: the sender.
        task: the task, locked.
        if_match: ``"7"``, the version seen, or ``"after:<event id>"``, the sender's own earlier event.

    Raises:
        Problem: ``version_missing``, or ``changed_meanwhile`` that names who was first.
    """
    if not if_match:
        raise Problem("version_missing")
    after = _AFTER.match(if_match.strip())
    seen = _VERSION.match(if_match.strip())
    holds = _unmoved_since(who, task, after.group(1)) if after else bool(seen and int(seen.group(1)) == task.version)
    if not holds:
        raise _overtaken(who, task)


def _unmoved_since(who: Principal, task: Task, event_id: str) -> bool:
    """Whether nobody else changed stage, assignee or due time since the sender's own earlier event."""
    try:
        own = session.get(TaskEvent, uuid.UUID(event_id))
    except ValueError:
        return False
    if own is None or own.task_id != task.id or own.actor_id != who.person_id:
        return False
    later = session.scalars(select(TaskEvent).where(TaskEvent.task_id == task.id, TaskEvent.seq > own.seq))
    return not any(event.actor_id != who.person_id and set(MOVES) & event.changes.keys() for event in later)


def _overtaken(who: Principal, task: Task) -> Problem:
    last = session.scalar(select(TaskEvent).where(TaskEvent.task_id == task.id, TaskEvent.seq == task.version))
    if last is None:
        raise Problem("not_found")
    person = session.get(Person, last.actor_id) if last.actor_id else None
    rule = BY_ACTION[last.action]
    return Problem(
        "changed_meanwhile",
        who=person.name if person else ("The system", "系统"),
        action=(rule.en, rule.zh),
        when=moments.stamp(last.at),
        extra={
            "task": task_documents.document(who, task),
            "by": {"name": person.name if person else None, "action": last.action, "at": moments.stamp(last.at)},
        },
    )
