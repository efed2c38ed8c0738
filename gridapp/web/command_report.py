"""The hotline: a dispatcher writes a call down, and it goes the way of every report."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, make_response, render_template, request

from gridapp.doors import permit, principal
from gridapp.errors import Problem, invalid
from gridapp.services import duplicates, search
from gridapp.services.editions import categories
from gridapp.services.reporting import reports
from gridapp.web.command_forms import place_of, report_of
from gridapp.web.words import term

blueprint = Blueprint("report", __name__)


@blueprint.get("/report")
@permit("task.report")
def form() -> str:
    """The empty form."""
    return render_template("command/report.html", report_id=uuid.uuid4(), typed={}, problem=None)


@blueprint.post("/report")
@permit("task.report")
def file() -> Response:
    """File the call; a refusal comes back in the form, the new task's address in a header."""
    typed = request.form
    try:
        task, _new = reports.file_report(principal(), _id(typed.get("id", "")), report_of(typed), source="hotline")
    except Problem as problem:
        if problem.status not in (403, 409, 422):
            raise
        body = render_template("command/report.html", report_id=uuid.uuid4(), typed=typed, problem=problem)
        return make_response(body, problem.status)
    answer = make_response("")
    answer.headers["HX-Trigger"] = f'{{"task-filed": {{"id": "{task["id"]}", "number": {task["number"]}}}}}'
    return answer


@blueprint.get("/categories")
@permit("catalogue.read")
def category_picks() -> str:
    """Categories for the words typed, as options to press."""
    found = search.categories(request.args.get("category", ""))
    options = [
        (c["code"], term((c["name_en"], c["name_zh"])), f"{term((c['above_en'], c['above_zh']))} {c['code']}")
        for c in found
    ]
    return render_template("command/picks.html", options=options)


@blueprint.get("/report/similar")
@permit("task.report")
def similar() -> str:
    """Open tasks that may be the matter that the caller speaks of, nearest first, before it is filed."""
    category, place = request.args.get("category", "").replace("\0", ""), place_of(request.args)
    if place is None:
        return ""
    try:
        found = duplicates.similar(principal(), category, *place)
    except Problem:
        return ""
    return render_template("command/report_similar.html", similar=found, chosen=request.args.get("duplicate_of", ""))


@blueprint.get("/report/fields")
@permit("task.report")
def fields() -> str:
    """What the chosen category asks for besides."""
    try:
        facts = categories.facts(request.args.get("category", "").replace("\0", ""))
    except Problem:
        return ""
    conditions = [(one.code, term((one.en, one.zh))) for one in facts.conditions]
    return render_template("command/report_fields.html", facts=facts, conditions=conditions, typed={}, problem=None)


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise invalid(id=("uuid_parsing", "Open the form again.", "请重新打开表单。")) from error
