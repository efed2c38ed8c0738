"""The task panel: everything about one task and exactly what may be done with it now."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from gridapp.access import Principal
from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services import advice, duplicates
from gridapp.services.editions import categories
from gridapp.services.integrity import notes
from gridapp.services.staff import in_charge
from gridapp.services.tasking import task_list, tasks
from gridapp.services.tasking.task_list import Filters
from gridapp.web.command_forms import action_of, text
from gridapp.web.command_page import page
from gridapp.web.words import is_fragment
from gridapp.workflow import CHECKS, SYSTEM_REASONS

blueprint = Blueprint("tasks", __name__)

TOLD = frozenset({"not_allowed_now", "changed_meanwhile", "invalid", "forbidden", "separation_of_duties", "id_reused"})
"""Refusals that are told over the form that caused them, with what was typed."""

HINTS = 3
ANSWERS = tuple(f"{kind}_answer" for kind in CHECKS)
"""Lists of what a check may find."""


@blueprint.get("/tasks/<uuid:task_id>")
@permit("command.use")
def panel(task_id: uuid.UUID) -> str:
    """The panel of a task, or the whole page with it."""
    who = principal()

    def shown() -> dict[str, Any]:
        return _shown(who, tasks.get(who, task_id))

    if is_fragment():
        return render_template("command/panel.html", **shown())
    return page(who, shown)


@blueprint.post("/tasks/<uuid:task_id>/actions")
@permit("task.act")
def act(task_id: uuid.UUID) -> Response:
    """Act on a task; a refusal comes back as the panel, with the task as it is now and what was typed."""
    who, form = principal(), request.form
    try:
        done = tasks.act(who, task_id, action_of(who, form), f'"{form.get("version", "")}"')
    except Problem as problem:
        if problem.code not in TOLD:
            raise
        shown = _shown(who, tasks.get(who, task_id)) | {"problem": problem, "typed": form}
        body = render_template("command/panel.html", **shown)
        return make_response(body, problem.status)
    answer = make_response(render_template("command/panel.html", **_shown(who, done)))
    answer.headers["HX-Trigger"] = "task-acted"
    return answer


@blueprint.get("/tasks/<uuid:task_id>/advice")
@permit("command.use")
def advised(task_id: uuid.UUID) -> str:
    """Who is best placed to take the task, and why."""
    items = advice.advise(principal(), task_id)
    return render_template("command/advice.html", items=items, seal=advice.seal(task_id, items))


@blueprint.get("/masters")
@permit("command.use")
def masters() -> str:
    """Open tasks to merge into, by number or words."""
    found = task_list.find(principal(), Filters(q=text(request.args, "master")), limit=8)
    return render_template("command/masters.html", tasks=found["items"])


def _shown(who: Principal, task: dict[str, Any]) -> dict[str, Any]:
    """What the panel shows of a task."""
    return {
        "task": task,
        "charge": in_charge.of_grids(who, [grid["code"] for grid in task["chain"]]),
        "similar": _similar(who, task),
        "reasons": _reasons(task),
        "integrity": notes.of_task(who, uuid.UUID(task["id"])),
        "event_id": uuid.uuid4(),
        "problem": None,
        "typed": {},
    }


def _similar(who: Principal, task: dict[str, Any]) -> list[dict[str, Any]]:
    place = task["location"]
    if place is None or task["outcome"] is not None or task["check"]:
        return []
    code = task["category"]["code"]
    return duplicates.similar(who, code, place["lon"], place["lat"], but=task["id"], limit=HINTS)


def _reasons(task: dict[str, Any]) -> dict[tuple[str, str], dict[str, str]]:
    """Names of the typed reasons that the timeline speaks of."""
    actions = {event["action"] for event in task["events"] if event["reason"]}
    edition = task["category"]["version"]
    lists = {"check_answer": ANSWERS, "check_told": ANSWERS}
    own = {(e["action"], e["reason"]): e["reason"] for e in task["events"] if e["reason"] in SYSTEM_REASONS}
    said = {key: {"en": SYSTEM_REASONS[code][0], "zh": SYSTEM_REASONS[code][1]} for key, code in own.items()}
    return said | {
        (action, r["code"]): r
        for action in actions
        for name in lists.get(action, (action,))
        for r in categories.reasons(edition, name)
    }
