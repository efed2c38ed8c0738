"""The statements that file reports: they find the whole grid chain, write task, event and photos, and answer.

``FILE`` serves the report that lies in a grid whose present boundary held already when it was reported, and that names
no duplicate: nearly all. It files nothing else; then ``FILE_ANYHOW`` does, which also knows the boundary of that
time, the nearest grid and the duplicate. A plan with all of that in it costs every report more than its own work.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from gridapp.access import PERMISSIONS, WORKER, Principal
from gridapp.models import Task
from gridapp.services import auth
from gridapp.services.editions import categories
from gridapp.services.ground import locate
from gridapp.services.reporting import report_rules
from gridapp.services.statement import Statement
from gridapp.services.tasking import task_view

REPORT = {
    "id": "uuid",
    "event": "uuid",
    "edition": "text",
    "category": "text",
    "condition_code": "text",
    "task_class": "text",
    "description": "text",
    "severity": "text",
    "fields": "jsonb",
    "lon": "float8",
    "lat": "float8",
    "raw_x": "float8",
    "raw_y": "float8",
    "raw_crs": "text",
    "accuracy": "float8",
    "mock": "bool",
    "address": "text",
    "reported_at": "timestamptz",
    "at": "timestamptz",
    "photos": "text[]",
    "phases": "text[]",
    "hash": "bytea",
    "facts": "jsonb",
}
"""What each report gives."""

_HANDLED = {
    "action": "text",
    "stage": "text",
    "note": "text",
    "self_handled": "bool",
    "post": "uuid",
    "handler": "uuid",
    "handlers": "uuid[]",
    "handled_at": "timestamptz",
}
_REPORTER = {"reporter": "uuid", "role": "text", "source": "text", "scope_grid": "bigint"}
_KNOWN = {
    **REPORT,
    **_HANDLED,
    **_REPORTER,
    "duplicate_of": "uuid",
    "scope_ids": "bigint[]",
    "own_grids": "bigint[]",
    "far_m": "float8",
}

_POINT = "place.p"
_PLACE = """cross join lateral (
    select case when a.lon is not null then ST_SetSRID(ST_MakePoint(a.lon, a.lat), 4326) end as p offset 0) place"""
_NO_NEAREST = "null::bigint as nearest_id, null::float8 as metres"


def _held(leaf: str) -> str:
    """A lateral join to the grid that holds the place now, where its boundary held when it was reported."""
    return f"""cross join lateral (
    select b.id as boundary_id, b.grid_id, g.path from boundary b join grid g on g.id = b.grid_id
    where b.id = {leaf} and (b.during @> a.reported_at) is true limit 1) held"""


_SPOT = f"""
spot as materialized (
  select a.*, place.p, held.boundary_id, held.grid_id, {_NO_NEAREST}, null::uuid as duplicate
  from asked a {_PLACE} {_held(locate.leaf_sql(_POINT, "a.at"))}
  where a.duplicate_of is null
)"""

_SPOT_ANYHOW = f"""
spot as materialized (
  select a.*, place.p, held.boundary_id, held.grid_id, near.grid_id as nearest_id, near.metres,
    (select d.id from task d join grid dg on dg.id = d.grid_id
     where d.id = a.duplicate_of and dg.path && a.scope_ids) as duplicate
  from asked a {_PLACE}
  left join lateral (
    select b.grid_id,
      case when b.during @> a.reported_at then b.id else {locate.leaf_sql(_POINT, "a.reported_at")} end as boundary_id
    from boundary b where b.id = {locate.leaf_sql(_POINT, "a.at")} limit 1) held on true
  left join lateral {locate.nearest_sql(_POINT, "a.at", "parent_id is null")} near
    on place.p is not null and held.grid_id is null
)"""

# For tokens: only in group grids, a worker's only in the own one, so that neither other levels nor metres are planned,
# and only under the edition that the phone names or that is in force, which nobody has asked for before.
# What the statement takes from the person whom it finds, and what is the same for all that it files.
_SPOT_SIGNED = f"""
spot as materialized (
  select a.*, place.p, held.boundary_id, held.grid_id, {_NO_NEAREST}, null::uuid as duplicate,
    who.person_id as reporter, who.role, who.role as source, who.scope_grid_id as scope_grid,
    'report' as action, 'report' as stage, null as note, false as self_handled, null::uuid as post,
    null::uuid as handler, '{{}}'::uuid[] as handlers, null::timestamptz as handled_at
  from asked a join who on who.nth = a.nth {_PLACE} {_held(locate.group_sql(_POINT, "a.at"))}
  where who.role = any('{{{",".join(PERMISSIONS["task.report"])}}}')
    and coalesce(who.minute_hits, 0) <= a.per_minute and coalesce(who.second_hits, 0) <= a.per_second
    and (who.role <> '{WORKER}' or who.grids is null or held.path && who.grids)
    and (a.edition_said or a.edition = {categories.IN_FORCE})
)"""

_WRITE = """,
filed as (
  insert into task (id, version, stage, source, edition, category_code, condition_code, task_class,
    description, severity, fields, geom, raw_x, raw_y, raw_crs, accuracy, mock, address, grid_id, boundary_id, located,
    nearest_grid_id, nearest_m, reporter_id, duplicate_of, self_handled, assignee_post_id, handlers, fed_back_by,
    fed_back_at, reported_at, received_at)
  select id, 1, stage, source, edition, category, condition_code, task_class, description, severity, fields,
    p, raw_x, raw_y, raw_crs, accuracy, mock, address, coalesce(grid_id, scope_grid), boundary_id, grid_id is not null,
    nearest_id, round(metres::numeric, 1), reporter, duplicate, self_handled, post, handlers, handler, handled_at,
    reported_at, at
  from spot order by id
  on conflict (id) do nothing
  returning *
),
told as (
  insert into task_event (id, task_id, seq, action, actor_id, actor_kind, at, device_at, geom, to_stage, note,
    content_hash, facts, changes)
  select a.event, filed.id, 1, a.action, a.reporter, a.role, a.at, a.reported_at, filed.geom, filed.stage,
    a.note, a.hash, {facts}, to_jsonb(plain) || jsonb_build_object('geom', {geom})
  from filed join spot a on a.id = filed.id cross join lateral (select {plain}) plain
),
shown as (
  insert into task_photo (task_id, event_id, ordinal, sha256, phase)
  select a.id, a.event, p.n - 1, p.sha256, p.phase
  from filed join spot a on a.id = filed.id
  cross join unnest(a.photos, a.phases) with ordinality as p (sha256, phase, n)
)
select {columns}, t.number, t.located, t.boundary_id, t.nearest_m, t.duplicate_of, {chain} as chain,
  (select json_build_object('code', n.code, 'name', n.name, 'name_en', n.name_en) from grid n
   where n.id = t.nearest_grid_id) as nearest,
  {post} as post,
  (select array_agg(f.sha256) from photo f where f.sha256 = any(a.photos)) as here,
  (select array_agg(u.sha256) from photo_upload u
   where u.sha256 = any(a.photos) and u.person_id = t.reporter_id) as own,
  t.stage = 'report' and (exists (select from routing_rule where enabled)
    or exists (select from category_routing c where c.to_worker and c.category_code = t.category_code)) as by_rule
