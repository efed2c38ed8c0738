"""What was advised, sealed so that the choice comes back with exactly what was shown, and the record of both.

The record stands in the event of the assignment, beside the columns that it sets, and is never rewritten.
"""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from gridapp.errors import Field
from gridapp.services.moments import stamp
from gridapp.services.tasking.assignees import Assignee
from gridapp.timesource import now

SALT = "dispatch-advice"
VALID_SECONDS = 24 * 3600
KEPT = ("rank", "post", "unit", "name", "name_en", "score", "metres", "by_streets", "on_duty", "load", "reasons")
STALE = Field(
    "stale", "The advice is not of this task, or too old. Ask for it again.", "建议已过期或不属于该任务，请重新获取。"
)


def seal(task_id: uuid.UUID, items: list[dict[str, Any]]) -> str:
    """The advice as one word that nobody can alter."""
    kept = [{name: item[name] for name in KEPT if name in item} for item in items]
    sealed: str | bytes = _seals().dumps({"task": str(task_id), "at": stamp(now()), "items": kept})
    return sealed if isinstance(sealed, str) else sealed.decode()


def unseal(task_id: uuid.UUID, word: str) -> dict[str, Any] | None:
    """What was advised for a task; None where the word is no advice of it."""
    try:
        told: dict[str, Any] = _seals().loads(word, max_age=VALID_SECONDS)
    except BadData:
        return None
    return told if told["task"] == str(task_id) else None


def beside(told: dict[str, Any] | None, chosen: Assignee) -> dict[str, Any]:
    """What the event of an assignment says of the advice: what was advised, what was chosen, and its rank or None."""
    if told is None:
        return {}
    key, value = ("post", chosen.post_id) if chosen.post_id else ("unit", chosen.unit_id)
    rank = next((item["rank"] for item in told["items"] if item.get(key) == str(value)), None)
    return {"advice": {"at": told["at"], "items": told["items"], "chosen": {key: str(value)}, "rank": rank}}


def _seals() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=SALT)
