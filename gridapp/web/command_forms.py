"""What the command centre's forms say, as the services take it: filters, the body of an action, a hotline report."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from gridapp.access import Principal
from gridapp.doors import settings
from gridapp.errors import invalid
from gridapp.services.reporting.report_rules import Report
from gridapp.services.tasking import task_list
from gridapp.services.tasking.task_list import Filters
from gridapp.services.tasking.task_request import invalid_from
from gridapp.timesource import now

Form = MultiDict[str, str]
SHOWN = ("open", "any", "resolved", "dismissed", "merged", "withdrawn")


def filters_of(args: Form) -> Filters:
    """The list's filters; empty fields filter nothing."""
    return Filters(
        view="mine" if args.get("mine") else "scope",
        stage=text(args, "stage"),
        outcome=text(args, "outcome") or "open",
        category=text(args, "category"),
        overdue=bool(args.get("overdue")),
        located=False if args.get("unlocated") else None,
        q=text(args, "q"),
        grid=text(args, "grid"),
        newest=bool(args.get("newest")),
    )


def ids_of(args: Form) -> list[str]:
    """The tasks that a screen asks for again, at most 200.

    Raises:
        Problem: ``invalid`` for what is no id.
    """
    try:
        return [str(uuid.UUID(part)) for part in args.get("ids", "").split(",") if part][:200]
    except ValueError as error:
        raise invalid(ids=("uuid_parsing", "Send ids, separated by commas.", "请发送以逗号分隔的编号。")) from error


def action_of(who: Principal, form: Form) -> dict[str, Any]:
    """The body of an action as ``tasks.act`` takes it; what was left empty is left out."""
    body: dict[str, Any] = {
        "id": form.get("event", ""),
        "action": form.get("action", ""),
        "at": now().isoformat(),
        "note": text(form, "note"),
        "reason": text(form, "reason"),
        "photos": form.getlist("photos"),
        "location": _location(form),
        "assignee": _assignee(form),
        "master": _master(who, form),
        "due": _moment(form, "due"),
        "review_on": text(form, "review_on"),
        "scores": _scores(form),
        "satisfied": text(form, "satisfied"),
        "advice": text(form, "advice"),
        "condition": text(form, "condition"),
    }
    return {name: value for name, value in body.items() if value not in (None, [])}


def report_of(form: Form) -> Report:
    """A call on the hotline, written down.

    Raises:
        Problem: ``invalid`` naming each field that is wrong.
    """
    body: dict[str, Any] = {
        "category": form.get("category", ""),
        "description": form.get("description", ""),
        "address": text(form, "address"),
        "location": _location(form),
        "severity": text(form, "severity"),
        "duplicate_of": text(form, "duplicate_of"),
        "condition": text(form, "condition"),
        "reported_at": now().isoformat(),
        "fields": {
            name.removeprefix("fields."): _typed(value, form.get(f"type.{name}"))
            for name, value in form.items()
            if name.startswith("fields.") and value.strip()
        },
    }
    try:
        return Report.model_validate({name: value for name, value in body.items() if value is not None})
    except ValidationError as error:
        raise invalid_from(error) from error


def text(form: Form, name: str) -> str | None:
    """What was typed, without the spaces around it; None where nothing was."""
    return form.get(name, "").replace("\0", "").strip() or None


def _typed(value: str, kind: str | None) -> str | float | bool:
    if kind == "boolean":
        return value == "1"
    if kind == "number":
        number = _number(value)
        return value if number is None else number
    return value.strip()


def _number(text: str | None) -> float | str | None:
    """A number where it is one; what is none stays as it is, to be refused by name."""
    try:
        return float(text) if text else None
    except ValueError:
        return text


def _location(form: Form) -> dict[str, Any] | None:
    given = {name: _number(text(form, name)) for name in ("lon", "lat", "accuracy")}
    if given["lon"] is None or given["lat"] is None:
        return None
    return {name: value for name, value in given.items() if value is not None}


def place_of(args: Form) -> tuple[float, float] | None:
    """Longitude and latitude in WGS 84 that a form carries; None where it carries none, or what is no place."""
    lon, lat = (_number(text(args, name)) for name in ("lon", "lat"))
    if not isinstance(lon, float) or not isinstance(lat, float):
        return None
    return (lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None  # noqa: PLR2004  # degrees


def _assignee(form: Form) -> dict[str, str] | None:
    kind, _, key = form.get("assignee", "").partition(":")
    return {kind: key} if key else None


def _master(who: Principal, form: Form) -> str | None:
    """The id of the task whose number was picked; what names none is handed on, to be refused as it stands."""
    words = (text(form, "master") or "").lstrip("#")
    if not words.isdecimal():
        return words or None
    found = task_list.find(who, Filters(q=f"#{words}", outcome="any"), limit=1)["items"]
    return next((task["id"] for task in found if str(task["number"]) == words), words)


def _moment(form: Form, name: str) -> str | None:
    """A time typed in the zone in which people read times, with its offset."""
    words = text(form, name)
    try:
        return dt.datetime.fromisoformat(words).replace(tzinfo=settings().timezone).isoformat() if words else None
    except ValueError:
        return words


def _scores(form: Form) -> dict[str, Any] | None:
    given = {name: text(form, f"score_{name}") for name in ("speed", "quality")}
    if not any(given.values()):
        return None
    return {name: int(mark) if mark and re.fullmatch("[0-9]", mark) else mark for name, mark in given.items()}
