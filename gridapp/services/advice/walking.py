"""How far candidates have to walk: over the streets of the base data, else by the crow with a factor, said so."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from shapely import wkb
from shapely.geometry.base import BaseGeometry

from geodata import walk
from gridapp.db import session
from gridapp.services.ground import locate

FACTOR = 1.3
"""Ways in towns are about so much longer than the straight line."""
BY_STREETS_M = 3000.0
"""Beyond it nobody walks, and the graph would grow for nothing."""
MARGIN_M = 300.0
MOST_STREETS = 6000
NOT_ON_FOOT = ("motorway", "motorway_link", "trunk", "trunk_link", "construction", "proposed")

STREETS = """
select ST_AsBinary(s.geom) from street s
where s.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326) and not s.kind = any(%(not_on_foot)s)
limit %(limit)s
"""

Place = tuple[float, float]


@dataclass(frozen=True)
class Walk:
    """Metres to go, and whether streets were followed."""

    metres: int
    by_streets: bool


def walks(goal: Place, starts: dict[uuid.UUID, Place]) -> dict[uuid.UUID, Walk]:
    """The way of each candidate to the task."""
    straight = {key: locate.metres(*goal, *place) for key, place in starts.items()}
    near = {key: starts[key] for key, metres in straight.items() if metres <= BY_STREETS_M}
    found = walk.distances(goal, near, _streets(goal, list(near.values()))) if near else {}
    return {
        key: Walk(round(found[key]), by_streets=True)
        if key in found
        else Walk(round(metres * FACTOR), by_streets=False)
        for key, metres in straight.items()
    }


def _streets(goal: Place, places: list[Place]) -> list[BaseGeometry]:
    """Streets in the window of the places with a margin; none where there are too many to look at in time."""
    lons, lats = zip(goal, *places, strict=True)
    margin = locate.degrees(MARGIN_M, goal[1])
    values = {
        "west": min(lons) - margin,
        "south": min(lats) - margin,
        "east": max(lons) + margin,
        "north": max(lats) + margin,
        "not_on_foot": list(NOT_ON_FOOT),
        "limit": MOST_STREETS + 1,
    }
    rows = session.connection().exec_driver_sql(STREETS, values).all()
    return [] if len(rows) > MOST_STREETS else [wkb.loads(bytes(row[0])) for row in rows]
