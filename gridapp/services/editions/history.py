"""The editions that were in force, the newest first, each with what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from gridapp.db import session
from gridapp.models import CatalogueEdition, Person
from gridapp.services.editions.own import CLOCKS, Row
from gridapp.services.editions.publishing import AT_ONCE
from gridapp.services.paging import Page

A_PAGE = 20
UNTOLD = ("edition", "ordinal")
DIFFERING = """
select coalesce(a.code, b.code), a.told, b.told
from (select code, to_jsonb(c) - %(untold)s::text[] as told from {table} c where edition = %(old)s) a
full join (select code, to_jsonb(c) - %(untold)s::text[] as told from {table} c where edition = %(new)s) b using (code)
where a.told is distinct from b.told order by 1
"""


@dataclass(frozen=True)
class Difference:
    """What an edition says otherwise than the one before; ``condition`` is the code where it is of one.

    ``field`` is a column, ``answer`` or ``handle`` with ``[amount, unit of time]``, ``added``, or ``left_out``.
    """

    code: str
    name: tuple[str, str]
    condition: str | None
    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Entry:
    """An edition that was in force: who published it (the program where None), after which one, what it changed."""

    edition: CatalogueEdition
    by: str | None
    before: CatalogueEdition | None
    differences: list[Difference]


def entries(number: int = 1) -> Page[Entry]:
    """The editions that were in force, the newest first."""
    query = select(CatalogueEdition, Person.name).join(Person, Person.id == CatalogueEdition.published_by, isouter=True)
    rows = session.execute(query.order_by(CatalogueEdition.published_at.desc())).all()
    told = [(edition, by) for at, (edition, by) in enumerate(rows) if at == 0 or not _at_once(edition, rows[at - 1][0])]
    pages = max(1, -(-len(told) // A_PAGE))
    number = min(max(1, number), pages)
    first = (number - 1) * A_PAGE
    befores = [edition for edition, _by in told[1:]] + [None]
    found = [
        Entry(edition, by, before, differences(before, edition) if before else [])
        for (edition, by), before in list(zip(told, befores, strict=True))[first : first + A_PAGE]
    ]
    return Page(found, number, pages, len(told))


def differences(old: CatalogueEdition, new: CatalogueEdition) -> list[Difference]:
    """What an edition says otherwise than another one."""
    names = _names(old.version) | _names(new.version)
    found = []
    for code, before, after in _differing("category", old, new):
        found += [Difference(code, names[code], None, *told) for told in _fields(before, after)]
    changed = {difference.code for difference in found if difference.field in ("added", "left_out")}
    for code, before, after in _differing("filing_condition", old, new):
        category = (after or before)["category_code"]
        if category not in changed:
            told = _fields(_with_limits(before), _with_limits(after))
            found += [Difference(category, names[category], code, *one) for one in told]
    return sorted(found, key=lambda difference: difference.code)


def _at_once(edition: CatalogueEdition, follower: CatalogueEdition) -> bool:
    """Whether it was followed in the transaction that published it, by the district's settings laid over it."""
    return follower.base == edition.version and follower.published_at - edition.published_at == AT_ONCE


def _differing(table: str, old: CatalogueEdition, new: CatalogueEdition) -> list[tuple[str, Row, Row]]:
    values = {"old": old.version, "new": new.version, "untold": list(UNTOLD)}
    rows = session.connection().exec_driver_sql(DIFFERING.format(table=table), values)
    return [(code, before, after) for code, before, after in rows]


def _fields(before: Row | None, after: Row | None) -> list[tuple[str, Any, Any]]:
    if before is None:
        return [("added", None, None)]
    if after is None:
        return [("left_out", None, None)]
    return [(name, before[name], after[name]) for name in after if before.get(name) != after[name]]


def _with_limits(row: Row | None) -> Row | None:
    """A filing condition with each limit as one value."""
    if row is None:
        return None
    limits = {clock: [row[f"{clock}_amount"], row[f"{clock}_unit"]] for clock in CLOCKS}
    parts = {f"{clock}_{part}" for clock in CLOCKS for part in ("amount", "unit")}
    return {name: value for name, value in row.items() if name not in parts} | limits


def _names(version: str) -> dict[str, tuple[str, str]]:
    query = "select code, name_en, name_zh from category where edition = %(version)s"
    rows = session.connection().exec_driver_sql(query, {"version": version})
    return {code: (english, chinese) for code, english, chinese in rows}
