"""What a task's clock will do by itself, and when: from the task as it stands, as pure data.

A countdown has a number, ``since``: the number of the event that began it (an assignment, a granted extension, a hold),
or how often the task was returned. Step and ``since`` together name a thing that happens once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from gridapp.clocks.calendar import WorkCalendar, add_working
from gridapp.clocks.limits import ESCALATION_PAUSE

ACKNOWLEDGE_WITHIN = timedelta(hours=1)


class Step(StrEnum):
    """What may be due; the order is the one in which a later step makes an earlier one old news."""

    ROUTE = "route"
    ANSWER = "answer"
    YELLOW = "yellow"
    RED = "red"
    ESCALATE = "escalate"
    RESUME = "resume"
    RETURNED = "returned"


RUNNING_OUT = (Step.ANSWER, Step.YELLOW, Step.RED, Step.ESCALATE)


@dataclass(frozen=True)
class Due:
    """A step with its countdown and its true time."""

    step: Step
    since: int
    at: datetime


class Ticking(Protocol):
    """What of a task its clock depends on; ``clock`` is the frozen limit of the present holder."""

    stage: str
    outcome: str | None
    clock: dict[str, Any] | None
    assigned_at: datetime | None
    answer_due_at: datetime | None
    yellow_at: datetime | None
    due_at: datetime | None
    held_at: datetime | None
    review_on: date | None
    returned_at: datetime | None
    return_count: int | None


def steps_of(task: Ticking, calendar: WorkCalendar) -> tuple[Due, ...]:
    """Everything that the task's clock will do if nobody does anything, in the order of time.

    Args:
        task: the task as it stands.
        calendar: the calendar that was frozen at its assignment, or the house's own for a returned task.
    """
    if task.outcome is not None:
        return ()
    if task.stage == "report" and task.returned_at is not None:
        at = add_working(task.returned_at, ACKNOWLEDGE_WITHIN, calendar)
        return (Due(Step.RETURNED, task.return_count or 0, at),)
    if task.stage not in {"assign", "handle"} or task.clock is None or task.due_at is None:
        return ()
    if task.held_at is not None:
        return _resuming(task, task.clock, calendar)
    since = int(task.clock["since"])
    found = [
        Due(Step.YELLOW, since, task.yellow_at or task.due_at),
        Due(Step.RED, since, task.due_at),
        Due(Step.ESCALATE, since, add_working(task.due_at, ESCALATION_PAUSE, calendar)),
    ]
    if task.stage == "assign" and task.answer_due_at is not None:
        found.append(Due(Step.ANSWER, int(task.clock["period"]), task.answer_due_at))
    return tuple(sorted(found, key=lambda due: due.at))


def _resuming(task: Ticking, clock: dict[str, Any], calendar: WorkCalendar) -> tuple[Due, ...]:
    """A hold ends by itself when its review date begins."""
    if task.review_on is None:
        return ()
    begins = datetime.combine(task.review_on, time(), ZoneInfo(calendar.zone))
    return (Due(Step.RESUME, int(clock.get("hold") or clock["since"]), begins),)


def overtaken(due: list[Due]) -> set[Due]:
    """Those that nobody needs to hear of any more, because a later step of the same clock is due as well."""
    lamps = [step for step in due if step.step in RUNNING_OUT]
    last = max((RUNNING_OUT.index(step.step) for step in lamps), default=0)
    return {step for step in lamps if RUNNING_OUT.index(step.step) < last}
