"""Persons from a table, all in one transaction; rows that cannot be are named, the others are added."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from geodata.io import Table
from gridapp.access import SYSTEM
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.services import drafts
from gridapp.services.orders.import_faults import refused
from gridapp.services.staff import people

NEEDED = ("username", "name", "role", "scope")
KNOWN = (*NEEDED, "unit", "phone", "titles", "language", "password")


@dataclass(frozen=True)
class Refusal:
    """Why a row became no person."""

    row: int
    en: str
    zh: str


@dataclass
class Imported:
    """What became of the rows; ``passwords`` holds those that were made up, by user name, to be shown once."""

    rows: int = 0
    created: int = 0
    passwords: dict[str, str] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)


def import_people(table: Table, file: Path) -> Imported:
    """Add the persons of a table with the columns ``KNOWN``, of which ``NEEDED`` must be there.

    Titles are parted by ``;``. Where no password stands one is made up.

    Raises:
        ImportRefused: a column that is missing or unknown.
        GeodataError: the file breaks off.
    """
    _check_columns(table.columns, file)
    result = Imported()
    for row in table.rows:
        result.rows += 1
        if row.fault is not None:
            result.refused.append(Refusal(row.number, row.fault.message_en, row.fault.message_zh))
            continue
        try:
            with session.begin_nested():
                made = _add(row.cells)
        except Problem as problem:
            result.refused.append(Refusal(row.number, problem.whole("en"), problem.whole("zh")))
            continue
        result.created += 1
        if made.password:
            result.passwords[made.person.username] = made.password
    return result


def _check_columns(columns: list[str], file: Path) -> None:
    missing, strange = set(NEEDED) - set(columns), set(columns) - set(KNOWN)
    if missing or strange:
        odd = ", ".join(sorted(missing | strange))
        why = (f"columns are missing or unknown: {odd}", f"缺少或无法识别的列：{odd}")
        needed, known = ", ".join(NEEDED), ", ".join(KNOWN)
        hint = (f"Needed are {needed}; known are {known}.", f"必需列：{needed}；可用列：{known}。")
        raise refused(why, hint, file=file.name)


def _add(cells: dict[str, Any]) -> people.Made:
    said: dict[str, Any] = {name: None if cells.get(name) is None else str(cells[name]).strip() for name in KNOWN}
    password = said.pop("password")
    titles = [title.strip() for title in (said.pop("titles") or "").split(";") if title.strip()]
    draft = drafts.parse(people.PersonDraft, {**said, "titles": titles})
    return people.add_person(SYSTEM, draft, SecretStr(password) if password else None)
