"""Times that an action carries: a new due time, a review date; each to come, and no slip of a century."""

from __future__ import annotations

import datetime as dt

from gridapp.errors import Field as Wrong
from gridapp.models import Task
from gridapp.services.moments import today
from gridapp.services.tasking.task_request import ActionRequest
from gridapp.timesource import now
from gridapp.workflow import Rule

REQUIRED = Wrong("required", "This is needed for the action.", "此操作需要填写该项。")
MOST_AHEAD = dt.timedelta(days=36525)
"""A due time or a review date lies at most so far ahead: no calendar reaches where such a limit could be moved to."""


def need_due(task: Task, request: ActionRequest, wrong: dict[str, Wrong]) -> None:
    """Note what is wrong with a due time without which the action is refused."""
    if request.due is None:
        wrong["due"] = REQUIRED
    elif request.due <= max(now(), task.due_at or now()):
        wrong["due"] = Wrong("too_early", "Ask for a time after the present limit.", "请选择晚于当前时限的时间。")


def need_review_on(_task: Task, request: ActionRequest, wrong: dict[str, Wrong]) -> None:
    """Note what is wrong with a review date without which the action is refused."""
    if request.review_on is None:
        wrong["review_on"] = REQUIRED
    elif request.review_on <= today():
        wrong["review_on"] = Wrong("too_early", "Choose a date from tomorrow on.", "请选择明天或之后的日期。")


def slips(rule: Rule, request: ActionRequest) -> dict[str, Wrong]:
    """What is wrong with a due time that the action may carry, and with times that lie too far ahead."""
    latest = now() + MOST_AHEAD
    late = Wrong("too_late", "Choose a time within the next hundred years.", "请选择一百年以内的时间。")
    found: dict[str, Wrong] = {}
    if request.due is not None and request.due > latest:
        found["due"] = late
    elif "due" in rule.takes and request.due is not None and request.due <= now():
        found["due"] = Wrong("too_early", "Choose a time to come.", "请选择将来的时间。")
    if request.review_on is not None and request.review_on > latest.date():
        found["review_on"] = late
    return found
