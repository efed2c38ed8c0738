"""Tasks in lists and whole."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from mobile_api.shapes.base import Shape


class PhotoOf(Shape):
    """A photo of a task."""

    sha256: str
    phase: Literal["before", "after"]


class TaskSummary(BaseModel):
    """A task in a list."""

    model_config = ConfigDict(extra="allow")
    id: uuid.UUID
    number: int
    version: int
    stage: Literal["report", "assign", "handle", "feedback", "review"]
    outcome: Literal["resolved", "dismissed", "merged", "withdrawn"] | None
    source: str
    description: str
    category: dict[str, Any]
    location: dict[str, Any] | None
    address: str | None
    grid: dict[str, Any] | None
    chain: list[dict[str, Any]]
    assignee: dict[str, Any] | None
    due_at: dt.datetime | None
    overdue: bool
    reported_at: dt.datetime
    received_at: dt.datetime
    photos: list[PhotoOf]


class Reported(TaskSummary):
    """A task just reported, with the photos that are not here yet."""

    missing_photos: list[str]


class SimilarTask(TaskSummary):
    """A task near a point."""

    distance_m: float


class EventOf(BaseModel):
    """One thing that happened."""

    model_config = ConfigDict(extra="allow")
    id: uuid.UUID
    seq: int
    action: str
    actor: dict[str, Any]
    at: dt.datetime
    device_at: dt.datetime | None


class ActionOffered(BaseModel):
    """What I may do now: its fields and, where one chooses, their choices."""

    model_config = ConfigDict(extra="allow")
    action: str
    fields: list[dict[str, Any]]


class HolderOf(BaseModel):
    """Somebody who had the task, with the time that they used: holds and reviews are nobody's."""

    model_config = ConfigDict(extra="allow")
    holder: dict[str, Any] | None
    until: dt.datetime | None
    due_at: dt.datetime | None
    late: bool
    on_hold: bool
    natural_minutes: int
    working_minutes: int


class TaskDocument(TaskSummary):
    """A whole task."""

    events: list[EventOf]
    clocks: list[dict[str, Any]]
    holders: list[HolderOf]
    actions: list[ActionOffered]


class TaskPage(Shape):
    """A page of tasks; ``next`` goes into ``after``."""

    items: list[TaskSummary]
    next: str | None


class SimilarTasks(Shape):
    """Tasks that may be the same matter, nearest first."""

    items: list[SimilarTask]
