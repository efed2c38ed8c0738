"""An edition with all that a desk shows of it: what holds, what the program's catalogue says, what is retired."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from gridapp.catalogue.initials import initials
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import CatalogueEdition, Category, CategoryRouting, FilingCondition
from gridapp.services.editions import catalogue
from gridapp.services.editions.own import Row, laid_over
from gridapp.services.editions.publishing import rows_of
from gridapp.services.paging import SIZE, Page

STATES = ("own", "straight", "retired")


@dataclass(frozen=True)
class Whole:
    """An edition; rows are by code, filing conditions by code of their category.

    Attributes:
        edition: its row.
        categories: as they hold, the retired ones as they would.
        conditions: likewise.
        program: categories as the program's catalogue has them.
        program_conditions: likewise.
        retired: codes of what cannot be reported any more.
    """

    edition: CatalogueEdition
    categories: dict[str, Row]
    conditions: dict[str, list[Row]]
    program: dict[str, Row]
    program_conditions: dict[str, list[Row]]
    retired: set[str]

    def reportable(self) -> set[str]:
        """Codes of what was made to be reported, the retired among them: whatever has filing conditions."""
        return set(self.conditions)


@dataclass(frozen=True)
class Line:
    """A category in the list."""

    category: Row
    major: Row
    task_class: str
    own: bool
    retired: bool
    to_worker: bool


@dataclass(frozen=True)
class Shown:
    """A category of an edition, and what the program's catalogue says of it; ``earlier``: another edition holds."""

    whole: Whole
    category: Row
    program: Row
    major: Row
    conditions: list[tuple[Row, Row]]
    retired: bool
    own: bool
    to_worker: bool
    earlier: bool


def whole_of(edition: CatalogueEdition) -> Whole:
    """An edition as a desk shows it."""
    base = edition.base or edition.version
    categories = rows_of(Category, base, Category.ordinal)
    conditions = rows_of(FilingCondition, base, FilingCondition.ordinal)
    retired = {code for code, own in edition.settings.items() if own.get("retired")}
    unretired = {code: {**own, "retired": False} for code, own in edition.settings.items()}
    held, limits = laid_over(categories, conditions, unretired)
    return Whole(
        edition,
        {row["code"]: row for row in held},
        _grouped(limits),
        {row["code"]: row for row in categories},
        _grouped(conditions),
        retired & {row["code"] for row in categories},
    )


def edition_or_current(version: str) -> CatalogueEdition:
    """The edition of a version, the one in force where none is named.

    Raises:
        Problem: ``not_found``.
    """
    return catalogue.edition(version) if version else catalogue.current()


def find(
    known: Whole, number: int = 1, *, words: str = "", major: str = "", task_class: str = "", state: str = ""
) -> Page[Line]:
    """Categories of an edition by words in name, code or initials of the pinyin, by class and by state.

    Args:
        known: the edition.
        number: the page.
        words: what is searched for.
        major: code of a class (大类).
        task_class: ``immediate``, ``committed`` or ``joint``: of any filing condition.
        state: one of ``STATES``; the retired ones are found by theirs alone.
    """
    lines = [line for line in _lines(known) if _fits(line, known, words.casefold(), major, task_class)]
    lines = [line for line in lines if _is(line, state)]
    pages = max(1, -(-len(lines) // SIZE))
    number = min(max(1, number), pages)
    return Page(lines[(number - 1) * SIZE : number * SIZE], number, pages, len(lines))


def shown(known: Whole, code: str) -> Shown:
    """One category of an edition.

    Raises:
        Problem: ``not_found``.
    """
    if code not in known.reportable():
        raise Problem("not_found")
    category = known.categories[code]
    before = {row["code"]: row for row in known.program_conditions[code]}
    return Shown(
        known,
        category,
        known.program[code],
        known.categories[category["parent_code"] or code],
        [(row, before[row["code"]]) for row in known.conditions[code]],
        code in known.retired,
        bool(known.edition.settings.get(code)),
        code in _straight(),
        known.edition.version != catalogue.current().version,
    )


def majors(known: Whole) -> list[Row]:
    """The classes of an edition."""
    return [row for row in known.categories.values() if row["parent_code"] is None]


def _lines(known: Whole) -> list[Line]:
    straight = _straight()
    return [
        Line(
            row,
            known.categories[row["parent_code"] or code],
            known.conditions[code][0]["task_class"],
            bool(known.edition.settings.get(code)),
            code in known.retired,
            code in straight,
        )
        for code, row in known.categories.items()
        if code in known.conditions
    ]


def _fits(line: Line, known: Whole, words: str, major: str, task_class: str) -> bool:
    row = line.category
    told = (row["name_zh"], row["name_en"].casefold(), initials(row["name_zh"]))
    named = not words or row["code"].startswith(words) or any(words in one for one in told)
    classes = {condition["task_class"] for condition in known.conditions[row["code"]]}
    return named and major in ("", row["parent_code"]) and (not task_class or task_class in classes)


def _is(line: Line, state: str) -> bool:
    if state == "retired":
        return line.retired
    held = {"own": line.own, "straight": line.to_worker}.get(state, True)
    return held and not line.retired


def _straight() -> set[str]:
    """Codes of categories that are set to go straight to the worker of the grid."""
    return set(session.scalars(select(CategoryRouting.category_code).where(CategoryRouting.to_worker)))


def _grouped(conditions: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in conditions:
        found[row["category_code"]].append(row)
    return dict(found)
