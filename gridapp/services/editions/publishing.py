"""Editions come into force: the program's catalogue, and a district's own settings laid over it.

An edition is published once and never changes. Where a new version of the program brings another catalogue, the
settings of the edition in force are laid over it in the same transaction: they are lost to nobody.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import func, insert, select, text

from gridapp.catalogue import Catalogue
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import CatalogueEdition, Category, Duty, FilingCondition, Reason
from gridapp.services.editions.own import Row, Settings, laid_over
from gridapp.timesource import now

ALONE = "select pg_advisory_xact_lock(hashtextextended('gridapp.catalogue', 0))"
AT_ONCE = dt.timedelta(microseconds=1)
"""How much later than the one before an edition is at least, so that the newest is always one; and how much a
catalogue of the program is before the edition that lays a district's settings over it."""


def publish(catalogue: Catalogue) -> CatalogueEdition:
    """Bring the program's catalogue into force, with the district's own settings laid over it.

    Returns:
        The edition in force; for the same content again the edition that is there.

    Raises:
        Problem: ``conflict`` where other content was published under this version.
    """
    content_hash = hashlib.sha256(orjson.dumps(catalogue)).hexdigest()
    before = alone()
    known = session.scalar(select(CatalogueEdition).where(CatalogueEdition.content_hash == content_hash))
    if known is not None:
        return known
    if session.get(CatalogueEdition, catalogue.version) is not None:
        why = (
            f"version {catalogue.version} is published with other content; give the change a version of its own",
            f"版本 {catalogue.version} 已发布且内容不同，请为更改使用新的版本号",
        )
        raise Problem("conflict", why=why)
    at = _after(before)
    made = _edition(at, version=catalogue.version, standard=catalogue.standard, content_hash=content_hash)
    for table, rows in _rows(catalogue):
        _fill(table, rows)
    if before is None or not before.settings:
        return made
    return _laid(made, before.settings, at + AT_ONCE, by=None)


def publish_own(
    before: CatalogueEdition, base: CatalogueEdition, settings: Settings, by: uuid.UUID | None
) -> CatalogueEdition:
    """Bring settings into force over a catalogue of the program; by the caller who is ``alone``.

    Args:
        before: the edition in force.
        base: the program's catalogue.
        settings: the district's own.
        by: who publishes.
    """
    return _laid(base, settings, _after(before), by=by)


def _laid(base: CatalogueEdition, settings: Settings, at: dt.datetime, *, by: uuid.UUID | None) -> CatalogueEdition:
    """A catalogue of the program with settings laid over it."""
    count = session.scalar(select(func.count()).where(CatalogueEdition.base == base.version)) or 0
    version = f"{base.version}_{count + 1}"
    content = orjson.dumps([version, base.content_hash, settings])
    made = _edition(
        at,
        version=version,
        standard=base.standard,
        content_hash=hashlib.sha256(content).hexdigest(),
        base=base.version,
        settings=settings,
        published_by=by,
    )
    categories, conditions = laid_over(
        rows_of(Category, base.version, Category.ordinal),
        rows_of(FilingCondition, base.version, FilingCondition.ordinal),
        settings,
    )
    _fill(Category, [{**row, "edition": version} for row in categories])
    _fill(FilingCondition, [{**row, "edition": version} for row in conditions])
    for table, order in ((Duty, Duty.code), (Reason, Reason.ordinal)):
        _fill(table, [{**row, "edition": version} for row in rows_of(table, base.version, order)])
    return made


def alone() -> CatalogueEdition | None:
    """The edition in force, while nobody else publishes one until this transaction ends."""
    session.execute(text(ALONE))
    newest = select(CatalogueEdition).order_by(CatalogueEdition.published_at.desc()).limit(1)
    return session.scalar(newest)


def rows_of(table: type[Any], version: str, order: Any) -> list[Row]:
    """The rows of an edition in a table."""
    query = select(table.__table__).where(table.edition == version).order_by(order)
    return [dict(row) for row in session.execute(query).mappings()]


def _after(before: CatalogueEdition | None) -> dt.datetime:
    """When an edition comes into force: now, and after the one before whatever the clock says."""
    return now() if before is None else max(now(), before.published_at + AT_ONCE)


def _edition(at: dt.datetime, **columns: Any) -> CatalogueEdition:
    made = CatalogueEdition(published_at=at, **columns)
    session.add(made)
    flush()
    return made


def _fill(table: type[Any], rows: list[Row]) -> None:
    if rows:
        session.execute(insert(table), rows)


def _rows(catalogue: Catalogue) -> Iterable[tuple[type[Any], list[Row]]]:
    """The tables in the order of their references, with their rows."""
    version = catalogue.version
    yield Category, [_category_row(version, i, c) for i, c in enumerate(catalogue.categories)]
    yield FilingCondition, [_condition_row(version, i, c) for i, c in enumerate(catalogue.conditions)]
    yield Duty, [{"edition": version, "code": d.code, "name_zh": d.zh, "name_en": d.en} for d in catalogue.duties]
    yield (
        Reason,
        [
            {"edition": version, "action": r.action, "code": r.code, "ordinal": i, "name_zh": r.zh, "name_en": r.en}
            for i, r in enumerate(catalogue.reasons)
        ],
    )


def _category_row(version: str, ordinal: int, category: Any) -> Row:
    return {
        "edition": version,
        "code": category.code,
        "parent_code": category.parent,
        "ordinal": ordinal,
        "name_zh": category.zh,
        "name_en": category.en,
        "photos_before": category.photos_before,
        "photos_after": category.photos_after,
        "self_handle": category.self_handle,
        "admitted": category.admitted,
        "sample_share": category.sample_share,
        "similar_radius_m": category.near_metres,
        "similar_hours": category.near_hours,
        "accuracy_m": category.accuracy_metres,
        "fields": [asdict(field) for field in category.fields],
        "severities": [asdict(level) for level in category.severities],
        "stop_notice_zh": category.stop.zh if category.stop else None,
        "stop_notice_en": category.stop.en if category.stop else None,
    }


def _condition_row(version: str, ordinal: int, condition: Any) -> Row:
    return {
        "edition": version,
        "code": condition.code,
        "category_code": condition.category,
        "ordinal": ordinal,
        "text_zh": condition.zh,
        "text_en": condition.en,
        "task_class": condition.service_class.value,
        "unit_code": condition.unit,
        "answer_amount": condition.answer.amount,
        "answer_unit": condition.answer.unit.value,
        "handle_amount": condition.handle.amount,
        "handle_unit": condition.handle.unit.value,
    }
