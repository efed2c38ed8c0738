"""The planner's workplace: the list of plans, the desk on the map, and the calls that its script makes."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import orjson
from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gridapp.access import may
from gridapp.doors import LARGEST_ID, permit, principal
from gridapp.errors import Problem
from gridapp.services import drafts, plans
from gridapp.services.ground import areas, layers
from gridapp.web import maps, words

blueprint = Blueprint("planning", __name__, url_prefix="/planning")

STATUSES = ("draft", "published", "discarded")
LEVELS_ABOVE_GRIDS = ("district", "street", "community", "group")


@blueprint.get("")
@permit("plan.read")
def index() -> str:
    """The list of plans and, for planners, the form for a new one."""
    return _list_page()


@blueprint.post("")
@permit("plan.write")
def create() -> AnyResponse:
    """Begin a plan and lead to its desk; a refusal comes back in the form."""
    try:
        draft = drafts.parse(plans.Draft, request.form)
        plan = plans.create(principal(), draft)
    except Problem as problem:
        return Response(_list_page(problem=problem, typed=request.form), problem.status)
    return redirect(url_for("planning.desk", plan_id=plan.id), 303)


def _list_page(**more: Any) -> str:
    who = principal()
    status = request.args.get("status", "")
    page = plans.listed(who, request.args.get("page", 1, int), status=status if status in STATUSES else "")
    rows = plans.overview(page.items)
    return render_template(
        "planning/index.html",
        page=page,
        pages=lambda number: url_for("planning.index", status=status, page=number),
        plans=rows,
        status=status,
        statuses=STATUSES,
        **{"problem": None, "typed": {}, **more},
    )


@blueprint.get("/areas")
@permit("plan.read")
def find_areas() -> str:
    """Options of the picker of areas."""
    typed = request.args.get("area", "").replace("\0", "").strip()
    found = areas.search_areas(principal(), typed, LEVELS_ABOVE_GRIDS)
    return render_template("planning/areas.html", areas=found)


@blueprint.get("/<uuid:plan_id>")
@permit("plan.read")
def desk(plan_id: uuid.UUID) -> str:
    """The desk of a plan."""
    seen = plans.desk(principal(), plan_id, _parent())
    bounds = seen["bounds"] or layers.bounds(principal())
    can_draw = seen["plan"]["status"] == "draft" and may(principal(), "plan.write")
    return render_template("planning/desk.html", seen=seen, can_draw=can_draw, map=maps.compose(bounds, maps.EDITOR))


@blueprint.get("/<uuid:plan_id>/drawing")
@permit("plan.read")
def drawing(plan_id: uuid.UUID) -> Response:
    """The grids under one parent as the plan has them, with its findings."""
    return _seen(plan_id)


@blueprint.get("/<uuid:plan_id>/streets")
@permit("plan.read")
def streets(plan_id: uuid.UUID) -> Response:
    """Street lines to snap to."""
    return jsonify(plans.streets(principal(), plan_id, _parent()))


@blueprint.post("/<uuid:plan_id>/grids/<int:grid_id>")
@permit("plan.write")
def redraw(plan_id: uuid.UUID, grid_id: int) -> Response:
    """Give a grid a new outline (a GeoJSON polygon); ``If-Match`` is the version of the plan."""
    plans.redraw(principal(), plan_id, grid_id, _body(), request.headers.get("If-Match"))
    return _seen(plan_id)


@blueprint.post("/<uuid:plan_id>/step")
@permit("plan.write")
def step(plan_id: uuid.UUID) -> Response:
    """Undo or do again: show the drawing after ``step``."""
    plans.back_to(principal(), plan_id, _body().get("step"), request.headers.get("If-Match"))
    return _seen(plan_id)


@blueprint.get("/<uuid:plan_id>/impact")
@permit("plan.read")
def impact(plan_id: uuid.UUID) -> Response:
    """What the plan would bring about, in numbers."""
    return jsonify(plans.impact(principal(), plan_id))


@blueprint.post("/<uuid:plan_id>/publish")
@permit("plan.write")
def publish(plan_id: uuid.UUID) -> Response:
    """Let the plan hold from ``effective_from`` on, or from now."""
    plans.publish(principal(), plan_id, request.headers.get("If-Match"), _body().get("effective_from"))
    return _seen(plan_id)


@blueprint.post("/<uuid:plan_id>/discard")
@permit("plan.write")
def discard(plan_id: uuid.UUID) -> Response:
    """Give a draft up."""
    plans.discard(principal(), plan_id, request.headers.get("If-Match"))
    return _seen(plan_id)


def _parent() -> int | None:
    """The grid whose children are looked at; None where none is named.

    Raises:
        Problem: ``not_found`` for a number that no grid can have.
    """
    asked = request.args.get("parent", None, int)
    if asked is not None and abs(asked) > LARGEST_ID:
        raise Problem("not_found")
    return asked


def _seen(plan_id: uuid.UUID) -> Response:
    return jsonify(plans.desk(principal(), plan_id, _parent()))


@blueprint.app_template_filter("instant")
def instant(text: str | None) -> str:
    """A time of a document in the zone in which people read times, or a dash."""
    return words.when(None if text is None else dt.datetime.fromisoformat(text))


def _body() -> dict[str, Any]:
    try:
        body = orjson.loads(request.get_data() or b"{}")
    except orjson.JSONDecodeError as error:
        raise Problem("not_json", why=str(error)) from error
    if not isinstance(body, dict):
        raise Problem("not_json", why=("an object is wanted", "应为对象"))
    return body
