"""Alarms on every screen: the banner over the pages, who takes care of them, and the record."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, make_response, render_template, request

from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services.drafts import parse
from gridapp.services.field import alarms
from gridapp.services.field.alarms import AlarmAnswer

blueprint = Blueprint("alarms", __name__, url_prefix="/alarms")

TOLD = frozenset({"alarm_taken", "forbidden", "invalid"})


@blueprint.get("")
@permit("alarm.read")
def banner() -> str:
    """The banner alone: what waits for somebody to take care."""
    return _banner()


@blueprint.post("/<uuid:alarm_id>/acknowledge")
@permit("alarm.acknowledge")
def acknowledge(alarm_id: uuid.UUID) -> Response:
    """Take care of an alarm; the banner comes back without it, or with why not."""
    try:
        answer = parse(AlarmAnswer, {"note": request.form.get("note") or None})
        alarms.acknowledge(principal(), alarm_id, answer)
    except Problem as problem:
        if problem.code not in TOLD:
            raise
        return make_response(_banner(problem), problem.status)
    return make_response(_banner())


@blueprint.get("/record")
@permit("alarm.read")
def record() -> str:
    """Every alarm of the scope, with who took care of it and when."""
    return render_template("alarms/record.html", alarms=alarms.on_record(principal()))


def _banner(problem: Problem | None = None) -> str:
    return render_template("alarms/_banner.html", alarms=alarms.waiting(principal()), problem=problem)
