"""Self-handled tasks: what is drawn for the sample is reviewed and inspected on the spot, the rest passes by itself."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import Any

from gridapp.access import SYSTEM, Principal
from gridapp.errors import Problem
from gridapp.services import checks, task_view, tasks
from gridapp.services.clockwork import words
from gridapp.services.scope import task_in_scope


def decide(task_id: uuid.UUID, who: Principal, *, sampled: bool) -> dict[str, Any]:
    """Have a self-handled task that was just filed reviewed, where it was drawn, or let it pass; by the system.

    What was drawn is told to those who may review it, and inspected on the spot. Where nobody stands there who could,
    the reviewer judges by what was sent.

    Returns:
        The summary as ``who`` may see it.
    """
    task = task_in_scope(SYSTEM, task_id, lock=True)
    if sampled:
        words.tell_judges(task)
        with suppress(Problem):
            checks.checker(task)
            tasks.by_system(task, "inspect", reason="sample")
            checks.send(task, "inspect", SYSTEM)
    else:
        tasks.by_system(task, "auto_pass")
    return task_view.summary(task_view.rows_of("t.id = %(id)s", task_view.everywhere(who), {"id": task_id})[0])
