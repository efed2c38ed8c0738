"""Routing rules and the chain at the admin desk: within the scope of who sits at it, every change on the audit list."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import func, select

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import invalid
from gridapp.models import RoutingRule
from gridapp.services import audit
from gridapp.services.drafts import Draft, Line
from gridapp.services.editing import differences, refuse_stale
from gridapp.services.ground.areas import area_by_code
from gridapp.services.routing import picks
from gridapp.services.scope import in_scope, the_one
from gridapp.services.staff import standing
from gridapp.services.staff.people import person_by_username
from gridapp.services.staff.posts import posts_of
from gridapp.services.staff.units import unit_by_code

FIELDS = (
    *(
        "name",
        "category_code",
        "condition_code",
        "grid_id",
        "hours",
        "weekdays",
        "from_time",
        "until_time",
        "target",
        "unit_id",
    ),
    *("post_id", "enabled"),
)


class RuleDraft(Draft):
    """What is typed of a rule; ``area`` and ``unit`` are codes, ``person`` the user name of who stands in the post."""

    name: Line
    category: Line | None = None
    condition: Line | None = None
    area: Line
    hours: Literal["any", "working", "outside"] = "any"
    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = ()
    from_time: dt.time | None = None
    until_time: dt.time | None = None
    target: Literal["worker", "chief", "unit", "post"]
    unit: Line | None = None
    person: Line | None = None
    enabled: bool = False


def rules(who: Principal) -> list[RoutingRule]:
    """Rules of areas in scope in their order: of those that match a report, the last wins."""
    query = select(RoutingRule).where(in_scope(RoutingRule.grid_id, who))
    return list(session.scalars(query.order_by(RoutingRule.ordinal, RoutingRule.id)))


def rule_in_scope(who: Principal, rule_id: uuid.UUID, *, lock: bool = False) -> RoutingRule:
    """The rule.

    Raises:
        Problem: ``not_found``.
    """
    query = select(RoutingRule).where(RoutingRule.id == rule_id, in_scope(RoutingRule.grid_id, who))
    return the_one(query, RoutingRule, lock=lock)


def add(who: Principal, draft: RuleDraft) -> RoutingRule:
    """Add a rule at the end, where it wins over those before it.

    Raises:
        Problem: ``invalid`` by field.
    """
    last = session.scalar(select(func.max(RoutingRule.ordinal))) or 0
    rule = RoutingRule(ordinal=last + 1, **_columns(who, draft))
    session.add(rule)
    flush()
    audit.note(who, "add", "routing_rule", rule.id, rule.grid_id, name=rule.name)
    return rule


def edit(who: Principal, rule_id: uuid.UUID, version: int, draft: RuleDraft) -> RoutingRule:
    """Edit a rule that was seen in ``version``.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``, ``invalid`` by field.
    """
    rule = rule_in_scope(who, rule_id, lock=True)
    refuse_stale("routing_rule", rule.id, rule.version, version)
    before = {name: getattr(rule, name) for name in FIELDS}
    columns = _columns(who, draft)
    for name, value in columns.items():
        setattr(rule, name, value)
    changed = differences(_said(before), _said(columns))
    if changed:
        flush()
        audit.note(who, "edit", "routing_rule", rule.id, rule.grid_id, name=rule.name, changed=changed)
    return rule


def move(who: Principal, rule_id: uuid.UUID, by: int) -> None:
    """Move a rule one place up (-1) or down (1) among those in scope.

    Raises:
        Problem: ``not_found``.
    """
    rule = rule_in_scope(who, rule_id, lock=True)
    order = rules(who)
    place = [other.id for other in order].index(rule.id)
    if not 0 <= place + by < len(order):
        return
    other = rule_in_scope(who, order[place + by].id, lock=True)
    rule.ordinal, other.ordinal = other.ordinal, rule.ordinal
    flush()
    audit.note(who, "move", "routing_rule", rule.id, rule.grid_id, name=rule.name)


def drop(who: Principal, rule_id: uuid.UUID) -> None:
    """Take a rule away; tasks that it routed keep its name in their event.

    Raises:
        Problem: ``not_found``.
    """
    rule = rule_in_scope(who, rule_id, lock=True)
    audit.note(who, "drop", "routing_rule", rule.id, rule.grid_id, name=rule.name)
    session.delete(rule)
    flush()


def _columns(who: Principal, draft: RuleDraft) -> dict[str, Any]:
    if (draft.from_time is None) != (draft.until_time is None):
        wrong = "until_time" if draft.until_time is None else "from_time"
        raise invalid(**{wrong: ("missing", "Give both times, or neither.", "请同时填写起止时间，或都不填。")})
    if draft.category is not None and not picks.is_category(draft.category):
        raise invalid(category=("unknown", "Choose a category of the catalogue.", "请从事项目录中选择类别。"))
    if draft.condition is not None and not picks.has_condition(draft.category, draft.condition):
        en, zh = "Choose a filing condition of the rule’s category.", "请选择该规则类别的立案条件。"
        raise invalid(condition=("not_of_category", en, zh))
    return {
        "name": draft.name,
        "category_code": draft.category,
        "condition_code": draft.condition,
        "grid_id": area_by_code(who, draft.area, "area").id,
        "hours": draft.hours,
        "weekdays": sorted(set(draft.weekdays)),
        "from_time": draft.from_time,
        "until_time": draft.until_time,
        "target": draft.target,
        "unit_id": _unit(who, draft) if draft.target == "unit" else None,
        "post_id": _post(who, draft) if draft.target == "post" else None,
        "enabled": draft.enabled,
    }


def _unit(who: Principal, draft: RuleDraft) -> uuid.UUID:
    if draft.unit is None:
        raise invalid(unit=("missing", "This is needed.", "此项必填。"))
    return unit_by_code(who, draft.unit, "unit").id


def _post(who: Principal, draft: RuleDraft) -> uuid.UUID:
    if draft.person is None:
        raise invalid(person=("missing", "This is needed.", "此项必填。"))
    person = person_by_username(who, draft.person, "person")
    held = set(standing.held_by(person.id))
    post = next((post for post in posts_of(who, person) if post.id in held), None)
    if post is None:
        raise invalid(person=("no_post", "The person has no post now.", "该人员现在没有岗位。"))
    return post.id


def _said(columns: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, dt.time) else v for k, v in columns.items()}
