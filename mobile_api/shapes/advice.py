"""Who could take a task, and why."""

from __future__ import annotations

import uuid

from pydantic import BaseModel, ConfigDict

from mobile_api.shapes.base import Names, Shape


class Advised(BaseModel):
    """One who could take it: a worker by the post, or a unit."""

    model_config = ConfigDict(extra="allow")
    rank: int
    name: str
    post: uuid.UUID | None = None
    unit: uuid.UUID | None = None
    score: int | None
    reasons: list[Names]


class Advice(Shape):
    """The advice and its seal."""

    items: list[Advised]
    seal: str
