"""The command centre: the list of tasks, the map beside it, what is asked of both, and the words for search."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from gridapp.doors import permit, principal
from gridapp.services import search
from gridapp.services.ground import layers, layers_points
from gridapp.services.ground.layers_points import Window
from gridapp.timesource import now
from gridapp.web import command_batch, command_report, command_tasks, words
from gridapp.web.command_forms import filters_of
from gridapp.web.command_page import listed, page

blueprint = Blueprint("command", __name__, url_prefix="/command")
blueprint.register_blueprint(command_tasks.blueprint)
blueprint.register_blueprint(command_report.blueprint)
blueprint.register_blueprint(command_batch.blueprint)


FORMS = frozenset({"command.report.form", "command.batch.form"})


@blueprint.before_request
def whole() -> Answer | None:
    """A form that is opened as a page by itself is found on the page that it is a part of."""
    if request.endpoint in FORMS and request.headers.get("Sec-Fetch-Mode") == "navigate":
        return redirect(url_for("command.centre"))
    return None


@blueprint.get("")
@permit("command.use")
def centre() -> str:
    """The whole page."""
    return page(principal())


@blueprint.get("/list")
@permit("command.use")
def tasks() -> str:
    """A page of the list, or, with ``ids``, those of them that the filters still show."""
    return render_template("command/list.html", **listed(principal()))


@blueprint.get("/map/tasks")
@permit("command.use")
def map_tasks() -> Response:
    """Tasks of a window under the list's filters."""
    window = Window.parse(request.args.get("bbox", ""))
    return jsonify(layers_points.tasks_in(principal(), window, filters_of(request.args)))


@blueprint.get("/map/people")
@permit("command.use")
def map_people() -> Response:
    """Last positions in a window."""
    window = Window.parse(request.args.get("bbox", ""))
    return jsonify(layers_points.people_in(principal(), window))


@blueprint.get("/bounds")
@permit("area.read")
def bounds() -> Response:
    """What a map opens on: west, south, east, north of the scope."""
    return jsonify({"bounds": layers.bounds(principal())})


@blueprint.get("/places")
@permit("command.use")
def places() -> str:
    """Places for the words typed over the map."""
    return render_template("command/places.html", places=search.places(principal(), request.args.get("q", "")))


@blueprint.app_template_filter("moment")
def moment(text: str | None, fmt: str = "%m-%d %H:%M") -> str:
    """A time of a document in the zone in which people read times, short; with its year where it is another one."""
    if text is None:
        return "–"
    at = dt.datetime.fromisoformat(text)
    return words.when(at, fmt if at.year == now().year else f"%Y-{fmt}")


@blueprint.app_template_filter("clock")
def clock(task: dict[str, Any]) -> str | None:
    """The due time of a task while its clock runs: it is open, not on hold, and not fed back."""
    running = task["outcome"] is None and not task["held"] and task["fed_back_at"] is None
    due: str | None = task["due_at"]
    return due if running else None


@blueprint.app_template_filter("span")
def span(minutes: int) -> str:
    """A span of time in hours and minutes."""
    return f"{minutes // 60}:{minutes % 60:02d}"


@blueprint.app_context_processor
def _helpers() -> dict[str, Any]:
    return {"named": _named, "choices_of": _choices}


def _choices(field: dict[str, Any]) -> list[tuple[str, str]]:
    """What a field offers, as the form's macros take it."""
    return [(choice["code"], _named(choice)) for choice in field.get("choices", ())]


def _named(thing: dict[str, Any] | None) -> str:
    """The reader's name of anything that has ``name`` and ``name_en``, or ``name_zh`` and ``name_en``."""
    if not thing:
        return ""
    own = str(thing.get("name") or thing.get("name_zh") or thing.get("zh") or "")
    other = str(thing.get("name_en") or thing.get("en") or own)
    return words.term((other, own))
