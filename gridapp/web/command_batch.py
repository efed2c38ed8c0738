"""Many tasks at once in the command centre: which they are, whom they may go to, and the result of each."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request
from pydantic import ValidationError

from gridapp.doors import language, permit, principal
from gridapp.errors import Problem
from gridapp.services.tasking import batch, task_list
from gridapp.services.tasking.batch import BatchRequest
from gridapp.services.tasking.task_request import invalid_from
from gridapp.web.command_forms import filters_of

blueprint = Blueprint("batch", __name__)
MOST_CHOSEN = 500


@blueprint.get("/batch/tasks")
@permit("command.use")
def chosen() -> Response:
    """All tasks under the list's filters, to be chosen at once."""
    return jsonify({"tasks": task_list.keys(principal(), filters_of(request.args), MOST_CHOSEN)})


@blueprint.get("/batch")
@permit("command.use")
def form() -> str:
    """What can be done with those that are chosen, and whom they may go to."""
    return render_template("command/batch.html", choices=batch.choices(principal()))


@blueprint.post("/batch")
@permit("task.act")
def run() -> Response:
    """Do it, and say of each what became of it."""
    raw = request.get_data(cache=False)
    try:
        wanted = BatchRequest.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise Problem("not_json", why="JSON") from error
        raise invalid_from(error) from error
    return jsonify({"results": batch.run(principal(), wanted, language())})
