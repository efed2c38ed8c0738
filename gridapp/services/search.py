"""Finding things by a few words: places to look at on the map, categories to file under, tasks to merge into."""

from __future__ import annotations

from typing import Any

from gridapp.access import Principal
from gridapp.db import hot
from gridapp.services import scope
from gridapp.timesource import now

MOST = 8

_HITS = "(n ilike %(anywhere)s or e ilike %(anywhere)s)"
_BEST = "(' ' || e ilike %(word)s) desc, (lower(n) = lower(%(words)s)) desc, n ilike %(beginning)s desc, length(n), n"

PLACES = f"""
with grids as (
  select 'grid' as kind, g.level as sort, g.name as n, coalesce(g.name_en, '') as e, g.code as code, b.geom
  from grid g join boundary b on b.grid_id = g.id and b.during @> %(now)s
  where {scope.SQL.format(column="g.id")}
    and (g.name ilike %(anywhere)s or g.name_en ilike %(anywhere)s or g.code like %(beginning)s)
  order by g.code = %(words)s desc, g.name ilike %(beginning)s desc, cardinality(g.path), g.code limit {MOST}
),
streets as (
  select 'street' as kind, s.kind as sort, s.name as n, '' as e, '' as code, ST_Collect(s.geom) as geom
  from street s where s.name ilike %(anywhere)s group by s.name, s.kind
  order by s.name ilike %(beginning)s desc, length(s.name), s.name limit {MOST}
),
buildings as (
  select 'building' as kind, coalesce(k.use, '') as sort, k.name as n, '' as e, '' as code, k.geom
  from building k where k.name ilike %(anywhere)s
  order by k.name ilike %(beginning)s desc, length(k.name), k.name limit {MOST}
)
select kind, sort, n, e, code, ST_XMin(geom), ST_YMin(geom), ST_XMax(geom), ST_YMax(geom)
from (select * from grids union all select * from streets union all select * from buildings) found
"""

CATEGORIES = f"""
with edition as (select version from catalogue_edition order by published_at desc limit 1),
leaves as (
  select c.code, c.name_zh as n, c.name_en as e, p.name_zh as above_zh, p.name_en as above_en, c.ordinal
  from category c join edition on c.edition = edition.version
  left join category p on p.edition = c.edition and p.code = c.parent_code
  where exists (select 1 from filing_condition f where f.edition = c.edition and f.category_code = c.code)
)
select code, n, e, above_zh, above_en from leaves
where {_HITS} or above_zh ilike %(anywhere)s or above_en ilike %(anywhere)s or code like %(beginning)s
order by code = %(words)s desc, {_HITS} desc, {_BEST}, code limit {3 * MOST}
"""

GROUPS = """
with edition as (select version from catalogue_edition order by published_at desc limit 1)
select p.code, p.name_zh, p.name_en,
  json_agg(json_build_object('code', c.code, 'name', c.name_zh, 'name_en', c.name_en) order by c.ordinal)
from category c join edition on c.edition = edition.version
join category p on p.edition = c.edition and p.code = c.parent_code
where exists (select 1 from filing_condition f where f.edition = c.edition and f.category_code = c.code)
group by p.code, p.name_zh, p.name_en, p.ordinal order by p.ordinal
"""


def places(who: Principal, words: str) -> list[dict[str, Any]]:
    """Grids in scope, streets and buildings by name or code, the best first.

    Returns:
        ``kind`` (grid, street, building), ``sort`` (level, class or use), ``name``, ``name_en``, ``code``, ``bounds``
        (west, south, east, north in degrees).
    """
    patterns = _patterns(words)
    if not patterns["words"]:
        return []
    with hot() as connection:
        rows = connection.execute(PLACES, {**patterns, "now": now(), **scope.params(who)}).fetchall()
    names = ("kind", "sort", "name", "name_en", "code")
    return [{**dict(zip(names, row[:5], strict=True)), "bounds": list(row[5:])} for row in rows]


def categories(words: str) -> list[dict[str, str]]:
    """Categories of the edition in force that can be reported, by name, class or code."""
    with hot() as connection:
        rows = connection.execute(CATEGORIES, _patterns(words)).fetchall()
    names = ("code", "name_zh", "name_en", "above_zh", "above_en")
    return [dict(zip(names, (part or "" for part in row), strict=True)) for row in rows]


def category_groups() -> list[dict[str, Any]]:
    """Classes with the categories under them that can be reported: ``code name name_en`` and ``categories``."""
    with hot() as connection:
        rows = connection.execute(GROUPS).fetchall()
    return [{"code": code, "name": zh, "name_en": en, "categories": under} for code, zh, en, under in rows]


def _patterns(words: str) -> dict[str, str]:
    plain = words.replace("\0", "").strip()[:100]
    safe = plain.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"words": plain, "anywhere": f"%{safe}%", "beginning": f"{safe}%", "word": f"% {safe}%"}
