"""Responsible units: departments and street offices with the area that they work for."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from pydantic import StringConstraints
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import Assist, Grid, Person, Task, Unit
from gridapp.services import audit
from gridapp.services.drafts import Draft, Line
from gridapp.services.editing import differences, refuse_stale
from gridapp.services.ground.areas import area_by_code
from gridapp.services.paging import Page, page_of
from gridapp.services.scope import in_scope, the_one
from gridapp.timesource import now

FIELDS = ("code", "name", "name_en", "level", "grid_id")
FOUND_AT_MOST = 20


class UnitDraft(Draft):
    """What is typed of a unit; ``area`` is the code of the area that it works for."""

    code: Annotated[Line, StringConstraints(max_length=50, pattern=r"^[\w.-]+$")]
    name: Line
    name_en: Line | None = None
    level: Literal["district", "street", "community"]
    area: Line


def search(who: Principal, number: int = 1, *, words: str = "", retired: bool = False) -> Page[Unit]:
    """Units of areas in scope by words in code, name or area."""
    query = (
        select(Unit)
        .join(Grid, Grid.id == Unit.grid_id)
        .where(in_scope(Unit.grid_id, who))
        .where(Unit.retired_at.is_not(None) if retired else Unit.retired_at.is_(None))
        .order_by(func.cardinality(Grid.path), Unit.name)
    )
    if words:
        columns = (Unit.code, Unit.name, Unit.name_en, Grid.name, Grid.name_en)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    return page_of(query, number)


def choices(who: Principal, words: str) -> list[Unit]:
    """Units in scope to choose from."""
    return search(who, words=words).items[:FOUND_AT_MOST]


def unit_in_scope(who: Principal, unit_id: uuid.UUID, *, lock: bool = False) -> Unit:
    """The unit.

    Raises:
        Problem: ``not_found`` where there is none, or its area is not in scope.
    """
    query = select(Unit).where(Unit.id == unit_id, in_scope(Unit.grid_id, who))
    return the_one(query, Unit, lock=lock)


def unit_by_code(who: Principal, code: str, field: str) -> Unit:
    """The unit in scope and in use of a typed code.

    Raises:
        Problem: ``invalid`` naming ``field``.
    """
    unit = session.scalar(select(Unit).where(Unit.code == code, Unit.retired_at.is_(None), in_scope(Unit.grid_id, who)))
    if unit is None:
        en, zh = f"No unit of your scope has the code {code}.", f"您的管辖范围内没有编码为 {code} 的单位。"
        raise invalid(**{field: ("unknown_unit", en, zh)})
    return unit


def area_of(unit: Unit) -> Grid | None:
    """The area that the unit works for."""
    return session.get(Grid, unit.grid_id) if unit.grid_id else None


def areas_of(units: list[Unit]) -> dict[int, Grid]:
    """The areas of several units, by id."""
    rows = session.scalars(select(Grid).where(Grid.id.in_({unit.grid_id for unit in units})))
    return {grid.id: grid for grid in rows}


def add_unit(who: Principal, draft: UnitDraft) -> Unit:
    """Add a unit.

    Raises:
        Problem: ``invalid`` by field, ``code_taken``.
    """
    unit = Unit(**_columns(who, draft))
    session.add(unit)
    flush()
    audit.note(who, "add", "unit", unit.id, unit.grid_id, code=unit.code)
    return unit


def edit_unit(who: Principal, unit_id: uuid.UUID, version: int, draft: UnitDraft) -> Unit:
    """Edit a unit that was seen in ``version``.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``, ``invalid`` by field, ``code_taken``.
    """
    unit = _editable(who, unit_id, version)
    before = {name: getattr(unit, name) for name in FIELDS}
    columns = _columns(who, draft)
    for name, value in columns.items():
        setattr(unit, name, value)
    changed = differences(before, columns)
    if changed:
        flush()
        audit.note(who, "edit", "unit", unit.id, unit.grid_id, changed=changed)
    return unit


def retire_unit(who: Principal, unit_id: uuid.UUID, version: int) -> Unit:
    """Retire a unit that nobody in service belongs to any more, and that has nothing left to do.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``, ``conflict`` while handlers belong to it, or while it holds open
            tasks or parts of them.
    """
    unit = _editable(who, unit_id, version)
    if handlers_of(unit):
        why = ("handlers still belong to the unit; move or retire them first", "仍有经办人属于该单位，请先调整或停用")
        raise Problem("conflict", why=why)
    if count := _at_work(unit):
        english = f"tasks are still open at the unit ({count}); transfer them or release the unit first"
        raise Problem("conflict", why=(english, f"该单位还有 {count} 件在办任务，请先改派或撤销协办"))
    unit.retired_at = now()
    flush()
    audit.note(who, "retire", "unit", unit.id, unit.grid_id, code=unit.code)
    return unit


def _at_work(unit: Unit) -> int:
    """Open tasks that a unit holds or assists in."""
    assists = select(Assist.task_id).where(Assist.unit_id == unit.id, Assist.outcome.is_(None))
    has_it = or_(Task.assignee_unit_id == unit.id, Task.id.in_(assists))
    return session.scalar(select(func.count()).select_from(Task).where(Task.outcome.is_(None), has_it)) or 0


def handlers_of(unit: Unit) -> list[Person]:
    """Handlers in service of a unit."""
    query = (
        select(Person)
        .options(joinedload(Person.scope_grid))
        .where(Person.unit_id == unit.id, Person.retired_at.is_(None))
        .order_by(Person.name)
    )
    return list(session.scalars(query))


def _columns(who: Principal, draft: UnitDraft) -> dict[str, Any]:
    return {**draft.model_dump(exclude={"area"}), "grid_id": area_by_code(who, draft.area, "area").id}


def _editable(who: Principal, unit_id: uuid.UUID, version: int) -> Unit:
    unit = unit_in_scope(who, unit_id, lock=True)
    refuse_stale("unit", unit.id, unit.version, version)
    if unit.retired_at is not None:
        raise Problem("conflict", why=("the unit is retired", "该单位已停用"))
    return unit
