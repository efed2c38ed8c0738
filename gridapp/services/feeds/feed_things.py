"""The things that the feed speaks of, as the reader may see them: upserts of what is in scope, removals of the rest."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from gridapp.access import Principal
from gridapp.db import session
from gridapp.models import CatalogueEdition, Grid, Post
from gridapp.services import moments, scope
from gridapp.services.editions import catalogue
from gridapp.services.field import alarms, stops
from gridapp.services.scope import in_scope
from gridapp.services.tasking import task_view
from gridapp.services.words import reading
from gridapp.timesource import now

if TYPE_CHECKING:
    from gridapp.services.feeds.feed_cursor import Cursor

Things = dict[str, dict[str, Any]]


def _tasks(who: Principal, keys: Iterable[str]) -> Things:
    rows = task_view.rows_of("t.id = any(%(ids)s::uuid[])", who, {"ids": list(keys)})
    return {str(row["id"]): task_view.summary(row) for row in rows}


def _posts(who: Principal, keys: Iterable[str]) -> Things:
    query = select(Post).where(Post.id.in_([uuid.UUID(key) for key in keys]), in_scope(Post.grid_id, who))
    found = session.scalars(query.options(joinedload(Post.person), joinedload(Post.grid)))
    return {str(post.id): post_thing(post) for post in found}


def post_thing(post: Post) -> dict[str, Any]:
    """A post as the feed shows it."""
    return {
        "id": str(post.id),
        "kind": post.kind,
        "deputy": post.deputy,
        "grid": post.grid.code,
        "person": {"id": str(post.person.id), "name": post.person.name},
        "from": moments.stamp(post.during.lower),
        "until": moments.stamp(post.during.upper),
        "held": post.during.contains(now()),
    }


def _grids(who: Principal, keys: Iterable[str]) -> Things:
    found = session.scalars(select(Grid).where(Grid.id.in_([int(key) for key in keys]), in_scope(Grid.id, who)))
    return {str(grid.id): grid_thing(grid) for grid in found}


def grid_thing(grid: Grid) -> dict[str, Any]:
    """A grid as the feed shows it; its polygon is fetched with the map."""
    return {
        "code": grid.code,
        "name": grid.name,
        "name_en": grid.name_en,
        "level": grid.level,
        "kind": grid.kind,
        "households": grid.households,
        "retired_at": moments.stamp(grid.retired_at),
    }


def _catalogues(who: Principal, keys: Iterable[str]) -> Things:
    """Editions with the entity tag of the reader's document: another one where what is admitted in the area changed."""
    found = session.scalars(select(CatalogueEdition).where(CatalogueEdition.version.in_(list(keys))))
    return {
        row.version: {"version": row.version, "standard": row.standard, "etag": catalogue.document(row, who).etag}
        for row in found
    }


def _notices(who: Principal, keys: Iterable[str]) -> Things:
    return {str(message.id): notice_thing(message) for message in reading.by_ids(who, map(int, keys))}


def notice_thing(message: reading.Message) -> dict[str, Any]:
    """A message as the feed shows it: notices of one batch are one; ``words`` say it in both languages."""
    return {
        "id": message.id,
        "kind": message.kind,
        "task": str(message.tasks[0]) if message.tasks else None,
        "tasks": [str(task) for task in message.tasks],
        "params": message.params,
        "words": message.in_both(),
        "at": moments.stamp(message.at),
        "read_at": moments.stamp(message.read_at),
        "overtaken": message.alive == 0,
    }


def _alarms(who: Principal, keys: Iterable[str]) -> Things:
    return alarms.by_ids(who, [uuid.UUID(key) for key in keys])


def _stops(who: Principal, keys: Iterable[str]) -> Things:
    return stops.by_ids(who, [uuid.UUID(key) for key in keys])


READERS: dict[str, Callable[[Principal, Iterable[str]], Things]] = {
    "task": _tasks,
    "post": _posts,
    "grid": _grids,
    "catalogue": _catalogues,
    "notice": _notices,
    "alarm": _alarms,
    "stop": _stops,
}


def shown(who: Principal, rows: list[list[Any]]) -> list[dict[str, Any]]:
    """Rows ``[id, kind, key, grid, old grid, person, old holder]`` of the log as upserts and removals, each thing once.

    A thing outside the scope is removed with ``out_of_scope`` only where it was in scope before; of the rest nothing
    is said, not even that it exists.
    """
    latest = {(row[1], row[2]): row for row in reversed(rows)}
    found = {
        kind: read(who, [key for k, key in latest if k == kind])
        for kind, read in READERS.items()
        if any(k == kind for k, _ in latest)
    }
    before = _grids_in_scope(who, {row[4] for row in rows if row[4] is not None})
    holders = {str(holder) for holder in (*who.post_ids, who.unit_id)}
    left = {(row[1], row[2]) for row in rows if row[4] in before or row[6] in holders}
    out: list[dict[str, Any]] = []
    for kind, key in reversed(latest):
        if kind not in READERS:
            continue
        thing = found[kind].get(key)
        if thing is not None and (thing.get("retired_at") or thing.get("overtaken")):
            out.append({"op": "remove", "kind": kind, "id": key, "reason": "gone"})
        elif thing is not None:
            out.append({"op": "upsert", "kind": kind, "id": key, "thing": thing})
        elif (kind, key) in left:
            out.append({"op": "remove", "kind": kind, "id": key, "reason": "out_of_scope"})
    return out


