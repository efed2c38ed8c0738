"""A unit applies that an item be admitted, takes it back, or gets its answer."""

from __future__ import annotations

import uuid
from typing import Literal

from pydantic import model_validator
from sqlalchemy import ColumnElement, func, or_, select

from gridapp.access import ADMIN, Principal
from gridapp.db import flush, session
from gridapp.errors import Problem, invalid
from gridapp.models import AdmissionApplication, Grid, Person, Unit
from gridapp.services import audit, notices
from gridapp.services.admission.decisions import record
from gridapp.services.drafts import Day, Draft, Line, Reason, refuse
from gridapp.services.editing import refuse_stale
from gridapp.services.editions import categories
from gridapp.services.scope import in_scope, the_one
from gridapp.timesource import now


class Application(Draft):
    """What a unit applies for: an item, and why its workers should take it."""

    item: Line
    words: Reason


class Decision(Draft):
    """The answer to an application; an admission has its dates, ``until`` is the last day."""

    verdict: Literal["admit", "refuse"]
    begins: Day | None = None
    until: Day | None = None
    words: Reason

    @model_validator(mode="after")
    def _has_its_dates(self) -> Decision:
        if self.verdict == "admit" and self.begins is None:
            raise refuse("begins", "Say from which day it is admitted.", "请填写准入生效日期。")
        return self


def visible(who: Principal) -> ColumnElement[bool]:
    """Applications for areas in scope, and those of the own unit."""
    seen = in_scope(AdmissionApplication.grid_id, who)
    return or_(seen, AdmissionApplication.unit_id == who.unit_id) if who.unit_id else seen


def apply(who: Principal, draft: Application) -> AdmissionApplication:
    """Apply for the area that the unit works for.

    Raises:
        Problem: ``invalid`` for an unknown item, ``applied_already``.
    """
    categories.facts(draft.item)
    unit = session.get(Unit, who.unit_id) if who.unit_id else None
    if unit is None or unit.grid_id is None:
        raise invalid(item=("no_area", "Your unit works for no area yet.", "您的单位尚未设置服务区域。"))
    application = AdmissionApplication(
        id=uuid.uuid4(),
        category_code=draft.item,
        unit_id=unit.id,
        grid_id=unit.grid_id,
        applied_by=who.person_id,
        applied_at=now(),
        words=draft.words,
        state="open",
    )
    session.add(application)
    flush()
    audit.note(who, "apply_admission", "admission", application.id, unit.grid_id, item=draft.item)
    names = categories.facts(draft.item)
    said = {**notices.named(unit), "item": names.name_zh, "item_en": names.name_en}
    notices.leave(_deciders(unit.grid_id), "admission_applied", None, **said)
    return application


def withdraw(who: Principal, application_id: uuid.UUID, version: int) -> AdmissionApplication:
    """Take an application of the own unit back.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``, ``application_closed``, ``forbidden`` for another unit's.
    """
    application = _open(who, application_id, version)
    if application.unit_id != who.unit_id:
        raise Problem("forbidden", why=("it is another unit's application", "这是其他单位的申请"))
    application.state, application.decided_at, application.decided_by = "withdrawn", now(), who.person_id
    flush()
    audit.note(who, "withdraw_admission", "admission", application.id, application.grid_id)
    return application


def decide(who: Principal, application_id: uuid.UUID, version: int, draft: Decision) -> AdmissionApplication:
    """Admit the item from a day on, or refuse it; the applicant is told.

    Raises:
        Problem: ``not_found``, ``changed_meanwhile``, ``application_closed``, ``invalid`` by field.
    """
    application = _open(who, application_id, version)
    area = session.scalar(select(Grid).where(Grid.id == application.grid_id, in_scope(Grid.id, who)))
    if area is None:
        raise Problem("not_found")
    if draft.verdict == "admit" and draft.begins is not None:
        record(
            who,
            application.category_code,
            area,
            admitted=True,
            begins=draft.begins,
            until=draft.until,
            words=draft.words,
            application_id=application.id,
        )
    else:
        audit.note(who, "refuse_admission", "admission", application.id, area.id, item=application.category_code)
    application.state = "admitted" if draft.verdict == "admit" else "refused"
    application.decided_at, application.decided_by, application.answer = now(), who.person_id, draft.words
    flush()
    names = categories.as_of_now(application.category_code)
    said = {"item": names.name_zh, "item_en": names.name_en}
    notices.leave([application.applied_by], f"admission_{application.state}", None, **said)
    return application


def _open(who: Principal, application_id: uuid.UUID, version: int) -> AdmissionApplication:
    query = select(AdmissionApplication).where(AdmissionApplication.id == application_id, visible(who))
    application = the_one(query, AdmissionApplication, lock=True)
    refuse_stale("admission", application.id, application.version, version)
    if application.state != "open":
        raise Problem("application_closed")
    return application


def _deciders(grid_id: int) -> set[uuid.UUID | None]:
    """The administrators nearest to an area."""
    path = session.scalar(select(Grid.path).where(Grid.id == grid_id)) or []
    query = select(Person.id, func.array_position(path, Person.scope_grid_id)).where(
        Person.role == ADMIN, Person.retired_at.is_(None), Person.scope_grid_id.in_(path)
    )
    found = session.execute(query).all()
    nearest = max((place for _, place in found), default=0)
    return {person for person, place in found if place == nearest}
