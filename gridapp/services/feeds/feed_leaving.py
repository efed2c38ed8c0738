"""What a reader may no longer see because they themselves changed: another scope, another post, another unit.

The cursor says by what things were theirs when they read last. Everything that was theirs by that, and is not any
more, is told as removed, page by page; then comes what is theirs now, and then the feed goes on.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any

from gridapp.access import Principal
from gridapp.db import session
from gridapp.services import scope
from gridapp.services.feeds.feed_cursor import Cursor, Mark, not_ours

KINDS = ("task", "post", "grid", "alarm", "stop")
FIRST_OF_THE_PRESENT = "catalogue:"
_PLACE = re.compile(r"leave:([0-9a-f]{12}):(task|post|grid|alarm|stop):([0-9a-f-]{0,36})")

_PAST = "g.path && %(old_areas)s::bigint[]"
_NOW = "g.path && %(scope_ids)s::bigint[]"
GONE: dict[str, str] = {
    "task": "select t.id from task t join grid g on g.id = t.grid_id "
    f"where ({_PAST} or t.assignee_post_id = any(%(old_posts)s::uuid[]) or t.assignee_unit_id = %(old_unit)s::uuid "
    "or t.first_unit_id = %(old_unit)s::uuid "
    "or t.id in (select oa.task_id from assist oa where oa.unit_id = %(old_unit)s::uuid)) "
    f"and not coalesce({scope.TASK_SQL.format(grid='g', task='t')}, false) "
    "and (%(after)s::text is null or t.id > %(after)s::text::uuid) order by t.id limit %(limit)s",
    "post": f"select p.id from post p join grid g on g.id = p.grid_id where {_PAST} and not {_NOW} "
    "and (%(after)s::text is null or p.id > %(after)s::text::uuid) order by p.id limit %(limit)s",
    "grid": f"select g.id from grid g where {_PAST} and not {_NOW} "
    "and g.id > coalesce(%(after)s::text::bigint, 0) order by g.id limit %(limit)s",
    "alarm": f"select a.id from alarm a join grid g on g.id = a.grid_id where {_PAST} and not {_NOW} "
    "and a.person_id <> %(me)s and (%(after)s::text is null or a.id > %(after)s::text::uuid) "
    "order by a.id limit %(limit)s",
    "stop": f"select s.id from stop s join grid g on g.id = s.grid_id where {_PAST} and not {_NOW} "
    "and (%(after)s::text is null or s.id > %(after)s::text::uuid) order by s.id limit %(limit)s",
}


def is_leaving(cursor: Cursor) -> bool:
    """Whether the reader is in the middle of what is theirs no more."""
    return cursor.last is not None and cursor.until is None and cursor.last.startswith("leave:")


def page(who: Principal, cursor: Cursor, limit: int) -> dict[str, Any]:
    """A page of removals; after the last one the present state begins.

    Args:
        who: the reader as they are now.
        cursor: with the mark of what they were.
        limit: rows of a page.
    """
    past, present = Mark.read(cursor.scope), Mark.of(who)
    kind, key = _place(cursor, present)
    out: list[dict[str, Any]] = []
    while len(out) < limit:
        keys = _keys(who, past, kind, key, limit - len(out))
        out += [{"op": "remove", "kind": kind, "id": one, "reason": "out_of_scope"} for one in keys]
        if keys:
            key = keys[-1]
            continue
        following = KINDS.index(kind) + 1
        if following == len(KINDS):
            after = replace(cursor, scope=present.encode(), until=None, last=FIRST_OF_THE_PRESENT)
            return {"changes": out, "cursor": after.encode(), "more": True}
        kind, key = KINDS[following], ""
    place = f"leave:{_name(present)}:{kind}:{key}"
    return {"changes": out, "cursor": replace(cursor, until=None, last=place).encode(), "more": True}


def _place(cursor: Cursor, present: Mark) -> tuple[str, str]:
    """Where the reader is; at the beginning again where they changed once more in between."""
    if not is_leaving(cursor):
        return KINDS[0], ""
    match = _PLACE.fullmatch(cursor.last or "")
    if match is None:
        raise not_ours()
    return (match[2], match[3]) if match[1] == _name(present) else (KINDS[0], "")


def _name(mark: Mark) -> str:
    return hashlib.sha256(mark.encode().encode()).hexdigest()[:12]


def _keys(who: Principal, past: Mark, kind: str, after: str, limit: int) -> list[str]:
    values = {
        "old_areas": list(past.areas),
        "old_posts": list(past.posts),
        "old_unit": past.unit,
        "after": after or None,
        "limit": limit,
        "me": who.person_id,
        **scope.params(who),
    }
    return [str(row[0]) for row in session.connection().exec_driver_sql(GONE[kind], values)]
