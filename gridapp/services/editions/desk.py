"""The catalogue at the admin desk: what an edition says of each category, and the district's own settings of it.

Whoever saves publishes a new edition; what runs under an earlier one keeps its limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import CatalogueEdition, Person
from gridapp.services import audit, house
from gridapp.services.editing import local_time
from gridapp.services.editions import publishing, typed
from gridapp.services.editions.own import CLOCKS, NUMBERS, Row, Settings, differing, limit_of, resting
from gridapp.services.editions.whole import Whole, whole_of

NOT_THE_LAST = (
    "it is the last category that can be reported; restore another one first",
    "这是最后一个可上报的类别，请先恢复其他类别",
)
BY_THE_PROGRAM = ("A new version of the program", "程序新版本")
PUBLISH = ("publish", "发布")


def change(who: Principal, code: str, seen: str, values: Mapping[str, Any]) -> CatalogueEdition:
    """Set what the district wants of a category, in a new edition.

    Args:
        who: an administrator of the whole house.
        code: of a category that can be reported.
        seen: version of the edition on which the form was filled in.
        values: what was typed, as ``typed.wanted`` takes it.

    Returns:
        The edition in force: the same where nothing changed.

    Raises:
        Problem: ``not_whole_house``, ``not_found``, ``changed_meanwhile``, ``invalid`` by field.
    """
    known, category = _to_change(who, code, seen)
    if code in known.retired:
        raise Problem("conflict", why=("the category is retired; restore it first", "该类别已停用，请先恢复"))
    asked = typed.wanted(values, category, known.conditions[code])
    plain, conditions = known.program[code], known.program_conditions[code]
    rests = resting(known.edition.settings.get(code, {}), plain, conditions)
    return _publish(who, known, code, _joined(differing(plain, conditions, asked), rests))


def retire(who: Principal, code: str, seen: str) -> CatalogueEdition:
    """Let a category not be reported any more; what was reported goes on.

    Raises:
        Problem: ``not_whole_house``, ``not_found``, ``changed_meanwhile``, ``conflict`` for the last one.
    """
    known, _category = _to_change(who, code, seen)
    if not known.reportable() - known.retired - {code}:
        raise Problem("conflict", why=NOT_THE_LAST)
    return _publish(who, known, code, {**known.edition.settings.get(code, {}), "retired": True})


def restore(who: Principal, code: str, seen: str) -> CatalogueEdition:
    """Let a category be reported again, with the settings that it had.

    Raises:
        Problem: ``not_whole_house``, ``not_found``, ``changed_meanwhile``.
    """
    known, _category = _to_change(who, code, seen)
    own = {name: value for name, value in known.edition.settings.get(code, {}).items() if name != "retired"}
    return _publish(who, known, code, own)


def again(who: Principal, version: str, seen: str) -> CatalogueEdition:
    """Publish the settings of an earlier edition again, over the program's catalogue of today.

    Raises:
        Problem: ``not_whole_house``, ``not_found``, ``changed_meanwhile``.
    """
    house.refuse_others(who)
    before, earlier = _in_force(), session.get(CatalogueEdition, version)
    if earlier is None:
        raise Problem("not_found")
    if before.version != seen:
        raise _changed_meanwhile(before)
    if earlier.settings == before.settings:
        return before
    made = publishing.publish_own(before, _base_of(before), earlier.settings, who.person_id)
    audit.note(who, "publish_again", "catalogue", made.version, who.scope_ids[0], edition=made.version, again=version)
    return made


def _to_change(who: Principal, code: str, seen: str) -> tuple[Whole, Row]:
    """The edition in force, held until the end of this transaction, and a category of it as it was seen."""
    house.refuse_others(who)
    known = whole_of(_in_force())
    if code not in known.reportable():
        raise Problem("not_found")
    _refuse_stale(code, seen, known.edition)
    return known, known.categories[code]


def _in_force() -> CatalogueEdition:
    found = publishing.alone()
    if found is None:
        raise Problem("not_found")
    return found


def _base_of(edition: CatalogueEdition) -> CatalogueEdition:
    return session.get_one(CatalogueEdition, edition.base or edition.version)


def _publish(who: Principal, known: Whole, code: str, own: dict[str, Any]) -> CatalogueEdition:
    """Publish the edition with these settings of a category, where they are others than those in force."""
    before = known.edition
    settings: Settings = {other: kept for other, kept in before.settings.items() if other != code}
    if own:
        settings[code] = own
    if settings == before.settings:
        return before
    made = publishing.publish_own(before, _base_of(before), settings, who.person_id)
    changed = _changed(code, known, whole_of(made))
    audit.note(
        who,
        "publish",
        "catalogue",
        made.version,
        who.scope_ids[0],
        edition=made.version,
        item=f"{code} {known.categories[code]['name_zh']}",
        changed=changed,
    )
    return made


def _changed(code: str, before: Whole, after: Whole) -> dict[str, list[Any]]:
    """Old and new of what differs of a category, as the audit list keeps them."""
    old, new = _said(code, before), _said(code, after)
    return {name: [old[name], new[name]] for name in old if old[name] != new[name]}


def _said(code: str, known: Whole) -> dict[str, Any]:
    limits = {
        f"{clock} {row['code']}": list(limit_of(row, clock)) for row in known.conditions[code] for clock in CLOCKS
    }
    return {
        **{name: known.categories[code][name] for name in NUMBERS},
        **limits,
        "retired": code in known.retired,
    }


def _joined(own: dict[str, Any], rests: dict[str, Any]) -> dict[str, Any]:
    limits = {**rests.get("limits", {}), **own.get("limits", {})}
    return {**rests, **own, **({"limits": limits} if limits else {})}


def _refuse_stale(code: str, seen: str, before: CatalogueEdition) -> None:
    """Refuse what was filled in on an edition that says something else of this category than the one in force.

    Raises:
        Problem: ``changed_meanwhile``, naming who published the change and when.
    """
    newer = before
    for edition in session.scalars(select(CatalogueEdition).order_by(CatalogueEdition.published_at.desc()).offset(1)):
        if newer.version == seen:
            return
        if _says(newer, code) != _says(edition, code):
            raise _changed_meanwhile(newer)
        newer = edition
    if newer.version != seen:
        raise _changed_meanwhile(before)


def _says(edition: CatalogueEdition, code: str) -> tuple[str, Any]:
    return edition.base or edition.version, edition.settings.get(code)


def _changed_meanwhile(edition: CatalogueEdition) -> Problem:
    name = session.scalar(select(Person.name).where(Person.id == edition.published_by))
    when = local_time(edition.published_at)
    return Problem("changed_meanwhile", who=name or BY_THE_PROGRAM, action=PUBLISH, when=when)
