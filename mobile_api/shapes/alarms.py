"""Alarms."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from mobile_api.shapes.base import Shape


class Acknowledged(Shape):
    """Who takes care of it, and since when."""

    by: dict[str, Any]
    at: dt.datetime


class AlarmDocument(Shape):
    """A call for help."""

    id: uuid.UUID
    person: dict[str, Any]
    grid: dict[str, Any]
    at: dt.datetime
    device_at: dt.datetime | None
    location: dict[str, Any] | None
    note: str | None
    acknowledged: Acknowledged | None
    answer: str | None
