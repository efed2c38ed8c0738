"""Whom one may call about a task."""

from __future__ import annotations

import uuid
from typing import Any, Literal

from mobile_api.shapes.base import Shape


class Callee(Shape):
    """Somebody to call: who reported it, who stands in charge of the place, or who gave it."""

    person: uuid.UUID
    name: str
    role: str
    part: Literal["reporter", "in_charge", "sender"]
    grid: dict[str, Any] | None


class Callees(Shape):
    """Who can be called."""

    items: list[Callee]


class Number(Shape):
    """A number in clear."""

    number: str
