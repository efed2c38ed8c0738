"""The working calendar: years that are known or not, the administrator's own days, the hours of a unit."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from gridapp.clocks import library
from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services import house
from gridapp.services.clockwork import calendar_desk
from gridapp.services.clockwork.calendar_desk import DayDraft, HoursDraft, YearDraft
from gridapp.web.admin.desk import again, blueprint, done, seen_version, typed
from gridapp.web.admin.units import unit_page


@blueprint.get("/calendar")
@permit("rules.read")
def calendar() -> str:
    """Years, days, and the forms for both."""
    return _page()


@blueprint.post("/calendar/days")
@permit("rules.write")
def set_day() -> AnyResponse:
    """Say of a day whether it works."""
    try:
        calendar_desk.set_day(principal(), typed(DayDraft))
    except Problem as problem:
        return again(problem, _page)
    return done("admin.calendar", "saved")


@blueprint.post("/calendar/days/drop")
@permit("rules.write")
def drop_day() -> AnyResponse:
    """Let the library say again what a day is."""
    try:
        calendar_desk.drop_day(principal(), dt.date.fromisoformat(request.form.get("day", "")))
    except ValueError:
        return done("admin.calendar", "")
    return done("admin.calendar", "saved")


@blueprint.post("/calendar/years")
@permit("rules.write")
def declare_year() -> AnyResponse:
    """Say that a year's days are complete, or not."""
    try:
        draft = typed(YearDraft)
        calendar_desk.declare(principal(), draft, complete=request.form.get("complete") == "yes")
    except Problem as problem:
        return again(problem, _page)
    return done("admin.calendar", "saved")


@blueprint.post("/units/<uuid:unit_id>/hours")
@permit("rules.write")
def set_hours(unit_id: uuid.UUID) -> AnyResponse:
    """Set the hours of a unit."""
    try:
        calendar_desk.set_hours(principal(), unit_id, seen_version(), typed(HoursDraft))
    except Problem as problem:
        return again(problem, lambda wrong: unit_page(unit_id, wrong))
    return done("admin.unit", "saved", unit_id=unit_id)


def _page(problem: Problem | None = None) -> str:
    return render_template(
        "admin/calendar.html",
        years=calendar_desk.years(),
        days=calendar_desk.days(),
        unknown=calendar_desk.unknown_ahead(),
        library=f"{library.NAME} {library.VERSION}",
        whole=house.is_whole(principal()),
        values=request.form if problem else {},
        problem=problem,
    )
