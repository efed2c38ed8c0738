"""What becomes of a queue."""

from __future__ import annotations

from typing import Any

from mobile_api.shapes.base import Shape
from mobile_api.shapes.feed import ChangeOf


class ItemResult(Shape):
    """What the call answered by itself: status, its ETag and Retry-After, and its document."""

    status: int
    headers: dict[str, str]
    body: Any


class Synced(Shape):
    """One result an item, in order, and a page of the feed; the cursor is null where the phone has to start afresh."""

    results: list[ItemResult]
    changes: list[ChangeOf]
    cursor: str | None
    more: bool
