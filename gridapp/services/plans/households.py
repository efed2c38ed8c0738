"""How many households a grid holds after a redraw: counted by its buildings, or what is on record."""

from __future__ import annotations

from gridapp.db import session
from gridapp.services.plans.drawing import Shape

SUMS = """
select s.id, sum(b.households)
from unnest(%(ids)s::bigint[], %(shapes)s::bytea[]) as s (id, wkb)
cross join lateral (select ST_GeomFromWKB(s.wkb, 4326) as geom offset 0) x
join building b on b.geom && x.geom and b.households > 0 and ST_Covers(x.geom, ST_PointOnSurface(b.geom))
group by s.id
"""


def after(shapes: list[Shape]) -> dict[int, int | None]:
    """Households of each grid by the plan; None where neither a record nor buildings tell.

    A record is moved by what the buildings that come and go hold, so that a census and a redraw agree.
    """
    known = [shape for shape in shapes if not shape.drawn and shape.households is not None]
    counted = [shape for shape in shapes if shape.drawn or shape.households is None]
    now = _sums(counted, before=False)
    then = _sums([shape for shape in counted if shape.households is not None], before=True)
    result: dict[int, int | None] = {shape.id: shape.households for shape in known}
    for shape in counted:
        if shape.households is None:
            result[shape.id] = now.get(shape.id)
        else:
            result[shape.id] = max(0, shape.households + now.get(shape.id, 0) - then.get(shape.id, 0))
    return result


def _sums(shapes: list[Shape], *, before: bool) -> dict[int, int]:
    if not shapes:
        return {}
    values = {
        "ids": [shape.id for shape in shapes],
        "shapes": [(shape.base if before else shape.geom).wkb for shape in shapes],
    }
    rows = session.connection().exec_driver_sql(SUMS, values).all()
    return {key: int(total) for key, total in rows}
