"""Shifts, positions and tracks."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel

from mobile_api.shapes.base import Shape


class ShiftDocument(Shape):
    """A shift; ``until`` is null while on duty."""

    id: uuid.UUID
    on: bool
    since: dt.datetime
    until: dt.datetime | None


class Rejected(Shape):
    """A position that was not stored."""

    index: int
    reason: Literal["invalid_number", "too_old", "in_the_future", "off_duty"]


class PositionsKept(Shape):
    """What became of a batch."""

    stored: int
    duplicate: int
    rejected: list[Rejected]


class Track(BaseModel):
    """A GeoJSON Feature with a LineString; ``properties.times`` has a time for each vertex."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: dict[str, Any]
