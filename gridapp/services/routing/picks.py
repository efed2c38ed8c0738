"""Categories by name or code for forms, and those that go straight to the worker of the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from gridapp.access import Principal
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import Admission, Category, CategoryRouting, FilingCondition
from gridapp.services import audit, house
from gridapp.services.editions.categories import current_edition

FOUND_AT_MOST = 20
Row = TypeVar("Row", Category, FilingCondition)


@dataclass(frozen=True)
class Straight:
    """An admitted category, and whether its reports go straight to the worker of the grid."""

    code: str
    name_zh: str
    name_en: str
    to_worker: bool


def categories(words: str) -> list[Category]:
    """Classes of the edition in force by words in name or code, majors too."""
    return _found(Category, words, (Category.name_zh, Category.name_en), Category.code)


def conditions(words: str) -> list[FilingCondition]:
    """Filing conditions of the edition in force by words in code or text."""
    return _found(FilingCondition, words, (FilingCondition.text_zh, FilingCondition.text_en), FilingCondition.ordinal)


def _found(
    table: type[Row], words: str, told: tuple[InstrumentedAttribute[str], ...], order: InstrumentedAttribute[Any]
) -> list[Row]:
    """Rows of the edition in force whose words contain what was typed, or whose code begins with it."""
    query = select(table).where(table.edition == current_edition())
    if words:
        contain = (column.icontains(words, autoescape=True) for column in told)
        query = query.where(or_(*contain, table.code.startswith(words, autoescape=True)))
    return list(session.scalars(query.order_by(order).limit(FOUND_AT_MOST)))


def is_category(code: str) -> bool:
    """Whether the edition in force has this class."""
    return session.get(Category, (current_edition(), code)) is not None


def has_condition(category: str | None, code: str) -> bool:
    """Whether a category of the edition in force has this filing condition."""
    found = session.get(FilingCondition, (current_edition(), code))
    return found is not None and found.category_code == category


def straight() -> list[Straight]:
    """Every category admitted for grid workers, by the catalogue or by a decision for some area, with its setting."""
    decided = select(Admission.category_code).where(Admission.admitted)
    query = (
        select(Category.code, Category.name_zh, Category.name_en, CategoryRouting.to_worker)
        .join(CategoryRouting, CategoryRouting.category_code == Category.code, isouter=True)
        .where(Category.edition == current_edition(), or_(Category.admitted, Category.code.in_(decided)))
        .order_by(Category.code)
    )
    return [Straight(code, zh, en, bool(on)) for code, zh, en, on in session.execute(query)]


def set_straight(who: Principal, code: str, *, on: bool) -> None:
    """Let reports of a category go straight to the worker of the grid, or not any more.

    Raises:
        Problem: ``not_whole_house``; ``not_found`` for what is no admitted category.
    """
    house.refuse_others(who)
    category = session.get(Category, (current_edition(), code))
    if category is None or code not in {one.code for one in straight()}:
        raise Problem("not_found")
    row = insert(CategoryRouting).values(category_code=code, to_worker=on)
    session.execute(row.on_conflict_do_update(index_elements=["category_code"], set_={"to_worker": on}))
    flush()
    audit.note(who, "edit", "category_routing", code, who.scope_ids[0], to_worker=on)
