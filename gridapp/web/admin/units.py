"""Units: list, add, edit, retire."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services.clockwork import calendar_desk
from gridapp.services.staff import units
from gridapp.services.staff.units import UnitDraft
from gridapp.web.admin.desk import again, blueprint, done, page_address, page_number, seen_version, typed, words
from gridapp.web.words import is_fragment

FIELDS = ("code", "name", "name_en", "level")


@blueprint.get("/units")
@permit("people.read")
def unit_list() -> str:
    """Units in scope; htmx gets the list alone."""
    page = units.search(principal(), page_number(), words=words(), retired=request.args.get("state") == "retired")
    template = "admin/_units.html" if is_fragment() else "admin/units.html"
    return render_template(template, page=page, address=page_address, areas=units.areas_of(page.items))


@blueprint.get("/units/new")
@permit("people.write")
def new_unit() -> str:
    """An empty form."""
    return _new_form()


@blueprint.post("/units/new")
@permit("people.write")
def add_unit() -> AnyResponse:
    """Add a unit."""
    try:
        unit = units.add_unit(principal(), typed(UnitDraft))
    except Problem as problem:
        return again(problem, _new_form)
    return done("admin.unit", "saved", unit_id=unit.id)


@blueprint.get("/units/<uuid:unit_id>")
@permit("people.read")
def unit(unit_id: uuid.UUID) -> str:
    """One unit with its handlers."""
    return unit_page(unit_id)


@blueprint.post("/units/<uuid:unit_id>")
@permit("people.write")
def edit_unit(unit_id: uuid.UUID) -> AnyResponse:
    """Edit a unit."""
    try:
        units.edit_unit(principal(), unit_id, seen_version(), typed(UnitDraft))
    except Problem as problem:
        return again(problem, lambda wrong: unit_page(unit_id, wrong))
    return done("admin.unit", "saved", unit_id=unit_id)


@blueprint.post("/units/<uuid:unit_id>/retire")
@permit("people.write")
def retire_unit(unit_id: uuid.UUID) -> AnyResponse:
    """Retire a unit."""
    try:
        units.retire_unit(principal(), unit_id, seen_version())
    except Problem as problem:
        return again(problem, lambda wrong: unit_page(unit_id, wrong))
    return done("admin.unit", "retired", unit_id=unit_id)


def _new_form(problem: Problem | None = None) -> str:
    values: Mapping[str, Any] = request.form if problem else {"level": "community"}
    return render_template("admin/unit_new.html", values=values, problem=problem)


def unit_page(unit_id: uuid.UUID, problem: Problem | None = None) -> str:
    """The page of a unit, with what is wrong in its forms."""
    found = units.unit_in_scope(principal(), unit_id)
    area = units.area_of(found)
    kept = problem is not None and "code" in request.form and problem.status != 412  # noqa: PLR2004
    values = {name: getattr(found, name) for name in FIELDS} | {"area": area.code if area else ""}
    return render_template(
        "admin/unit.html",
        unit=found,
        area=area,
        values=request.form if kept else values,
        problem=problem,
        handlers=units.handlers_of(found),
        kind=(found.calendar or {}).get("kind", "china") if found.calendar else "house",
        periods=calendar_desk.hours_of(found),
    )
