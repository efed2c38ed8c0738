"""A phone whose person has several grids below, or covers another area, knows what was decided for each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from gridapp.db import session
from gridapp.models import Grid, Post
from gridapp.services import admission
from gridapp.services.admission import rules
from gridapp.services.drafts import parse
from gridapp.services.moments import today
from gridapp.timesource import now
from tests.conftest import SignIn
from tests.support import tasking
from tests.support.catalogue import LITTER
from tests.support.world import World

FIRE_LANE = "07001"


@pytest.fixture(autouse=True)
def inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def rule(world: World, area: str, verdict: str, item: str = LITTER) -> None:
    said = {"item": item, "area": world.areas[area].code, "begins": today().isoformat(), "words": "纪要"}
    who = tasking.principal(world, "admin_district")
    admission.rule_item(who, parse(admission.Ruled, {**said, "verdict": verdict}))
    session.commit()


def told(phone: FlaskClient, item: str = LITTER) -> tuple[bool, dict[str, bool]]:
    majors = phone.get("/api/v1/catalogue").get_json()["categories"]
    [minor] = [minor for major in majors for minor in major["children"] if minor["code"] == item]
    return minor["admitted"], {one["grid"]: one["admitted"] for one in minor["admitted_in"]}


def at(phone: FlaskClient, chain: list[str], item: str = LITTER) -> bool:
    """What the phone concludes for a place, as the page describes it: the deepest area of the chain that is listed."""
    admitted, elsewhere = told(phone, item)
    return next((elsewhere[code] for code in reversed(chain) if code in elsewhere), admitted)


def test_what_was_decided_for_grids_below_is_told(world: World, sign_in: SignIn) -> None:
    chief = sign_in("chief_a")
    rule(world, "a1", "revoke")
    rule(world, "a1x", "admit")
    rule(world, "a2", "admit", FIRE_LANE)
    code = {name: area.code for name, area in world.areas.items()}
    assert told(chief) == (True, {code["a1"]: False, code["a1x"]: True})
    assert told(chief, FIRE_LANE) == (False, {code["a2"]: True})
    assert told(sign_in("worker_a2")) == (True, {})
    tag = chief.get("/api/v1/catalogue").headers["ETag"]
    rule(world, "a1x", "revoke")
    again = chief.get("/api/v1/catalogue", headers={"If-None-Match": tag})
    assert again.status_code == 200


def test_the_phone_concludes_what_the_desk_decides_for_every_grid(world: World, sign_in: SignIn) -> None:
    for area, verdict in (("district", "revoke"), ("a", "admit"), ("a1", "revoke"), ("a1y", "admit"), ("b1", "admit")):
        rule(world, area, verdict)
    for name in ("dispatcher_district", "chief_a", "worker_a", "handler_b"):
        phone = sign_in(name)
        for grid in session.scalars(select(Grid)).all():
            codes = list(session.scalars(select(Grid.code).where(Grid.id.in_(grid.path)).order_by(Grid.code)))
            if tasking.principal(world, name).scope_ids[0] in grid.path:
                ruled = rules.ruling(LITTER, grid.path, now(), otherwise=True).admitted
                assert at(phone, codes) is ruled, (name, grid.name_en)


def test_a_deputy_knows_what_was_decided_for_the_grid_that_they_cover(world: World, sign_in: SignIn) -> None:
    rule(world, "b", "revoke")
    during = Range(now() - dt.timedelta(hours=1), now() + dt.timedelta(days=2))
    worker = world.people["worker_a"].id
    session.add(Post(person_id=worker, grid_id=world.areas["b1"].id, kind="worker", deputy=True, during=during))
    session.commit()
    assert told(sign_in("worker_a")) == (True, {world.areas["b1"].code: False})
