"""The catalogue: the edition in force and the earlier ones, a category with the district's own settings."""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from gridapp.clocks import TimeUnit
from gridapp.doors import permit, principal
from gridapp.errors import Problem
from gridapp.services import house
from gridapp.services.editions import catalogue as editions
from gridapp.services.editions import desk, history, own, whole
from gridapp.services.routing import picks
from gridapp.web.admin.desk import again, blueprint, done, page_address, page_number, words
from gridapp.web.words import is_fragment, limit, term, time_unit

CLASSES = {"immediate": _l("immediate"), "committed": _l("committed"), "joint": _l("joint")}
STATES = {"own": _l("set here"), "straight": _l("assigned by themselves"), "retired": _l("retired")}
FIELDS = {
    "sample_share": _l("Share drawn for review"),
    "similar_radius_m": _l("Duplicates within (m)"),
    "similar_hours": _l("Duplicates within (hours)"),
    "accuracy_m": _l("Position accuracy (m)"),
    "answer": _l("Limit for answering"),
    "handle": _l("Limit for handling"),
    "retired": _l("Retired"),
    "added": _l("Added"),
    "left_out": _l("Left out"),
    "parent_code": _l("Class"),
    "name_zh": _l("Chinese name"),
    "name_en": _l("English name"),
    "photos_before": _l("Photos before"),
    "photos_after": _l("Photos after"),
    "self_handle": _l("May be settled on the spot"),
    "admitted": _l("Admitted for grid workers"),
    "fields": _l("Questions of the form"),
    "severities": _l("Severities"),
    "stop_notice_zh": _l("Chinese warning"),
    "stop_notice_en": _l("English warning"),
    "text_zh": _l("Chinese words of the condition"),
    "text_en": _l("English words of the condition"),
    "task_class": _l("Kind of promise"),
    "unit_code": _l("Unit that handles it"),
}


@blueprint.get("/catalogue")
@permit("rules.read")
def catalogue_list() -> str:
    """Categories of the edition in force, or of an earlier one; htmx gets the list alone."""
    known = whole.whole_of(whole.edition_or_current(words("edition")))
    asked = {"major": words("major"), "task_class": words("class"), "state": words("state")}
    page = whole.find(known, page_number(), words=words(), **asked)
    template = "admin/_catalogue.html" if is_fragment() else "admin/catalogue.html"
    return render_template(
        template,
        page=page,
        address=page_address,
        edition=known.edition,
        earlier=known.edition.version != editions.current().version,
        majors=[
            (row["code"], f"{row['code']} {term((row['name_en'], row['name_zh']))}") for row in whole.majors(known)
        ],
        classes=list(CLASSES.items()),
        states=list(STATES.items()),
    )


@blueprint.get("/catalogue/category")
@permit("rules.read")
def catalogue_category() -> str:
    """One category of the edition in force, or as an earlier one has it."""
    return _page(words("code"), words("edition"))


@blueprint.post("/catalogue/category")
@permit("rules.write")
def set_category() -> AnyResponse:
    """Save the district's own settings of a category: a new edition."""
    return _published(lambda code: desk.change(principal(), code, _seen(), request.form))


@blueprint.post("/catalogue/category/retire")
@permit("rules.write")
def retire_category() -> AnyResponse:
    """Let a category not be reported any more."""
    return _published(lambda code: desk.retire(principal(), code, _seen()))


@blueprint.post("/catalogue/category/restore")
@permit("rules.write")
def restore_category() -> AnyResponse:
    """Let a category be reported again."""
    return _published(lambda code: desk.restore(principal(), code, _seen()))


@blueprint.get("/catalogue/editions")
@permit("rules.read")
def edition_list() -> str:
    """The editions with what each changed, the newest first."""
    return _editions()


@blueprint.post("/catalogue/editions/again")
@permit("rules.write")
def publish_again() -> AnyResponse:
    """Publish the settings of an earlier edition again."""
    try:
        desk.again(principal(), request.form.get("edition", "").replace("\0", "")[:100], _seen())
    except Problem as problem:
        return again(problem, _editions)
    return done("admin.edition_list", "published")


def _published(act: Callable[[str], object]) -> AnyResponse:
    """Back to the category; where it was refused, its page with what is wrong and what was typed."""
    code = request.form.get("category", "").replace("\0", "")[:20]
    try:
        act(code)
    except Problem as problem:
        return again(problem, lambda wrong: _page(code, "", wrong))
    return done("admin.catalogue_category", "published", code=code)


def _seen() -> str:
    """The edition on which the form was filled in.

    Raises:
        Problem: ``version_missing``.
    """
    version = request.form.get("seen", "").replace("\0", "")[:100]
    if not version:
        raise Problem("version_missing")
    return version


def _page(code: str, version: str, problem: Problem | None = None) -> str:
    shown = whole.shown(whole.whole_of(whole.edition_or_current(version)), code)
    kept = problem is not None and problem.status != 412  # noqa: PLR2004  # what another one set is shown instead
    return render_template(
        "admin/category.html",
        shown=shown,
        edition=shown.whole.edition,
        values=request.form if kept else _values(shown),
        problem=problem,
        classes=CLASSES,
        units=[(unit.value, time_unit(unit)) for unit in TimeUnit],
        may_be_straight=code in {one.code for one in picks.straight()},
        whole=house.is_whole(principal()),
    )


def _values(shown: whole.Shown) -> dict[str, object]:
    """What stands in the form, by the names of its fields."""
    row = shown.category
    found: dict[str, object] = {name: number(row[name]) for name in own.NUMBERS}
    for condition, _before in shown.conditions:
        for clock in own.CLOCKS:
            for part in ("amount", "unit"):
                found[f"{condition['code']}.{clock}.{part}"] = condition[f"{clock}_{part}"]
    return found


def _editions(problem: Problem | None = None) -> str:
    page = history.entries(page_number())
    current = editions.current()
    whole_house = house.is_whole(principal())
    return render_template(
        "admin/editions.html", page=page, address=page_address, current=current, problem=problem, whole=whole_house
    )


@blueprint.app_template_filter("plain_number")
def number(kept: float) -> str:
    """A number as it is typed: 50 and not 50.0."""
    return f"{kept:.10g}"


@blueprint.app_template_filter("field_name")
def field_name(field: str) -> str:
    """Name of what an edition says; an unknown one as it is."""
    return str(FIELDS.get(field, field))


@blueprint.app_template_filter("field_value")
def field_value(kept: object) -> str:
    """What an edition says: a limit, a number, yes or no, a kind of promise, a text; a list by how many it has."""
    if isinstance(kept, bool):
        return str(_l("yes") if kept else _l("no"))
    if isinstance(kept, int | float):
        return number(kept)
    if isinstance(kept, list):
        is_limit = len(kept) == 2 and kept[1] in set(TimeUnit)  # noqa: PLR2004  # amount and unit of time
        return limit({"amount": kept[0], "unit": kept[1]}) if is_limit else str(len(kept))
    return str(CLASSES.get(str(kept), kept)) if kept else "–"
