"""Tasks: lists, one, and every action."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from flask import Response, request
from pydantic import Field, StringConstraints

from gridapp.doors import principal
from gridapp.services.tasking import task_list, tasks
from gridapp.services.tasking.task_request import ActionRequest
from gridapp.workflow import STAGES
from mobile_api.answers import answer, conditional
from mobile_api.calls import DEVICE_TIME, IF_NONE_MATCH, UNCHANGED, Answer, call
from mobile_api.schemas import Lat, Line, Lon, Query
from mobile_api.shapes.tasks import TaskDocument, TaskPage


class TasksQuery(Query):
    """Filters of the list of tasks."""

    view: Literal["mine", "grid", "near", "scope"] = "scope"
    stage: Literal[STAGES] | None = None  # type: ignore[valid-type]  # a tuple of names
    category: Line | None = None
    overdue: bool = False
    q: Line | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    after: Annotated[str, StringConstraints(max_length=400)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@call(
    "GET",
    "/tasks",
    permission="task.read",
    query=TasksQuery,
    answers={200: Answer("A page of tasks", TaskPage, headers=("ETag",)), 304: UNCHANGED},
    reads_headers=IF_NONE_MATCH,
)
def list_tasks(query: TasksQuery) -> Response:
    """List tasks, most urgent first."""
    filters = task_list.Filters(**query.model_dump(exclude={"after", "limit"}))
    return conditional(task_list.find(principal(), filters, after=query.after, limit=query.limit))


@call(
    "GET",
    "/tasks/<uuid:task_id>",
    permission="task.read",
    answers={200: Answer("The task", TaskDocument, headers=("ETag",))},
    problems=("not_found",),
)
def one_task(task_id: uuid.UUID) -> Response:
    """Read a task with its events, photos, clocks and what I may do now; its ETag is its version."""
    task = tasks.get(principal(), task_id)
    return answer(task, etag=str(task["version"]))


@call(
    "POST",
    "/tasks/<uuid:task_id>/actions",
    permission="task.read",
    body=ActionRequest,
    check_body=False,
    answers={200: Answer("The task as it is now", TaskDocument, headers=("ETag",))},
    problems=(
        "not_found",
        "id_reused",
        "version_missing",
        "changed_meanwhile",
        "separation_of_duties",
        "not_allowed_now",
    ),
    reads_headers={
        **DEVICE_TIME,
        "If-Match": "the task's ETag, or `\"after:<event id>\"` of the sender's own earlier event",
    },
)
def act(task_id: uuid.UUID, body: dict[str, Any]) -> Response:
    """Do an action on a task; sending the same event again is harmless."""
    task = tasks.act(principal(), task_id, body, request.headers.get("If-Match"))
    return answer(task, etag=str(task["version"]))
