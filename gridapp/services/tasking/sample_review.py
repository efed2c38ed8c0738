"""Self-handled tasks: what is drawn for the sample is reviewed and inspected on the spot, the rest passes by itself.

The lot of a task is fixed by its id and the secret of the instance: asked again it falls the same, and nobody who
chooses ids can choose lots.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from contextlib import suppress
from typing import Any

from flask import current_app
from sqlalchemy import exists, select

from gridapp.access import SYSTEM, Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Notice, Task
from gridapp.services import checks
from gridapp.services.clockwork import words
from gridapp.services.editions import categories
from gridapp.services.scope import task_in_scope
from gridapp.services.tasking import task_view, tasks
from gridapp.workflow import Stage

LOTS = 2**53


def drawn(task_id: uuid.UUID, share: float, secret: str) -> bool:
    """Whether a task is in the sample: of many tasks this share, from 0 for none to 1 for all.

    A task that is drawn at a share is drawn at every larger one.
    """
    lot = hmac.digest(secret.encode(), b"sample" + task_id.bytes, hashlib.sha256)
    return int.from_bytes(lot[:8]) % LOTS < share * LOTS


def decide(task_id: uuid.UUID, who: Principal) -> dict[str, Any]:
    """Have a self-handled task reviewed, where it is drawn, or let it pass; by the system, once.

    What is drawn is told to those who may review it, and inspected on the spot. Where nobody stands there who could,
    the reviewer judges by what was sent.

    Returns:
        The summary as ``who`` may see it.
    """
    task = task_in_scope(SYSTEM, task_id, lock=True)
    if _waits(task):
        _decide(task)
    return task_view.summary(task_view.rows_of("t.id = %(id)s", task_view.everywhere(who), {"id": task_id})[0])


def _waits(task: Task) -> bool:
    """Whether nothing has been decided yet: filed and nothing else, for what follows the filing can be cut short."""
    told = exists().where(Notice.task_id == task.id, Notice.kind == words.WAITS_FOR_REVIEW)
    return task.stage == Stage.FEEDBACK and task.version == 1 and not session.scalar(select(told))


def _decide(task: Task) -> None:
    share = categories.as_of_now(task.category_code).sample_share
    if not drawn(task.id, share, str(current_app.config["SECRET_KEY"])):
        tasks.by_system(task, "auto_pass")
        return
    words.tell_judges(task)
    with suppress(Problem):
        checks.checker(task)
        tasks.by_system(task, "inspect", reason="sample")
        checks.send(task, "inspect", SYSTEM)
