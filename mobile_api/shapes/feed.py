"""The feed."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from mobile_api.shapes.base import Shape


class ChangeOf(BaseModel):
    """One change: ``upsert`` with the thing, or ``remove`` with the reason ``gone`` or ``out_of_scope``."""

    model_config = ConfigDict(extra="allow")
    op: Literal["upsert", "remove"]
    kind: str
    id: str
    reason: Literal["gone", "out_of_scope"] | None = None


class Changes(Shape):
    """A page of the feed."""

    changes: list[ChangeOf]
    cursor: str
    more: bool