from {asked} {filed}
"""
_FILED = (
    "{how} join filed t on t.id = a.id left join lateral (select path from grid where id = t.grid_id limit 1) g on true"
)


# What the event says of the row. A geometry made to JSON by PostGIS looks its reference system up each time.
_PLAIN = ", ".join(
    f"filed.{column.name}" for column in Task.__table__.columns if column.name not in ("geom", "version")
)
_GEOM = """case when filed.geom is not null then jsonb_build_object(
      'type', 'Point', 'coordinates', jsonb_build_array(ST_X(filed.geom), ST_Y(filed.geom))) end"""


# A worker's report from outside of the own grid says how far; inside, nothing is measured.
_FACTS = """case when a.own_grids is null or filed.geom is null or exists (
      select from grid og where og.id = filed.grid_id and og.path && a.own_grids) then a.facts
    else coalesce(a.facts, '{}') || (
      select jsonb_build_object('far_m', round(min(ST_Distance(ob.geom::geography, filed.geom::geography))),
        'far', coalesce(min(ST_Distance(ob.geom::geography, filed.geom::geography)) > a.far_m, false))
      from boundary ob where ob.grid_id = any(a.own_grids) and ob.during @> a.at) end"""


def _text(spot: str, **members: str) -> str:
    chain = locate.CHAIN.format(path="g.path", limit="true")
    return spot + _WRITE.format_map({"chain": chain, "geom": _GEOM, "plain": _PLAIN, **members})


def _known(spot: str) -> Statement:
    """For a reporter who is known already: a row where it was filed."""
    filed = _FILED.format(how="")
    members = {"columns": "a.nth", "asked": "asked a", "filed": filed, "post": task_view.POST, "facts": _FACTS}
    return Statement(_KNOWN, ", " + _text(spot, **members))


def _signed() -> Statement:
    """For tokens: a row where it is alive, with nothing but the person in it where nothing was filed."""
    asked, filed = "asked a join who on who.nth = a.nth", _FILED.format(how="left")
    members = {"columns": auth.COLUMNS, "asked": asked, "filed": filed, "post": "null::json", "facts": "a.facts"}
    columns = {**auth.TOKEN, **REPORT, "edition_said": "bool", "per_minute": "int", "per_second": "int"}
    return Statement(columns, f", {auth.SIGNED}, {_text(_SPOT_SIGNED, **members)}")


FILE = _known(_SPOT)
FILE_ANYHOW = _known(_SPOT_ANYHOW)
FILE_SIGNED = _signed()


def file_row(connection: Connection[Any], values: Mapping[str, Any]) -> dict[str, Any] | None:
    """File a report; None where its id is there already.

    Args:
        connection: in autocommit.
        values: the parameters of the statement.

    Returns:
        The members that the database added: number, chain, boundary and the like.
    """
    return FILE.row(connection, values) or FILE_ANYHOW.row(connection, values)


def task_row(who: Principal, values: Mapping[str, Any], filed: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the task just filed as ``task_view.summary`` reads them, without reading them back."""
    photos = [{"sha256": s, "phase": p} for s, p in zip(values["photos"], values["phases"], strict=True)]
    return {
        **dict.fromkeys(_NOTHING_YET),
        **dict.fromkeys(_COUNTS, 0),
        **{name: values[name] for name in _AS_SENT},
        **filed,
        "version": 1,
        "category_code": values["category"],
        "fields": values["fields"].obj,
        "fed_back_at": values["handled_at"],
        "received_at": values["at"],
        "reporter": {"id": str(who.person_id), "name": who.name, "role": who.role},
        "photos": photos,
    }


_NOTHING_YET = (
    "outcome",
    "origin",
    "origin_number",
    "unit",
    "assigned_at",
    "answer_due_at",
    "due_at",
    "yellow_at",
    "accepted_at",
    "asked_due_at",
    "held_at",
    "review_on",
    "returned_at",
    "first_unit",
    "score_speed",
    "score_quality",
    "satisfied",
    "master_id",
    "closed_at",
    "check_kind",
    "check_result",
)
_COUNTS = ("rework_count", "urge_count")
_AS_SENT = (
    "id",
    "stage",
    "source",
    "edition",
    "condition_code",
    "task_class",
    "description",
    "severity",
    "lon",
    "lat",
    "raw_x",
    "raw_y",
    "raw_crs",
    "accuracy",
    "mock",
    "address",
    "self_handled",
    "reported_at",
)


def missing_of(who: Principal, values: Mapping[str, Any], filed: Mapping[str, Any]) -> list[str]:
    """Photos that are not here for the reporter: those seen only through another task are looked up apart."""
    here, own = set(filed["here"] or ()), set(filed["own"] or ())
    away = set(values["photos"]) - here
    unsure = sorted(here - own)
    return sorted(away | set(report_rules.missing(who, unsure) if unsure else ()))
