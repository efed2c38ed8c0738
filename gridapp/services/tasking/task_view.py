"""A task as JSON, in one shape for both doors: ``summary`` in lists, ``document`` with everything that happened.

The columns are gathered by one SQL text, so that the hot route can read them from the row that it just inserted.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gridapp.access import Principal
from gridapp.clocks import Lamp
from gridapp.db import hot, session
from gridapp.models import Task, TaskEvent, TaskPhoto
from gridapp.services import scope
from gridapp.services.editions import categories
from gridapp.services.ground.locate import CHAIN
from gridapp.services.moments import stamp
from gridapp.services.tasking import task_clocks
from gridapp.timesource import now

POST = """(
  select json_build_object('post', p.id, 'kind', p.kind, 'deputy', p.deputy, 'grid', pg.code, 'grid_name', pg.name,
                           'grid_name_en', pg.name_en, 'person', json_build_object('id', pp.id, 'name', pp.name))
  from post p join grid pg on pg.id = p.grid_id join person pp on pp.id = p.person_id
  where p.id = t.assignee_post_id)"""

COLUMNS = f"""
  t.id, t.number, t.version, t.stage, t.outcome, t.source, t.origin, t.origin_number, t.edition, t.category_code,
  t.condition_code, t.description, t.severity, t.fields,
  ST_X(t.geom) as lon, ST_Y(t.geom) as lat, t.accuracy, t.mock, t.raw_x, t.raw_y,
  t.raw_crs, t.address, t.located, t.nearest_m, t.self_handled, t.task_class, t.assigned_at, t.answer_due_at, t.due_at,
  t.yellow_at, t.returned_at, t.accepted_at, t.asked_due_at, t.held_at, t.review_on, t.rework_count, t.urge_count,
  t.score_speed, t.score_quality, t.satisfied, t.check_kind, t.check_result,
  t.master_id, t.duplicate_of, t.reported_at, t.received_at, t.fed_back_at, t.closed_at, t.boundary_id,
  {CHAIN.format(path="g.path", limit="true")} as chain,
  (select json_build_object('code', n.code, 'name', n.name, 'name_en', n.name_en) from grid n
   where n.id = t.nearest_grid_id) as nearest,
  (select json_build_object('id', r.id, 'name', r.name, 'role', r.role) from person r where r.id = t.reporter_id)
    as reporter,
  {POST} as post,
  (select json_build_object('unit', u.id, 'code', u.code, 'name', u.name, 'name_en', u.name_en) from unit u
   where u.id = t.assignee_unit_id) as unit,
  (select json_build_object('unit', u.id, 'code', u.code, 'name', u.name, 'name_en', u.name_en) from unit u
   where u.id = t.first_unit_id) as first_unit
"""

PHOTOS = """(
  select json_agg(json_build_object('sha256', tp.sha256, 'phase', tp.phase) order by e.seq, tp.ordinal)
  from task_photo tp join task_event e on e.id = tp.event_id where tp.task_id = t.id) as photos"""

# Who waits for the end of a task: reporters of it and of what was merged into it, each once; callers of the hotline and
# residents are no persons of ours and count each.
REPORTERS = """(
  with recursive tree as (
    select t.id, t.reporter_id, t.source, 0 as depth
    union all
    select m.id, m.reporter_id, m.source, tree.depth + 1 from tree join task m on m.master_id = tree.id
  )
  select count(distinct case when source in ('hotline', 'import', 'resident') or reporter_id is null then id
                             else reporter_id end) from tree) as reporters"""
ASSISTS = """(
  select json_build_object('open', count(*) filter (where a.outcome is null), 'all', count(*))
  from assist a where a.task_id = t.id) as assists"""
CHECKED = """(
  select json_build_object('id', x.id, 'number', x.number, 'description', x.description) from task x
  where x.id = t.check_of) as checked"""

SUMMARY = f"""
select {COLUMNS}, {PHOTOS}, {REPORTERS}, {ASSISTS}, {CHECKED} from {{source}} t join grid g on g.id = t.grid_id"""

_TIMES = (
    "reported_at",
    "received_at",
    "assigned_at",
    "answer_due_at",
    "due_at",
    "yellow_at",
    "accepted_at",
    "asked_due_at",
    "held_at",
    "returned_at",
    "fed_back_at",
    "closed_at",
)
_PLAIN = (
    "number",
    "version",
    "stage",
    "outcome",
    "source",
    "origin",
    "origin_number",
    "description",
    "severity",
    "fields",
    "address",
    "located",
    "self_handled",
    "rework_count",
    "urge_count",
    "satisfied",
)


def etag(version: int) -> str:
    """The strong ETag of a version, unquoted."""
    return str(version)


def summary(row: Any) -> dict[str, Any]:
    """A row of ``SUMMARY`` as JSON members."""
    r = dict(row)
    category = categories.facts(r["category_code"], r["edition"])
    chain = r["chain"] or []
    return {
        "id": str(r["id"]),
        **{name: r[name] for name in _PLAIN},
        "category": {
            "code": category.code,
            "version": category.edition,
            "name_zh": category.name_zh,
            "name_en": category.name_en,
        },
        "condition": _condition(category, r["condition_code"]),
        "location": _location(r),
        "grid": chain[-1] if r["located"] and chain else None,
        "chain": chain if r["located"] else [],
        "queue": None if r["located"] or not chain else chain[-1],
        "nearest": {**r["nearest"], "distance_m": r["nearest_m"]} if r["nearest"] else None,
        "boundary_version": r["boundary_id"],
        "reporter": r["reporter"],
        "assignee": r["post"] or r["unit"],
        "first_unit": r["first_unit"],
        "class": r["task_class"],
        **{name: stamp(r[name]) for name in _TIMES},
        "review_on": r["review_on"].isoformat() if r["review_on"] else None,
        "held": r["held_at"] is not None,
        "overdue": is_overdue(r["due_at"], r["outcome"], r["held_at"], r["fed_back_at"]),
        "lamp": lamp_of(r),
        "scores": {"speed": r["score_speed"], "quality": r["score_quality"]} if r["score_speed"] else None,
        "master": str(r["master_id"]) if r["master_id"] else None,
        "duplicate_of": str(r["duplicate_of"]) if r["duplicate_of"] else None,
        "photos": r["photos"] or [],
        "reporters": r.get("reporters", 1),
        "assists": r.get("assists") or {"open": 0, "all": 0},
        "check": _check(r),
    }


def _condition(category: categories.CategoryFacts, code: str | None) -> dict[str, Any] | None:
    """The filing condition that was chosen or, at the assignment, taken; None for a task that has none yet."""
    if code is None:
        return None
    chosen = category.chosen(code)
    return {"code": chosen.code, "class": chosen.task_class, "zh": chosen.zh, "en": chosen.en}


def _check(r: dict[str, Any]) -> dict[str, Any] | None:
    """Which task this one looks at on the spot, and what was found; None for a task that is no check."""
    if r["check_kind"] is None:
        return None
    return {"kind": r["check_kind"], "result": r["check_result"], "of": r.get("checked")}


def is_overdue(
    due: dt.datetime | None, outcome: str | None, held: dt.datetime | None, fed_back: dt.datetime | None
) -> bool:
    """Whether an open task is past its due time while its holder still has it; a hold stops the clock."""
    return due is not None and outcome is None and held is None and fed_back is None and due < now()


def lamp_of(r: Mapping[str, Any]) -> str | None:
    """The lamp of the present holder's clock: as it was when a hold began; none where no clock runs."""
    if r["due_at"] is None or r["outcome"] is not None or r["fed_back_at"] is not None:
        return None
    at = r["held_at"] or now()
    if at >= r["due_at"]:
        return Lamp.RED.value
    return (Lamp.YELLOW if r["yellow_at"] is not None and at >= r["yellow_at"] else Lamp.GREEN).value


