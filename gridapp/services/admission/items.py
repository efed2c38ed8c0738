"""The items of the catalogue with what holds for an area now, what was decided, and what is applied for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import Admission, AdmissionApplication, Category, Grid
from gridapp.services.admission.applications import visible
from gridapp.services.admission.rules import Ruling, ruling, rulings
from gridapp.services.editions import categories
from gridapp.services.paging import Page, page_of
from gridapp.services.scope import in_scope
from gridapp.timesource import now

STATES = ("admitted", "not_admitted", "applied")


@dataclass(frozen=True)
class Item:
    """A line of the list."""

    category: Category
    major: Category
    ruling: Ruling
    applications: int


@dataclass(frozen=True)
class Shown:
    """An item with its record, the latest first."""

    category: Category
    ruling: Ruling
    area: Grid
    decisions: list[Admission]
    applications: list[AdmissionApplication]


def find(who: Principal, number: int = 1, *, words: str = "", state: str = "") -> Page[Item]:
    """Items that can be reported, by words in code or name and by what holds for the person's area now."""
    edition, path = categories.current_edition(), _path(who)
    query = _reportable(edition)
    if words:
        columns = (Category.code, Category.name_zh, Category.name_en)
        query = query.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
    if state:
        query = query.where(Category.code.in_(_codes(who, edition, path, state)))
    page = page_of(query.order_by(Category.ordinal), number)
    majors = {row.code: row for row in session.scalars(select(Category).where(Category.edition == edition))}
    waiting, decided = _waiting(who), rulings(path, now())
    items = [
        Item(
            category,
            majors[category.parent_code or category.code],
            _held(category, decided),
            waiting.get(category.code, 0),
        )
        for category in page.items
    ]
    return Page(items, page.number, page.pages, page.total)


def item(who: Principal, code: str) -> Shown:
    """One item with every decision for areas in or above the person's, and every application that they may see.

    Raises:
        Problem: ``not_found``.
    """
    category = session.scalar(_reportable(categories.current_edition()).where(Category.code == code))
    if category is None:
        raise Problem("not_found")
    path = _path(who)
    area = session.get_one(Grid, path[-1])
    decisions = (
        select(Admission)
        .where(Admission.category_code == code, or_(in_scope(Admission.grid_id, who), Admission.grid_id.in_(path)))
        .order_by(Admission.decided_at.desc())
        .options(joinedload(Admission.grid), joinedload(Admission.decider))
    )
    applications = (
        select(AdmissionApplication)
        .where(AdmissionApplication.category_code == code, visible(who))
        .order_by((AdmissionApplication.state == "open").desc(), AdmissionApplication.applied_at.desc())
        .options(joinedload(AdmissionApplication.unit), joinedload(AdmissionApplication.grid))
        .options(joinedload(AdmissionApplication.applicant))
    )
    return Shown(
        category,
        ruling(code, path, now(), otherwise=category.admitted),
        area,
        list(session.scalars(decisions)),
        list(session.scalars(applications)),
    )


def _path(who: Principal) -> list[int]:
    """Path of the person's area."""
    return session.scalar(select(Grid.path).where(Grid.id == who.scope_ids[0])) or []


def _reportable(edition: str | None) -> Select[Category]:
    """Classes without any below them."""
    below = aliased(Category)
    parents = select(below.parent_code).where(below.edition == edition, below.parent_code.is_not(None))
    return select(Category).where(Category.edition == edition, Category.code.not_in(parents))


def _codes(who: Principal, edition: str | None, path: list[int], state: str) -> list[str]:
    if state == "applied":
        return list(_waiting(who))
    wanted = state == "admitted"
    decided = rulings(path, now())
    rows = session.scalars(_reportable(edition)).all()
    return [row.code for row in rows if _held(row, decided).admitted == wanted]


def _held(category: Category, decided: dict[str, Admission]) -> Ruling:
    decision = decided.get(category.code)
    return Ruling(decision.admitted, decision) if decision else Ruling(category.admitted)


def _waiting(who: Principal) -> dict[str, int]:
    """How many open applications each item has."""
    query = (
        select(AdmissionApplication.category_code, func.count())
        .where(AdmissionApplication.state == "open", visible(who))
        .group_by(AdmissionApplication.category_code)
    )
    return dict(session.execute(query).all())
