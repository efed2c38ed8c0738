"""Routing rules: list in their order, add, edit, move, drop; categories that go straight to the worker."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services import house
from gridapp.services.drafts import parse
from gridapp.services.routing import desk, picks
from gridapp.services.routing.desk import RuleDraft
from gridapp.web.admin.desk import again, blueprint, done, seen_version

TARGETS = {
    "worker": _l("the worker of the grid"),
    "chief": _l("the chief of the community"),
    "unit": _l("a unit"),
    "post": _l("a person’s post"),
}
HOURS = {
    "any": _l("at any time"),
    "working": _l("in working hours"),
    "outside": _l("outside working hours"),
}
WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))


@blueprint.get("/rules")
@permit("rules.read")
def rule_list() -> str:
    """Rules in their order, and the categories with their setting."""
    who = principal()
    return render_template(
        "admin/rules.html", rules=desk.rules(who), straight=picks.straight(), whole=house.is_whole(who), **_words()
    )


@blueprint.get("/rules/new")
@permit("rules.write")
def new_rule() -> str:
    """An empty form."""
    return _form(None)


@blueprint.post("/rules/new")
@permit("rules.write")
def add_rule() -> AnyResponse:
    """Add a rule at the end."""
    try:
        desk.add(principal(), _typed())
    except Problem as problem:
        return again(problem, lambda wrong: _form(None, wrong))
    return done("admin.rule_list", "saved")


@blueprint.get("/rules/<uuid:rule_id>")
@permit("rules.read")
def rule(rule_id: uuid.UUID) -> str:
    """One rule."""
    return _form(rule_id)


@blueprint.post("/rules/<uuid:rule_id>")
@permit("rules.write")
def edit_rule(rule_id: uuid.UUID) -> AnyResponse:
    """Edit a rule."""
    try:
        desk.edit(principal(), rule_id, seen_version(), _typed())
    except Problem as problem:
        return again(problem, lambda wrong: _form(rule_id, wrong))
    return done("admin.rule_list", "saved")


@blueprint.post("/rules/<uuid:rule_id>/move")
@permit("rules.write")
def move_rule(rule_id: uuid.UUID) -> AnyResponse:
    """Move a rule one place."""
    desk.move(principal(), rule_id, -1 if request.form.get("by") == "up" else 1)
    return done("admin.rule_list", "saved")


@blueprint.post("/rules/<uuid:rule_id>/drop")
@permit("rules.write")
def drop_rule(rule_id: uuid.UUID) -> AnyResponse:
    """Take a rule away."""
    desk.drop(principal(), rule_id)
    return done("admin.rule_list", "saved")


@blueprint.post("/rules/straight")
@permit("rules.write")
def set_straight() -> AnyResponse:
    """Switch a category's way to the worker on or off; back to where it was done."""
    code = request.form.get("category", "").replace("\0", "")[:20]
    picks.set_straight(principal(), code, on=bool(request.form.get("on")))
    if request.form.get("back") == "category":
        return done("admin.catalogue_category", "saved", code=code)
    return done("admin.rule_list", "saved")


def _typed() -> RuleDraft:
    form = request.form
    values: dict[str, Any] = {name: form.get(name) for name in RuleDraft.model_fields if name != "weekdays"}
    return parse(RuleDraft, {**values, "weekdays": form.getlist("weekdays"), "enabled": bool(form.get("enabled"))})


def _form(rule_id: uuid.UUID | None, problem: Problem | None = None) -> str:
    found = desk.rule_in_scope(principal(), rule_id) if rule_id else None
    values: Mapping[str, Any] = {"hours": "any", "target": "worker", "enabled": True, "weekdays": []}
    if found is not None:
        values = {
            **{
                name: getattr(found, name) for name in ("name", "hours", "from_time", "until_time", "target", "enabled")
            },
            "weekdays": found.weekdays,
            "category": found.category_code,
            "condition": found.condition_code,
            "area": found.grid.code,
            "unit": found.unit.code if found.unit else "",
            "person": found.post.person.username if found.post else "",
        }
    if problem is not None and problem.status != 412:  # noqa: PLR2004
        ticked = request.form.getlist("weekdays")
        values = {**request.form, "weekdays": [day for day in range(1, 8) if str(day) in ticked]}
    return render_template("admin/rule.html", rule=found, values=values, problem=problem, **_words())


def _words() -> dict[str, Any]:
    return {"targets": TARGETS, "hours": HOURS, "weekdays": WEEKDAYS}