OVERDUE = "(t.due_at < %(now)s and t.outcome is null and t.held_at is null and t.fed_back_at is null)"


def _location(r: dict[str, Any]) -> dict[str, Any] | None:
    if r["lon"] is None:
        return None
    return {
        "lon": r["lon"],
        "lat": r["lat"],
        "crs": "wgs84",
        "accuracy": r["accuracy"],
        "mock": r["mock"],
        "raw": {"x": r["raw_x"], "y": r["raw_y"], "crs": r["raw_crs"]},
    }


def by_id(who: Principal, task_id: uuid.UUID) -> dict[str, Any] | None:
    """Summary of a task in scope, or None."""
    rows = rows_of("t.id = %(id)s", who, {"id": task_id})
    return summary(rows[0]) if rows else None


def rows_of(where: str, who: Principal, params: dict[str, Any], tail: str = "") -> list[Any]:
    """Rows of ``SUMMARY`` in scope for a condition on ``t`` and ``g``."""
    result = session.connection().exec_driver_sql(_asked(where, who, tail), {**scope.params(who), **params})
    return list(result.mappings())


def committed_rows_of(where: str, who: Principal, params: dict[str, Any], tail: str = "") -> list[dict[str, Any]]:
    """The same of what is committed, for a route that only reads: planned once a connection, and no transaction."""
    with hot() as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_asked(where, who, tail), {**scope.params(who), **params}, prepare=True).fetchall()


def _asked(where: str, who: Principal, tail: str) -> str:
    guard = "true" if who.role == "system" else scope.TASK_SQL.format(grid="g", task="t")
    return f"{SUMMARY.format(source='task')} where {guard} and {where} {tail}"


def document(who: Principal, task: Task) -> dict[str, Any]:
    """The whole task: the summary with its events; ``actions`` are added by ``task_documents.document``."""
    session.flush()
    members = by_id(who, task.id)
    if members is None:  # the task has just left the asker's scope by their own act
        members = summary(rows_of("t.id = %(id)s", everywhere(who), {"id": task.id})[0])
    photos = session.scalars(select(TaskPhoto).where(TaskPhoto.task_id == task.id).order_by(TaskPhoto.ordinal)).all()
    events = session.scalars(
        select(TaskEvent)
        .where(TaskEvent.task_id == task.id)
        .order_by(TaskEvent.seq)
        .options(joinedload(TaskEvent.actor))
    ).all()
    members["events"] = [_event(event, [p for p in photos if p.event_id == event.id]) for event in events]
    members["clocks"] = task_clocks.clocks_of(members, task)
    members["holders"] = task_clocks.holders_of(events)
    return members


def everywhere(who: Principal) -> Principal:
    """The same person seeing everything: only for what is theirs by right, such as their own act."""
    return Principal(person_id=who.person_id, role="system", name=who.name, language=who.language)


def _event(event: TaskEvent, photos: list[TaskPhoto]) -> dict[str, Any]:
    actor = event.actor
    return {
        "id": str(event.id),
        "seq": event.seq,
        "action": event.action,
        "actor": {"id": str(actor.id), "name": actor.name, "role": event.actor_kind}
        if actor
        else {"role": event.actor_kind},
        "at": stamp(event.at),
        "device_at": stamp(event.device_at),
        "from": event.from_stage,
        "to": event.to_stage,
        "note": event.note,
        "reason": event.reason,
        "facts": event.facts,
        "changes": event.changes if event.seq > 1 else {},
        "photos": [{"sha256": photo.sha256, "phase": photo.phase} for photo in photos],
    }
