"""Who is in charge of a place: the people standing in the grids of its chain, with the phone to call."""

from __future__ import annotations

from dataclasses import dataclass

from gridapp.access import Principal
from gridapp.db import hot
from gridapp.services import scope
from gridapp.timesource import now

STANDING = f"""
select p.name, p.phone, po.kind, po.deputy, p.titles, g.name, g.name_en, g.level
from post po join person p on p.id = po.person_id join grid g on g.id = po.grid_id
where g.code = any(%(codes)s) and po.during @> %(now)s and p.retired_at is null
  and {scope.SQL.format(column="po.grid_id")}
order by cardinality(g.path) desc, po.kind desc, po.deputy, p.name
"""


@dataclass(frozen=True)
class InCharge:
    """A person in charge; the phone is whole here, pages show it masked."""

    name: str
    phone: str | None
    kind: str
    deputy: bool
    titles: list[str]
    grid: str
    grid_en: str
    level: str


def of_grids(who: Principal, codes: list[str]) -> list[InCharge]:
    """The people with a post now in the grids of these codes, those in scope, the nearest to the ground first."""
    values = {"codes": codes, "now": now(), **scope.params(who)}
    with hot() as connection:
        rows = connection.execute(STANDING, values).fetchall()
    return [
        InCharge(name, phone, kind, deputy, titles, grid, grid_en or grid, level)
        for name, phone, kind, deputy, titles, grid, grid_en, level in rows
    ]
