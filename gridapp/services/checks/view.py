"""The checks of a task as both doors show them."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gridapp.db import session
from gridapp.models import Post, Task, TaskEvent, TaskPhoto
from gridapp.services.editions import categories
from gridapp.services.moments import stamp
from gridapp.workflow import CHECKS, Outcome


def shown(task: Task) -> list[dict[str, Any]]:
    """Every check of a task, the latest first, with who looked and what was found."""
    query = select(Task).where(Task.check_of == task.id).order_by(Task.number.desc())
    checks = session.scalars(query.options(joinedload(Task.assignee_post).joinedload(Post.person))).all()
    if not checks:
        return []
    results = {row["code"]: row for kind in CHECKS for row in categories.reasons(task.edition, f"{kind}_answer")}
    return [_check(check, results) for check in checks]


def _check(check: Task, results: dict[str, dict[str, str]]) -> dict[str, Any]:
    post = check.assignee_post
    last = _event(check.id, check.version)
    first = _event(check.id, 1)
    result = results.get(check.check_result or "")
    return {
        "id": str(check.id),
        "number": check.number,
        "kind": check.check_kind,
        "state": "open" if check.open else "answered" if check.outcome == Outcome.RESOLVED else "called_off",
        "checker": post.person.name if post else None,
        "asked_at": stamp(check.received_at),
        "words": first.note if first else None,
        "due_at": stamp(check.due_at),
        "ended_at": stamp(check.closed_at),
        "result": {"code": check.check_result, "zh": result["zh"], "en": result["en"]} if result else None,
        "note": last.note if last and check.check_result else None,
        "photos": list(
            session.scalars(select(TaskPhoto.sha256).where(TaskPhoto.task_id == check.id).order_by(TaskPhoto.ordinal))
        ),
    }


def _event(task_id: uuid.UUID, seq: int) -> TaskEvent | None:
    return session.scalar(select(TaskEvent).where(TaskEvent.task_id == task_id, TaskEvent.seq == seq))
