"""What is said about an action, and to whom: rows of the same transaction."""

from __future__ import annotations

from gridapp.db import flush
from gridapp.models import Task, TaskEvent
from gridapp.services import joint, notices
from gridapp.services.task_effects import Given
from gridapp.services.words.overtaking import overtake


def speak(task: Task, event: TaskEvent, given: Given) -> None:
    """Tell those whom the action that was just written concerns; the rows are part of the same transaction."""
    action = event.action
    overtake(task)
    if action in ("dismiss", "withdraw", "pass", "auto_pass"):
        notices.tell(notices.reporters_of(task) - {given.who.person_id}, f"task_{task.outcome}", task)
    elif action == "merge" and given.master is not None:
        notices.tell([task.reporter_id], "task_merged", task, master=given.master.number)
    elif action in (
        "assign",
        "transfer",
        "escalate",
        "rework",
        "urge",
        "grant_extension",
        "refuse_extension",
        "reopen",
    ):
        notices.tell(notices.holders_of(task) - {given.who.person_id}, f"task_{action}", task)
    joint.speak(task, event, given.who)
    flush()
