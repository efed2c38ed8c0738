"""One action on many tasks: each is a use case of its own, done or refused by itself, with its result in words.

Sending a batch again is harmless: the event of each task has an id made of the batch and the task. What it tells one
person is one message, in however many parts it was sent.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from pydantic import Field

from gridapp.access import Principal
from gridapp.db import one_of_many, session
from gridapp.errors import Problem
from gridapp.models import Task, TaskEvent
from gridapp.services import advice, notices
from gridapp.services.reporting.report_rules import Strict, Words
from gridapp.services.scope import task_in_scope
from gridapp.services.tasking import assignees, tasks
from gridapp.services.tasking.task_documents import brief
from gridapp.services.tasking.task_request import Chosen
from gridapp.timesource import now

MOST = 50
UNDONE_BY = {"assign": "recall"}
"""What takes an action back as long as nobody has answered to it; words that were said are not taken back."""


class BatchItem(Strict):
    """A task with the version that was seen."""

    id: uuid.UUID
    version: Annotated[int, Field(ge=1, le=1_000_000_000)]


class BatchRequest(Strict):
    """One action on many tasks; ``assign`` takes one assignee for all, or the best advised for each where none."""

    batch: uuid.UUID
    action: Literal["assign", "urge", "recall"]
    items: Annotated[tuple[BatchItem, ...], Field(min_length=1, max_length=MOST)]
    assignee: Chosen | None = None
    note: Words | None = None


def run(who: Principal, request: BatchRequest, language: str) -> list[dict[str, Any]]:
    """Do the action on each task.

    Returns:
        For each task in order: its id and, where done, number, version, to whom it went and the action that would undo
        it; else why it was refused, in the reader's language.
    """
    with notices.as_one(uuid.uuid5(request.batch, f"{who.person_id} {request.action} told")):
        return [_one(who, request, item, language) for item in request.items]


def _one(who: Principal, request: BatchRequest, item: BatchItem, language: str) -> dict[str, Any]:
    try:
        with one_of_many():
            before = _done_before(who, request, item)
            done = before or tasks.act(who, item.id, _body(who, request, item), f'"{item.version}"', brief)
            result = _done(done, request)
    except Problem as problem:
        fields = problem.field_errors(language).values()
        words = [field["detail"] for field in fields] or [problem.detail(language)]
        return {"id": str(item.id), "done": False, "code": problem.code, "words": " ".join(words)}
    return result


def _event_id(request: BatchRequest, item: BatchItem) -> uuid.UUID:
    return uuid.uuid5(request.batch, f"{request.action} {item.id}")


def _done_before(who: Principal, request: BatchRequest, item: BatchItem) -> dict[str, Any] | None:
    """The task, where this very batch has acted on it before: the answer was lost, or it was sent twice."""
    event = session.get(TaskEvent, _event_id(request, item))
    if event is None or event.task_id != item.id or event.actor_id != who.person_id:
        return None
    return brief(who, task_in_scope(who, item.id))


def _done(task: dict[str, Any], request: BatchRequest) -> dict[str, Any]:
    return {
        **task,
        "done": True,
        "to": _holder(task["id"]) if request.action == "assign" else None,
        "undo": UNDONE_BY.get(request.action),
    }


def _holder(task_id: str) -> str | None:
    """Name of the person or the unit that has the task."""
    task = session.get_one(Task, uuid.UUID(task_id))
    if task.assignee_post is not None:
        return task.assignee_post.person.name
    return task.assignee_unit.name if task.assignee_unit else None


def _body(who: Principal, request: BatchRequest, item: BatchItem) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": str(_event_id(request, item)),
        "action": request.action,
        "at": now().isoformat(),
    }
    if request.note is not None:
        body["note"] = request.note
    if request.action == "assign":
        body |= _whom(who, request, item)
    return body


def _whom(who: Principal, request: BatchRequest, item: BatchItem) -> dict[str, Any]:
    """The assignee of all, or the best advised for this task with the advice for the record."""
    if request.assignee is not None:
        return {"assignee": request.assignee.model_dump(mode="json", exclude_none=True)}
    items = advice.advise(who, item.id)
    if not items:
        raise Problem("nobody_advised")
    first = {key: items[0][key] for key in ("post", "unit") if key in items[0]}
    return {"assignee": first, "advice": advice.seal(item.id, items)}


def choices(who: Principal) -> dict[str, list[dict[str, Any]]]:
    """Posts and units of the scope to choose one assignee for all from."""
    units = [] if who.role == "chief" else assignees.unit_choices(who)
    return {"posts": assignees.post_choices(who), "units": units}
