"""The catalogue as phones read it: editions never change, and the newest is in force."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import select

from gridapp.access import Principal
from gridapp.catalogue.initials import initials
from gridapp.db import session
from gridapp.errors import Problem
from gridapp.models import CatalogueEdition, Category, Duty, FilingCondition, Reason
from gridapp.services.admission.rules import Held, admitted_for

Row = dict[str, Any]
SHAPE = 4
"""Counts how the phones' document is made: the same edition in another form has another entity tag."""


@dataclass(frozen=True)
class Document:
    """An edition as the phones read it: JSON text and its entity tag, quotes left out."""

    body: bytes
    etag: str


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
