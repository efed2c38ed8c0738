"""What the rooms of the admin desk share: the blueprint, what was asked for, and forms that come back with faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request, url_for
from pydantic import BaseModel
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit
from gridapp.errors import Problem
from gridapp.services.clockwork import calendar_desk
from gridapp.services.drafts import parse

Model = TypeVar("Model", bound=BaseModel)
blueprint = Blueprint("admin", __name__, url_prefix="/admin")

WORDS_LENGTH = 100
LAST_PAGE = 1_000_000
BACK_IN_THE_FORM = frozenset({403, 409, 412, 422, 428})


@blueprint.context_processor
def _frame() -> dict[str, Any]:
    """For the frame of the desk to ask: a problem has none, for nobody may be signed in, or the database be away."""
    return {"holidays_to_enter": calendar_desk.to_enter}


@blueprint.get("")
@permit("people.read")
def start() -> AnyResponse:
    """The desk opens at the persons."""
    return redirect(url_for("admin.persons"), 303)


def words(name: str = "q") -> str:
    """What is searched for."""
    return request.args.get(name, "").replace("\0", "").strip()[:WORDS_LENGTH]


def page_number() -> int:
    """The page asked for, 1 where it is no number."""
    asked = request.args.get("page", "1")
    return min(int(asked), LAST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1  # noqa: PLR2004


def page_address(number: int) -> str:
    """This list at another page."""
    asked = {name: value for name, value in request.args.items() if value and name not in ("page", "done")}
    return f"{request.path}?{urlencode({**asked, 'page': number})}"


def typed(model: type[Model]) -> Model:
    """The draft of the form; lines of ``titles`` are entries.

    Raises:
        Problem: ``invalid`` by field.
    """
    values: dict[str, object] = {name: request.form.get(name) for name in model.model_fields}
    if "titles" in values:
        values["titles"] = [line for line in request.form.get("titles", "").splitlines() if line.strip()]
    return parse(model, values)


def seen_version() -> int:
    """The version that the form was filled in on.

    Raises:
        Problem: ``version_missing``.
    """
    version = request.form.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 10):  # noqa: PLR2004
        raise Problem("version_missing")
    return int(version)


def again(problem: Problem, render: Callable[[Problem], str]) -> Response:
    """The form once more with what is wrong in it.

    Raises:
        Problem: the same, where it is nothing that the form can mend.
    """
    if problem.status not in BACK_IN_THE_FORM:
        raise problem
    return Response(render(problem), problem.status, problem.headers, mimetype="text/html")


def done(endpoint: str, what: str, **values: Any) -> AnyResponse:
    """Back to a page that says what was done."""
    return redirect(url_for(endpoint, done=what, **values), 303)
