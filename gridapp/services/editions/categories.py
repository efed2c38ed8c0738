"""Facts of one category as filing and acting need them, cached: an edition never changes once it is published."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Select, select

from gridapp.db import hot, session
from gridapp.errors import Field, Problem, invalid
from gridapp.models import CatalogueEdition, Category, FilingCondition, Reason, Task

IN_FORCE = "(select version from catalogue_edition order by published_at desc limit 1)"
"""SQL for the version of the edition in force."""
SEEN = "edition_seen"
"""Extension of an app: what ``seen_edition`` knows."""

_lock = threading.Lock()


@dataclass(frozen=True)
class Condition:
    """A filing condition: class, unit and the two limits as ``(amount, unit of time)``."""

    code: str
    task_class: str
    unit_code: str | None
    answer: tuple[int, str]
    handle: tuple[int, str]
    zh: str
    en: str


@dataclass(frozen=True)
class CategoryFacts:
    """What an edition says of one category that can be reported."""

    edition: str
    code: str
    name_zh: str
    name_en: str
    photos_before: int
    photos_after: int
    self_handle: bool
    admitted: bool
    sample_share: float
    similar_radius_m: float
    similar_hours: float
    accuracy_m: float
    fields: tuple[dict[str, Any], ...]
    severities: tuple[str, ...]
    conditions: tuple[Condition, ...]

    @property
    def condition(self) -> Condition:
        """The condition that holds unless somebody chooses another: the first."""
        return self.conditions[0]

    def chosen(self, code: str | None) -> Condition:
        """The condition of this code; the first where it is none of this category, or where none was chosen."""
        return next((one for one in self.conditions if one.code == code), self.condition)


def current_edition() -> str | None:
    """Version of the edition in force: the newest."""
    with hot() as connection:
        row = connection.execute(f"select {IN_FORCE}").fetchone()
    current_app.extensions[SEEN] = row[0] if row else None
    return row[0] if row else None


def seen_edition() -> str | None:
    """Version of the edition that was in force when this process last looked; a newer one may hold by now.

    For a statement that sees by itself whether it still is (``IN_FORCE``), and so saves the round trip of asking first.
    """
    seen: str | None = current_app.extensions.get(SEEN)
    return seen if seen is not None else current_edition()


def facts(code: str, edition: str | None = None) -> CategoryFacts:
    """Facts of a category in an edition, the one in force where None.

    Raises:
        Problem: ``invalid`` naming ``category`` or ``catalogue_version``.
    """
    version = edition if edition is not None else current_edition()
    known: dict[tuple[str | None, str], CategoryFacts] = current_app.extensions.setdefault("category_facts", {})
    found = known.get((version, code))
    if found is None:
        found = _read(version, code)
        with _lock:
            known[(version, code)] = found
    return found


def as_of_now(code: str) -> CategoryFacts:
    """Facts of a category that somebody works on: as they are in force; of a retired one as they were last.

    Raises:
        Problem: ``invalid`` naming ``category`` where no edition ever had it.
    """
    try:
        return facts(code)
    except Problem:
        return facts(code, session.scalar(_last_with(code)))


def _last_with(code: str) -> Select[str]:
    """The newest edition in which a category can be reported."""
    query = select(FilingCondition.edition).where(FilingCondition.category_code == code)
    known = query.join(CatalogueEdition, CatalogueEdition.version == FilingCondition.edition)
    return known.order_by(CatalogueEdition.published_at.desc()).limit(1)


def _read(version: str | None, code: str) -> CategoryFacts:
    if version is None or session.get(CatalogueEdition, version) is None:
        raise invalid(catalogue_version=("unknown", "No such edition of the catalogue.", "没有这个版本的事项目录。"))
    row = session.get(Category, (version, code))
    conditions = session.scalars(
        select(FilingCondition)
        .where(FilingCondition.edition == version, FilingCondition.category_code == code)
        .order_by(FilingCondition.ordinal)
    ).all()
    if row is None or not conditions:
        raise invalid(category=("unknown", "Choose a category of the catalogue.", "请从事项目录中选择小类。"))
    return CategoryFacts(
        edition=version,
        code=code,
        name_zh=row.name_zh,
        name_en=row.name_en,
        photos_before=row.photos_before,
        photos_after=row.photos_after,
        self_handle=row.self_handle,
        admitted=row.admitted,
        sample_share=row.sample_share,
        similar_radius_m=row.similar_radius_m,
        similar_hours=row.similar_hours,
        accuracy_m=row.accuracy_m,
        fields=tuple(row.fields),
        severities=tuple(str(s["code"]) for s in row.severities),
        conditions=tuple(
            Condition(
                c.code,
                c.task_class,
                c.unit_code,
                (c.answer_amount, c.answer_unit),
                (c.handle_amount, c.handle_unit),
                c.text_zh,
                c.text_en,
            )
            for c in conditions
        ),
    )


def condition_of(task: Task) -> Condition:
    """The filing condition of a task: the one that was chosen, else the first of its category."""
    return facts(task.category_code, task.edition).chosen(task.condition_code)


def conditions_of(task: Task) -> list[dict[str, str]]:
    """The filing conditions that a task may be filed under, as forms offer them."""
    return [{"code": c.code, "zh": c.zh, "en": c.en} for c in facts(task.category_code, task.edition).conditions]


def wrong_condition(known: CategoryFacts, code: str | None) -> Field | None:
    """What is wrong with a chosen filing condition; None where it is one of the category, or none was chosen."""
    if code is None or any(one.code == code for one in known.conditions):
        return None
    named = ", ".join(one.code for one in known.conditions)
    return Field(
        "not_of_category",
        f"The category has no such filing condition. Choose one of: {named}.",
        f"该类别没有此立案条件，请选择：{named}。",
    )


def reasons(edition: str, action: str) -> list[dict[str, str]]:
    """Typed reasons of an action: ``code``, ``zh``, ``en`` in the order of the edition.

    An edition that knows no such action has those of the one in force.
    """
    return _reasons(edition, action) or _reasons(current_edition() or edition, action)


def _reasons(edition: str, action: str) -> list[dict[str, str]]:
    rows = session.execute(
        select(Reason.code, Reason.name_zh, Reason.name_en)
        .where(Reason.edition == edition, Reason.action == action)
        .order_by(Reason.ordinal)
    )
    return [{"code": code, "zh": zh, "en": en} for code, zh, en in rows]


def reasons_of(task: Task, action: str) -> list[dict[str, str]]:
    """Typed reasons of an action on a task; what a check may find depends on its kind."""
    return reasons(task.edition, f"{task.check_kind}_answer" if action == "check_answer" else action)
