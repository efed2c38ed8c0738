"""The statement that files a report: it finds the whole grid chain, writes task, event and photos, and answers.

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
from gridapp.services import auth, locate, report_rules, task_view
from gridapp.services.statement import Statement

_POINT = "place.p"

_PLACE = """
place as (select case when %(lon)s::float8 is null then null
                      else ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) end as p)"""
_HELD = f"""{_PLACE},
leaf as (select {locate.leaf_sql(_POINT, "%(at)s")} as boundary_now from place)"""

_SPOT = """,
spot as (
  select b.id as boundary_id, b.grid_id, null::bigint as nearest_id, null::float8 as metres
  from leaf join boundary b on b.id = leaf.boundary_now
  where (b.during @> %(reported_at)s::timestamptz) is true and %(duplicate_of)s::uuid is null
)"""
# For a token: only in group grids, a worker's only in the own one, so that neither other levels nor metres are planned.
_SPOT_SIGNED = f"""{_PLACE},
leaf as (select {locate.group_sql(_POINT, "%(at)s")} as boundary_now from place),
spot as (
  select b.id as boundary_id, b.grid_id, null::bigint as nearest_id, null::float8 as metres
  from leaf join boundary b on b.id = leaf.boundary_now join grid g on g.id = b.grid_id cross join who
  where (b.during @> %(reported_at)s::timestamptz) is true and who.role = any(%(roles)s)
    and coalesce(who.minute_hits, 0) <= %(per_minute)s and coalesce(who.second_hits, 0) <= %(per_second)s
    and (who.role <> '{WORKER}' or who.grids is null or g.path && who.grids)
)"""

_SPOT_ANYHOW = f"""{_HELD},
held as (
  select b.grid_id,
    case when b.during @> %(reported_at)s::timestamptz then b.id
         else (select {locate.leaf_sql(_POINT, "%(reported_at)s::timestamptz")} from place) end as boundary_id
  from leaf join boundary b on b.id = leaf.boundary_now
),
near as (
  select n.grid_id, n.metres from place cross join lateral {locate.nearest_sql(_POINT, "%(at)s", "parent_id is null")} n
  where place.p is not null and not exists (select 1 from held)
),
spot as (
  select held.boundary_id, held.grid_id, near.grid_id as nearest_id, near.metres
  from place left join held on true left join near on true
)"""

_DUPLICATE = """(select d.id from task d join grid dg on dg.id = d.grid_id
     where d.id = %(duplicate_of)s and dg.path && %(scope_ids)s::bigint[])"""

_WRITE = """,
filed as (
  insert into task (id, version, stage, source, edition, category_code, condition_code, task_class,
    description, severity, fields, geom, raw_x, raw_y, raw_crs, accuracy, mock, address, grid_id, boundary_id, located,
    nearest_grid_id, nearest_m, reporter_id, duplicate_of, self_handled, assignee_post_id, handlers, fed_back_by,
    fed_back_at, reported_at, received_at)
  select %(id)s, 1, %(stage)s, %(source)s, %(edition)s, %(category)s, %(condition_code)s, %(task_class)s,
    %(description)s, %(severity)s, %(fields)s,
    place.p, %(raw_x)s, %(raw_y)s, %(raw_crs)s, %(accuracy)s, %(mock)s, %(address)s,
    coalesce(spot.grid_id, %(scope_grid)s), spot.boundary_id, spot.grid_id is not null, spot.nearest_id,
    round(spot.metres::numeric, 1), %(reporter)s, {duplicate},
    %(self_handled)s, %(post)s, %(handlers)s::uuid[], %(handler)s, %(handled_at)s, %(reported_at)s, %(at)s
  from place cross join spot
  on conflict (id) do nothing
  returning *
),
told as (
  insert into task_event (id, task_id, seq, action, actor_id, actor_kind, at, device_at, geom, to_stage, note,
    content_hash, facts, changes)
  select %(event)s, filed.id, 1, %(action)s, %(reporter)s, %(role)s, %(at)s, %(reported_at)s, filed.geom, filed.stage,
    %(note)s, %(hash)s, {facts}, to_jsonb(plain) || jsonb_build_object('geom', {geom})
  from filed cross join lateral (select {plain}) plain
),
shown as (
  insert into task_photo (task_id, event_id, ordinal, sha256, phase)
  select filed.id, %(event)s, p.n - 1, p.sha256, p.phase
  from filed cross join unnest(%(photos)s::text[], %(phases)s::text[]) with ordinality as p (sha256, phase, n)
)
select t.number, t.located, t.boundary_id, t.nearest_m, t.duplicate_of, {chain} as chain,
  (select json_build_object('code', n.code, 'name', n.name, 'name_en', n.name_en) from grid n
   where n.id = t.nearest_grid_id) as nearest,
  {post} as post,
  (select array_agg(f.sha256) from photo f where f.sha256 = any(%(photos)s::text[])) as here,
  (select array_agg(u.sha256) from photo_upload u
   where u.sha256 = any(%(photos)s::text[]) and u.person_id = %(reporter)s) as own,
  t.stage = 'report' and (exists (select from routing_rule where enabled)
    or exists (select from category_routing c where c.to_worker and c.category_code = t.category_code)) as by_rule
