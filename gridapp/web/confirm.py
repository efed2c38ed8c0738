"""The link of the letter that asks whether an address is right: a page to look at, and a button that confirms.

Looking changes nothing, for mail servers and previews follow links too.
"""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gridapp import doors
from gridapp.doors import public
from gridapp.errors import Problem
from gridapp.services.words import confirming

blueprint = Blueprint("confirm", __name__)
LONGEST = 100


@blueprint.get("/confirm-email")
@public
def page() -> AnyResponse:
    """Ask whether the address is one's own."""
    token = _token(request.args.get("token"))
    return _page(token, "ask") if confirming.is_open(token) else _page("", "void", 404)


@blueprint.post("/confirm-email")
@public
def confirm() -> AnyResponse:
    """Confirm it; the link works once."""
    doors.refuse_cross_site()
    try:
        confirming.confirm(_token(request.form.get("token")))
    except Problem as problem:
        return _page("", "void", problem.status)
    return _page("", "done")


def _page(token: str, state: str, status: int = 200) -> Response:
    page = Response(render_template("notices/confirm.html", token=token, state=state), status)
    page.headers["Cache-Control"] = "no-store"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _token(text: str | None) -> str:
    return (text or "").replace("\0", "")[:LONGEST]
