"""A small world to test in: two communities of tiny squares, people of each role in each, a small catalogue.

In units of 0.01 degrees east and north of (104.60, 28.70), the group grids and the building grids of A1 lie like this::

    2 +-------+---+---+
      |  A2   |   |   |
    1 +---+---+ B1| B2|      A1 = a1x + a1y; A1, A2 and B1 meet in (2, 1)
      |a1x|a1y|   |   |
    0 +---+---+---+---+
      0   1   2   3   4

Communities A and B lie in one street of one district; the rest of the world is outside everything.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon, Polygon
from sqlalchemy.dialects.postgresql import Range

from gridapp.access import ROLES
from gridapp.db import session
from gridapp.doors import COOKIE
from gridapp.models import Boundary, Grid, Person, Post, Token, Unit
from gridapp.models.areas import path_of
from gridapp.services import auth
from gridapp.timesource import now

WEST, SOUTH, SIDE = 104.60, 28.70, 0.01
SINCE = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
PASSWORD = "Correct-Horse-7"
OUTSIDE = (105.5, 29.5)

Corner = tuple[float, float]
AREAS: tuple[tuple[str, str, str | None, str, str, str, tuple[Corner, ...]], ...] = (
    # key, level, parent, code, 中文, English, corners
    ("district", "district", None, "511502", "翠屏区", "Cuiping District", ((0, 0), (4, 0), (4, 2), (0, 2))),
    ("street", "street", "district", "511502001", "合江街道", "Hejiang Street", ((0, 0), (4, 0), (4, 2), (0, 2))),
    ("a", "community", "street", "511502001001", "东社区", "East Community", ((0, 0), (2, 0), (2, 2), (0, 2))),
    ("b", "community", "street", "511502001002", "西社区", "West Community", ((2, 0), (4, 0), (4, 2), (2, 2))),
    ("a1", "group", "a", "511502001001001", "东一组", "East 1", ((0, 0), (2, 0), (2, 1), (0, 1))),
    ("a2", "group", "a", "511502001001002", "东二组", "East 2", ((0, 1), (2, 1), (2, 2), (0, 2))),
    ("b1", "group", "b", "511502001002001", "西一组", "West 1", ((2, 0), (3, 0), (3, 2), (2, 2))),
    ("b2", "group", "b", "511502001002002", "西二组", "West 2", ((3, 0), (4, 0), (4, 2), (3, 2))),
    ("a1x", "building", "a1", "511502001001001001", "一号楼", "Building 1", ((0, 0), (1, 0), (1, 1), (0, 1))),
    ("a1y", "building", "a1", "511502001001001002", "二号楼", "Building 2", ((1, 0), (2, 0), (2, 1), (1, 1))),
)
LATTICE = [(x, y) for x in range(5) for y in range(3)]
WORKERS = {"worker_a": "a1", "worker_a2": "a2", "worker_b": "b1", "worker_b2": "b2"}


@dataclass(frozen=True)
class Area:
    """A grid: ``lon, lat`` is a point well inside it and, where it has children, inside the first of them."""

    id: int
    code: str
    level: str
    name: str
    name_en: str
    lon: float
    lat: float


@dataclass(frozen=True)
class Someone:
    """A person who can sign in with ``PASSWORD``."""

    id: uuid.UUID
    username: str
    role: str
    post: uuid.UUID | None
    unit: uuid.UUID | None


@dataclass
class World:
    """What stands in the database of a test.

    Attributes:
        areas: by key: district street a b a1 a2 b1 b2 a1x a1y.
        people: ``ROLE_AREA``: each role in ``a``, ``b`` and ``district`` (worker_a stands in a1, worker_b in b1, no
            worker of the district), worker_a2 in a2, worker_b2 in b2; chief_a and chief_b have posts.
        units: ``a``, ``b`` (of the communities), ``street``, ``district``.
        edition: version of the catalogue.
    """

    areas: dict[str, Area] = field(default_factory=dict)
    people: dict[str, Someone] = field(default_factory=dict)
    units: dict[str, uuid.UUID] = field(default_factory=dict)
    edition: str = ""

    def point(self, x: float, y: float) -> dict[str, float]:
        """A place by the drawing's units, as the API takes it."""
        return {"lon": round(WEST + SIDE * x, 6), "lat": round(SOUTH + SIDE * y, 6)}

    def inside(self, area: str) -> dict[str, float]:
        """A place inside an area, as the API takes it."""
        return {"lon": self.areas[area].lon, "lat": self.areas[area].lat}


