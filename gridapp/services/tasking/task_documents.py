"""A task whole, as one person may see it, with what this person may do on it now."""

from __future__ import annotations

from typing import Any

from gridapp.access import Principal
from gridapp.models import Task
from gridapp.services import checks, duplicates, joint
from gridapp.services.tasking import task_actions, task_view


def brief(_who: Principal, task: Task) -> dict[str, Any]:
    """What one of many at once is told by: number and version, for a list that is read again anyhow."""
    return {"id": str(task.id), "number": task.number, "version": task.version}


def document(who: Principal, task: Task) -> dict[str, Any]:
    """The whole task with what this person may do now."""
    return {
        **task_view.document(who, task),
        "parts": joint.shown(task),
        "checks": checks.shown(task),
        "merged": duplicates.merged(task.id),
        "actions": task_actions.offered(who, task),
    }
