"""Who held a task when, told from its events alone: each holder with their own limit, and the time that they used.

Lateness belongs to the holder who was late: a period ends with the feedback or with the hand-over, and what comes
after it is no concern of that holder. What a review takes is nobody's time; rework goes on with the same period.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from gridapp.clocks.calendar import WorkCalendar, worked_between

ZERO = timedelta(0)


class Told(Protocol):
    """What of an event matters here."""

    seq: int
    action: str
    at: datetime
    changes: dict[str, Any]


@dataclass
class Period:
    """One holder's time with a task.

    Attributes:
        began: number of the event that gave them the task.
        post: id of their post, or None.
        unit: id of their unit, or None.
        start: when their clock began.
        end: when it stopped for good, or None while they have the task.
        ended_by: the action that stopped it.
        answer_due_at: when they had to accept.
        answered_at: when they accepted.
        due_at: when they had to be done, extensions and holds counted.
        clock: the frozen limit and calendar.
        pauses: when the clock stood still: holds and reviews, the last one open while it lasts.
    """

    began: int
    post: str | None
    unit: str | None
    start: datetime
    end: datetime | None = None
    ended_by: str | None = None
    answer_due_at: datetime | None = None
    answered_at: datetime | None = None
    due_at: datetime | None = None
    clock: dict[str, Any] | None = None
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def natural(self, now: datetime) -> timedelta:
        """Natural time used until ``now``, pauses apart."""
        return self._used(now, lambda start, end: end - start)

    def working(self, now: datetime, calendar: WorkCalendar) -> timedelta:
        """Working time used until ``now``, pauses apart."""
        return self._used(now, lambda start, end: worked_between(start, end, calendar))

    def late(self, now: datetime) -> bool:
        """Whether this holder's limit ran out while they had the task; a pause that lasts stops the question."""
        if self.due_at is None:
            return False
        running = self.pauses[-1][0] if self.pauses and self.pauses[-1][1] is None else now
        return (self.end or running) > self.due_at

    def _used(self, now: datetime, measure: Callable[[datetime, datetime], timedelta]) -> timedelta:
        end = self.end or now
        stood = sum((measure(start, min(until or end, end)) for start, until in self.pauses if start < end), ZERO)
        return measure(self.start, end) - stood


def periods(events: Iterable[Told]) -> list[Period]:
    """The holders of a task in the order in which they had it, from its events in their order."""
    state: dict[str, Any] = {}
    found: list[Period] = []
    for event in events:
        before = dict(state)
        state |= event.changes
        if _begins(before, state):
            _end(found, event)
            found.append(_period(event, state))
        elif found:
            _go_on(found[-1], event, state)
    return found


def _begins(before: dict[str, Any], state: dict[str, Any]) -> bool:
    """A new clock begins with a new time of assignment, or with a new holder of an old one."""
    if not (state.get("assignee_post_id") or state.get("assignee_unit_id")) or not state.get("assigned_at"):
        return False
    return any(before.get(name) != state.get(name) for name in ("assigned_at", "assignee_post_id", "assignee_unit_id"))


def _period(event: Told, state: dict[str, Any]) -> Period:
    period = Period(
        event.seq, state.get("assignee_post_id"), state.get("assignee_unit_id"), _time(state["assigned_at"]) or event.at
    )
    _follow(period, event, state)
    return period


def _go_on(period: Period, event: Told, state: dict[str, Any]) -> None:
    if event.action == "rework" and period.end is not None:
        period.pauses.append((period.end, event.at))
        period.end = period.ended_by = None
    if period.end is None:
        _follow(period, event, state)
    gone = not (state.get("assignee_post_id") or state.get("assignee_unit_id"))
    if period.end is None and (gone or state.get("outcome") or event.changes.get("fed_back_at")):
        _stop(period, event)


def _follow(period: Period, event: Told, state: dict[str, Any]) -> None:
    if state.get("assignee_post_id") or state.get("assignee_unit_id"):
        period.answer_due_at = _time(state.get("answer_due_at"))
        period.answered_at = _time(state.get("accepted_at"))
        period.due_at = _time(state.get("due_at"))
        period.clock = state.get("clock")
    if "held_at" in event.changes:
        _pause(period, _time(state.get("held_at")), _resumed(event))


def _pause(period: Period, held: datetime | None, resumed: datetime) -> None:
    running = bool(period.pauses) and period.pauses[-1][1] is None
    if held is not None and not running:
        period.pauses.append((held, None))
    elif held is None and running:
        period.pauses[-1] = (period.pauses[-1][0], resumed)


def _resumed(event: Told) -> datetime:
    """When a hold ended: what the clock does late counts from its true time, which the frozen limit keeps."""
    pauses = (event.changes.get("clock") or {}).get("pauses") or ()
    return (_time(pauses[-1][1]) if pauses else None) or event.at


def _end(found: list[Period], event: Told) -> None:
    if found and found[-1].end is None:
        _stop(found[-1], event)


def _stop(period: Period, event: Told) -> None:
    period.end, period.ended_by = event.at, event.action
    _pause(period, None, event.at)


def _time(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
