"""The catalogue in the database: editions are published once and never change; phones read the one in force."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import insert, select

from gridapp.access import Principal
from gridapp.catalogue import Catalogue
from gridapp.catalogue.initials import initials
from gridapp.db import flush, session
from gridapp.errors import Problem
from gridapp.models import CatalogueEdition, Category, Duty, FilingCondition, Reason
from gridapp.services.admission.rules import Held, admitted_for
from gridapp.timesource import now

Row = dict[str, Any]
SHAPE = 4
"""Counts how the phones' document is made: the same edition in another form has another entity tag."""


@dataclass(frozen=True)
class Document:
    """An edition as the phones read it: JSON text and its entity tag, quotes left out."""

    body: bytes
    etag: str


def publish(catalogue: Catalogue) -> CatalogueEdition:
    """Bring an edition into force; the same content again is the edition that is there.

    Raises:
        Problem: ``conflict`` where other content was published under this version.
    """
    content_hash = hashlib.sha256(orjson.dumps(catalogue)).hexdigest()
    known = session.scalar(select(CatalogueEdition).where(CatalogueEdition.content_hash == content_hash))
    if known is not None:
        return known
    if session.get(CatalogueEdition, catalogue.version) is not None:
        why = (
            f"version {catalogue.version} is published with other content; give the change a version of its own",
            f"版本 {catalogue.version} 已发布且内容不同，请为更改使用新的版本号",
        )
        raise Problem("conflict", why=why)
    made = CatalogueEdition(
        version=catalogue.version, standard=catalogue.standard, content_hash=content_hash, published_at=now()
    )
    session.add(made)
    flush()
    for table, rows in _rows(catalogue):
        if rows:
            session.execute(insert(table), rows)
    return made


def current() -> CatalogueEdition:
    """The edition in force.

    Raises:
        Problem: ``not_found`` where none was ever published.
    """
    newest = session.scalar(select(CatalogueEdition).order_by(CatalogueEdition.published_at.desc()).limit(1))
    if newest is None:
        raise Problem("not_found")
    return newest


def edition(version: str) -> CatalogueEdition:
    """An edition by its version.

    Raises:
        Problem: ``not_found``.
    """
    found = session.get(CatalogueEdition, version)
    if found is None:
        raise Problem("not_found")
    return found


def document(of: CatalogueEdition, who: Principal) -> Document:
    """An edition for the phone of a person, with the admissions that hold in their areas now; made once a process."""
    return _document(of.version, of.standard, of.content_hash, admitted_for(who))


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


@lru_cache(maxsize=64)
def _document(version: str, standard: str, content_hash: str, decided: tuple[Held, ...]) -> Document:
    whole = {
        "version": version,
        "standard": standard,
        "categories": _tree(version, {held.category: held for held in decided}),
        "duties": [{"code": d.code, **_names(d)} for d in _all(Duty, version, Duty.code)],
        "reasons": _reasons(version),
    }
    area = f"-{hashlib.sha256(orjson.dumps(decided)).hexdigest()[:16]}" if decided else ""
    return Document(orjson.dumps(whole), f"{content_hash[:32]}-{SHAPE}{area}")


def _tree(version: str, decided: dict[str, Held]) -> list[Row]:
    conditions: dict[str, list[Row]] = defaultdict(list)
    for condition in _all(FilingCondition, version, FilingCondition.ordinal):
        conditions[condition.category_code].append(_condition(condition))
    nodes: dict[str | None, list[Row]] = defaultdict(list)
    for category in _all(Category, version, Category.ordinal):
        nodes[category.parent_code].append(_category(category, conditions[category.code], decided))
    for siblings in list(nodes.values()):
        for node in siblings:
            node["children"] = nodes.get(node["code"], [])
    return nodes[None]


def _all(table: type[Any], version: str, order: Any) -> Iterable[Any]:
    return session.scalars(select(table).where(table.edition == version).order_by(order))


def _names(row: Any) -> Row:
    return {"name": {"zh": row.name_zh, "en": row.name_en}}


def _category(category: Category, conditions: list[Row], decided: dict[str, Held]) -> Row:
    """A class with its conditions; class and limits of the first hold where nobody chose another.

    ``admitted_in`` lists areas of the scope for which it was decided: of those in the chain of a place the deepest
    holds, and ``admitted`` where none of them is in it.
    """
    held = decided.get(category.code)
    first = conditions[0] if conditions else {}
    stop = {"zh": category.stop_notice_zh, "en": category.stop_notice_en} if category.stop_notice_zh else None
    return {
        "code": category.code,
        **_names(category),
        "initials": initials(category.name_zh),
        "class": first.get("class"),
        "limits": first.get("limits"),
        "conditions": conditions,
        "photos": {"before": category.photos_before, "after": category.photos_after},
        "self_handle": category.self_handle,
        "admitted": category.admitted if held is None or held.own is None else held.own,
        "admitted_in": [{"grid": code, "admitted": admitted} for code, admitted in held.elsewhere] if held else [],
        "similar": {"metres": category.similar_radius_m, "hours": category.similar_hours},
        "accuracy_m": category.accuracy_m,
        "fields": [_field(field) for field in category.fields],
        "severities": [_choice(level) for level in category.severities],
        "stop_notice": stop,
    }


def _condition(condition: FilingCondition) -> Row:
    return {
        "code": condition.code,
        "text": {"zh": condition.text_zh, "en": condition.text_en},
        "class": condition.task_class,
        "unit": condition.unit_code,
        "limits": {
            "answer": {"amount": condition.answer_amount, "unit": condition.answer_unit},
            "handle": {"amount": condition.handle_amount, "unit": condition.handle_unit},
        },
    }


def _field(field: Row) -> Row:
    return {
        "key": field["key"],
        "type": field["type"],
        "name": {"zh": field["zh"], "en": field["en"]},
        "required": field["required"],
        "choices": [_choice(choice) for choice in field["choices"]],
    }


def _choice(choice: Row) -> Row:
    return {"code": choice["code"], "name": {"zh": choice["zh"], "en": choice["en"]}}


def _reasons(version: str) -> dict[str, list[Row]]:
    by_action: dict[str, list[Row]] = defaultdict(list)
    for reason in _all(Reason, version, Reason.ordinal):
        by_action[reason.action].append({"code": reason.code, **_names(reason)})
    return by_action