"""
_FROM = "from filed t join grid g on g.id = t.grid_id"


# What the event says of the row. A geometry made to JSON by PostGIS looks its reference system up each time.
_PLAIN = ", ".join(
    f"filed.{column.name}" for column in Task.__table__.columns if column.name not in ("geom", "version")
)
_GEOM = """case when filed.geom is not null then jsonb_build_object(
      'type', 'Point', 'coordinates', jsonb_build_array(ST_X(filed.geom), ST_Y(filed.geom))) end"""


# A worker's report from outside of the own grid says how far; inside, nothing is measured.
_FACTS = """case when %(own_grids)s::bigint[] is null or filed.geom is null or exists (
      select from grid og where og.id = filed.grid_id and og.path && %(own_grids)s::bigint[]) then %(facts)s::jsonb
    else coalesce(%(facts)s::jsonb, '{}') || (
      select jsonb_build_object('far_m', round(min(ST_Distance(ob.geom::geography, filed.geom::geography))),
        'far', coalesce(min(ST_Distance(ob.geom::geography, filed.geom::geography)) > %(far_m)s, false))
      from boundary ob where ob.grid_id = any(%(own_grids)s::bigint[]) and ob.during @> %(at)s) end"""


def _text(spot: str, duplicate: str, post: str = task_view.POST, facts: str = _FACTS) -> str:
    chain = locate.CHAIN.format(path="g.path", limit="true")
    members = {"duplicate": duplicate, "chain": chain, "post": post, "geom": _GEOM, "plain": _PLAIN, "facts": facts}
    return spot + _WRITE.format_map(members)


# What the statement for a token takes from the person whom it finds, and what is the same for all that it files.
_OF_WHO = {
    "reporter": "(select person_id from who)",
    "role": "(select role from who)",
    "source": "(select role from who)",
    "scope_grid": "(select scope_grid_id from who)",
    "action": "'report'",
    "stage": "'report'",
    "note": "null",
    "self_handled": "false",
    "post": "null::uuid",
    "handler": "null::uuid",
    "handlers": "'{}'",
    "handled_at": "null::timestamptz",
    "phases": "array_fill('before'::text, array[cardinality(%(photos)s::text[])])",
    "roles": f"'{{{','.join(PERMISSIONS['task.report'])}}}'::text[]",
}


def _signed() -> Statement:
    """``FILE`` for a token: one row where it is alive, with nothing but the person in it where nothing was filed."""
    text = _text(_SPOT_SIGNED, "null", "null::json", "%(facts)s::jsonb")
    for name, of_who in _OF_WHO.items():
        text = text.replace(f"%({name})s", of_who)
    return Statement(
        f"with {auth.SIGNED}, {text}, {auth.COLUMNS} from who left join ({_FROM.removeprefix('from ')}) on true"
    )


FILE = Statement(f"with {_text(_HELD + _SPOT, 'null')} {_FROM}")
FILE_ANYHOW = Statement(f"with {_text(_SPOT_ANYHOW, _DUPLICATE)} {_FROM}")
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
