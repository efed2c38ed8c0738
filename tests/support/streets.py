"""Streets and buildings for the world of the tests, so that its maps show something."""

from __future__ import annotations

from flask import Flask
from geoalchemy2.shape import from_shape
from shapely.geometry import LineString, MultiPolygon, box

from gridapp.db import session
from gridapp.models import Building, Street, Surface
from tests.support.world import SIDE, SOUTH, WEST


def at(x: float, y: float) -> tuple[float, float]:
    """A place by the drawing's units."""
    return WEST + SIDE * x, SOUTH + SIDE * y


def block(x: float, y: float, width: float = 0.02) -> MultiPolygon:
    """A square whose lower left corner is there."""
    return MultiPolygon([box(*at(x, y), *at(x + width, y + width))])


def build(app: Flask) -> None:
    """A main street from west to east, a lane from south to north, buildings along both, a park."""
    with app.app_context():
        for name, rank, ends in (("翠屏大道", 1, ((0, 0.42), (2, 0.42))), ("合江巷", 4, ((0.42, 0), (0.42, 1)))):
            line = from_shape(LineString([at(*end) for end in ends]), srid=4326)
            session.add(Street(source="test", kind="road", name=name, rank=rank, geom=line))
        places = [(0.36 + 0.03 * i, 0.36 + 0.03 * j) for i in range(5) for j in range(5) if i != 2 and j != 2]
        for number, (x, y) in enumerate(places, 1):
            shape = from_shape(block(x, y), srid=4326)
            session.add(Building(source="test", name=f"{number}号院", floors=6, geom=shape))
        park = from_shape(block(0.5, 0.3, 0.05), srid=4326)
        session.add(Surface(source="test", kind="park", name="江边公园", geom=park))
        session.commit()
