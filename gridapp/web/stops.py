"""The desk for visits and patrol points: planned by an administrator or a chief, seen when done."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal, settings
from gridapp.errors import Problem
from gridapp.services.field import stops
from gridapp.services.field.stops import StopDraft
from gridapp.timesource import now
from gridapp.web.admin.desk import typed

blueprint = Blueprint("stops", __name__, url_prefix="/stops")


@blueprint.get("")
@permit("stop.write")
def desk() -> str:
    """The stops of a day, today unless another is asked for."""
    return _page()


@blueprint.post("")
@permit("stop.write")
def add() -> Response | AnyResponse:
    """Plan a stop."""
    try:
        stops.add(principal(), typed(StopDraft))
    except Problem as problem:
        if problem.code != "invalid":
            raise
        return make_response(_page(problem), problem.status)
    return redirect(url_for("stops.desk", day=request.form.get("day") or None), 303)


@blueprint.post("/<uuid:stop_id>/retire")
@permit("stop.write")
def retire(stop_id: uuid.UUID) -> AnyResponse:
    """Plan a stop no more."""
    stops.retire(principal(), stop_id)
    return redirect(url_for("stops.desk"), 303)


def _page(problem: Problem | None = None) -> str:
    today = now().astimezone(settings().timezone).date()
    try:
        day = dt.date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = today
    found = stops.planned(principal(), day)
    return render_template("stops/index.html", stops=found, day=day.isoformat(), problem=problem, typed=request.form)
