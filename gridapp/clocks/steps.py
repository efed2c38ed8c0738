"""What a task's clock will do by itself, and when: from the task as it stands, as pure data.

A countdown has a number, ``since``: the number of the event that began it (an assignment, a granted extension, a hold,
a unit's part), or how often the task was returned. Step and ``since`` together name a thing that happens once.
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
    ASSIST_ANSWER = "assist_answer"
    ASSIST_YELLOW = "assist_yellow"
    ASSIST_RED = "assist_red"
    ASSIST_ESCALATE = "assist_escalate"


RUNNING_OUT = (Step.ANSWER, Step.YELLOW, Step.RED, Step.ESCALATE)
PARTS_RUNNING_OUT = (Step.ASSIST_ANSWER, Step.ASSIST_YELLOW, Step.ASSIST_RED, Step.ASSIST_ESCALATE)


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


class TickingPart(Protocol):
    """What of a unit's part in a joint task its clock depends on; ``clock`` is its frozen limit."""

    outcome: str | None
    clock: dict[str, Any] | None
    accepted_at: datetime | None
    answer_due_at: datetime
    yellow_at: datetime | None
    due_at: datetime


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


def steps_of_part(part: TickingPart, calendar: WorkCalendar) -> tuple[Due, ...]:
    """Everything that the clock of a unit that assists will do by itself; it runs whatever the lead's clock does."""
    if part.outcome is not None or part.clock is None:
        return ()
    since = int(part.clock["since"])
    found = [
        Due(Step.ASSIST_YELLOW, since, part.yellow_at or part.due_at),
        Due(Step.ASSIST_RED, since, part.due_at),
        Due(Step.ASSIST_ESCALATE, since, add_working(part.due_at, ESCALATION_PAUSE, calendar)),
    ]
    if part.accepted_at is None:
        found.append(Due(Step.ASSIST_ANSWER, since, part.answer_due_at))
    return tuple(sorted(found, key=lambda due: due.at))


def _resuming(task: Ticking, clock: dict[str, Any], calendar: WorkCalendar) -> tuple[Due, ...]:
    """A hold ends by itself when its review date begins."""
    if task.review_on is None:
        return ()
    begins = datetime.combine(task.review_on, time(), ZoneInfo(calendar.zone))
    return (Due(Step.RESUME, int(clock.get("hold") or clock["since"]), begins),)


def overtaken(due: list[Due]) -> set[Due]:
    """Those that nobody needs to hear of any more, because a later step of the same clock is due as well."""
    parts = {step.since for step in due if step.step in PARTS_RUNNING_OUT}
    clocks = [
        (RUNNING_OUT, [step for step in due if step.step in RUNNING_OUT]),
        *((PARTS_RUNNING_OUT, [s for s in due if s.step in PARTS_RUNNING_OUT and s.since == one]) for one in parts),
    ]
    return {step for line, lamps in clocks for step in lamps if line.index(step.step) < _last(line, lamps)}


def _last(line: tuple[Step, ...], lamps: list[Due]) -> int:
    return max(line.index(step.step) for step in lamps)