def _grids_in_scope(who: Principal, ids: set[int]) -> set[int]:
    return set(session.scalars(select(Grid.id).where(Grid.id.in_(ids), in_scope(Grid.id, who)))) if ids else set()


PASSES = ("catalogue", "grid", "post", "task", "notice", "alarm", "stop")
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PLACE = re.compile(
    rf"(?:{'|'.join(PASSES)}):|catalogue:[^\0]+|(?:grid|notice):[0-9]{{1,18}}|(?:post|task|alarm|stop):{_UUID}"
)


def is_place(last: str) -> bool:
    """Whether a cursor's text is a place in the pass over the present state: a kind and, after its first row, a key."""
    return _PLACE.fullmatch(last) is not None


def present(who: Principal, cursor: Cursor, last: str | None, limit: int) -> dict[str, Any]:
    """One page of the present state: kinds in turn, each by its key; ``last`` is ``kind:key`` of the row before."""
    kind, _, key = (last or f"{PASSES[0]}:").partition(":")
    out: list[dict[str, Any]] = []
    while len(out) < limit:
        keys = _KEYS[kind](who, key, limit - len(out))
        things = READERS[kind](who, keys) if keys else {}
        out += [{"op": "upsert", "kind": kind, "id": k, "thing": things[k]} for k in keys if k in things]
        if keys:
            key = keys[-1]
            continue
        following = PASSES.index(kind) + 1
        if following == len(PASSES):
            done = replace(cursor, last=None, until=None)
            return {"changes": out, "cursor": done.encode(), "more": False}
        kind, key = PASSES[following], ""
    return {"changes": out, "cursor": replace(cursor, last=f"{kind}:{key}", until=None).encode(), "more": True}


def _keys_sql(sql: str) -> Callable[[Principal, str, int], list[str]]:
    def keys(who: Principal, after: str, limit: int) -> list[str]:
        values = {"after": after or None, "limit": limit, "me": who.person_id, "now": now(), **scope.params(who)}
        return [str(row[0]) for row in session.connection().exec_driver_sql(sql, values)]

    return keys


_KEYS: dict[str, Callable[[Principal, str, int], list[str]]] = {
    "catalogue": _keys_sql(
        "select version from (select version from catalogue_edition order by published_at desc limit 1) e "
        "where %(after)s::text is null limit %(limit)s"
    ),
    "grid": _keys_sql(
        "select id from grid where path && %(scope_ids)s::bigint[] and retired_at is null "
        "and id > coalesce(%(after)s::text::bigint, 0) order by id limit %(limit)s"
    ),
    "post": _keys_sql(
        "select p.id from post p join grid g on g.id = p.grid_id where g.path && %(scope_ids)s::bigint[] "
        "and (upper_inf(p.during) or upper(p.during) > %(now)s) "
        "and (%(after)s::text is null or p.id > %(after)s::text::uuid) order by p.id limit %(limit)s"
    ),
    "task": _keys_sql(
        "select t.id from task t join grid g on g.id = t.grid_id where "
        + scope.TASK_SQL.format(grid="g", task="t")
        + " and t.outcome is null and (%(after)s::text is null or t.id > %(after)s::text::uuid) "
        "order by t.id limit %(limit)s"
    ),
    "notice": _keys_sql(
        "select distinct coalesce(head_id, id) from notice where person_id = %(me)s and read_at is null "
        "and overtaken_at is null and coalesce(head_id, id) > coalesce(%(after)s::text::bigint, 0) "
        "order by 1 limit %(limit)s"
    ),
    "alarm": _keys_sql(
        "select a.id from alarm a join grid g on g.id = a.grid_id where g.path && %(scope_ids)s::bigint[] "
        "and a.acknowledged_at is null and (%(after)s::text is null or a.id > %(after)s::text::uuid) "
        "order by a.id limit %(limit)s"
    ),
    "stop": _keys_sql(
        "select s.id from stop s join grid g on g.id = s.grid_id where g.path && %(scope_ids)s::bigint[] "
        "and s.retired_at is null and (s.day is null or s.day >= current_date - 1) "
        "and (%(after)s::text is null or s.id > %(after)s::text::uuid) order by s.id limit %(limit)s"
    ),
}
