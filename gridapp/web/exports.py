"""Exports: asked for here, made in the background, fetched here."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal, settings
from gridapp.errors import Problem
from gridapp.services import exports
from gridapp.services.drafts import parse
from gridapp.services.exports import ExportDraft
from gridapp.services.ground import areas

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


@blueprint.get("")
@permit("export")
def orders() -> str:
    """What one asked for, and the form for more."""
    return _page()


@blueprint.post("")
@permit("export")
def ask() -> AnyResponse:
    """Ask for an export."""
    try:
        values = {name: request.form.get(name) for name in ExportDraft.model_fields}
        exports.ask(principal(), parse(ExportDraft, values), settings().timezone)
    except Problem as problem:
        if problem.status != 422:  # noqa: PLR2004
            raise
        return Response(_page(problem), problem.status, mimetype="text/html")
    return redirect("/exports", 303)


@blueprint.get("/<uuid:export_id>/file")
@permit("export")
def fetch(export_id: uuid.UUID) -> Response:
    """The file."""
    order, path = exports.file_of(principal(), export_id)
    answer = send_file(path.resolve(), as_attachment=True, download_name=f"tasks-{order.params['area']}.{order.form}")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page(problem: Problem | None = None) -> str:
    who = principal()
    top = areas.top(who)
    values = request.form if problem else {"area": top.code if top else "", "form": "xlsx"}
    return render_template(
        "exports/index.html",
        orders=exports.own(who),
        areas=areas.search_areas(who, "", ("district", "street", "community")),
        values=values,
        problem=problem,
        days=settings().export_keep_days,
    )
