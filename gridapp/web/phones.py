"""The desk for phones: a code to sign in by, shown as a QR code, and lost phones locked out."""

from __future__ import annotations

import uuid

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal, settings
from gridapp.services import phones
from gridapp.web.admin.desk import page_address, page_number, words
from gridapp.web.words import is_fragment

blueprint = Blueprint("phones", __name__, url_prefix="/phones")


@blueprint.get("")
@permit("phones.desk")
def desk() -> str:
    """Persons of the desk with their phones; htmx gets the list alone."""
    page = phones.search(principal(), page_number(), words=words())
    template = "phones/_list.html" if is_fragment() else "phones/index.html"
    return render_template(template, page=page, address=page_address, told=request.args.get("done"))


@blueprint.post("/<uuid:person_id>/code")
@permit("phones.desk")
def code(person_id: uuid.UUID) -> str:
    """Show a code: once, for ten minutes."""
    shown = phones.show(principal(), settings(), person_id)
    picture = segno.make(shown.address, error="m", micro=False).svg_inline(scale=7, border=4, omitsize=False)
    return render_template("phones/code.html", shown=shown, picture=Markup(picture))  # noqa: S704  # made here of squares


@blueprint.post("/devices/<uuid:token_id>/lost")
@permit("phones.desk")
def lost(token_id: uuid.UUID) -> AnyResponse:
    """Lock a lost phone out."""
    phones.lock_out(principal(), token_id)
    return redirect(url_for("phones.desk", done="lost"), 303)
