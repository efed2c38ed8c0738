"""Which rule holds for a report: category x area x time; of those that match, the last in order wins."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import select

from gridapp.clocks import WorkCalendar, next_working
from gridapp.db import session
from gridapp.models import CategoryRouting, Grid, Post, RoutingRule, Task, Unit
from gridapp.services.admission.rules import ruling_for
from gridapp.services.clockwork import calendars
from gridapp.services.staff import standing
from gridapp.services.tasking.assignees import Assignee

BY_RULE, BY_CATEGORY = "routing_rule", "auto_assign"


@dataclass(frozen=True)
class Route:
    """Where a report goes by itself, why, and the name of the rule that said so."""

    assignee: Assignee
    reason: str
    rule: str | None = None
    rule_id: uuid.UUID | None = None
    condition: str | None = None


def route_of(task: Task, at: dt.datetime) -> Route | None:
    """Where a report that came at a time goes by itself; None where a person decides.

    The last rule that matches wins; where nobody stands at what it names, the one before it. Without a rule, categories
    that are set so go to the worker of the grid.
    """
    path = session.scalar(select(Grid.path).where(Grid.id == task.grid_id)) or []
    admitted = ruling_for(task).admitted
    calendar = calendars.of_unit(None)
    query = select(RoutingRule).where(RoutingRule.enabled, RoutingRule.grid_id.in_(path))
    for rule in session.scalars(query.order_by(RoutingRule.ordinal.desc(), RoutingRule.id)):
        if matches(rule, task.category_code, at, calendar):
            assignee = _target(rule, path, admitted=admitted and task.located)
            if assignee is not None:
                return Route(assignee, BY_RULE, rule.name, rule.id, rule.condition_code)
    setting = session.get(CategoryRouting, task.category_code)
    worker = standing.in_path(path, "worker") if setting and setting.to_worker and admitted and task.located else None
    return Route(Assignee(post_id=worker), BY_CATEGORY) if worker else None


def matches(rule: RoutingRule, category: str, at: dt.datetime, calendar: WorkCalendar) -> bool:
    """Whether a rule speaks of this category, a major class or one of its own, and of this time.

    A night over midnight belongs to the day on which it begins: that of Friday ends on Saturday morning.
    """
    local = at.astimezone(ZoneInfo(calendar.zone))
    day = local - dt.timedelta(days=int(_after_midnight(local.time(), rule.from_time, rule.until_time)))
    if rule.category_code is not None and not category.startswith(rule.category_code):
        return False
    if rule.weekdays and day.isoweekday() not in rule.weekdays:
        return False
    if rule.hours != "any" and (next_working(at, calendar) == at) != (rule.hours == "working"):
        return False
    return _within(local.time(), rule.from_time, rule.until_time)


def _within(time: dt.time, start: dt.time | None, end: dt.time | None) -> bool:
    """Whether a time of the day lies in ``[start, end)``, over midnight where the end is first."""
    if start is None or end is None:
        return True
    return start <= time < end if start <= end else time >= start or time < end


def _after_midnight(time: dt.time, start: dt.time | None, end: dt.time | None) -> bool:
    """Whether a time lies in that part of a window over midnight that belongs to the next date."""
    return start is not None and end is not None and start > end and time < end


def _target(rule: RoutingRule, path: list[int], *, admitted: bool) -> Assignee | None:
    if rule.target == "unit":
        unit = session.get(Unit, rule.unit_id)
        return Assignee(unit_id=unit.id) if unit and unit.retired_at is None else None
    if rule.target == "post":
        post = session.scalar(select(Post).where(Post.id == rule.post_id, standing.held_now()))
        fits = post is not None and (post.kind != "worker" or admitted)
        return Assignee(post_id=post.id) if post and fits else None
    if rule.target == "worker" and not admitted:
        return None
    found = standing.in_path(path, rule.target)
    return Assignee(post_id=found) if found else None
