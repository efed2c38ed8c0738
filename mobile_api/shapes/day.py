"""A worker's day."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from mobile_api.shapes.base import Shape
from mobile_api.shapes.calling import Callee
from mobile_api.shapes.people import DutyState
from mobile_api.shapes.tasks import TaskSummary


class TaskOfMine(TaskSummary):
    """A task of mine; ``sent_back`` says why, by whom and when it came back, ``callees`` whom I can call about it."""

    sent_back: dict[str, Any] | None
    callees: list[Callee]


class StopDocument(Shape):
    """A visit or patrol point; without a day it is due on each."""

    id: uuid.UUID
    kind: Literal["visit", "patrol"]
    name: str
    note: str | None
    address: str | None
    location: dict[str, Any] | None
    day: dt.date | None
    grid: dict[str, Any]
    retired_at: dt.datetime | None
    done: dict[str, Any] | None


class Stops(Shape):
    """Stops of a day."""

    items: list[StopDocument]


class HandOverOf(Shape):
    """What came with a post: open tasks of the grid, and who stood there before."""

    post: uuid.UUID
    since: dt.datetime
    grid: dict[str, Any]
    tasks: list[TaskSummary]
    previous: list[str]


class DayDocument(Shape):
    """A day."""

    day: dt.date
    duty: DutyState | None
    tasks: list[TaskOfMine]
    stops: list[StopDocument]
    hand_overs: list[HandOverOf]


class Reader(Shape):
    """Somebody who looked."""

    at: dt.datetime
    name: str
    role: str


class Readers(Shape):
    """Who looked, in order."""

    items: list[Reader]
