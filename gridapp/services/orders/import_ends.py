"""What follows where the source of imported orders closes tasks that people here work on or wait for."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from gridapp.access import SYSTEM
from gridapp.db import flush
from gridapp.services import checks, notices
from gridapp.services.clockwork import plan
from gridapp.services.scope import task_in_scope
from gridapp.services.tasking import tasks
from gridapp.services.words.overtaking import overtake


def follow(task_ids: Iterable[uuid.UUID]) -> None:
    """Stop the clocks and checks of tasks that an import has just closed, and tell their reporters and holders.

    Args:
        task_ids: tasks whose rows and events are written already.
    """
    for task_id in task_ids:
        task = task_in_scope(SYSTEM, task_id, lock=True)
        overtake(task)
        reporters = notices.tell_reporters(task, "task_resolved")
        notices.tell(notices.holders_of(task) - reporters, "task_closed_there", task)
        plan.follow(task)
        checks.call_off(task.id, tasks.by_system)
    flush()
