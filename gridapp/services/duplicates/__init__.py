"""The same matter reported twice: open tasks of a category near and young enough, nearest first."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from gridapp.access import Principal
from gridapp.db import session
from gridapp.services.editions import categories
from gridapp.services.ground import locate
from gridapp.services.moments import stamp
from gridapp.services.tasking import task_view
from gridapp.timesource import now

AT_MOST = 10

# The condition of the partial index ix_task_open_matter, which holds category and place: the look-up reads the few
# open tasks around the point, however many tasks there are.
_PLACE = "ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)"
NEAR = f"""t.outcome is null and t.check_of is null and t.category_code = %(category)s and t.received_at > %(since)s
  and t.id is distinct from %(but)s::uuid and ST_DWithin(t.geom, {_PLACE}, %(degrees)s)
  and ST_DWithin(t.geom::geography, {_PLACE}::geography, %(radius)s)"""
NEAREST_FIRST = f"order by ST_Distance(t.geom::geography, {_PLACE}::geography), t.id limit %(limit)s"


def similar(
    who: Principal, category: str, lon: float, lat: float, *, but: uuid.UUID | str | None = None, limit: int = AT_MOST
) -> list[dict[str, Any]]:
    """Open tasks in scope that may be the same matter, with ``distance_m``.

    Args:
        who: the asker.
        category: code of a category; it says how near and how recent.
        lon: degrees east, WGS 84.
        lat: degrees north.
        but: a task that is left out.
        limit: at most so many.

    Raises:
        Problem: ``invalid`` for an unknown category.
    """
    values = {**question(category, lon, lat), "but": but, "limit": limit}
    rows = task_view.committed_rows_of(NEAR, who, values, NEAREST_FIRST)
    return [{**task_view.summary(row), "distance_m": locate.metres(lon, lat, row["lon"], row["lat"])} for row in rows]


MERGED = """
with recursive tree as (
  select t.id from task t where t.id = %(id)s
  union all select m.id from tree join task m on m.master_id = tree.id)
select m.id, m.number, m.source, m.description, m.reported_at, p.name
from tree join task m using (id) left join person p on p.id = m.reporter_id
where m.id <> %(id)s order by m.number"""


def merged(task_id: uuid.UUID) -> list[dict[str, Any]]:
    """What was merged into a task, however deep: who reported it and in which words."""
    rows = session.connection().exec_driver_sql(MERGED, {"id": task_id})
    return [
        {
            "id": str(key),
            "number": number,
            "source": source,
            "description": words,
            "reported_at": stamp(at),
            "reporter": name,
        }
        for key, number, source, words, at, name in rows
    ]


def question(category: str, lon: float, lat: float) -> dict[str, Any]:
    """What ``NEAR`` asks for, by the category's distance and hours."""
    facts = categories.as_of_now(category)
    return {
        "category": category,
        "lon": lon,
        "lat": lat,
        "radius": facts.similar_radius_m,
        "degrees": locate.degrees(facts.similar_radius_m, lat),
        "since": now() - dt.timedelta(hours=facts.similar_hours),
        "but": None,
        "limit": AT_MOST,
    }
