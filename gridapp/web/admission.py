"""Admitted items (准入): what grid workers may be given, what units apply for, what is decided and from when."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from gridapp.doors import permit, principal, settings
from gridapp.errors import Problem
from gridapp.services import admission
from gridapp.services.admission import Application, Decision, Ruled
from gridapp.timesource import now
from gridapp.web.admin.desk import again, page_address, page_number, seen_version, typed, words
from gridapp.web.words import is_fragment

blueprint = Blueprint("admission", __name__, url_prefix="/admission")
STATES = {"admitted": _l("admitted"), "not_admitted": _l("not admitted"), "applied": _l("applied for")}


@blueprint.get("")
@permit("admission.read")
def items() -> str:
    """The items of the catalogue with what holds now; htmx gets the list alone."""
    state = request.args.get("state", "")
    page = admission.find(principal(), page_number(), words=words(), state=state if state in STATES else "")
    template = "admission/_items.html" if is_fragment() else "admission/items.html"
    return render_template(template, page=page, address=page_address, states=list(STATES.items()))


@blueprint.get("/item")
@permit("admission.read")
def item() -> str:
    """One item with its record, and what may be done about it."""
    return _page(words("code"))


@blueprint.post("/apply")
@permit("admission.apply")
def apply() -> AnyResponse:
    """Apply that an item be admitted."""
    return _done(lambda: admission.apply(principal(), typed(Application)).category_code, "applied")


@blueprint.post("/rule")
@permit("admission.decide")
def rule() -> AnyResponse:
    """Admit an item, or revoke its admission, without an application."""
    return _done(lambda: admission.rule_item(principal(), typed(Ruled)).category_code, "decided")


@blueprint.post("/applications/<uuid:application_id>/withdraw")
@permit("admission.apply")
def withdraw(application_id: uuid.UUID) -> AnyResponse:
    """Take an application back."""
    return _done(lambda: admission.withdraw(principal(), application_id, seen_version()).category_code, "withdrawn")


@blueprint.post("/applications/<uuid:application_id>/decide")
@permit("admission.decide")
def decide(application_id: uuid.UUID) -> AnyResponse:
    """Admit what a unit applies for, or refuse it."""

    def act() -> str:
        return admission.decide(principal(), application_id, seen_version(), typed(Decision)).category_code

    return _done(act, "decided")


def _done(act: Callable[[], str], what: str) -> AnyResponse:
    """Back to the item; where it was refused, the page with what is wrong and what was typed."""
    try:
        code = act()
    except Problem as problem:
        return again(problem, _refused)
    return redirect(url_for("admission.item", code=code, done=what), 303)


def _refused(problem: Problem) -> str:
    return _page(request.form.get("item", "").replace("\0", "")[:100], problem)


def _page(code: str, problem: Problem | None = None) -> str:
    shown = admission.item(principal(), code)
    today = now().astimezone(settings().timezone).date()
    values: Any = request.form if problem else {"begins": today.isoformat(), "area": shown.area.code}
    return render_template("admission/item.html", shown=shown, problem=problem, values=values)


@blueprint.app_template_filter("last_day")
def last_day(until: dt.datetime | None) -> str:
    """The last day of what holds until a time."""
    if until is None:
        return "–"
    return f"{(until - dt.timedelta(microseconds=1)).astimezone(settings().timezone):%Y-%m-%d}"
