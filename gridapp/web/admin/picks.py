"""What pickers offer while somebody types: areas, units and persons in scope."""

from __future__ import annotations

from flask import render_template, request

from gridapp.doors import permit, principal
from gridapp.services.ground import areas
from gridapp.services.routing import picks as routing
from gridapp.services.staff import people, units
from gridapp.web.admin.desk import blueprint, words
from gridapp.web.words import LEVEL_NAMES, level_name, named, role_name, term


@blueprint.get("/picks/areas")
@permit("people.read")
def pick_area() -> str:
    """Areas, of the levels of the address where it names some."""
    asked = tuple(level for level in request.args.getlist("level") if level in LEVEL_NAMES) or tuple(LEVEL_NAMES)
    found = areas.search_areas(principal(), _typed(), asked)
    return _picks([(grid.code, named(grid), f"{level_name(grid.level)} {grid.code}") for grid in found])


@blueprint.get("/picks/units")
@permit("people.read")
def pick_unit() -> str:
    """Units in use."""
    return _picks([(unit.code, named(unit), unit.code) for unit in units.choices(principal(), _typed())])


@blueprint.get("/picks/categories")
@permit("rules.read")
def pick_category() -> str:
    """Classes of the catalogue in force, majors too."""
    found = routing.categories(_typed())
    return _picks([(one.code, term((one.name_en, one.name_zh)), one.code) for one in found])


@blueprint.get("/picks/conditions")
@permit("rules.read")
def pick_condition() -> str:
    """Filing conditions of the catalogue in force."""
    return _picks([(one.code, term((one.text_en, one.text_zh)), one.code) for one in routing.conditions(_typed())])


@blueprint.get("/picks/persons")
@permit("people.read")
def pick_person() -> str:
    """Persons in service."""
    found = people.search(principal(), words=_typed()).items[: areas.FOUND_AT_MOST]
    return _picks([(person.username, person.name, role_name(person.role)) for person in found])


def _typed() -> str:
    """What was typed, sent under the name of the field."""
    return words(request.args.get("field", "q"))


def _picks(options: list[tuple[str, str, str]]) -> str:
    return render_template("admin/_picks.html", options=options)