def polygon(corners: tuple[Corner, ...]) -> MultiPolygon:
    """The area of some corners, with a vertex wherever neighbours have one: shared edges agree vertex for vertex."""
    ring: list[Corner] = []
    for (x, y), (u, v) in zip(corners, (*corners[1:], corners[0]), strict=True):
        between = [(p, q) for p, q in LATTICE if min(x, u) <= p <= max(x, u) and min(y, v) <= q <= max(y, v)]
        ring += sorted(between, key=lambda c: abs(c[0] - x) + abs(c[1] - y))[:-1]
    return MultiPolygon([Polygon([(round(WEST + SIDE * x, 6), round(SOUTH + SIDE * y, 6)) for x, y in ring])])


def build_world() -> World:
    """Fill an empty, migrated database; needs an app context and leaves the committing to its caller."""
    world = World()
    _build_areas(world)
    _build_units(world)
    hashed = auth.hash_password(PASSWORD)
    for role in ROLES:
        for area in ("a", "b", "district"):
            if (role, area) != ("worker", "district"):
                _add_person(world, f"{role}_{area}", role, area, hashed)
    for name in ("worker_a2", "worker_b2"):
        _add_person(world, name, "worker", WORKERS[name][0], hashed)
    session.flush()
    return world


def _build_areas(world: World) -> None:
    grids: dict[str, Grid] = {}
    for key, level, parent, code, name, name_en, corners in AREAS:
        above = grids[parent] if parent else None
        grid = Grid(code=code, name=name, name_en=name_en, level=level, parent=above, created_at=SINCE, path=[])
        session.add(grid)
        session.flush()
        grid.path = path_of(above, grid.id)
        shape = polygon(corners)
        session.add(
            Boundary(
                grid_id=grid.id,
                code=code,
                level=level,
                geom=from_shape(shape, srid=4326),
                during=Range(SINCE, None),
                area_m2=1e6,
            )
        )
        grids[key] = grid
        west, south = shape.bounds[:2]
        inner = (round(west + 0.4 * SIDE, 6), round(south + 0.4 * SIDE, 6))
        world.areas[key] = Area(grid.id, code, level, name, name_en, *inner)
    session.flush()


def _build_units(world: World) -> None:
    for key, level in (("a", "community"), ("b", "community"), ("street", "street"), ("district", "district")):
        unit = Unit(
            code=f"unit_{key}",
            name=f"{world.areas[key].name}综合办",
            name_en=f"{world.areas[key].name_en} office",
            level=level,
            grid_id=world.areas[key].id,
        )
        session.add(unit)
        session.flush()
        world.units[key] = unit.id


def _add_person(world: World, name: str, role: str, area: str, hashed: str) -> None:
    stands = world.areas[WORKERS.get(name, area)]
    scope = stands if role == "worker" else world.areas[area]
    unit = world.units[area] if role == "handler" else None
    person = Person(
        username=name,
        name=name.replace("_", " ").title(),
        role=role,
        scope_grid_id=scope.id,
        unit_id=unit,
        password_hash=hashed,
        created_at=SINCE,
    )
    session.add(person)
    session.flush()
    post = None
    if role == "worker" or (role == "chief" and area != "district"):
        stand = Post(person_id=person.id, grid_id=stands.id, kind=role, during=Range(SINCE, None))
        session.add(stand)
        session.flush()
        post = stand.id
    world.people[name] = Someone(person.id, name, role, post, unit)


def signed_in(app: Flask, someone: Someone, *, browser: bool = False) -> FlaskClient:
    """A client with a token made straight in the database: as a header like a phone, or as a browser's cookie."""
    secret = secrets.token_urlsafe(32)
    at = now()
    with app.app_context():
        session.add(
            Token(
                person_id=someone.id,
                secret_hash=auth.hash_secret(secret),
                kind="browser" if browser else "device",
                device="test",
                created_at=at,
                last_used_at=at,
            )
        )
        session.commit()
    client = app.test_client()
    if browser:
        client.set_cookie(COOKIE, secret)
        client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    else:
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def say(client: FlaskClient, language: str) -> dict[str, Any]:
    """Headers that ask for a language."""
    return {"headers": {"Accept-Language": language}}
