"""Tasks in lists: filters, most urgent or newest first, pages by cursor; counts by stage under the same filters."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import orjson

from gridapp.access import Principal
from gridapp.db import session
from gridapp.errors import invalid
from gridapp.services import scope
from gridapp.services.ground import locate
from gridapp.services.tasking import task_view
from gridapp.timesource import now
from gridapp.workflow import OUTCOMES, STAGES

MAX_LIMIT = 200
NEAR_M = 1000.0
VIEWS = ("mine", "grid", "near", "scope")


@dataclass(frozen=True)
class Filters:
    """What a list shows.

    Attributes:
        view: ``mine`` (held by me or reported by me), ``grid`` (in the grids of my posts), ``near`` (within a kilometre
            of ``lon``, ``lat``, nearest first), ``scope``.
        stage: one of the stages.
        outcome: an outcome, ``open`` (the default) or ``any``.
        category: a category or a major class of it.
        overdue: only those past their due time.
        located: False for the queue of tasks without a place.
        q: words in number, description, address or the order's own number; ``#12`` is the task of that number alone.
        grid: code of an area in scope.
        lon: degrees east for ``near``.
        lat: degrees north for ``near``.
        newest: the last filed one first, instead of the most urgent one; not for ``near``.
    """

    view: str = "scope"
    stage: str | None = None
    outcome: str = "open"
    category: str | None = None
    overdue: bool = False
    located: bool | None = None
    q: str | None = None
    grid: str | None = None
    lon: float | None = None
    lat: float | None = None
    newest: bool = False


# A phone whose clock is ahead must not sink its report to the end of the list.
_URGENT = "coalesce(t.due_at, least(t.reported_at, t.received_at))"


def find(who: Principal, filters: Filters, *, after: str | None = None, limit: int = 50) -> dict[str, Any]:
    """A page of tasks in scope.

    Returns:
        ``items`` (summaries; with ``distance_m`` for ``near``) and ``next``, a cursor or None.

    Raises:
        Problem: ``invalid`` naming the filter or the cursor.
    """
    where, values = conditions(who, filters)
    limit = max(1, min(limit, MAX_LIMIT))
    values["limit"] = limit + 1
    if filters.view == "near":
        values |= {"lon": filters.lon, "lat": filters.lat}
        where, order = _by_distance(where, values, after)
    elif filters.newest:
        where, order = _by_number(where, values, after)
    else:
        where, order = _by_urgency(where, values, after)
    rows = task_view.rows_of(where, who, values, f"order by {order} limit %(limit)s")
    items = [task_view.summary(row) for row in rows[:limit]]
    if filters.view == "near":
        for item in items:
            place = item["location"]
            item["distance_m"] = locate.metres(values["lon"], values["lat"], place["lon"], place["lat"])
    more = len(rows) > limit
    return {"items": items, "next": _cursor(filters, rows[limit - 1], values) if more else None}


def among(who: Principal, filters: Filters, ids: list[str]) -> list[dict[str, Any]]:
    """Those of these tasks that the filters show, most urgent first: for a screen that was told of changes."""
    where, values = conditions(who, filters)
    order = f"order by (t.outcome is not null), {_URGENT}, t.id"
    rows = task_view.rows_of(f"{where} and t.id = any(%(ids)s::uuid[])", who, {**values, "ids": ids}, order)
    return [task_view.summary(row) for row in rows]


def keys(who: Principal, filters: Filters, limit: int) -> list[dict[str, Any]]:
    """``id``, ``number`` and ``version`` of the tasks under the filters, most urgent first: what a batch is made of."""
    where, values = conditions(who, filters)
    guard = scope.TASK_SQL.format(grid="g", task="t")
    sql = (
        f"select t.id::text, t.number, t.version from task t join grid g on g.id = t.grid_id "
        f"where {guard} and {where} order by (t.outcome is not null), {_URGENT}, t.id limit %(limit)s"
    )
    rows = session.connection().exec_driver_sql(sql, {**values, **scope.params(who), "limit": limit})
    return [dict(row) for row in rows.mappings()]


def counts(who: Principal, filters: Filters) -> dict[str, int]:
    """How many tasks each stage has under the filters, the stage filter apart; and ``overdue``."""
    where, values = conditions(who, filters, stage=False)
    guard = scope.TASK_SQL.format(grid="g", task="t")
    sql = (
        f"select t.stage, count(*), count(*) filter (where {task_view.OVERDUE}) from task t "
        f"join grid g on g.id = t.grid_id where {guard} and {where} group by t.stage"
    )
    rows = session.connection().exec_driver_sql(sql, {**values, **scope.params(who)}).all()
    found = dict.fromkeys(STAGES, 0) | {stage: count for stage, count, _ in rows}
    return {**found, "overdue": sum(late for _, _, late in rows)}


def conditions(who: Principal, filters: Filters, *, stage: bool = True) -> tuple[str, dict[str, Any]]:
    """SQL condition on ``t`` and ``g`` with its parameters."""
    _check(filters)
    parts: list[str] = []
    values: dict[str, Any] = {"now": now()}
    if filters.outcome == "open":
        parts.append("t.outcome is null")
    elif filters.outcome != "any":
        parts.append("t.outcome = %(outcome)s")
        values["outcome"] = filters.outcome
    if stage and filters.stage:
        parts.append("t.stage = %(stage)s")
        values["stage"] = filters.stage
    if filters.category:
        parts.append(
            "(t.category_code = %(category)s or t.category_code in (select k.code from category k "
            "where k.parent_code = %(category)s))"
        )
        values["category"] = filters.category
    if filters.overdue:
        parts.append(task_view.OVERDUE)
    if filters.located is not None:
        parts.append("t.located" if filters.located else "not t.located")
    if filters.grid:
        parts.append("g.path && (select array_agg(a.id) from grid a where a.code = %(grid)s)")
        values["grid"] = filters.grid
    if filters.q:
        parts.append(_words(filters.q, values))
    parts.append(_view(who, filters.view, values))
    return " and ".join(parts), values


def _check(filters: Filters) -> None:
    if filters.view not in VIEWS:
        raise invalid(view=("unknown", f"One of: {', '.join(VIEWS)}.", f"可选：{'、'.join(VIEWS)}。"))
    if filters.stage is not None and filters.stage not in STAGES:
        raise invalid(stage=("unknown", f"One of: {', '.join(STAGES)}.", f"可选：{'、'.join(STAGES)}。"))
    if filters.outcome not in ("open", "any", *OUTCOMES):
        raise invalid(outcome=("unknown", "Not an outcome.", "没有此结果。"))
    if filters.view == "near" and (filters.lon is None or filters.lat is None):
        raise invalid(lon=("required", "near needs lon and lat.", "near 需要 lon 和 lat。"))


def _view(who: Principal, view: str, values: dict[str, Any]) -> str:
    if view == "mine":
        values |= {"me": who.person_id, "posts": list(who.post_ids), "unit": who.unit_id}
        return (
            "(t.assignee_post_id = any(%(posts)s::uuid[]) or t.assignee_unit_id = %(unit)s::uuid "
            "or t.reporter_id = %(me)s or t.id in (select a.task_id from assist a where a.unit_id = %(unit)s::uuid))"
        )
    if view == "grid":
        values["post_grids"] = list(who.post_grid_ids)
        return "g.path && %(post_grids)s::bigint[]"
    return "true"


def _words(q: str, values: dict[str, Any]) -> str:
    words = q.strip().lstrip("#")
    if q.strip().startswith("#") and _is_number(words):
        values["q_number"] = int(words)
        return "t.number = %(q_number)s"
    pattern = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values["q"] = f"%{pattern}%"
    found = "(t.description ilike %(q)s or t.address ilike %(q)s or t.origin_number = %(q_exact)s"
    values["q_exact"] = words
    if _is_number(words):
        values["q_number"] = int(words)
        found += " or t.number = %(q_number)s"
    return found + ")"


def _is_number(words: str) -> bool:
    return words.isdecimal() and words.isascii() and len(words) < 19  # noqa: PLR2004  # digits of a bigint


def _by_urgency(where: str, values: dict[str, Any], after: str | None) -> tuple[str, str]:
    order = f"(t.outcome is not null), {_URGENT}, t.id"
    if after is None:
        return where, order
    closed, at, last = _read(after, 3)
    values |= {"a_closed": bool(closed), "a_at": _moment(at), "a_id": _uuid(last)}
    return f"{where} and ((t.outcome is not null), {_URGENT}, t.id) > (%(a_closed)s, %(a_at)s, %(a_id)s)", order


def _by_number(where: str, values: dict[str, Any], after: str | None) -> tuple[str, str]:
    if after is None:
        return where, "t.number desc"
    (last,) = _read(after, 1)
    if not isinstance(last, int):
        raise invalid(after=_BAD_CURSOR)
    values["a_number"] = last
    return f"{where} and t.number < %(a_number)s", "t.number desc"


def _by_distance(where: str, values: dict[str, Any], after: str | None) -> tuple[str, str]:
    distance = "ST_DistanceSphere(t.geom, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326))"
    where = f"{where} and ST_DWithin(t.geom, ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326), %(degrees)s)"
    where = f"{where} and {distance} <= %(near)s"
    values |= {"near": NEAR_M, "degrees": locate.degrees(NEAR_M, values["lat"])}
    order = f"{distance}, t.id"
    if after is None:
        return where, order
    far, last = _read(after, 2)
    values |= {"a_far": float(far), "a_id": _uuid(last)}
    return f"{where} and ({distance}, t.id) > (%(a_far)s, %(a_id)s)", order


def _cursor(filters: Filters, row: Any, values: dict[str, Any]) -> str:
    if filters.view == "near":
        place = "ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)"
        sql = f"select ST_DistanceSphere(t.geom, {place}) from task t where t.id = %(id)s"
        params = {"lon": values["lon"], "lat": values["lat"], "id": row["id"]}
        parts: list[Any] = [session.connection().exec_driver_sql(sql, params).scalar_one(), str(row["id"])]
    elif filters.newest:
        parts = [row["number"]]
    else:
        at = row["due_at"] or min(row["reported_at"], row["received_at"])
        parts = [row["outcome"] is not None, at.isoformat(), str(row["id"])]
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


_BAD_CURSOR = ("unknown", "Send the cursor as it was answered, or none.", "请原样发送游标，或不发送。")


def _read(cursor: str, size: int) -> list[Any]:
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise invalid(after=_BAD_CURSOR) from error
    if not isinstance(parts, list) or len(parts) != size or not isinstance(parts[0], bool | int | float):
        raise invalid(after=_BAD_CURSOR)
    return parts


def _moment(text: Any) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(str(text))
    except ValueError as error:
        raise invalid(after=_BAD_CURSOR) from error
    if moment.tzinfo is None:
        raise invalid(after=_BAD_CURSOR)
    return moment


def _uuid(text: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(text))
    except ValueError as error:
        raise invalid(after=_BAD_CURSOR) from error
